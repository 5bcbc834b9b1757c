package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A source is a text in the form in which it is read (half width, lower case,
// simplified letters where they are one to one) with the way back to the runes
// it was written in.
type source struct {
	raw  []rune
	text string
	// from holds, for every byte of text, the rune of raw it comes from.
	from []int
	// busy are the bytes that belong to an entity.
	busy []bool
}

// simple are the traditional forms of the letters the rules read.
var simple = letters("個个塊块號号區区點点週周兩两後后幾几雙双條条臺台裡里紅红顏颜萬万億亿錢钱樓楼單单開开時时鐘钟這这還还買买賣卖間间縣县鎮镇鄉乡東东廣广門门場场園园廈厦層层隻只張张對对從从內内過过們们貳二參三陸六佰百仟千壹一伍五玖九捌八柒七肆四圓元")

func letters(pairs string) map[rune]rune {
	all := map[rune]rune{}
	runes := []rune(pairs)
	for i := 0; i+1 < len(runes); i += 2 {
		all[runes[i]] = runes[i+1]
	}
	return all
}

func read(text string) *source {
	s := &source{raw: []rune(text)}
	if len(s.raw) > longest {
		s.raw = s.raw[:longest]
	}
	var b strings.Builder
	for i, r := range s.raw {
		before := b.Len()
		switch {
		case r == '’' || r == 'ʼ' || r == '‘':
			b.WriteByte('\'')
		case r == '–' || r == '—' || r == '－' || r == '−' || r == '‐' || r == '‑':
			b.WriteByte('-')
		case r == '～' || r == '〜':
			b.WriteByte('~')
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.Is(unicode.Cf, r) || unicode.IsControl(r):
		case r < utf8.RuneSelf:
			b.WriteRune(unicode.ToLower(r))
		default:
			if plain, ok := simple[r]; ok {
				r = plain
			}
			b.WriteString(strings.ToLower(norm.NFKC.String(string(r))))
		}
		for range b.Len() - before {
			s.from = append(s.from, i)
		}
	}
	s.text = b.String()
	s.busy = make([]bool, len(s.text))
	return s
}

// span returns the runes of the raw text that bytes i to j come from.
func (s *source) span(i, j int) (start, end int) { return s.from[i], s.from[j-1] + 1 }

func (s *source) taken(i, j int) bool {
	for ; i < j; i++ {
		if s.busy[i] {
			return true
		}
	}
	return false
}

func (s *source) take(i, j int) {
	for ; i < j; i++ {
		s.busy[i] = true
	}
}

// before and after return the rune beside a byte offset, 0 at the edges.
func (s *source) before(i int) rune {
	if i <= 0 {
		return 0
	}
	r, _ := utf8.DecodeLastRuneInString(s.text[:i])
	return r
}

func (s *source) after(i int) rune {
	if i >= len(s.text) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return r
}

// leading returns up to n runes before offset i.
func (s *source) leading(i, n int) string {
	start := i
	for ; n > 0 && start > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s.text[:start])
		start -= size
	}
	return s.text[start:i]
}

// trailing returns up to n runes from offset i.
func (s *source) trailing(i, n int) string {
	end := i
	for ; n > 0 && end < len(s.text); n-- {
		_, size := utf8.DecodeRuneInString(s.text[end:])
		end += size
	}
	return s.text[i:end]
}

func latin(r rune) bool    { return r < 0x250 && unicode.IsLetter(r) }
func digit(r rune) bool    { return r >= '0' && r <= '9' }
func alphanum(r rune) bool { return latin(r) || digit(r) }

// window is the text from byte i, as far as any rule looks: matching costs as
// much as the text is long, wherever the match ends.
func (s *source) window(i int) string {
	const wide = 240
	if len(s.text)-i <= wide {
		return s.text[i:]
	}
	end := i + wide
	for !utf8.RuneStart(s.text[end]) {
		end++
	}
	return s.text[i:end]
}

// lead is the text before byte i, as far as any rule looks back, and where it
// begins.
func (s *source) lead(i int) (text string, at int) {
	const wide = 120
	if at = i - wide; at <= 0 {
		return s.text[:i], 0
	}
	for !utf8.RuneStart(s.text[at]) {
		at++
	}
	return s.text[at:i], at
}

func asciiLetter(b byte) bool { return b >= 'a' && b <= 'z' }

func han(r rune) bool { return unicode.Is(unicode.Han, r) || r == '〇' }
