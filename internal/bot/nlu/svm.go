package nlu

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// A linear model has a weight for each column and class, by column.
type linear struct {
	classes int
	weights []float32
	bias    []float32
}

// Settings of the solver. The penalty is how much an example on the wrong side
// costs; tolerance and rounds end the search.
const (
	penalty   = 2
	tolerance = 0.1
	rounds    = 30
)

// trainLinear fits one classifier per class against all others: L2-regularised,
// squared hinge loss, dual coordinate descent with shrinking. Each class has
// its own random order, so the result does not depend on how many processors
// there are.
func trainLinear(xs []vector, ys []int32, columns, classes int, stop func() bool) *linear {
	m := &linear{classes: classes, weights: make([]float32, columns*classes), bias: make([]float32, classes)}
	diagonal := make([]float64, len(xs))
	for i, x := range xs {
		diagonal[i] = 1
		for _, v := range x.values {
			diagonal[i] += float64(v) * float64(v)
		}
	}
	next := make(chan int, classes)
	for c := range classes {
		next <- c
	}
	close(next)
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), classes) {
		all.Go(func() {
			d := descent{xs: xs, diagonal: diagonal, w: make([]float32, columns+1), alpha: make([]float64, len(xs)), y: make([]float64, len(xs)), order: make([]int32, len(xs))}
			for class := range next {
				if stop() {
					return
				}
				d.run(ys, int32(class))
				for column := range columns {
					m.weights[column*classes+class] = d.w[column]
				}
				m.bias[class] = d.w[columns]
			}
		})
	}
	all.Wait()
	return m
}

// A descent solves one class against the rest.
type descent struct {
	xs       []vector
	diagonal []float64
	// w has the bias in its last place.
	w        []float32
	alpha, y []float64
	order    []int32
}

func (d *descent) run(ys []int32, class int32) {
	clear(d.w)
	clear(d.alpha)
	for i, y := range ys {
		d.order[i] = int32(i)
		d.y[i] = -1
		if y == class {
			d.y[i] = 1
		}
	}
	random := rand.New(rand.NewPCG(uint64(class), 1))
	active := len(d.xs)
	bound := math.Inf(1)
	for range rounds {
		for i := range active {
			j := i + random.IntN(active-i)
			d.order[i], d.order[j] = d.order[j], d.order[i]
		}
		var highest, lowest float64
		highest, lowest, active = d.round(active, bound)
		bound = highest
		if highest <= 0 {
			bound = math.Inf(1)
		}
		if highest-lowest > tolerance {
			continue
		}
		if active == len(d.xs) {
			return
		}
		// What was set aside is looked at once more.
		active, bound = len(d.xs), math.Inf(1)
	}
}

// round steps through the active examples once and sets aside those that will
// not matter. It returns the range of the projected gradients.
func (d *descent) round(active int, bound float64) (highest, lowest float64, left int) {
	const diagonal = 0.5 / penalty
	highest, lowest = math.Inf(-1), math.Inf(1)
	last := len(d.w) - 1
	for s := 0; s < active; s++ {
		i := d.order[s]
		x := &d.xs[i]
		values := x.values[:len(x.columns)]
		dot := d.w[last]
		for k, column := range x.columns {
			dot += d.w[column] * values[k]
		}
		gradient := d.y[i]*float64(dot) - 1 + d.alpha[i]*diagonal
		projected := gradient
		if d.alpha[i] == 0 {
			if gradient > bound {
				active--
				d.order[s], d.order[active] = d.order[active], d.order[s]
				s--
				continue
			}
			projected = min(gradient, 0)
		}
		highest, lowest = max(highest, projected), min(lowest, projected)
		if math.Abs(projected) < 1e-12 {
			continue
		}
		before := d.alpha[i]
		d.alpha[i] = max(before-gradient/(d.diagonal[i]+diagonal), 0)
		step := float32((d.alpha[i] - before) * d.y[i])
		for k, column := range x.columns {
			d.w[column] += step * values[k]
		}
		d.w[last] += step
	}
	return highest, lowest, active
}
