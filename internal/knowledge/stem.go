package knowledge

import "strings"

// irregular forms that no rule of stem reaches.
var irregular = map[string]string{
	"bought": "buy", "paid": "pay", "sent": "send", "got": "get", "gotten": "get", "lost": "lose", "broke": "break",
	"broken": "break", "came": "come", "forgot": "forget", "forgotten": "forget", "chose": "choose", "chosen": "choose",
	"found": "find", "wrote": "write", "written": "write", "wore": "wear", "worn": "wear", "shrank": "shrink",
	"shrunk": "shrink", "stole": "steal", "stolen": "steal", "took": "take", "taken": "take", "gave": "give",
	"given": "give", "went": "go", "gone": "go", "made": "make", "said": "say", "told": "tell", "kept": "keep",
	"held": "hold", "sold": "sell", "brought": "bring", "thought": "think", "won": "win", "tore": "tear", "torn": "tear",
	"threw": "throw", "thrown": "throw", "cards": "card", "news": "news", "does": "do", "did": "do", "done": "do",
	"is": "be", "are": "be", "was": "be", "were": "be", "been": "be", "am": "be", "has": "have", "had": "have",
	"children": "child", "people": "person", "men": "man", "women": "woman", "feet": "foot", "clothing": "clothes",
}

// Stem reduces an English word to what its forms share. It is light on
// purpose: plural, -ed, -ing, -ment, and the silent e; "delivery" and "deliver"
// are left to the concepts.
func Stem(w string) string {
	if root, ok := irregular[w]; ok {
		w = root
	}
	if len(w) < 4 || !ascii(w) {
		return w
	}
	switch {
	case strings.HasSuffix(w, "sses"):
		w = w[:len(w)-2]
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		w = w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "zes"):
		w = w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		w = w[:len(w)-1]
	}
	switch {
	case strings.HasSuffix(w, "ied") && len(w) > 4:
		w = w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "ing") && vowel(w[:len(w)-3]) && len(w) > 5:
		w = undouble(w[:len(w)-3])
	case strings.HasSuffix(w, "ed") && vowel(w[:len(w)-2]) && len(w) > 4:
		w = undouble(w[:len(w)-2])
	case strings.HasSuffix(w, "ment") && len(w) > 6:
		w = w[:len(w)-4]
	}
	if len(w) > 3 && strings.HasSuffix(w, "e") {
		w = w[:len(w)-1]
	}
	return w
}

func ascii(w string) bool {
	for i := range len(w) {
		if w[i] >= 0x80 {
			return false
		}
	}
	return true
}

func vowel(w string) bool { return strings.ContainsAny(w, "aeiouy") }

// undouble turns "stopp" into "stop", but leaves "fill" and "miss" alone.
func undouble(w string) string {
	n := len(w)
	if n > 2 && w[n-1] == w[n-2] && !strings.ContainsRune("aeioulsz", rune(w[n-1])) {
		return w[:n-1]
	}
	return w
}
