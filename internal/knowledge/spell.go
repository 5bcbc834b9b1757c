package knowledge

import "strings"

// Words this short are left alone: too much lies one slip away from them.
const shortestCorrected = 6

// correct returns the word the index or the lexicon knows one slip away from an
// unknown one (a letter missing, doubled, wrong, or two swapped), or "" if
// there is none or more than one.
func (x *Index) correct(unknown string) string {
	if len(unknown) < shortestCorrected || !plain(unknown) {
		return ""
	}
	best := ""
	for word := range slips(unknown) {
		if _, ok := x.ids[Term{word, Word}]; !ok && !meanings.known(word) || word == best {
			continue
		}
		if best != "" {
			return ""
		}
		best = word
	}
	return best
}

func plain(word string) bool {
	return strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == ""
}

// slips yields every word one slip away.
func slips(word string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := range len(word) {
			if !yield(word[:i] + word[i+1:]) {
				return
			}
			if i > 0 && !yield(word[:i-1]+string(word[i])+string(word[i-1])+word[i+1:]) {
				return
			}
		}
		for i := range len(word) + 1 {
			for c := byte('a'); c <= 'z'; c++ {
				if !yield(word[:i] + string(c) + word[i:]) {
					return
				}
				if i < len(word) && !yield(word[:i]+string(c)+word[i+1:]) {
					return
				}
			}
		}
	}
}

// mend replaces the unknown words of a question by what was probably meant.
func (x *Index) mend(text string) []Term {
	terms := Terms(text)
	var pairs []string
	for _, t := range terms {
		if t.Kind != Word {
			continue
		}
		if _, ok := x.ids[t]; ok || meanings.known(t.Key) {
			continue
		}
		if better := x.correct(t.Key); better != "" {
			pairs = append(pairs, t.Key, better)
		}
	}
	if pairs == nil {
		return terms
	}
	return termsOf(text, pairs)
}

// OneSlip reports whether two words are one slip of the finger apart: a letter
// missing, too many, wrong, or two swapped.
func OneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
