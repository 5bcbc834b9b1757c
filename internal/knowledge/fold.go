package knowledge

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings text to the form in which it is compared: compatibility forms
// unified (full width becomes half width), lower case, invisible characters
// gone, apostrophes dropped, runs of space made one.
func Fold(text string) string {
	text = strings.ToLower(norm.NFKC.String(text))
	var b strings.Builder
	b.Grow(len(text))
	space := true
	for _, r := range text {
		switch {
		case r == '\'' || r == '’' || r == 'ʼ' || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			continue
		case unicode.IsSpace(r) || unicode.IsControl(r):
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		b.WriteRune(r)
		space = false
	}
	return strings.TrimRight(b.String(), " ")
}

// CJK reports whether a rune belongs to a script written without spaces
// between words.
func CJK(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

// A run is a stretch of folded text of one nature.
type run struct {
	text string
	kind runKind
}

type runKind uint8

const (
	word  runKind = iota // letters of a script with spaces, digits, or both
	dense                // letters of a script without spaces
	stop                 // punctuation that ends a clause
)

// runs splits folded text. Symbols separate and are dropped; letters and digits
// written together ("m3", "usb-c" as two) stay one word.
func runs(folded string) []run {
	var all []run
	start, kind, open := 0, word, false
	closeAt := func(end int) {
		if open {
			all = append(all, run{folded[start:end], kind})
			open = false
		}
	}
	for i, r := range folded {
		next, letter := word, unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		if CJK(r) {
			next = dense
		}
		switch {
		case !letter:
			closeAt(i)
			if strings.ContainsRune(".,;:!?。,、;:!?", r) {
				all = append(all, run{folded[i : i+len(string(r))], stop})
			}
		case !open:
			start, kind, open = i, next, true
		case next != kind:
			closeAt(i)
			start, kind, open = i, next, true
		}
	}
	closeAt(len(folded))
	return all
}
