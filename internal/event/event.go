// Package event says what happened, in past tense, with ids and primitives
// only. Payloads never carry text a customer wrote or contact data: a consumer
// that needs them reads the thing itself, under its own permissions.
//
// Each feature has one file here. Decisions return events and timers as
// values; storage writes them in the transaction of the change they tell of.
package event

import (
	"time"

	"everdesk/internal/id"
)

// An Event is something that has happened in a workspace.
type Event interface {
	// Kind is the stable name, "conversation.handed_over".
	Kind() string
}

// A Timer asks for Kind to be run at At. There is at most one timer of a key:
// a later one replaces it, so a transition simply writes its new deadline.
type Timer struct {
	// Key is unique in the installation: "conversation/<id>/due".
	Key string
	// Kind names the handler that app binds to it.
	Kind string
	At   time.Time
	// Payload is the JSON the handler gets.
	Payload any
}

// A Record is an event as the outbox kept it. Pos rises without gaps in commit
// order within Part.
type Record struct {
	Part      int
	Pos       int64
	Workspace id.Workspace
	Kind      string
	// Payload is the event as JSON.
	Payload []byte
	At      time.Time
}
