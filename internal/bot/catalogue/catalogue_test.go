package catalogue_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"everdesk/internal/bot/catalogue"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/knowledge"
)

func shop(t testing.TB) *catalogue.Shop {
	t.Helper()
	data, err := os.ReadFile("../../../packs/ecommerce/products.json")
	if err != nil {
		t.Fatal(err)
	}
	rows, bad, err := knowledge.ReadProducts(data, "en")
	if err != nil || len(bad) > 0 {
		t.Fatal(err, bad)
	}
	var all []*knowledge.Product
	for _, row := range rows {
		all = append(all, &knowledge.Product{Key: row.Key, Details: *row.Details})
	}
	return catalogue.New(knowledge.NewCatalogue(all))
}

func TestQuestionsAboutProductsAreAnsweredRight(t *testing.T) {
	s := shop(t)
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	cases, right := 0, 0
	byOp := map[string][2]int{}
	for n, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		text, want, ok := strings.Cut(line, " => ")
		if !ok {
			t.Fatalf("line %d is malformed", n+1)
		}
		rest, goesOn := strings.CutPrefix(text, "+")
		if !goesOn {
			said = nil
		}
		wants := strings.Split(want, " | ")
		got := ask(s, rest, said)
		cases++
		score := byOp[wants[0]]
		score[1]++
		if problem := compareTo(got, wants); problem != "" {
			t.Errorf("line %d: %q: %s", n+1, rest, problem)
		} else {
			right++
			score[0]++
		}
		byOp[wants[0]] = score
		said = append(said, rest)
	}
	if cases < 100 {
		t.Errorf("only %d questions", cases)
	}
	t.Logf("%d of %d right: %v", right, cases, byOp)
}

type reply struct {
	op, text string
}

func ask(s *catalogue.Shop, text string, said []string) reply {
	language := nlu.Language(text)
	for i := len(said) - 1; i >= 0 && language == ""; i-- {
		language = nlu.Language(said[i])
	}
	a, ok := s.Ask(text, language, said)
	if !ok {
		return reply{"-", ""}
	}
	return reply{string(a.Query.Op), a.Text}
}

func compareTo(got reply, wants []string) string {
	if got.op != wants[0] {
		return "asked " + got.op + ", want " + wants[0] + ": " + got.text
	}
	if i := slices.IndexFunc(wants[1:], func(part string) bool { return !strings.Contains(got.text, part) }); i >= 0 {
		return "does not say " + wants[1+i] + ": " + got.text
	}
	return ""
}

func TestATextThatIsNoQuestionAboutProductsIsLeftAlone(t *testing.T) {
	s := shop(t)
	for _, text := range []string{"", "？", strings.Repeat("P1001 有红色吗", 40), "\xff"} {
		if a, ok := s.Ask(text, "zh-CN", nil); ok {
			t.Errorf("%q: %+v", text, a)
		}
	}
	if _, ok := catalogue.New(knowledge.NewCatalogue(nil)).Ask("有红色吗", "zh-CN", nil); ok {
		t.Error("an empty catalogue answered")
	}
}

func FuzzAsk(f *testing.F) {
	s := shop(f)
	f.Add("P1001 有红色 L 码吗", "那 M 码呢")
	f.Add("which jackets come in black", "how heavy is the second one")
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, language := range []string{"zh-CN", "en"} {
			if a, ok := s.Ask(second, language, []string{first}); ok && a.Text == "" {
				t.Errorf("%q after %q: an answer without words", second, first)
			}
		}
	})
}

func BenchmarkAsk(b *testing.B) {
	s := shop(b)
	for b.Loop() {
		s.Ask("那 M 码呢", "zh-CN", []string{"P1001 有红色 L 码吗"})
	}
}
