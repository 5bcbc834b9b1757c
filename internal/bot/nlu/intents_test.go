package nlu_test

import (
	"path/filepath"
	"strings"
	"testing"

	"everdesk/internal/bot/nlu"
)

// least is what the development sets are known to reach, in percent: dev is
// written in other styles than train, so few words are shared.
var least = map[string]float64{"zh-CN": 40, "es": 25, "ja": 20, "ar": 15, "ko": 15, "de": 10, "fr": 10, "pt": 10, "ru": 10}

func TestIntentsWrittenInAnotherStyle(t *testing.T) {
	files, err := filepath.Glob("testdata/intents.train.*.tsv")
	if err != nil || len(files) == 0 {
		t.Fatal("no development sets", err)
	}
	for _, file := range files {
		locale := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "intents.train."), ".tsv")
		t.Run(locale, func(t *testing.T) {
			m := trained(t, labelled(t, file), nlu.Options{})
			report := m.Judge(labelled(t, strings.Replace(file, ".train.", ".dev.", 1)))
			t.Logf("%s: %d labels, %.1f %% of %d in other styles, %.1f %% of %d in the same styles", locale, len(m.Labels()),
				100*report.Accuracy(), report.Held, 100*m.Report().Accuracy(), m.Report().Held)
			if 100*report.Accuracy() < least[locale] {
				t.Errorf("only %.1f %%", 100*report.Accuracy())
			}
		})
	}
}
