package knowledge

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed concepts/en.txt
var conceptsEN string

//go:embed concepts/zh.txt
var conceptsZH string

// lexicon knows which words mean much the same: "parcel" and "package",
// 包裹 and 快递. Texts written in different words meet in the concept.
type lexicon struct {
	// phrases holds stemmed words joined by spaces, with the concepts they
	// stand for; longest is the most words of any.
	phrases map[string][]string
	longest int
	// dense holds phrases of scripts without spaces; denseLongest counts runes.
	dense        map[string][]string
	denseLongest int
}

var meanings = readLexicon(conceptsEN, conceptsZH)

func readLexicon(files ...string) *lexicon {
	lex := &lexicon{phrases: map[string][]string{}, dense: map[string][]string{}}
	for _, file := range files {
		for line := range strings.Lines(file) {
			name, list, ok := strings.Cut(strings.TrimSpace(line), ":")
			if !ok || strings.HasPrefix(line, "#") {
				continue
			}
			for phrase := range strings.SplitSeq(list, ",") {
				lex.add("#"+name, Fold(phrase))
			}
		}
	}
	return lex
}

func (lex *lexicon) add(concept, phrase string) {
	if runes := []rune(phrase); slices.ContainsFunc(runes, CJK) {
		lex.dense[phrase] = append(lex.dense[phrase], concept)
		lex.denseLongest = max(lex.denseLongest, len(runes))
		return
	}
	var stems []string
	for _, r := range runs(phrase) {
		stems = append(stems, Stem(r.text))
	}
	key := strings.Join(stems, " ")
	if !slices.Contains(lex.phrases[key], concept) {
		lex.phrases[key] = append(lex.phrases[key], concept)
	}
	lex.longest = max(lex.longest, len(stems))
}

// known reports whether a stem is a phrase of its own.
func (lex *lexicon) known(stem string) bool { return lex.phrases[stem] != nil }
