package entity_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"everdesk/internal/bot/entity"
)

func TestPatternsThatCannotServeAreRefused(t *testing.T) {
	for name, pattern := range map[string]string{
		"no expression":          `ED(\d{8}`,
		"fits nothing at all":    `\d*`,
		"longer than anybody's":  strings.Repeat("a", entity.MaxPattern+1),
		"a look behind, not RE2": `(?<=a)b`,
	} {
		if _, err := entity.New(entity.Options{Orders: []string{pattern}}); !errors.Is(err, entity.ErrPattern) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPatternsWithGroupsAndAlternativesKeepTheirSeparators(t *testing.T) {
	f, err := entity.New(entity.Options{Orders: []string{`(?:WEB|APP)-(\d{2})-([0-9A-F]{6})`, `^SO/\d{4}/\d{5}$`}})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"web-26-00ff1a": "WEB-26-00FF1A", "my number is APP 26 00ff1a.": "APP-26-00FF1A", "so/2026/00017": "SO/2026/00017", "SO202600017": "SO/2026/00017", "web-26": "",
	} {
		got := ""
		for _, e := range f.Find(text, moment) {
			if e.Kind == entity.Order {
				got = e.Value
			}
		}
		if got != want {
			t.Errorf("%q has %q, want %q", text, got, want)
		}
	}
}

func TestPartsSayWhatAFlowNeeds(t *testing.T) {
	f := finder(t)
	for _, c := range []struct {
		text      string
		kind      entity.Kind
		part, has string
	}{
		{"浙江省杭州市西湖区文三路90号2栋301", entity.Address, "district", "西湖区"},
		{"浙江省杭州市西湖区文三路90号2栋301", entity.Address, "detail", "文三路90号2栋301"},
		{"杭州市西湖区文三路90号2栋301", entity.Address, "province", "浙江省"},
		{"350 5th Ave, New York, NY 10118", entity.Address, "postcode", "10118"},
		{"350 5th Ave, New York, NY 10118", entity.Address, "country", "US"},
		{"Flat 3, 12-14 High St, London SW1A 1AA", entity.Address, "city", "london"},
		{"0755-26888888转8012", entity.Phone, "extension", "8012"},
		{"(202) 555-0143", entity.Phone, "region", "US"},
		{"两三百块", entity.Amount, "upto", "300"},
		{"两双袜子", entity.Quantity, "unit", "pair"},
		{"不要红色", entity.Attribute, "not", "yes"},
		{"下周三下午", entity.Range, "to", "2026-11-25T18:00:00+08:00"},
		{"尾号4417的订单", entity.Order, "ending", "4417"},
	} {
		got := ""
		for _, e := range f.Find(c.text, moment) {
			if e.Kind == c.kind {
				got = e.Parts[c.part]
			}
		}
		if got != c.has {
			t.Errorf("%s of %q is %q, want %q", c.part, c.text, got, c.has)
		}
	}
}

func TestWhatIsUnsureSaysSo(t *testing.T) {
	f := finder(t)
	for _, text := range []string{"E2O261118OO1", "(202) 555-0143", "月底", "两三百块", "尾号4417的订单"} {
		for _, e := range f.Find(text, moment) {
			if e.Confidence >= 0.7 {
				t.Errorf("%q: %s with %.2f", text, e.Value, e.Confidence)
			}
		}
	}
}

func TestOffsetsAreRunesOfTheTextAsWritten(t *testing.T) {
	text := "😀 订单ＥＤ20261118－4417，e\u0301 给lin@example.com"
	runes := []rune(text)
	for _, e := range finder(t).Find(text, moment) {
		if string(runes[e.Start:e.End]) != e.Text {
			t.Errorf("%+v", e)
		}
	}
}

func TestDaysBeginInTheWorkspacesZone(t *testing.T) {
	f, err := entity.New(entity.Options{Zone: time.FixedZone("", -8*60*60)})
	if err != nil {
		t.Fatal(err)
	}
	found := f.Find("tomorrow", time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC))
	if len(found) != 1 || found[0].Value != "2026-11-20" {
		t.Errorf("%+v", found)
	}
}

func FuzzFind(f *testing.F) {
	find := finder(f)
	for _, file := range []string{"testdata/cases.zh.txt", "testdata/cases.en.txt"} {
		for i, c := range labelledCases(f, file) {
			if i%7 == 0 {
				f.Add(c.text)
			}
		}
	}
	f.Add("\xff\xfe第二")
	f.Add("İ1月٣日㍿㋿ﷺ")
	f.Fuzz(func(t *testing.T, text string) {
		runes := []rune(text)
		last := map[entity.Kind][]entity.Entity{}
		for _, e := range find.Find(text, moment) {
			if e.Start < 0 || e.End > len(runes) || e.Start >= e.End || e.Text != string(runes[e.Start:e.End]) {
				t.Fatalf("%+v of %q", e, text)
			}
			if e.Value == "" || e.Confidence <= 0 || e.Confidence > 1 || !utf8.ValidString(e.Value) {
				t.Fatalf("%+v of %q", e, text)
			}
			for _, other := range last[e.Kind] {
				if e.Start < other.End && other.Start < e.End {
					t.Fatalf("%+v and %+v of %q overlap", e, other, text)
				}
			}
			last[e.Kind] = append(last[e.Kind], e)
		}
		for _, r := range entity.Resolve(text, shownProducts) {
			if len(r.Values) == 0 || r.Start > r.End || r.End > len(runes) {
				t.Fatalf("%+v of %q", r, text)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	find := finder(b)
	var all []string
	for _, file := range []string{"testdata/cases.zh.txt", "testdata/cases.en.txt"} {
		for _, c := range labelledCases(b, file) {
			all = append(all, c.text)
		}
	}
	for i := 0; b.Loop(); i++ {
		find.Find(all[i%len(all)], moment)
	}
}

func BenchmarkFindAmongTenThousandProducts(b *testing.B) {
	var items []entity.Item
	for i := range 10_000 {
		n := strconv.Itoa(i)
		items = append(items, entity.Item{Key: "K" + n, Names: []string{"Brand" + n + " wool jacket", "品" + n + "羊毛开衫"}})
	}
	f, err := entity.New(entity.Options{Products: items})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f.Find("is the Brand77 wool jacket or 品4711羊毛开衫 warm", moment)
	}
}

func BenchmarkFindInALongMessage(b *testing.B) {
	find := finder(b)
	text := strings.Repeat("我上周三买的开衫，订单ED20261118-4417，想改到杭州市西湖区文三路90号，明天下午三点前能到吗？ The other one was $62. ", 60)
	for b.Loop() {
		find.Find(text, moment)
	}
}
