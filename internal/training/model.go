package training

import (
	"time"

	"everdesk/internal/id"
)

// ModelState says how far a model has come.
type ModelState string

// The states of a model.
const (
	Waiting ModelState = "waiting"
	Ready   ModelState = "ready"
	Failed  ModelState = "failed"
)

// A Model is one version of what the bot has learnt.
type Model struct {
	ID id.Model
	// Number counts a workspace's versions from one.
	Number int64
	State  ModelState
	// Active says that customers are understood with it.
	Active            bool
	Intents, Examples int
	// Bytes is its size in storage.
	Bytes int
	// Report is how it did on examples held out.
	Report Report
	// Curve is how accuracy grows with the examples of each intent.
	Curve []CurvePoint
	// Failure is the code of what went wrong.
	Failure   string
	CreatedAt time.Time
	// TrainedAt is zero until it is ready.
	TrainedAt time.Time
}

// A CurvePoint is the accuracy with so many examples of each intent. Intents are
// those that have as many, and some more to be asked with.
type CurvePoint struct {
	Each     int     `json:"each"`
	Intents  int     `json:"intents"`
	Accuracy float64 `json:"accuracy"`
}

// A Report says how a model did on examples it had not learnt from.
type Report struct {
	// Held is how many it was asked, Right how many of them it knew.
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

// Accuracy is the share that was right, from 0 to 1.
func (r Report) Accuracy() float64 { return float64(r.Right) / float64(max(r.Held, 1)) }

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

// A Trial is what one model made of a test set.
type Trial struct {
	Model  Model
	Report Report
	// Rejected counts the lines the model took for something else altogether.
	Rejected int
	// Guesses are the first guesses, in the order of the set's lines.
	Guesses []Guess
}
