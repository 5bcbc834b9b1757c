// Package answer decides what a question deserves: the answer of one article,
// a choice between a few, or the admission that nothing fits. It knows no
// texts, only the evidence an index found; the figures it judges by were fitted
// on labelled questions (fit_test.go) and are part of the program.
package answer

import (
	_ "embed"
	"encoding/json"
	"math"

	"everdesk/internal/knowledge"
)

// Kind is what to do with a question.
type Kind string

// The kinds of decision.
const (
	Answer  Kind = "answer"  // the first candidate answers it
	Clarify Kind = "clarify" // ask which of the choices is meant
	Miss    Kind = "miss"    // nothing here answers it
)

// MaxChoices is the most articles a customer is asked to choose from.
const MaxChoices = 3

// A Decision is what to do, with the figures that led to it.
type Decision struct {
	Kind Kind
	// P is the probability that the first candidate answers the question.
	P float64
	// Choices are the articles offered for Clarify, or the one for Answer; best
	// first, never more than MaxChoices.
	Choices []knowledge.Candidate
	// Score, Margin and Coverage describe the first candidate: its score, how
	// far the second is behind, and the share of the question it has.
	Score, Margin, Coverage float64
}

// model holds the fitted figures: one weight per feature for "the first
// candidate is right" and "one of the first three is right", and from which
// probability each is acted on.
type model struct {
	Top        []float64 `json:"top"`
	Among      []float64 `json:"among"`
	AnswerFrom float64   `json:"answer_from"`
	AskFrom    float64   `json:"ask_from"`
}

//go:embed model.json
var modelJSON []byte

// models are fitted apart by the writing of the question (letters without
// spaces say more each than words do) and by whether a classifier ranked.
var models = readModels()

// fitted is a model for each case: "words", "dense", and each with "learned".
type fitted map[string]model

func caseOf(found knowledge.Found) string {
	switch {
	case found.Dense && found.Learned:
		return "dense learned"
	case found.Dense:
		return "dense"
	case found.Learned:
		return "words learned"
	}
	return "words"
}

func readModels() (m fitted) {
	if err := json.Unmarshal(modelJSON, &m); err != nil {
		panic("answer: model.json: " + err.Error())
	}
	return m
}

// Search is how many candidates Decide wants to see.
const Search = 5

// Decide judges what an index found for a question.
func Decide(found knowledge.Found) Decision {
	if len(found.Candidates) == 0 {
		return Decision{Kind: Miss}
	}
	m := models[caseOf(found)]
	x := features(found)
	top := found.Candidates[0]
	d := Decision{
		P: m.probability(m.Top, x), Score: float64(top.Score), Coverage: float64(top.Coverage),
		Margin: float64(top.Score - second(found).Score),
	}
	switch {
	case found.Exact:
		d.Kind, d.P, d.Choices = Answer, 1, found.Candidates[:1]
	case d.P >= m.AnswerFrom:
		d.Kind, d.Choices = Answer, found.Candidates[:1]
	case m.probability(m.Among, x) >= m.AskFrom:
		d.Kind, d.Choices = Clarify, choices(found.Candidates)
	default:
		d.Kind = Miss
	}
	return d
}

// behind is how far a choice may lie behind the first and still be offered.
const behind = 0.45

func choices(all []knowledge.Candidate) []knowledge.Candidate {
	n := 1
	for n < len(all) && n < MaxChoices && all[0].Score-all[n].Score < behind {
		n++
	}
	return all[:n]
}

func (m model) probability(weights, x []float64) float64 {
	z := 0.0
	for i, w := range weights {
		z += w * x[i]
	}
	return 1 / (1 + math.Exp(-z))
}

func second(found knowledge.Found) (c knowledge.Candidate) {
	if len(found.Candidates) > 1 {
		c = found.Candidates[1]
	}
	return c
}

// features turns evidence into the numbers the model weighs, the first being
// its constant.
func features(found knowledge.Found) []float64 {
	top, next := found.Candidates[0], second(found)
	// The best wording, and the best margin, of any other article.
	wording, margin := float32(0), float32(-1)
	for _, c := range found.Candidates[1:] {
		wording, margin = max(wording, c.Ratio), max(margin, c.Margin)
	}
	foreign := min(1, max(-1, found.Foreign))
	length := math.Log(float64(1 + found.Words))
	return []float64{
		1,
		float64(top.Score),
		float64(top.Score - next.Score),
		float64(top.Ratio),
		float64(top.Ratio - wording),
		float64(top.Coverage),
		float64(top.Reverse),
		float64(top.Margin - margin),
		float64(top.Margin - foreign),
		float64(foreign),
		length,
		length * float64(top.Score),
		number(found.Words <= 2),
		number(wording > top.Ratio),
		number(margin > top.Margin),
	}
}

func number(truth bool) float64 {
	if truth {
		return 1
	}
	return 0
}
