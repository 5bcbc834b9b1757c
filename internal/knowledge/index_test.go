package knowledge_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"everdesk/internal/id"
	"everdesk/internal/knowledge"
)

func article(key, title string, variants ...string) *knowledge.Article {
	return &knowledge.Article{ID: id.Article(len(key)), Key: key, Title: title, Variants: variants, Body: "The answer about " + title + "."}
}

var small = []*knowledge.Article{
	article("refund", "How long does a refund take?", "when do I get my money back", "退款多久到账"),
	article("track", "Where is my parcel?", "track my order", "我的快递到哪了"),
	article("wash", "How do I wash wool?", "care for cashmere", "羊毛怎么洗"),
	article("size", "Which size fits me?", "size chart", "怎么选尺码"),
}

func TestSearchFindsWhatIsMeant(t *testing.T) {
	x := knowledge.NewIndex(small)
	for question, want := range map[string]string{
		"refund how long":            "refund",
		"When will I be reimbursed?": "refund", // no word in common, one meaning
		"ＷＨＥＲＥ　ＩＳ　ＭＹ　ＰＡＣＫＡＧＥ": "track", // full width
		"trackng my parcl":                    "track", // slips of the finger
		"can I wash it, it is 100 % cashmere": "wash",
		"washing woollen things":              "wash", // other forms
		"包裹怎么还没到，到哪儿了":                        "track",
		"羊绒衫脏了":                               "wash",
		"退钱":                                  "refund",
		"尺码表":                                 "size",
		"“Where’s my parcel?” — asked three times…": "track",
	} {
		found := x.Search(question, 3)
		if len(found.Candidates) == 0 || found.Candidates[0].Article.Key != want {
			t.Errorf("%q found %+v, want %s", question, found.Candidates, want)
		}
	}
}

func TestTheSameWordsAreAnExactMatch(t *testing.T) {
	x := knowledge.NewIndex(append(small, article("other", "Something else", "track my order!"), article("nothing", "…")))
	for question, want := range map[string]bool{
		"how do i wash wool":         true,
		"HOW DO I WASH WOOL ???":     true,
		"how do i wash wool, please": false,
		"track my order":             false, // two articles claim it
		"":                           false,
		"??":                         false, // no letter in common is not the same words
	} {
		if found := x.Search(question, 1); found.Exact != want {
			t.Errorf("%q exact: %v, want %v", question, found.Exact, want)
		}
	}
}

func TestEvidenceIsBetweenNothingAndTheSameWords(t *testing.T) {
	x := knowledge.NewIndex(small)
	for _, question := range []string{"How do I wash wool?", "wool", "my wool hat fell into the sea near Lisbon", "是羊毛的", strings.Repeat("wool ", 5000)} {
		for _, c := range x.Search(question, 4).Candidates {
			for name, v := range map[string]float32{"coverage": c.Coverage, "reverse": c.Reverse} {
				if v < 0 || v > 1.0001 {
					t.Errorf("%.20q: %s %v", question, name, v)
				}
			}
			if c.Ratio <= 0 {
				t.Errorf("%.20q: ratio %v", question, c.Ratio)
			}
		}
	}
}

func TestAnEmptyIndexFindsNothing(t *testing.T) {
	if found := knowledge.NewIndex(nil).Search("anything", 5); len(found.Candidates) != 0 {
		t.Errorf("found %+v", found)
	}
}

func TestTheSameArticlesAlwaysRankTheSame(t *testing.T) {
	a, b := knowledge.NewIndex(small), knowledge.NewIndex(small)
	for _, question := range []string{"money", "order size", "怎么"} {
		if one, two := fmt.Sprint(a.Search(question, 4)), fmt.Sprint(b.Search(question, 4)); one != two {
			t.Errorf("%q: %s and then %s", question, one, two)
		}
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	x := knowledge.NewIndex(small)
	want := fmt.Sprint(x.Search("where is my refund", 4))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if got := fmt.Sprint(x.Search("where is my refund", 4)); got != want {
					t.Errorf("found %s, want %s", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzSearch(f *testing.F) {
	f.Add("where is my parcel?")
	f.Add("退款\x00👩‍👩‍👧 ﷺ")
	x := knowledge.NewIndex(small)
	f.Fuzz(func(t *testing.T, question string) {
		for _, c := range x.Search(question, 3).Candidates {
			if c.Article == nil || c.Ratio != c.Ratio || c.Score != c.Score {
				t.Errorf("%q: %+v", question, c)
			}
		}
	})
}
