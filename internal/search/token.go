package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A token is what texts are compared by, with where it stands in its text.
type token struct {
	key        string
	start, end int // bytes of the text
	// dense says that it is of a script without spaces: two letters in a row, or
	// the only one of its run.
	dense bool
	// raw is a word before stemming.
	raw string
}

// dense reports whether a letter belongs to a script written without spaces
// between words.
func dense(r rune) bool {
	if r < 0x0e00 {
		return false
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}

// fold brings a letter to the form in which it is compared: half width, lower
// case, without accents. What is no letter or digit gives "". Letters of dense
// scripts keep their marks, which make other letters of them.
func fold(r rune) string {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return ascii[r : r+1]
		case 'A' <= r && r <= 'Z':
			return ascii[r+'a'-'A' : r+'a'-'A'+1]
		}
		return ""
	case 0x4e00 <= r && r <= 0x9fff:
		return string(r)
	}
	form := norm.NFKD
	if dense(r) || 0xff65 <= r && r <= 0xffdc { // half-width kana and hangul
		form = norm.NFKC
	}
	var b strings.Builder
	for _, part := range form.String(string(r)) {
		if (unicode.IsLetter(part) || unicode.IsNumber(part)) && part != unicode.ReplacementChar {
			b.WriteRune(unicode.ToLower(part))
		}
	}
	return b.String()
}

// ascii holds every byte at its own place, so that folding one makes no garbage.
var ascii = func() string {
	var b [utf8.RuneSelf]byte
	for i := range b {
		b[i] = byte(i)
	}
	return string(b[:])
}()

// silent are characters inside a word that do not end it: apostrophes, marks
// that belong to the letter before, and what cannot be seen.
func silent(r rune) bool {
	switch r {
	case '\'', '’', 'ʼ', '\u00ad':
		return true
	}
	return r >= 0x300 && (unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r))
}

// cutter gathers the tokens of one text.
type cutter struct {
	text   string
	tokens []token

	// The run under way: letters of a dense script, or a word.
	isDense bool
	start   int
	end     int
	word    strings.Builder
	letters []letter
}

type letter struct {
	key        string
	start, end int
}

// cut returns the tokens of a text in order: words stemmed, and of scripts
// without spaces each two letters in a row.
func cut(text string) []token {
	c := cutter{text: text}
	for i, r := range text {
		width := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, width = utf8.DecodeRuneInString(text[i:])
		}
		key := fold(r)
		switch {
		case key == "" && silent(r):
			continue
		case key == "":
			c.flush()
			continue
		}
		folded, _ := utf8.DecodeRuneInString(key)
		if isDense := dense(folded); isDense != c.isDense || c.end == 0 {
			c.flush()
			c.isDense = isDense
		}
		c.take(key, i, i+width)
		if len(c.tokens) >= maxWords {
			break
		}
	}
	c.flush()
	return c.tokens[:min(len(c.tokens), maxWords)]
}

// take adds a letter to the run.
func (c *cutter) take(key string, start, end int) {
	if c.end == 0 {
		c.start = start
	}
	c.end = end
	if !c.isDense {
		c.word.WriteString(key)
		return
	}
	c.letters = append(c.letters, letter{key, start, end})
	if n := len(c.letters); n > 1 {
		before := c.letters[n-2]
		c.tokens = append(c.tokens, token{key: before.key + key, start: before.start, end: end, dense: true})
	}
}

// flush ends the run.
func (c *cutter) flush() {
	switch {
	case c.end == 0:
		return
	case c.isDense && len(c.letters) == 1:
		one := c.letters[0]
		c.tokens = append(c.tokens, token{key: one.key, start: one.start, end: one.end, dense: true})
	case !c.isDense:
		raw := short(c.word.String())
		c.tokens = append(c.tokens, token{key: stem(raw), raw: raw, start: c.start, end: c.end})
	}
	c.word.Reset()
	c.letters, c.start, c.end = c.letters[:0], 0, 0
}

// short cuts a word to the longest a token may be.
func short(word string) string {
	if len(word) <= maxWord {
		return word
	}
	count := 0
	for i := range word {
		if count == maxWord {
			return word[:i]
		}
		count++
	}
	return word
}
