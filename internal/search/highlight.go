package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Piece is part of a snippet; Hit says that it is what was looked for.
type Piece struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit,omitempty"`
}

// span is a stretch of a text, in bytes.
type span struct{ start, end int }

// Snippet shows where a text has what was looked for: about width characters
// around the first place, on one line, what matches marked. A text that has none
// of it is shown from its beginning.
func (q Query) Snippet(text string, width int) []Piece {
	spans := q.spans(text)
	from, to := frame(text, spans, width)
	var pieces []Piece
	add := func(part string, hit bool) {
		if part = flat(part); part != "" {
			pieces = append(pieces, Piece{part, hit})
		}
	}
	if from > 0 {
		add("…", false)
	}
	at := from
	for _, s := range spans {
		if s.start < at || s.end > to {
			continue
		}
		add(text[at:s.start], false)
		add(text[s.start:s.end], true)
		at = s.end
	}
	add(text[at:to], false)
	if to < len(text) {
		add("…", false)
	}
	return pieces
}

// flat puts a text on one line without losing its spaces at the ends, which may
// stand before or after a mark.
func flat(text string) string {
	var b strings.Builder
	space := false
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// spans are the places of all terms, in order, none overlapping another.
func (q Query) spans(text string) []span {
	tokens := cut(text)
	var all []span
	for _, term := range q.Terms {
		if term.Not {
			continue
		}
		all = append(all, phrase(tokens, term.Words)...)
		for _, label := range term.Labels {
			all = append(all, letters(text, strings.TrimPrefix(label, letterLabel))...)
		}
		if term.Instead != "" && len(phrase(tokens, term.Words)) == 0 {
			all = append(all, beginnings(tokens, strings.TrimPrefix(term.Instead, prefixLabel))...)
		}
	}
	slices.SortFunc(all, func(a, b span) int { return a.start - b.start })
	var merged []span
	for _, s := range all {
		if n := len(merged); n > 0 && s.start < merged[n-1].end {
			merged[n-1].end = max(merged[n-1].end, s.end)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// phrase finds where the words stand next to each other.
func phrase(tokens []token, words []string) []span {
	if len(words) == 0 {
		return nil
	}
	var all []span
	for i := 0; i+len(words) <= len(tokens); i++ {
		if equalAt(tokens[i:], words) {
			all = append(all, span{tokens[i].start, tokens[i+len(words)-1].end})
		}
	}
	return all
}

func equalAt(tokens []token, words []string) bool {
	for i, word := range words {
		if tokens[i].key != word {
			return false
		}
	}
	return true
}

func letters(text, letter string) []span {
	var all []span
	for i, r := range text {
		if fold(r) == letter {
			all = append(all, span{i, i + utf8.RuneLen(r)})
		}
	}
	return all
}

func beginnings(tokens []token, begin string) []span {
	var all []span
	for _, one := range tokens {
		if strings.HasPrefix(one.raw, begin) {
			all = append(all, span{one.start, one.end})
		}
	}
	return all
}

// frame chooses what of a text is shown: the first place, with a third of what
// is left before it.
func frame(text string, spans []span, width int) (from, to int) {
	if utf8.RuneCountInString(text) <= width {
		return 0, len(text)
	}
	start := 0
	if len(spans) > 0 {
		start = spans[0].start
	}
	for before := width / 3; before > 0 && start > 0; before-- {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	end := start
	for left := width; left > 0 && end < len(text); left-- {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return start, end
}
