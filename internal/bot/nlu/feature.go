package nlu

import (
	"unicode/utf8"

	"everdesk/internal/knowledge"
)

// A trait is one feature of a text: the hash of what was seen, the group it is
// weighed in, and whether it is of a script without spaces.
type trait struct {
	hash  uint32
	group uint8
	solid bool
}

// The groups a text's features are normalised in, each by itself, so that many
// letters do not drown few words.
const (
	wordGroup uint8 = iota
	letterGroup
	meaningGroup
	groups
)

// Seeds keep features apart that look alike: the word "on" and the letters "on".
const (
	seedWord    = 1
	seedFigure  = 3
	seedForm    = 4
	seedSolid   = 10
	seedLetters = 20
	seedPair    = 50
	seedMeaning = 60
)

const (
	shortestLetters, longestLetters = 2, 5
	longestSolid                    = 3
	longestFigure                   = 6
)

// traits returns the features of a text, with repetitions: words and pairs of
// neighbouring words, stems, letters in twos to fives within words, and the
// letters of scripts without spaces in ones to threes. No dictionary is needed
// to find the words of Chinese: its letters say as much. The meanings that words
// share, as the knowledge index knows them, make few examples go further.
func traits(text string) []trait {
	s := sentence{traits: make([]trait, 0, 192), before: "^"}
	for _, t := range tokens(text) {
		switch t.kind {
		case solid:
			s.solidRun(t.text)
			continue
		case figure:
			s.add(trait{hash: hashed(seedFigure, "0000000000"[:min(len(t.text), longestFigure)])})
			s.letters(t.text)
			s.word(t.text, false)
		case spaced:
			s.letters(t.text)
			stem := knowledge.Stem(t.text)
			if stem != t.text {
				s.add(trait{hash: hashed(seedForm, t.text)})
			}
			s.word(stem, false)
		case mark:
			s.letters(t.text)
			s.word(t.text, false)
		}
	}
	s.add(trait{hash: hashed(seedPair, s.before, "$")})
	for _, t := range knowledge.Terms(text) {
		if t.Kind == knowledge.Concept {
			s.add(trait{hashed(seedMeaning, t.Key), meaningGroup, true})
		}
	}
	return s.traits
}

// A sentence gathers features from left to right.
type sentence struct {
	traits []trait
	before string
}

func (s *sentence) add(t trait) { s.traits = append(s.traits, t) }

// word adds a word and the pair it makes with the one before.
func (s *sentence) word(w string, isSolid bool) {
	s.add(trait{hash: hashed(seedWord, w), solid: isSolid})
	s.add(trait{hash: hashed(seedPair, s.before, w), solid: isSolid})
	s.before = w
}

// solidRun adds letters written without spaces; each is also a word of its own.
func (s *sentence) solidRun(run string) {
	for start, r := range run {
		s.word(run[start:start+utf8.RuneLen(r)], true)
		n := uint32(0)
		for at, r := range run[start:] {
			if n++; n > longestSolid {
				break
			}
			s.add(trait{hashed(seedSolid+n, run[start:start+at+utf8.RuneLen(r)]), letterGroup, true})
		}
	}
}

// letters adds the letters of a word, with the spaces around it, which tell
// beginnings and ends.
func (s *sentence) letters(word string) {
	padded := " " + word + " "
	for from := range padded {
		h, n := start(seedLetters), uint32(0)
		for _, r := range padded[from:] {
			h = (h ^ uint32(r)) * prime
			if n++; n >= shortestLetters {
				s.add(trait{mixed(h + n), letterGroup, false})
			}
			if n == longestLetters {
				break
			}
		}
	}
}

// FNV-1a, stirred once more at the end.
const (
	offset uint32 = 2166136261
	prime  uint32 = 16777619
	spread uint32 = 0x9E3779B9
)

func start(seed uint32) uint32 { return offset ^ seed*spread }

func hashed(seed uint32, parts ...string) uint32 {
	h := start(seed)
	for i, part := range parts {
		if i > 0 {
			h = (h ^ ' ') * prime
		}
		for k := range len(part) {
			h = (h ^ uint32(part[k])) * prime
		}
	}
	return mixed(h)
}

func mixed(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85EBCA6B
	h ^= h >> 13
	h *= 0xC2B2AE35
	return h ^ h>>16
}
