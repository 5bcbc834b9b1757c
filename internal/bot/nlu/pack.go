package nlu

import (
	"math"
	"slices"
)

// A sparse model is a linear one rounded to bytes, without the weights that do
// not matter: a tenth of the size, and faster.
type sparse struct {
	scale float32
	bias  []float32
	// Entries starts[i] to starts[i+1] belong to column i.
	starts  []int32
	classes []uint16
	values  []int8
}

// negligible is the weight below which an entry is left out.
const negligible = 0.02

const fullScale = 127

func compress(m *linear) *sparse {
	s := &sparse{bias: m.bias, starts: make([]int32, 1, len(m.weights)/m.classes+1)}
	largest := float32(0)
	for _, w := range m.weights {
		largest = max(largest, w, -w)
	}
	s.scale = largest / fullScale
	for row := range slices.Chunk(m.weights, m.classes) {
		for c, w := range row {
			if value := round(w, s.scale); value != 0 && max(w, -w) >= negligible {
				s.classes, s.values = append(s.classes, uint16(c)), append(s.values, value)
			}
		}
		s.starts = append(s.starts, int32(len(s.values)))
	}
	s.classes, s.values = slices.Clip(s.classes), slices.Clip(s.values)
	return s
}

func round(w, scale float32) int8 {
	if scale == 0 {
		return 0
	}
	return int8(math.Round(float64(w / scale)))
}

// score returns the classes' scores of x.
func (s *sparse) score(x vector) []float32 {
	out := make([]float32, len(s.bias))
	for k, column := range x.columns {
		value := x.values[k] * s.scale
		from, to := s.starts[column], s.starts[column+1]
		classes := s.classes[from:to]
		for i, v := range s.values[from:to] {
			out[classes[i]] += value * float32(v)
		}
	}
	for c, b := range s.bias {
		out[c] += b
	}
	return out
}

// A packed network has its first layer rounded to bytes, with a scale for each
// hidden unit.
type packed struct {
	hidden, classes int
	enter           []int8
	scales          []float32
	enterBias       []float32
	leave           []float32
	outputBias      []float32
}

func pack(n *network) *packed {
	p := &packed{
		hidden: n.hidden, classes: n.classes, enter: make([]int8, len(n.enter)), scales: make([]float32, n.hidden),
		enterBias: n.enterBias, leave: n.leave, outputBias: n.outputBias,
	}
	for i, w := range n.enter {
		p.scales[i%n.hidden] = max(p.scales[i%n.hidden], w/fullScale, -w/fullScale)
	}
	for i, w := range n.enter {
		p.enter[i] = round(w, p.scales[i%n.hidden])
	}
	return p
}

// logits adds weight times the classes' logarithmic probabilities to out.
func (p *packed) logits(x vector, weight float32, out []float32) {
	h, z := make([]float32, p.hidden), slices.Clone(p.outputBias)
	for k, column := range x.columns {
		value := x.values[k]
		row := p.enter[int(column)*p.hidden:][:len(h)]
		for j, w := range row {
			h[j] += value * float32(w)
		}
	}
	for j, v := range h {
		if v = v*p.scales[j] + p.enterBias[j]; v > 0 {
			axpy(v, p.leave[j*p.classes:][:p.classes], z)
		}
	}
	base := slices.Max(z)
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(float64(v - base))
	}
	base += float32(math.Log(sum))
	for c, v := range z {
		out[c] += weight * (v - base)
	}
}
