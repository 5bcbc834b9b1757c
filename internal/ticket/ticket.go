// Package ticket decides about promises with a number: by when a customer will
// have an answer, who owes it, and what happens when it does not come.
//
// Decisions are pure: a ticket and a time in, the ticket as it then stands and
// what happened out. An unsettled ticket always has a DueAt and a DueAction, so
// that none can be forgotten.
package ticket

import (
	"time"

	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What can be refused.
var (
	ErrInvalid  = fault.New(fault.Invalid, "ticket.invalid")
	ErrNotFound = fault.New(fault.NotFound, "ticket.not_found")
	ErrSettled  = fault.New(fault.Conflict, "ticket.settled")
	ErrOpen     = fault.New(fault.Conflict, "ticket.open")
)

// The most a ticket may hold, in characters.
const (
	MaxSubject = 200
	MaxText    = 20000
)

// Status says whose turn it is.
type Status string

// The statuses. An open ticket waits for the desk, a waiting one for the
// customer. Resolved and closed ones wait for nobody; closed ones are put away.
// Whatever the customer writes opens a ticket again.
const (
	Open     Status = "open"
	Waiting  Status = "waiting"
	Resolved Status = "resolved"
	Closed   Status = "closed"
)

// Settled reports whether nobody owes anything.
func (s Status) Settled() bool { return s == Resolved || s == Closed }

// Priority says how soon an answer is promised.
type Priority string

// The priorities, soonest first.
const (
	Urgent Priority = "urgent"
	High   Priority = "high"
	Normal Priority = "normal"
	Low    Priority = "low"
)

// Valid reports whether p is a priority.
func (p Priority) Valid() bool {
	return p == Urgent || p == High || p == Normal || p == Low
}

// DueAction is what is done once DueAt has passed.
type DueAction string

// The due actions.
const (
	// TellOfBreach marks a broken promise and tells of it.
	TellOfBreach DueAction = "tell_of_breach"
	// ReturnToTeam takes a ticket whose promise is broken from its assignee,
	// and tells of it again and again.
	ReturnToTeam DueAction = "return_to_team"
	// ResolveSilent resolves what the customer did not go on with.
	ResolveSilent DueAction = "resolve_silent"
)

// Basis says what a promise was reckoned in.
type Basis string

// The bases. Elapsed time is used where a calendar has no working hours left.
const (
	WorkingHours Basis = "working_hours"
	ElapsedHours Basis = "elapsed_hours"
)

// Ticket is a promise with a number.
type Ticket struct {
	ID id.Ticket
	// Number is unique in the workspace and rises roughly with time: gaps are
	// allowed.
	Number       int64
	Subject      string
	Priority     Priority
	Status       Status
	Team         id.Team
	Assignee     id.Staff
	Customer     id.Customer
	Conversation id.Conversation
	// Channel is the kind of door it came through: "form", "web", "api" ...
	Channel string
	Locale  string
	Tags    []string

	// PromisedAt is by when the customer is to have an answer.
	PromisedAt time.Time
	Basis      Basis
	// Breached says that the present promise was not kept.
	Breached  bool
	DueAt     time.Time
	DueAction DueAction

	// AnsweredAt is when staff last answered; zero while they owe the first
	// answer to what the customer last asked.
	AnsweredAt time.Time
	// TurnAt is when the newest turn was that the ticket knows of; what is heard
	// later of an older one changes nothing.
	TurnAt     time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
	ResolvedAt time.Time
	// Version counts changes of what staff edit.
	Version int64
	// Revision counts every change.
	Revision int64
}

// Outcome is a decision: the ticket as it then stands, what happened, and the
// audited action's name ("ticket.resolved"), empty for what the conversation records already.
type Outcome struct {
	Ticket Ticket
	Events []event.Event
	Action string
}

// Stranded reports whether nobody would ever act on the ticket, or should have
// by now.
func (t Ticket) Stranded(at time.Time) bool {
	if t.Status.Settled() {
		return false
	}
	return t.DueAt.IsZero() || t.DueAction == "" || at.Sub(t.DueAt) > 30*time.Second
}
