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

func TestASoakToleratesTheDatabasesCachesAndNoLeak(t *testing.T) {
	for name, is := range map[string]struct {
		rss, heap, goroutines func(minute float64) float64
		want                  bool
	}{
		"all level":                        {flat(150), flat(40), flat(900), false},
		"caches fill as the database does": {rising(110, 4), flat(40), flat(900), false},
		"more than caches may hold":        {rising(110, 30), flat(40), flat(900), true},
		"the heap rises inside that":       {rising(110, 4), rising(40, 2), flat(900), true},
		"goroutines rise":                  {flat(150), flat(40), rising(900, 30), true},
	} {
		t.Run(name, func(t *testing.T) {
			var soaked Soaked
			for minute := .1; minute <= 10; minute += .1 {
				soaked.Samples = append(soaked.Samples, sample{
					Seconds: 60 * minute, RSS: is.rss(minute), Heap: is.heap(minute), Goroutines: is.goroutines(minute), Database: 2 * minute,
				})
			}
			if soaked.judge(); soaked.Grows != is.want {
				t.Errorf("memory rises by %.1f, heap by %.1f, goroutines by %.1f: %v", soaked.MemoryRise, soaked.HeapRise, soaked.GoroutinesRise, soaked.Grows)
			}
		})
	}
}

func flat(level float64) func(float64) float64 { return func(float64) float64 { return level } }

func rising(from, perMinute float64) func(float64) float64 {
	return func(minute float64) float64 { return from + perMinute*minute }
}
