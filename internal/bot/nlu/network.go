package nlu

import (
	"math"
	"math/rand/v2"
	"sync"
)

// A network has one hidden layer: columns, hidden units, classes. Averaged with
// the linear model it is right where that one sees no sum of evidence.
type network struct {
	hidden, classes int
	// enter is by column, leave by hidden unit.
	enter, leave          []float32
	enterBias, outputBias []float32
}

// Settings of the training. Forgetting drops that share of a text's features in
// each step, so that no single one is leaned on; smoothing keeps some doubt.
const (
	epochs     = 8
	pace       = 0.1
	forgetting = 0.5
	smoothing  = 0.1
)

// axpy adds a times x to y, which is as long.
func axpy(a float32, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += a * v
	}
}

// trainNetworks fits some networks that differ by where they start and in which
// order they read.
func trainNetworks(count int, xs []vector, ys []int32, columns, classes int, stop func() bool) []*network {
	members := make([]*network, count)
	var all sync.WaitGroup
	for i := range members {
		all.Go(func() {
			t := newTrainer(columns, classes, uint64(i))
			t.run(xs, ys, stop)
			members[i] = t.network
		})
	}
	all.Wait()
	return members
}

// A trainer takes gradient steps whose length shrinks with the gradients seen
// so far; a column has one such sum.
type trainer struct {
	*network
	random *rand.Rand
	h, dh  []float32
	z      []float32
	// kept are the positions of the features not forgotten in this step.
	kept                              []int
	enterSum, enterBiasSum, outputSum []float32
}

func newTrainer(columns, classes int, seed uint64) *trainer {
	t := &trainer{
		network: &network{
			hidden: hidden, classes: classes,
			enter: make([]float32, columns*hidden), leave: make([]float32, hidden*classes),
			enterBias: make([]float32, hidden), outputBias: make([]float32, classes),
		},
		random: rand.New(rand.NewPCG(seed, 7)),
		h:      make([]float32, hidden), dh: make([]float32, hidden), z: make([]float32, classes),
		enterSum:     make([]float32, columns),
		enterBiasSum: make([]float32, hidden), outputSum: make([]float32, classes),
	}
	for i := range t.enter {
		t.enter[i] = float32(t.random.NormFloat64() * 0.1)
	}
	for i := range t.leave {
		t.leave[i] = float32(t.random.NormFloat64() / math.Sqrt(float64(hidden)))
	}
	return t
}

func (t *trainer) run(xs []vector, ys []int32, stop func() bool) {
	order := make([]int, len(xs))
	for i := range order {
		order[i] = i
	}
	steps, done := float32(epochs*len(xs)), float32(0)
	for range epochs {
		t.random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			if done++; int(done)%1024 == 0 && stop() {
				return
			}
			t.step(xs[i], int(ys[i]), pace*(1-done/steps))
		}
	}
}

func (t *trainer) step(x vector, class int, rate float32) {
	t.kept = t.kept[:0]
	copy(t.h, t.enterBias)
	const scale = 1 / (1 - forgetting)
	bits, left := uint64(0), 0
	for k, column := range x.columns {
		if left == 0 {
			bits, left = t.random.Uint64(), 64
		}
		keep := bits&1 == 0 // half are forgotten
		bits, left = bits>>1, left-1
		if keep {
			t.kept = append(t.kept, k)
			axpy(x.values[k]*scale, t.enter[int(column)*t.hidden:][:t.hidden], t.h)
		}
	}
	t.outwards(class)
	t.backOut(rate)
	t.backIn(x, scale, rate)
}

// outwards leaves in z how far the probabilities are off.
func (t *trainer) outwards(class int) {
	copy(t.z, t.outputBias)
	for j, v := range t.h {
		if v <= 0 {
			t.h[j] = 0
			continue
		}
		axpy(v, t.leave[j*t.classes:][:t.classes], t.z)
	}
	highest, sum := t.z[0], float32(0)
	for _, v := range t.z {
		highest = max(highest, v)
	}
	for c, v := range t.z {
		t.z[c] = float32(math.Exp(float64(v - highest)))
		sum += t.z[c]
	}
	for c := range t.z {
		t.z[c] = t.z[c]/sum - smoothing/float32(t.classes)
	}
	t.z[class] -= 1 - smoothing
}

func (t *trainer) backOut(rate float32) {
	for j, v := range t.h {
		t.dh[j] = 0
		if v != 0 {
			t.dh[j] = dot(t.z, t.leave[j*t.classes:])
		}
	}
	for c, g := range t.z {
		t.outputSum[c] += g * g
		// From here on z is the way to go.
		t.z[c] = -rate * g / (root(t.outputSum[c]) + 1e-6)
		t.outputBias[c] += t.z[c]
	}
	for j, v := range t.h {
		if v != 0 {
			axpy(v, t.z, t.leave[j*t.classes:][:t.classes])
		}
	}
}

func (t *trainer) backIn(x vector, scale, rate float32) {
	square := float32(0)
	for j, g := range t.dh {
		square += g * g
		t.enterBiasSum[j] += g * g
		t.enterBias[j] -= rate * g / (root(t.enterBiasSum[j]) + 1e-6)
	}
	square /= float32(t.hidden)
	for _, k := range t.kept {
		column, value := int(x.columns[k]), x.values[k]*scale
		t.enterSum[column] += value * value * square
		axpy(-rate*value/(root(t.enterSum[column])+1e-7), t.dh, t.enter[column*t.hidden:][:t.hidden])
	}
}

// dot is the sum of the products of x and y, which is as long or longer.
func dot(x, y []float32) float32 {
	y = y[:len(x)]
	sum := float32(0)
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }
