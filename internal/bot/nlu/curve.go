package nlu

import (
	"slices"

	"everdesk/internal/training"
)

// The steps of a learning curve, and how many examples an intent must have left
// to be asked with.
var curveSteps = []int{5, 10, 20, 50}

const leastAsked = 3

// Curve returns the accuracy with 5, 10, 20 and 50 examples of each label, as
// far as there are labels with as many: each time all labels that have enough
// learn from the same number, and are asked the examples left. Fewer labels are
// easier to tell apart, so a point says how many there were.
func Curve(examples []Example, options Options) ([]training.CurvePoint, error) {
	options = options.filled()
	options.Plain = true
	byLabel := map[string][]Example{}
	for _, e := range tidy(examples) {
		byLabel[e.Label] = append(byLabel[e.Label], e)
	}
	var points []training.CurvePoint
	for _, each := range curveSteps {
		var learn, ask []Example
		labels := 0
		for _, of := range byLabel {
			if len(of) < each+leastAsked {
				continue
			}
			labels++
			learn = append(learn, of[:each]...)
			ask = append(ask, of[each:min(len(of), each+mostAsked)]...)
		}
		if labels < 2 {
			continue
		}
		set, err := newSet(learn)
		if err != nil {
			return nil, err
		}
		m, err := set.fit(set.all(), options)
		if err != nil {
			return nil, err
		}
		m.fitted.heat = 1
		slices.SortFunc(ask, byText)
		points = append(points, training.CurvePoint{Each: each, Intents: labels, Accuracy: m.Judge(ask).Accuracy()})
	}
	return points, nil
}

// mostAsked is how many examples of one label a point asks at most.
const mostAsked = 50
