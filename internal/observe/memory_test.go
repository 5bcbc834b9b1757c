package observe

import "testing"

func TestTheHeapMayGrowByAboutTheSameWhateverIsInUse(t *testing.T) {
	for name, is := range map[string]struct {
		used uint64
		want int
	}{
		"a node that has just started collects seldom": {8 << 20, 250},
		"in between the room is what it is":            {64 << 20, 100},
		"with many connections it is a part of them":   {512 << 20, 60},
		"nothing known yet is little":                  {0, 250},
	} {
		t.Run(name, func(t *testing.T) {
			if got := growth(is.used); got != is.want {
				t.Errorf("growth(%d) = %d, want %d", is.used, got, is.want)
			}
		})
	}
}
