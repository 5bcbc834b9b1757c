package event

import "everdesk/internal/id"

// ModelActivated says that customers are understood with another model from now
// on: every node loads it.
type ModelActivated struct {
	Model id.Model `json:"model"`
}

// Kind returns "model.activated".
func (ModelActivated) Kind() string { return "model.activated" }

// ModelTrained says that training has come to its end.
type ModelTrained struct {
	Model  id.Model `json:"model"`
	Failed bool     `json:"failed,omitempty"`
}

// Kind returns "model.trained".
func (ModelTrained) Kind() string { return "model.trained" }
