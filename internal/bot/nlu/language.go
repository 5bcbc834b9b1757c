// Package nlu reads what a message is before anybody looks for an answer: its
// language, a request for a person, small talk, and which of a workspace's own
// intents it has. The first three it decides by rules and patterns for Chinese
// and English (measured on ../testdata); intents it learns from each workspace's
// examples (Train), in any language.
package nlu

import (
	"unicode"

	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

// Language returns the language a text is written in, as one of the product's,
// or "" if it does not say: a number, a picture, one short word that occurs in
// chats of either language.
func Language(text string) string {
	plain := plainly(text)
	dense, letters := 0, 0
	for _, r := range plain {
		switch {
		case unicode.Is(unicode.Han, r):
			dense++
		case unicode.IsLetter(r):
			letters++
		}
	}
	switch {
	case dense == 0 && letters < 2:
		return ""
	// A Chinese letter says as much as three or four Latin ones; brand names
	// and model numbers do not make a sentence English.
	case dense*4 >= letters:
		return locale.Chinese
	default:
		return locale.English
	}
}

// denseShare returns how many of a text's letters are of a script without
// spaces, from 0 to 1.
func denseShare(text string) float64 {
	dense, all := 0, 0
	for _, r := range text {
		if spoken(r) {
			all++
		}
		if knowledge.CJK(r) {
			dense++
		}
	}
	return float64(dense) / float64(max(all, 1))
}

func spoken(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
