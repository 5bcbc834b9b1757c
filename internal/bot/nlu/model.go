package nlu

import (
	"cmp"
	"math"
	"slices"
)

// A Model tells what a text wants. It is read-only once made, and safe for any
// number of goroutines.
type Model struct {
	labels []string
	words  *vocabulary
	linear *sparse
	// networks may be none.
	networks []*packed
	fitted   fitted
	report   Report
}

// A Guess is a label and how likely it is what was meant, among the labels of
// the model.
type Guess struct {
	Label       string
	Probability float64
}

// A Reading is what a model makes of a text.
type Reading struct {
	// Guesses are the likeliest labels, best first, at most five.
	Guesses []Guess
	// Certainty says how much the text looks like anything the model has
	// learnt; less than Threshold is rejected.
	Certainty, Threshold float64
}

// Rejected says that the text is about something else.
func (r Reading) Rejected() bool { return r.Certainty < r.Threshold }

// Margin is how far the first guess is ahead of the second, from 0 to 1.
func (r Reading) Margin() float64 {
	switch len(r.Guesses) {
	case 0:
		return 0
	case 1:
		return r.Guesses[0].Probability
	}
	return r.Guesses[0].Probability - r.Guesses[1].Probability
}

// most is how many guesses anybody needs.
const most = 5

// Labels returns what the model tells apart, sorted.
func (m *Model) Labels() []string { return m.labels }

// Report says how the model did on examples it had not learnt from.
func (m *Model) Report() Report { return m.report }

// Predict returns the likeliest labels of a text, best first, at most five, with
// calibrated probabilities; none if the text is about something else.
func (m *Model) Predict(text string) []Guess {
	if r := m.Read(text); !r.Rejected() {
		return r.Guesses
	}
	return nil
}

// Read returns the likeliest labels of a text, and how certain it is that it
// belongs to any.
func (m *Model) Read(text string) Reading {
	return m.read(m.score(traits(text)))
}

// An opinion is what the parts of a model say of a text, by class.
type opinion struct {
	margins []float32
	// logs are the networks' logarithmic probabilities, nil without networks.
	logs []float32
	// known is the share of the text's features the model has met.
	known float64
}

func (m *Model) score(text []trait) opinion {
	x, known := m.words.vector(text)
	o := opinion{margins: m.linear.score(x), known: known}
	if len(m.networks) > 0 {
		o.logs = make([]float32, len(m.labels))
		for _, n := range m.networks {
			n.logits(m.words.often(x), 1/float32(len(m.networks)), o.logs)
		}
	}
	return o
}

func (m *Model) read(o opinion) Reading {
	z := o.mixed(m.fitted.heat, m.fitted.share)
	r := Reading{Certainty: o.certainty(), Threshold: float64(m.fitted.threshold)}
	order := leading(z)
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(float64(v - z[order[0]]))
	}
	for _, c := range order {
		r.Guesses = append(r.Guesses, Guess{m.labels[c], math.Exp(float64(z[c]-z[order[0]])) / sum})
	}
	return r
}

// leading returns the places of the largest values, largest first.
func leading(z []float32) []int {
	order := make([]int, 0, most+1)
	for c, v := range z {
		if len(order) == most && v <= z[order[most-1]] {
			continue
		}
		at, _ := slices.BinarySearchFunc(order, v, func(c int, v float32) int { return cmp.Compare(v, z[c]) })
		order = slices.Insert(order, at, c)
		order = order[:min(most, len(order))]
	}
	return order
}
