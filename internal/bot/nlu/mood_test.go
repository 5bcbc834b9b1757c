package nlu_test

import (
	"math"
	"testing"

	"everdesk/internal/bot/nlu"
)

// angry is the mood from which a message counts as angry.
const angry = 0.5

func TestAngerIsTold(t *testing.T) {
	for _, locale := range []string{"zh-CN", "en"} {
		for _, part := range []string{"tune", "test"} {
			t.Run(part+" "+locale, func(t *testing.T) {
				lines := labelled(t, "testdata/mood."+part+"."+locale+".tsv")
				right, loss, caught, alarms := 0, 0.0, 0, 0
				for _, l := range lines {
					p := nlu.Mood(l.Text)
					if (p >= angry) == (l.Label == "angry") {
						right++
					}
					if p >= 0.7 && l.Label == "angry" {
						caught++
					} else if p >= 0.7 {
						alarms++
					}
					if l.Label != "angry" {
						p = 1 - p
					}
					loss -= math.Log(p) / float64(len(lines))
				}
				t.Logf("%s %s: %d of %d right, log loss %.3f; at 0.7 caught %d, false alarms %d", part, locale, right, len(lines), loss, caught, alarms)
				if right*100 < 60*len(lines) || alarms > 1 {
					t.Errorf("only %d of %d, %d false alarms", right, len(lines), alarms)
				}
			})
		}
	}
}

func TestMoodFollowsWhatDeniesAndStrengthens(t *testing.T) {
	for calmer, angrier := range map[string]string{
		"I am not angry":          "I am angry",
		"I am angry":              "I am very angry",
		"where is it":             "WHERE IS IT ALREADY, ANSWER ME",
		"我不生气":                    "我生气",
		"有点失望":                    "太失望了",
		"到底发不发货":                  "到底发不发货！！！",
		"the service was good":    "the service was not good",
		"thank you, very helpful": "you are useless",
	} {
		if a, b := nlu.Mood(calmer), nlu.Mood(angrier); a >= b {
			t.Errorf("%q is %.2f, %q is %.2f", calmer, a, angrier, b)
		}
	}
	for _, text := range []string{"", "👍", "1234"} {
		if m := nlu.Mood(text); m > 0.2 {
			t.Errorf("%q is %.2f", text, m)
		}
	}
}
