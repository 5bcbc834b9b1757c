package nlu

import (
	"cmp"
	"slices"
)

// A Report says how a model did on examples held out of its training.
type Report struct {
	// Held is how many examples it was asked, Right how many of them it knew.
	Held  int `json:"held"`
	Right int `json:"right"`
	// Labels are in the order of their names.
	Labels []LabelReport `json:"labels"`
	// Confused are the pairs most often taken for each other, worst first.
	Confused []Confusion `json:"confused"`
}

// LabelReport is how one label did.
type LabelReport struct {
	Label string `json:"label"`
	// Held examples were of this label, Right of them known; Taken were given
	// it, rightly or not.
	Held  int `json:"held"`
	Right int `json:"right"`
	Taken int `json:"taken"`
}

// A Confusion is a label and what it was wrongly taken for.
type Confusion struct {
	Label    string `json:"label"`
	TakenFor string `json:"taken_for"`
	Times    int    `json:"times"`
}

// mostConfused is how many pairs a report names.
const mostConfused = 30

// Accuracy is the share that was right, from 0 to 1.
func (r Report) Accuracy() float64 { return float64(r.Right) / float64(max(r.Held, 1)) }

// Judge asks a model a set of labelled texts. Labels the model does not know
// are never right.
func (m *Model) Judge(examples []Example) Report {
	guesses := make([]string, len(examples))
	inParallel(len(examples), func(i int) { guesses[i] = m.Read(examples[i].Text).Guesses[0].Label })
	t := tally{}
	for i, e := range examples {
		t.count(e.Label, guesses[i])
	}
	return t.report()
}

// report counts what was said of examples held out.
func (m *Model) tally(held []judged) Report {
	t := tally{}
	for _, j := range held {
		z := j.mixed(m.fitted.heat, m.fitted.share)
		t.count(m.labels[j.class], m.labels[leading(z)[0]])
	}
	return t.report()
}

// A tally counts guesses by right and guessed label.
type tally map[[2]string]int

func (t tally) count(right, guessed string) { t[[2]string{right, guessed}]++ }

func (t tally) report() Report {
	var r Report
	labels := map[string]*LabelReport{}
	of := func(name string) *LabelReport {
		if labels[name] == nil {
			labels[name] = &LabelReport{Label: name}
		}
		return labels[name]
	}
	for pair, times := range t {
		right, guessed := of(pair[0]), of(pair[1])
		r.Held += times
		right.Held += times
		guessed.Taken += times
		if right == guessed {
			r.Right += times
			right.Right += times
		} else {
			r.Confused = append(r.Confused, Confusion{pair[0], pair[1], times})
		}
	}
	for _, l := range labels {
		r.Labels = append(r.Labels, *l)
	}
	slices.SortFunc(r.Labels, func(a, b LabelReport) int { return cmp.Compare(a.Label, b.Label) })
	slices.SortFunc(r.Confused, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Label, b.Label), cmp.Compare(a.TakenFor, b.TakenFor))
	})
	r.Confused = r.Confused[:min(mostConfused, len(r.Confused))]
	return r
}

// MacroF1 is the mean over the labels held of the harmonic mean of precision
// and recall.
func (r Report) MacroF1() float64 {
	sum, n := 0.0, 0
	for _, l := range r.Labels {
		if l.Held > 0 {
			n++
			sum += 2 * float64(l.Right) / float64(l.Held+l.Taken)
		}
	}
	return sum / float64(max(n, 1))
}
