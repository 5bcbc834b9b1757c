package nlu

import (
	"cmp"
	"slices"

	"everdesk/internal/training"
)

// Report says how a model did on examples held out of its training.
type Report = training.Report

// mostConfused is how many pairs a report names.
const mostConfused = 30

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

// tally counts what was said of examples held out.
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
	labels := map[string]*training.LabelReport{}
	of := func(name string) *training.LabelReport {
		if labels[name] == nil {
			labels[name] = &training.LabelReport{Label: name}
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
			r.Confused = append(r.Confused, training.Confusion{Label: pair[0], TakenFor: pair[1], Times: times})
		}
	}
	for _, l := range labels {
		r.Labels = append(r.Labels, *l)
	}
	slices.SortFunc(r.Labels, func(a, b training.LabelReport) int { return cmp.Compare(a.Label, b.Label) })
	slices.SortFunc(r.Confused, func(a, b training.Confusion) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Label, b.Label), cmp.Compare(a.TakenFor, b.TakenFor))
	})
	r.Confused = r.Confused[:min(mostConfused, len(r.Confused))]
	return r
}

// Ask asks a model the lines of a test set: what it made of all, its first guess
// for each, and how many it took for something else altogether.
func (m *Model) Ask(lines []training.Line) (report Report, guesses []training.Guess, rejected int) {
	t := tally{}
	for _, line := range lines {
		r := m.Read(line.Text)
		if r.Rejected() {
			rejected++
		}
		guesses = append(guesses, training.Guess(r.Guesses[0]))
		t.count(line.Intent, r.Guesses[0].Label)
	}
	return t.report(), guesses, rejected
}
