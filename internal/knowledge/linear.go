package knowledge

import "math"

// A linear classifier holds one weight vector per class: an article, or the
// background.
type linear struct {
	classes int
	w       []float32 // w[term*classes+class]
	bias    []float32
}

// An example is a text of a known class, as a sparse vector of length one.
type example struct {
	vector
	class int
}

type vector struct {
	terms  []int32
	values []float32
}

const (
	// cost is how much a misread example counts against plain weights.
	cost = 2
	// rounds is the most passes over the examples.
	rounds = 20
	// settled is the largest move of a pass that ends the fit.
	settled = 1e-3
)

// fit trains one-against-rest support vector machines with squared loss by
// dual coordinate descent. The order of visits is a fixed pseudo-random walk,
// so the same articles always make the same classifier.
func fit(examples []example, terms, classes int) *linear {
	m := &linear{classes: classes, w: make([]float32, terms*classes), bias: make([]float32, classes)}
	s := solver{
		examples: examples, w: make([]float32, terms),
		alpha: make([]float64, len(examples)), norm: make([]float64, len(examples)), order: make([]int, len(examples)),
	}
	for i, e := range examples {
		s.norm[i] = 1 // the bias
		for _, v := range e.values {
			s.norm[i] += float64(v) * float64(v)
		}
	}
	for class := range classes {
		s.solve(class)
		for t, v := range s.w {
			m.w[t*classes+class] = v
		}
		m.bias[class] = s.bias
	}
	return m
}

type solver struct {
	examples    []example
	w           []float32
	bias        float32
	alpha, norm []float64
	order       []int
}

func (s *solver) solve(class int) {
	clear(s.w)
	clear(s.alpha)
	s.bias = 0
	for i := range s.order {
		s.order[i] = i
	}
	seed := uint64(class + 1)
	for range rounds {
		moved := 0.0
		for i := range s.order {
			seed = seed*6364136223846793005 + 1442695040888963407
			j := i + int(seed>>33)%(len(s.order)-i)
			s.order[i], s.order[j] = s.order[j], s.order[i]
			moved = max(moved, s.step(s.order[i], class))
		}
		if moved < settled {
			return
		}
	}
}

// step improves one example's multiplier and returns how far it moved.
func (s *solver) step(i, class int) float64 {
	e, y := &s.examples[i], -1.0
	if e.class == class {
		y = 1
	}
	d := s.bias
	for k, t := range e.terms {
		d += s.w[t] * e.values[k]
	}
	const diagonal = 0.5 / cost
	old := s.alpha[i]
	s.alpha[i] = max(0, old-(y*float64(d)-1+old*diagonal)/(s.norm[i]+diagonal))
	change := float32((s.alpha[i] - old) * y)
	if change == 0 {
		return 0
	}
	for k, t := range e.terms {
		s.w[t] += change * e.values[k]
	}
	s.bias += change
	return math.Abs(float64(change))
}

// margins writes how far v lies on each class's side into out.
func (m *linear) margins(v vector, out []float32) {
	copy(out, m.bias)
	for k, t := range v.terms {
		row := m.w[int(t)*m.classes:][:m.classes]
		for class, w := range row {
			out[class] += w * v.values[k]
		}
	}
}
