package nlu

import (
	"math"
	"slices"
	"sync"
)

// fitted are the numbers found on examples held out of training.
type fitted struct {
	// heat turns margins into logarithmic odds, share is the networks' part.
	heat, share float32
	// threshold is how certain a text has to be to belong to any label.
	threshold float32
}

// mixed returns the logarithmic odds of the classes, up to a constant.
func (o opinion) mixed(heat, share float32) []float32 {
	z := make([]float32, len(o.margins))
	for c, m := range o.margins {
		z[c] = heat * m
	}
	if o.logs != nil {
		axpy(share, o.logs, z)
	}
	return z
}

// certainty is how much a text looks like anything learnt: a class that wants
// it, ahead of the next, in known words, and networks that agree.
func (o opinion) certainty() float64 {
	best, second := float32(math.Inf(-1)), float32(math.Inf(-1))
	for _, m := range o.margins {
		if m > best {
			best, second = m, best
		} else {
			second = max(second, m)
		}
	}
	certainty := float64(best) + 0.5*float64(best-second) + o.known
	if o.logs != nil {
		certainty += 0.5 * float64(slices.Max(o.logs))
	}
	return certainty
}

// A judged opinion is one of which the right class is known.
type judged struct {
	opinion
	class int32
}

// Examples are held out in folds. Of large sets not all folds are worked
// through: what is to be found out are three numbers.
const (
	folds      = 5
	enoughHeld = 3000
)

// heldOut trains without one fold after the other, and returns what is said of
// the examples left out.
func (s *set) heldOut(options Options) ([]judged, error) {
	runs := min(folds, (enoughHeld*folds+len(s.ys)-1)/len(s.ys))
	var all []judged
	for fold := range runs {
		var learn, hold []int
		nth := 0
		for i, y := range s.ys {
			if i == 0 || y != s.ys[i-1] {
				nth = 0
			}
			if nth%folds == fold {
				hold = append(hold, i)
			} else {
				learn = append(learn, i)
			}
			nth++
		}
		m, err := s.fit(learn, options)
		if err != nil {
			return nil, err
		}
		found := make([]judged, len(hold))
		inParallel(len(hold), func(i int) { found[i] = judged{m.score(s.texts[hold[i]]), s.ys[hold[i]]} })
		all = append(all, found...)
	}
	return all, nil
}

// inParallel calls fn for 0 to n-1, on all processors.
func inParallel(n int, fn func(i int)) {
	const slice = 256
	var all sync.WaitGroup
	for from := 0; from < n; from += slice {
		all.Go(func() {
			for i := from; i < min(from+slice, n); i++ {
				fn(i)
			}
		})
	}
	all.Wait()
}

// calibrate finds the heat and share that make the probabilities right, and the
// threshold that accepts the wanted part of the texts that belong.
func (m *Model) calibrate(held []judged, options Options) {
	shares := []float32{0}
	if len(m.networks) > 0 {
		shares = []float32{0, 0.25, 0.5, 0.75, 1}
	}
	lowest := math.Inf(1)
	for _, heat := range []float32{1, 2, 3, 4, 5, 6, 7, 8, 10, 12} {
		for _, share := range shares {
			losses := make([]float64, len(held))
			inParallel(len(held), func(i int) { losses[i] = held[i].loss(heat, share) })
			loss := 0.0
			for _, l := range losses {
				loss += l
			}
			if loss < lowest {
				lowest, m.fitted.heat, m.fitted.share = loss, heat, share
			}
		}
	}
	certain := make([]float64, len(held))
	for i, h := range held {
		certain[i] = h.certainty()
	}
	slices.Sort(certain)
	m.fitted.threshold = float32(certain[int(float64(len(certain))*(1-options.Accept))])
}

// loss is the negative logarithm of the right class's probability.
func (j judged) loss(heat, share float32) float64 {
	z := j.mixed(heat, share)
	highest := slices.Max(z)
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(float64(v - highest))
	}
	return math.Log(sum) - float64(z[j.class]-highest)
}
