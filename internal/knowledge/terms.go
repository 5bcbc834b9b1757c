package knowledge

import (
	"slices"
	"strings"
)

// A Term is one thing a text is compared by.
type Term struct {
	Key  string
	Kind TermKind
}

// TermKind says what a term is.
type TermKind uint8

// The kinds of term.
const (
	Word     TermKind = iota // a stemmed word, or a number
	Pair                     // two words in a row
	Rune                     // one letter of a script without spaces
	Bigram                   // two such letters in a row
	Concept                  // a meaning shared by several words: "#refund"
	Function                 // a word that says little of what a text is about: "the"
)

// Terms splits text into its terms, in order, repeats included. The same text
// always gives the same terms; there is no model and no dictionary to segment
// Chinese with, because measured retrieval gains nothing from one.
func Terms(text string) []Term { return termsOf(text, nil) }

// termsOf is Terms with some stems (even places) read as others (odd places).
func termsOf(text string, mended []string) []Term {
	all := make([]Term, 0, 32)
	var stems []string
	flush := func() {
		all = appendWords(all, stems)
		stems = stems[:0]
	}
	for _, r := range runs(Fold(text)) {
		switch r.kind {
		case word:
			s := Stem(r.text)
			if i := slices.Index(mended, s); i >= 0 && i%2 == 0 {
				s = mended[i+1]
			}
			stems = append(stems, s)
		case dense:
			flush()
			all = appendDense(all, []rune(r.text))
		case stop:
			flush()
		}
	}
	flush()
	return all
}

func appendWords(all []Term, stems []string) []Term {
	for i, s := range stems {
		kind := Word
		if function[s] {
			kind = Function
		}
		all = append(all, Term{s, kind})
		if i > 0 {
			all = append(all, Term{stems[i-1] + " " + s, Pair})
		}
	}
	for i := 0; i < len(stems); {
		step := 1
		for n := min(meanings.longest, len(stems)-i); n > 0; n-- {
			key := stems[i]
			if n > 1 {
				key = strings.Join(stems[i:i+n], " ")
			}
			concepts := meanings.phrases[key]
			for _, c := range concepts {
				all = append(all, Term{c, Concept})
			}
			if concepts != nil {
				step = n
				break
			}
		}
		i += step
	}
	return all
}

func appendDense(all []Term, runes []rune) []Term {
	for i := range runes {
		all = append(all, Term{string(runes[i]), Rune})
		if i > 0 {
			all = append(all, Term{string(runes[i-1 : i+1]), Bigram})
		}
		for n := min(meanings.denseLongest, len(runes)-i); n > 0; n-- {
			for _, c := range meanings.dense[string(runes[i:i+n])] {
				all = append(all, Term{c, Concept})
			}
		}
	}
	return all
}

// function holds the stems of English words that say little by themselves.
var function = stems(`a an the of to in on at for with by from into onto about after before than then too also
	be do have will would can could should shall may might must i me my mine we us our ours you your yours u it its
	this that these those he she him her his they them their and or but if so as not no nor please pls just now there
	here what which who whom whose how when where why any some all much many more most very really still yet
	hi hello hey thanks thank ok okay im ive id ill youre cant dont doesnt didnt isnt wont get want need like
	let go make tell know ask question help something anything someone somebody one`)

func stems(list string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		all[Stem(w)] = true
	}
	return all
}
