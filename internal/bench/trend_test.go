package bench

import (
	"math/rand/v2"
	"testing"
)

func TestOnlyWhatGrowsForGoodRises(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	for name, is := range map[string]struct {
		at   func(second float64) float64
		want bool
	}{
		"a leak rises":                    {func(s float64) float64 { return 150 + s/10 }, true},
		"a level does not":                {func(float64) float64 { return 150 }, false},
		"garbage that comes and goes not": {func(s float64) float64 { return 150 + float64(int(s)%60) }, false},
		"what falls does not":             {func(s float64) float64 { return 250 - s/10 }, false},
		"a cache that fills early not":    {func(s float64) float64 { return 150 + min(s, 150)/2 }, false},
		"a single peak does not": {func(s float64) float64 {
			if s > 580 {
				return 900
			}
			return 150
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var samples []sample
			for second := 5.0; second <= 600; second += 5 {
				samples = append(samples, sample{Seconds: second, RSS: is.at(second) + 4*noise.Float64()})
			}
			by, got := rises(judged(samples), func(s sample) float64 { return s.RSS }, 16)
			if got != is.want {
				t.Errorf("rises by %.1f: %v", by, got)
			}
		})
	}
}
