package nlu

import (
	_ "embed"
	"math"
	"strings"
	"unicode"

	"everdesk/internal/knowledge"
)

// Mood returns how angry a customer sounds, from 0 (calm) to 1 (furious), for
// Chinese and English. It reads words of feeling, with what denies, strengthens
// or softens them, and how it was shouted. It errs on the side of calm: from 0.7
// on there is hardly a false alarm, but anger told without an angry word stays
// unheard.
func Mood(text string) float64 {
	if runes := []rune(text); len(runes) > longestMood {
		text = string(runes[len(runes)-longestMood:])
	}
	return 1 / (1 + math.Exp(-(moodBias + moodSlope*heat(text))))
}

// longestMood is how many characters are read: the last ones, where the feeling
// of the moment stands.
const longestMood = 600

// Fitted on testdata/mood.tune.*.tsv.
const (
	moodBias  = -1.5
	moodSlope = 1.5
)

//go:embed mood/zh.txt
var moodZH string

//go:embed mood/en.txt
var moodEN string

// feelings are what the classes of mood/ weigh.
var feelings = map[string]float64{"fury": 2, "anger": 1.2, "bad": 0.4, "good": -0.8}

// moods maps words to their classes; longestFeeling counts the letters of the
// longest Chinese one.
var moods, longestFeeling = readMoods(moodZH, moodEN)

func readMoods(files ...string) (classes map[string]string, longest int) {
	classes = map[string]string{}
	for _, file := range files {
		for line := range strings.Lines(file) {
			class, words, ok := strings.Cut(line, ":")
			if !ok || strings.HasPrefix(line, "#") {
				continue
			}
			for w := range strings.FieldsSeq(words) {
				classes[w] = class
				if knowledge.CJK([]rune(w)[0]) {
					longest = max(longest, len([]rune(w)))
				}
			}
		}
	}
	return classes, longest
}

// heat sums the feelings of a text.
func heat(text string) float64 {
	sum, factor, denied := 0.0, 1.0, 0
	for _, w := range feelingWords(text) {
		switch class := moods[w]; class {
		case "not":
			denied = reach
		case "strong":
			factor = 1.5
		case "weak":
			factor = 0.5
		case "":
			if denied--; denied < 0 {
				factor = 1
			}
		default:
			weight := feelings[class] * factor
			switch {
			case denied <= 0:
			case class == "good":
				// "not good" is worse than "bad".
				weight = feelings["anger"] / 2
			default:
				// "not angry" is not quite calm.
				weight *= -0.3
			}
			sum += weight
			factor, denied = 1, 0
		}
	}
	return sum + shouting(text)
}

// reach is how many words a denial goes on for.
const reach = 3

// feelingWords splits a text into words of the lexicon and others: of Chinese the
// longest that is known, or a letter.
func feelingWords(text string) []string {
	var all []string
	for _, t := range tokens(text) {
		if t.kind != solid {
			all = append(all, t.text)
			continue
		}
		runes := []rune(t.text)
		for i := 0; i < len(runes); {
			n := min(longestFeeling, len(runes)-i)
			for n > 1 && moods[string(runes[i:i+n])] == "" {
				n--
			}
			all = append(all, string(runes[i:i+n]))
			i += n
		}
	}
	return all
}

// shouting is what capitals and repeated marks add.
func shouting(text string) float64 {
	marks, upper, letters := 0, 0, 0
	for _, r := range text {
		switch {
		case strings.ContainsRune("!！?？", r):
			marks++
		case r < unicode.MaxASCII && unicode.IsLetter(r):
			letters++
			if unicode.IsUpper(r) {
				upper++
			}
		}
	}
	loud := 0.25 * float64(min(max(marks-1, 0), 4))
	if letters >= 12 && upper*10 > letters*7 {
		loud++
	}
	return loud
}
