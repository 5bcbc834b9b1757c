package knowledge_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"everdesk/internal/fault"
	"everdesk/internal/knowledge"
)

func TestImportsTellGoodRowsFromBadOnes(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("问题,答案\n怎么退货,七天内退\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		format knowledge.Format
		text   string
		titles []string
		bad    []knowledge.BadRow
	}{
		"a table": {
			knowledge.CSV, "question,answer,variants\nA?,a,B?|C?\n\"D,\nd\",\"e\"\"e\",\n", []string{"A?", "D,\nd"}, nil,
		},
		"a table with Chinese heads, a mark and semicolons": {
			knowledge.CSV, "\ufeff问题;答案;相似问法\n怎么退;七天;能退吗｜退货\n", []string{"怎么退"}, nil,
		},
		"a table from an old spreadsheet": {knowledge.CSV, gbk, []string{"怎么退货"}, nil},
		"rows without a title, an answer, or with an impossible language": {
			knowledge.CSV, "title,body,locale\n,x,\nA,,\nB,b,klingon!\nC,c,en\n\n",
			[]string{"C"},
			[]knowledge.BadRow{{2, "no_title"}, {3, "no_body"}, {4, "bad_locale"}},
		},
		"the same question twice": {
			knowledge.CSV, "title,body\nHow?,a\nhow ?!,b\n", []string{"How?"}, []knowledge.BadRow{{3, "repeated_key"}},
		},
		"lines of JSON, one broken": {
			knowledge.JSONL, `{"question":"A","answer":"a"}` + "\n\n{oops}\n" + `{"title":"B","body":"b","status":"draft","variants":["C"]}`,
			[]string{"A", "B"},
			[]knowledge.BadRow{{3, "malformed"}},
		},
		"a list in an object": {
			knowledge.JSON, `{"faq":[{"question":"A","answer":"a"},{"question":7}]}`, []string{"A"}, []knowledge.BadRow{{2, "malformed"}},
		},
		"headings, with a section and code": {
			knowledge.Markdown, "# A\ntext\n## more\n```\n# not a heading\n```\n# B\n\n#no heading\n", []string{"A", "B"}, nil,
		},
		"text before the first heading": {
			knowledge.Markdown, "hello\n## A\na\n", []string{"A"}, []knowledge.BadRow{{1, "no_heading"}},
		},
		"front matter": {
			knowledge.Markdown, "---\ntitle: \"A: b\"\nlocale: en\nvariants:\n  - C?\n---\n\nbody\n# not split\n", []string{"A: b"}, nil,
		},
		"a heading with nothing under it": {
			knowledge.Markdown, "# A\n# B\nb\n", []string{"B"}, []knowledge.BadRow{{1, "no_body"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			rows, bad, err := knowledge.Read(c.format, []byte(c.text), "en")
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, r := range rows {
				titles = append(titles, r.Article.Title)
			}
			if diff := cmp.Diff(c.titles, titles); diff != "" {
				t.Errorf("titles: %s", diff)
			}
			if diff := cmp.Diff(c.bad, bad); diff != "" {
				t.Errorf("bad rows: %s", diff)
			}
		})
	}
}

func TestAFileThatCannotBeReadIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		format knowledge.Format
		data   string
	}{
		"no columns we know":  {knowledge.CSV, "x,y\n1,2\n"},
		"nothing":             {knowledge.CSV, ""},
		"only a head":         {knowledge.CSV, "title,body\n"},
		"no JSON":             {knowledge.JSON, "hello"},
		"a picture":           {knowledge.CSV, "\x89PNG\r\n\x1a\n\x00\x00"},
		"an unknown format":   {"xlsx", "title,body\na,b\n"},
		"more rows than most": {knowledge.JSONL, strings.Repeat("{}\n", knowledge.MaxImportRows+1)},
	} {
		if _, _, err := knowledge.Read(c.format, []byte(c.data), "en"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnImportedTitleKeepsItsKeyWhateverItsSpelling(t *testing.T) {
	keys := map[string]bool{}
	for _, title := range []string{"How do I return it?", "HOW DO I RETURN IT", "How do I  return it ?"} {
		rows, _, err := knowledge.Read(knowledge.CSV, []byte("title,body\n"+title+",x\n"), "en")
		if err != nil {
			t.Fatal(err)
		}
		keys[rows[0].Article.Key] = true
	}
	if len(keys) != 1 {
		t.Errorf("keys %v", keys)
	}
}

func TestContentIsCheckedFieldByField(t *testing.T) {
	_, err := knowledge.Content{
		Kind: "poem", Locale: "english", Title: " ", Body: strings.Repeat("x", knowledge.MaxBody+1), Topic: strings.Repeat("y", 61),
		Variants: []string{"ok", "OK!", " ", strings.Repeat("z", knowledge.MaxTitle+1)},
	}.Check("body")
	var fields []string
	for _, f := range fault.Of(err).Fields {
		fields = append(fields, f.Path+" "+f.Code)
	}
	want := []string{"body.kind not_allowed", "body.locale malformed", "body.title required", "body.body too_long", "body.topic too_long", "body.variants[1] too_long"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
}

func FuzzRead(f *testing.F) {
	for _, format := range []string{"csv", "jsonl", "md", "json"} {
		f.Add(format, "title,body\na,b")
		f.Add(format, `[{"product_id":"P1","attributes":{"a":["b"]},"faq":[{"q":"x","a":"y"}]}]`)
		f.Add(format, "---\ntitle: a\n---\n# b\n```\n#")
	}
	f.Fuzz(func(t *testing.T, format, text string) {
		rows, bad, err := knowledge.Read(knowledge.Format(format), []byte(text), "zh-CN")
		if err == nil && len(rows)+len(bad) == 0 {
			t.Error("nothing was read, and nobody was told")
		}
		for _, r := range rows {
			if (r.Article == nil) == (r.Details == nil) {
				t.Errorf("row %d is neither or both", r.Number)
			}
		}
	})
}
