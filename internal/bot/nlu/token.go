package nlu

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"everdesk/internal/knowledge"
)

// A token is a stretch of text of one nature.
type token struct {
	text string
	kind tokenKind
}

type tokenKind uint8

const (
	spaced tokenKind = iota // a word of a script with spaces
	figure                  // digits
	solid                   // letters of a script without spaces, all in a row
	mark                    // a sign that changes what is meant: ? ! % and money
)

// longestText is how many bytes of a text are read: what a message is about
// stands in its first paragraphs, and the time a turn takes stays bounded.
const longestText = 4000

// tokens splits a text as the classifiers read it: compatibility forms unified,
// lower case, accents and vowel marks gone, so that "cafe" is "café" and vocalised
// Arabic is plain.
func tokens(text string) []token {
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "")
	}
	folded := bare(knowledge.Fold(text))
	all := make([]token, 0, 16)
	start, kind := 0, mark
	end := func(at int) {
		if kind != mark {
			all = append(all, token{folded[start:at], kind})
		}
		kind = mark
	}
	for at, r := range folded {
		switch now := kindOf(r); {
		case now == kind && now != mark:
		case now != mark:
			end(at)
			start, kind = at, now
		default:
			end(at)
			if strings.ContainsRune("?!%$€£¥؟¿", r) {
				all = append(all, token{folded[at : at+utf8.RuneLen(r)], mark})
			}
		}
	}
	end(len(folded))
	return all
}

func kindOf(r rune) tokenKind {
	switch {
	case r >= 'a' && r <= 'z':
		return spaced
	case unicode.IsDigit(r):
		return figure
	case knowledge.CJK(r):
		return solid
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return spaced
	}
	return mark
}

// bare takes accents off Latin letters and vowel marks off Arabic ones, and
// unifies what people of either script write now this way, now that.
func bare(folded string) string {
	if ascii(folded) {
		return folded
	}
	var b strings.Builder
	b.Grow(len(folded))
	var buffer [32]byte
	for _, r := range folded {
		if plain, ok := unified[r]; ok {
			b.WriteString(plain)
			continue
		}
		switch {
		case r < 0x80, knowledge.CJK(r):
			b.WriteRune(r)
		case unicode.Is(unicode.Latin, r):
			letter, _ := utf8.DecodeRune(norm.NFD.AppendString(buffer[:0], string(r)))
			b.WriteRune(letter)
		case unicode.Is(unicode.Mn, r): // a mark on its own
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var unified = map[rune]string{
	'ß': "ss", 'ø': "o", 'æ': "ae", 'œ': "oe", 'ł': "l", 'ı': "i", 'ё': "е",
	'أ': "ا", 'إ': "ا", 'آ': "ا", 'ى': "ي", 'ة': "ه", 'ؤ': "و", 'ئ': "ي", 'ـ': "",
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
