package search

import (
	"slices"
	"strings"
	"unicode"
)

// A Query is what somebody looks for: texts that have all its terms and none of
// the negative ones.
type Query struct{ Terms []Term }

// A Term is one condition on a text.
type Term struct {
	// Words stand next to each other in this order.
	Words []string
	// Labels must all be there.
	Labels []string
	// Instead is a label that will do in the place of Words: the beginning of a
	// name. Empty for none.
	Instead string
	// Not turns the condition round.
	Not bool
}

// Parse reads a search box. Words separated by space must all be there, in any
// order; "words in quotes" and whatever is written without a space between
// stand next to each other; a minus before a word excludes it. The last word,
// which may still be being typed, also stands for the beginning of a name.
func Parse(text string) (Query, error) {
	var q Query
	positive := false
	chunks := chunksOf(text)
	for i, chunk := range chunks {
		term, found := termOf(chunk, i == len(chunks)-1)
		if !found || slices.ContainsFunc(q.Terms, term.equal) {
			continue
		}
		if len(q.Terms) == MaxTerms {
			break
		}
		positive = positive || !term.Not
		q.Terms = append(q.Terms, term)
	}
	if !positive {
		return Query{}, ErrNothing.At("query.q", "empty", "nothing here that could be found")
	}
	return q, nil
}

func (t Term) equal(other Term) bool {
	return t.Not == other.Not && slices.Equal(t.Words, other.Words) && slices.Equal(t.Labels, other.Labels)
}

type chunk struct {
	text        string
	quoted, not bool
}

// chunksOf splits a query at spaces outside quotes. A quote that is never closed
// reaches to the end, as while it is being typed.
func chunksOf(text string) []chunk {
	var all []chunk
	var now chunk
	var b strings.Builder
	begun := false
	end := func() {
		if now.text = b.String(); now.text != "" {
			all = append(all, now)
		}
		now, begun = chunk{}, false
		b.Reset()
	}
	inside := false
	for _, r := range text {
		switch {
		case quote(r):
			not := now.not && b.Len() == 0
			end()
			if inside = !inside; inside {
				now.quoted, now.not = true, not
			}
		case inside:
			b.WriteRune(r)
		case unicode.IsSpace(r):
			end()
		case minus(r) && !begun:
			now.not, begun = true, true
		default:
			begun = true
			b.WriteRune(r)
		}
	}
	end()
	return all
}

// termOf makes a condition of a chunk. A single letter of a script without
// spaces is looked for by itself; inside a longer chunk, where the text may have
// it in the middle of a run, it has to be there without being next to the rest.
func termOf(c chunk, last bool) (Term, bool) {
	tokens := cut(c.text)
	term := Term{Not: c.not}
	for _, one := range tokens {
		if one.dense && len([]rune(one.key)) == 1 {
			term.Labels = append(term.Labels, letterLabel+one.key)
			continue
		}
		term.Words = append(term.Words, one.key)
	}
	if last && !c.quoted && !c.not && len(tokens) == 1 && len([]rune(tokens[0].raw)) >= 2 {
		term.Instead = prefixLabel + beginning(tokens[0].raw)
	}
	return term, len(tokens) > 0
}

// quote reports whether a character opens or closes a phrase on some keyboard.
func quote(r rune) bool { return strings.ContainsRune("\"\u201c\u201d\u300c\u300d\uff02", r) }

// minus reports whether a character is a minus on some keyboard.
func minus(r rune) bool { return strings.ContainsRune("-\u2212\uff0d", r) }

// beginning cuts a word to the longest beginning that names are found by.
func beginning(word string) string {
	letters := []rune(word)
	return string(letters[:min(len(letters), maxBeginning)])
}
