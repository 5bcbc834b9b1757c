package nlu_test

import (
	"os"
	"strings"
	"testing"

	"everdesk/internal/bot/nlu"
)

// requests reads labelled lines: "yes" asks for a person, "no" comes near.
func requests(t *testing.T, part, locale string) (yes, no []string) {
	t.Helper()
	data, err := os.ReadFile("../testdata/handover." + part + "." + locale + ".tsv")
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(data)) {
		label, text, _ := strings.Cut(strings.TrimRight(l, "\n"), "\t")
		if label == "yes" {
			yes = append(yes, text)
		} else {
			no = append(no, text)
		}
	}
	return yes, no
}

func TestARequestForAPersonIsUnderstoodHoweverItIsWorded(t *testing.T) {
	for _, locale := range []string{"zh-CN", "en"} {
		t.Run(locale, func(t *testing.T) {
			yes, no := requests(t, "test", locale)
			understood, refused := 0, 0
			for _, text := range yes {
				if nlu.WantsPerson(text) {
					understood++
				}
			}
			for _, text := range no {
				if !nlu.WantsPerson(text) {
					refused++
				}
			}
			t.Logf("understood %d of %d requests never seen, refused %d of %d near misses", understood, len(yes), refused, len(no))
			if understood < 60 || understood*100 < 97*len(yes) {
				t.Errorf("understood only %d of %d", understood, len(yes))
			}
			if refused < 40 || refused*100 < 95*len(no) {
				t.Errorf("refused only %d of %d", refused, len(no))
			}
		})
	}
}

func TestTheRequestsItWasWrittenWithAreAllRight(t *testing.T) {
	for _, locale := range []string{"zh-CN", "en"} {
		yes, no := requests(t, "tune", locale)
		for _, text := range yes {
			if !nlu.WantsPerson(text) {
				t.Errorf("%q was not understood", text)
			}
		}
		for _, text := range no {
			if nlu.WantsPerson(text) {
				t.Errorf("%q was taken for a request", text)
			}
		}
	}
}

func TestOrdinaryQuestionsAreNoRequestForAPerson(t *testing.T) {
	for _, locale := range []string{"zh-CN", "en"} {
		data, err := os.ReadFile("../testdata/eval.tune." + locale + ".tsv")
		if err != nil {
			t.Fatal(err)
		}
		taken, all := 0, 0
		for l := range strings.Lines(string(data)) {
			_, text, _ := strings.Cut(strings.TrimRight(l, "\n"), "\t")
			all++
			if nlu.WantsPerson(text) {
				taken++
			}
		}
		if taken*100 > 2*all {
			t.Errorf("%s: %d of %d ordinary messages were taken for requests", locale, taken, all)
		}
	}
}

func FuzzWantsPerson(f *testing.F) {
	f.Add("转人工")
	f.Add("a person, please")
	f.Add("(((|||)))")
	f.Fuzz(func(_ *testing.T, text string) {
		nlu.WantsPerson(text)
		nlu.SmallTalk(text)
		nlu.Language(text)
	})
}
