package search

import "strings"

// stem reduces an English word to what its common forms share, lightly: plural,
// -ed and -ing, and the silent e that comes and goes with them. It is better to
// miss a form than to find another word.
func stem(word string) string {
	if len(word) < 4 || !english(word) {
		return word
	}
	switch {
	case strings.HasSuffix(word, "ies") && len(word) > 4:
		word = word[:len(word)-3] + "y"
	case ends(word, "sses", "xes", "ches", "shes", "zes"):
		word = word[:len(word)-2]
	case strings.HasSuffix(word, "s") && !ends(word, "ss", "us", "is"):
		word = word[:len(word)-1]
	}
	switch {
	case strings.HasSuffix(word, "ied") && len(word) > 4:
		word = word[:len(word)-3] + "y"
	case strings.HasSuffix(word, "ing") && len(word) > 5 && spoken(word[:len(word)-3]):
		word = single(word[:len(word)-3])
	case strings.HasSuffix(word, "ed") && len(word) > 4 && spoken(word[:len(word)-2]):
		word = single(word[:len(word)-2])
	}
	if len(word) > 3 && strings.HasSuffix(word, "e") {
		word = word[:len(word)-1]
	}
	return word
}

func ends(word string, endings ...string) bool {
	for _, ending := range endings {
		if strings.HasSuffix(word, ending) {
			return true
		}
	}
	return false
}

// english reports whether a word has nothing but the letters a to z: codes and
// numbers are found as they are written.
func english(word string) bool {
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return false
		}
	}
	return true
}

func spoken(word string) bool { return strings.ContainsAny(word, "aeiouy") }

// single makes "stopp" "stop" and leaves "call" alone.
func single(word string) string {
	n := len(word)
	if n > 2 && word[n-1] == word[n-2] && !strings.ContainsRune("aeioulsz", rune(word[n-1])) {
		return word[:n-1]
	}
	return word
}
