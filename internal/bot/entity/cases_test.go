package entity_test

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"everdesk/internal/bot/entity"
	"everdesk/internal/knowledge"
)

// moment is when the labelled messages are read: Friday 2026-11-20 14:30.
var moment = time.Date(2026, 11, 20, 14, 30, 0, 0, zone)

var zone = time.FixedZone("", 8*60*60)

func products(t testing.TB) []*knowledge.Product {
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
	return all
}

func finder(t testing.TB) *entity.Finder {
	t.Helper()
	f, err := entity.New(entity.Options{
		Orders: []string{`ED\d{8}-\d{4}`, `E\d{11}`}, Region: "CN", Zone: zone, Products: entity.Items(products(t)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A mark is an entity as the files write it.
type mark struct {
	kind        entity.Kind
	text, value string
}

type labelled struct {
	text  string
	marks []mark
	line  string
}

func labelledCases(t testing.TB, file string) (all []labelled) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pieces := strings.Split(line, " | ")
		c := labelled{text: pieces[0], line: fmt.Sprintf("%s:%d", file, n+1)}
		for _, piece := range pieces[1:] {
			head, value, ok := strings.Cut(piece, " => ")
			kind, text, found := strings.Cut(head, " ")
			if !ok || !found || !strings.Contains(c.text, text) {
				t.Fatalf("%s: malformed %q", c.line, piece)
			}
			c.marks = append(c.marks, mark{entity.Kind(kind), text, long(entity.Kind(kind), value)})
		}
		all = append(all, c)
	}
	return all
}

var monthDay = regexp.MustCompile(`^\d\d-\d\d`)

// long writes the short form of times in the files in full.
func long(kind entity.Kind, value string) string {
	one := func(text string) string {
		if text == ".." {
			return text
		}
		if monthDay.MatchString(text) {
			text = "2026-" + text
		}
		switch {
		case kind == entity.Date:
			return text
		case !strings.Contains(text, "T"):
			text += "T00:00"
		}
		return text + ":00+08:00"
	}
	switch kind {
	case entity.Date, entity.Time:
		return one(value)
	case entity.Range:
		from, to, _ := strings.Cut(value, "/")
		return one(from) + "/" + one(to)
	}
	return value
}

type tally struct{ right, wrong, missed int }

func (t tally) precision() float64 { return ratio(t.right, t.right+t.wrong) }
func (t tally) recall() float64    { return ratio(t.right, t.right+t.missed) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// floors are the precision and recall each kind must keep on the labelled
// messages.
var floors = map[entity.Kind][2]float64{
	entity.Order: {0.98, 0.98}, entity.Phone: {0.98, 0.98}, entity.Email: {0.98, 0.98}, entity.URL: {0.98, 0.98}, entity.Date: {0.95, 0.95}, entity.Time: {0.95, 0.95},
	entity.Range: {0.95, 0.95}, entity.Amount: {0.95, 0.95}, entity.Quantity: {0.95, 0.95}, entity.Address: {0.95, 0.95}, entity.Product: {0.95, 0.95}, entity.Attribute: {0.95, 0.95},
}

func TestLabelledMessagesAreReadAsMarked(t *testing.T) {
	f := finder(t)
	tallies := map[entity.Kind]*tally{}
	for _, kind := range entity.Kinds {
		tallies[kind] = &tally{}
	}
	cases, whole := 0, 0
	for _, file := range []string{"testdata/cases.zh.txt", "testdata/cases.en.txt", "testdata/cases.later.txt"} {
		for _, c := range labelledCases(t, file) {
			cases++
			if score(t, f, c, tallies) {
				whole++
			}
		}
	}
	if cases < 400 {
		t.Errorf("only %d messages", cases)
	}
	t.Logf("%d messages, %d right in everything", cases, whole)
	for _, kind := range entity.Kinds {
		n, floor := tallies[kind], floors[kind]
		t.Logf("%-10s precision %.3f recall %.3f (%d right, %d wrong, %d missed)", kind, n.precision(), n.recall(), n.right, n.wrong, n.missed)
		if n.precision() < floor[0] || n.recall() < floor[1] {
			t.Errorf("%s is below its floor of %.2f and %.2f", kind, floor[0], floor[1])
		}
	}
}

func score(t *testing.T, f *entity.Finder, c labelled, tallies map[entity.Kind]*tally) bool {
	t.Helper()
	var got []mark
	for _, e := range f.Find(c.text, moment) {
		got = append(got, mark{e.Kind, e.Text, e.Value})
	}
	want := slices.Clone(c.marks)
	order := func(a, b mark) int {
		return cmp.Or(strings.Compare(string(a.kind), string(b.kind)), strings.Compare(a.text, b.text))
	}
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	good := true
	for _, m := range want {
		if i := slices.Index(got, m); i >= 0 {
			tallies[m.kind].right++
			got = slices.Delete(got, i, i+1)
			continue
		}
		tallies[m.kind].missed++
		good = false
		t.Logf("%s: %q: missed %s %q => %s", c.line, c.text, m.kind, m.text, m.value)
	}
	for _, m := range got {
		tallies[m.kind].wrong++
		good = false
		t.Logf("%s: %q: wrong %s %q => %s", c.line, c.text, m.kind, m.text, m.value)
	}
	return good
}
