package assist

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"everdesk/internal/bot/entity"
)

// A Mask takes what is personal out of a text and puts it back into the answer.
// It serves one question.
type Mask struct {
	finder *entity.Finder
	// hidden leads from placeholders to what they stand for.
	hidden map[string]string
	counts map[string]int
}

// NewMask returns an empty mask.
func NewMask(finder *entity.Finder) *Mask {
	return &Mask{finder: finder, hidden: map[string]string{}, counts: map[string]int{}}
}

const opening, closing = "⟦", "⟧"

var (
	// longNumber is what may be a card, an identity number or a code.
	longNumber = regexp.MustCompile(`\d[\d \-]{4,24}[\dxX]|\d{4,}`)
	// namedSelf is a name somebody says is theirs.
	namedSelf   = regexp.MustCompile(`(?:我叫|我是|姓名[是为:： ]*|收货人[是为:： ]*|收件人[是为:： ]*)([\p{Han}]{2,4})|(?i:my name is|i am called|name:) ([A-Z][a-z]+(?: [A-Z][a-z]+){0,2})`)
	placeholder = regexp.MustCompile(opening + `[^` + closing + `]*` + closing + `?|` + closing)
	hiddenKinds = []entity.Kind{entity.Order, entity.Phone, entity.Email, entity.Address, entity.URL}
)

// Hide replaces order numbers, phone numbers, addresses of any sort, names,
// links and long numbers by placeholders.
func (m *Mask) Hide(text string, at time.Time) string {
	text = strings.NewReplacer(opening, "", closing, "").Replace(visible(text))
	runes := []rune(text)
	type cut struct {
		start, end int
		kind       string
	}
	var cuts []cut
	for _, e := range m.finder.Find(text, at) {
		if slices.Contains(hiddenKinds, e.Kind) {
			cuts = append(cuts, cut{e.Start, e.End, strings.ToUpper(string(e.Kind))})
		}
	}
	add := func(form *regexp.Regexp, kind string) {
		for _, found := range form.FindAllStringSubmatchIndex(text, -1) {
			from, to := found[0], found[1]
			for i := 2; i+1 < len(found); i += 2 {
				if found[i] >= 0 {
					from, to = found[i], found[i+1]
				}
			}
			start := len([]rune(text[:from]))
			cuts = append(cuts, cut{start, start + len([]rune(text[from:to])), kind})
		}
	}
	add(longNumber, "NUMBER")
	add(namedSelf, "NAME")
	slices.SortStableFunc(cuts, func(a, b cut) int { return a.start - b.start })
	var b strings.Builder
	last := 0
	for _, c := range cuts {
		if c.end <= last {
			continue
		}
		// What overlaps is hidden whole, under the first of its kinds.
		start := max(c.start, last)
		b.WriteString(string(runes[last:start]))
		b.WriteString(m.placeholder(c.kind, string(runes[start:c.end])))
		last = c.end
	}
	b.WriteString(string(runes[last:]))
	return b.String()
}

func (m *Mask) placeholder(kind, text string) string {
	for mark, known := range m.hidden {
		if known == text {
			return mark
		}
	}
	m.counts[kind]++
	mark := opening + kind + strconv.Itoa(m.counts[kind]) + closing
	m.hidden[mark] = text
	return mark
}

// Restore puts back what was hidden. It returns false if the text has a
// placeholder that nothing was hidden behind.
func (m *Mask) Restore(text string) (string, bool) {
	good := true
	text = placeholder.ReplaceAllStringFunc(text, func(mark string) string {
		known, ok := m.hidden[mark]
		good = good && ok
		return known
	})
	return text, good
}

// visible is a text without what readers do not see: control characters,
// changes of direction, invisible letters and the tags of Unicode.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar, unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, text)
}
