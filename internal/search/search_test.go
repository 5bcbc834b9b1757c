package search_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/id"
	"everdesk/internal/search"
)

func TestTextsAreCutIntoTokens(t *testing.T) {
	for name, c := range map[string]struct{ text, words, labels string }{
		"English words are folded and stemmed":                  {"Refunds were STOPPED, delivering parcels", "refund wer stop deliver parcel", ""},
		"Chinese gives each two letters in a row":               {"退款进度", "退款 款进 进度", "#度 #款 #进 #退"},
		"a single Chinese letter is a token of its own":         {"好, ok", "好 ok", "#好"},
		"full width becomes half width":                         {"ＡＢＣ１２３", "abc123", ""},
		"accents do not matter":                                 {"Café Zürich", "caf zurich", ""},
		"an accent may be a character of its own":               {"Cafe\u0301 now", "caf now", ""},
		"kana keep their marks":                                 {"ガスがす", "ガス スが がす", "#が #す #ガ #ス"},
		"codes stay whole":                                      {"TRK00004242 A-17", "trk00004242 a 17", ""},
		"scripts part where they meet":                          {"iPhone充电器15", "iphon 充电 电器 15", "#充 #器 #电"},
		"apostrophes and soft hyphens do not part a word":       {"don't refund\u00aded", "dont refund", ""},
		"symbols and pictures are nothing to be found":          {"★ 😀 !!!", "", ""},
		"broken bytes part words and are nothing by themselves": {"ab\xffcd", "ab cd", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var text search.Text
			text.Add(c.text)
			text.Finish()
			if diff := cmp.Diff([2]string{c.words, c.labels}, [2]string{strings.Join(text.Words, " "), strings.Join(text.Labels, " ")}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestANameIsFoundByItsBeginnings(t *testing.T) {
	var text search.Text
	text.Add("About a kettle")
	text.AddName("Ann Li")
	text.Reach(3, 0, 5)
	text.Finish()
	want := search.Text{Words: []string{"about", "a", "kettl", "~", "ann", "li"}, Labels: []string{"@s5", "@t3", "^an", "^ann", "^li"}}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
}

func TestQueriesAreRead(t *testing.T) {
	term := func(words string) search.Term { return search.Term{Words: strings.Fields(words)} }
	typed := func(words, begin string) search.Term {
		return search.Term{Words: strings.Fields(words), Instead: "^" + begin}
	}
	for name, c := range map[string]struct {
		text string
		want []search.Term
	}{
		"words must all be there":              {"late refunds", []search.Term{term("lat"), typed("refund", "refunds")}},
		"quoted words stand together":          {`"customs hold" now `, []search.Term{term("custom hold"), typed("now", "now")}},
		"curly and corner quotes are quotes":   {"“customs hold” 「退款」", []search.Term{term("custom hold"), term("退款")}},
		"an open quote reaches to the end":     {`"customs ho`, []search.Term{term("custom ho")}},
		"Chinese letters stand together":       {"查询物流", []search.Term{term("查询 询物 物流")}},
		"a single letter is looked for alone":  {"退", []search.Term{{Labels: []string{"#退"}}}},
		"what is written together is a phrase": {"ann@example.com A-17", []search.Term{term("ann exampl com"), term("a 17")}},
		"a minus excludes":                     {"refund -card －退款", []search.Term{term("refund"), {Words: []string{"card"}, Not: true}, {Words: []string{"退款"}, Not: true}}},
		"a minus excludes a phrase":            {`refund -"credit card"`, []search.Term{term("refund"), {Words: []string{"credit", "card"}, Not: true}}},
		"what is there twice is asked once":    {"refund refunds x", []search.Term{term("refund"), term("x")}},
		"a letter among words need not adjoin": {`"买 phone"`, []search.Term{{Words: []string{"phon"}, Labels: []string{"#买"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := search.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Terms, cmp.Transformer("nil", func(list []string) string { return strings.Join(list, " ") })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAQueryOfNothingIsRefused(t *testing.T) {
	for _, text := range []string{"", "  ", "!!", `""`, "-refund", "-"} {
		if _, err := search.Parse(text); !errors.Is(err, search.ErrNothing) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSnippetsShowTheFirstPlace(t *testing.T) {
	for name, c := range map[string]struct{ query, text, want string }{
		"words are marked in the forms they have":  {"refund", "When is it refunded?\nI want my refunds.", "When is it [refunded]? I want my [refunds]."},
		"Chinese is marked to the letter":          {"退款", "我要申请退款,谢谢", "我要申请[退款],谢谢"},
		"longer phrases are marked as a whole":     {"查询物流", "请帮我查询物流信息", "请帮我[查询物流]信息"},
		"single letters are marked":                {"款", "退款和货款", "退[款]和货[款]"},
		"beginnings of names are marked":           {"zha", "Zhang Example", "[Zhang] Example"},
		"full width is marked as it is written":    {"abc", "xx ＡＢＣ yy", "xx [ＡＢＣ] yy"},
		"excluded words are not marked":            {"a1 -b2", "a1 b2", "[a1] b2"},
		"far into a text the frame moves there":    {"needle", strings.Repeat("hay ", 40) + "needle " + strings.Repeat("straw ", 40), "… hay hay hay hay hay [needle] straw straw straw straw straw straw …"},
		"what has nothing is shown from its start": {"zebra", "No stripes here", "No stripes here"},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := search.Parse(c.query)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, piece := range q.Snippet(c.text, 64) {
				if piece.Hit {
					piece.Text = "[" + piece.Text + "]"
				}
				b.WriteString(piece.Text)
			}
			if diff := cmp.Diff(c.want, b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMatchesAreRankedByConversation(t *testing.T) {
	match := func(doc int64, c id.Conversation, seq, length int64) search.Match {
		return search.Match{Doc: doc, Conversation: c, Seq: seq, Length: length}
	}
	hits := search.Rank([]search.Match{
		match(90, 1, 7, 200), // new, but in a long text
		match(80, 2, 3, 6), match(70, 2, 2, 9), match(60, 2, 1, 12),
		match(50, 3, 0, 4), // the subject
		match(40, 4, 9, 6),
	})
	var order []id.Conversation
	for _, hit := range hits {
		order = append(order, hit.Conversation)
	}
	if diff := cmp.Diff([]id.Conversation{3, 2, 4, 1}, order); diff != "" {
		t.Error(diff)
	}
	if hits[1].Seq != 3 || hits[1].Matches != 3 {
		t.Errorf("the best of conversation 2 is %+v", hits[1])
	}
}

// FuzzParse has any text be cut, asked for and shown without fault, and each
// text be found by itself.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"refund", `"late parcel" -退款`, "ＡＢＣ é 한국어 ไทย", "\xff\x00…", "’s ʼ \u200d", "㍿ ﷺ ½ ①"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var kept search.Text
		kept.Add(text)
		kept.AddName(text)
		kept.Finish()
		for _, token := range append(kept.Words, kept.Labels...) {
			if token == "" || !utf8.ValidString(token) || strings.ContainsAny(token, " '\"\\\x00\t\n") || len(token) > 400 {
				t.Fatalf("token %q of %q", token, text)
			}
		}
		q, err := search.Parse(text)
		if err != nil {
			if !errors.Is(err, search.ErrNothing) {
				t.Fatal(err)
			}
			return
		}
		if len(q.Terms) > search.MaxTerms {
			t.Fatalf("%d terms", len(q.Terms))
		}
		for _, piece := range q.Snippet(text, 40) {
			if piece.Text == "" {
				t.Fatal("an empty piece")
			}
		}
	})
}
