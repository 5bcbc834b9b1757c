package answer

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"everdesk/internal/knowledge"
)

// The questions measured here were written without sight of the shop's answers
// and are never fitted on; see ../testdata/README.md.
func TestTheBotIsSeldomWrongOnQuestionsItHasNeverSeen(t *testing.T) {
	for name, limit := range map[string]int{"with a classifier": knowledge.Classifiable, "with BM25 alone": 0} {
		for _, locale := range locales {
			t.Run(name+"/"+locale, func(t *testing.T) {
				o := measure(t, knowledge.NewIndexWithin(shop(t, locale, 1), limit), read(t, "eval.test."+locale+".tsv"))
				t.Log(o)
				if o.own < 150 || o.foreign < 80 {
					t.Fatalf("only %d questions and %d off-topic ones", o.own, o.foreign)
				}
				if wrong := share(o.answered-o.right, o.answered); wrong > 5 {
					t.Errorf("%.1f %% of the automatic answers are wrong, at most 5 %% allowed", wrong)
				}
				if off := share(o.foreignAnswered, o.foreign); off > 5 {
					t.Errorf("%.1f %% of the off-topic questions were answered, at most 5 %% allowed", off)
				}
				if limit > 0 && share(o.answered, o.own) < 55 {
					t.Errorf("only %.1f %% were answered", share(o.answered, o.own))
				}
			})
		}
	}
}

func TestDecisions(t *testing.T) {
	x := knowledge.NewIndex(shop(t, "en", 1))
	for name, c := range map[string]struct {
		question string
		kind     Kind
	}{
		"a variant word for word":                  {"Guest checkout!", Answer},
		"a wording nobody wrote":                   {"my scarf got a stain, can cashmere be washed by hand?", Answer},
		"a word that could mean several things":    {"refund", Clarify},
		"another trade's business":                 {"my flight got cancelled, what now", Miss},
		"nothing at all":                           {"", Miss},
		"letters of a script the index has not":    {"ಠ_ಠ", Miss},
		"a question in the other desk language":    {"今天天气怎么样", Miss},
		"thousands of words do not stop the clock": {string(make([]byte, 20_000)), Miss},
	} {
		t.Run(name, func(t *testing.T) {
			d := Decide(x.Search(c.question, Search))
			if d.Kind != c.kind {
				t.Errorf("%q: %s (%.2f), want %s", c.question, d.Kind, d.P, c.kind)
			}
			if n := len(d.Choices); d.Kind == Answer && n != 1 || d.Kind == Clarify && (n < 1 || n > MaxChoices) || d.Kind == Miss && n != 0 {
				t.Errorf("%s with %d choices", d.Kind, n)
			}
		})
	}
}

// The background is learned from: a line of it in the test would be measured
// with its answer known.
func TestNoTestLineIsLearnedFrom(t *testing.T) {
	bare := func(text string) string {
		return strings.Join(strings.FieldsFunc(knowledge.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "")
	}
	for _, locale := range locales {
		data, err := os.ReadFile("../../knowledge/background/" + locale[:2] + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		learned := map[string]bool{}
		for l := range strings.Lines(string(data)) {
			learned[bare(l)] = true
		}
		for _, q := range read(t, "eval.test."+locale+".tsv") {
			if key := bare(q.text); key != "" && learned[key] {
				t.Errorf("%s: a line of the test stands in the background", locale)
			}
		}
	}
}
