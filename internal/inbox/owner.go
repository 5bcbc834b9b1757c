package inbox

import (
	"time"

	"everdesk/internal/id"
)

// OwnerKind says what kind of owner a conversation has.
type OwnerKind string

// The owners. Nobody owns a resolved conversation, and only a resolved one.
const (
	OwnerBot    OwnerKind = "bot"
	OwnerQueue  OwnerKind = "queue"
	OwnerAgent  OwnerKind = "agent"
	OwnerTicket OwnerKind = "ticket"
	OwnerNone   OwnerKind = "none"
)

// Owner is who must act next.
type Owner struct {
	Kind   OwnerKind `json:"kind"`
	Staff  id.Staff  `json:"staff,omitempty"`
	Team   id.Team   `json:"team,omitempty"`
	Ticket id.Ticket `json:"ticket,omitempty"`
}

// Lease says by what an agent keeps a conversation.
type Lease string

// The leases. A live one is held by the agent's presence and their attention;
// an async one is kept across shifts until its due time.
const (
	NoLease Lease = ""
	Live    Lease = "live"
	Async   Lease = "async"
)

// DueAction is what the reconciler does once DueAt has passed.
type DueAction string

// The due actions.
const (
	// BotTurnMissing hands over what the bot did not answer.
	BotTurnMissing DueAction = "bot_turn_missing"
	// QueueWaitOver makes a ticket of what nobody took in time.
	QueueWaitOver DueAction = "queue_wait_over"
	// NobodyPresent makes a ticket at once: there is nobody to wait for.
	NobodyPresent DueAction = "nobody_present"
	// QueueFull makes a ticket at once: too many wait already.
	QueueFull DueAction = "queue_full"
	// AgentSilent returns to the queue what an agent left waiting.
	AgentSilent DueAction = "agent_silent"
	// AsyncDue returns to the queue what an agent did not answer in time.
	AsyncDue DueAction = "async_due"
	// CustomerSilent resolves what the customer does not go on with.
	CustomerSilent DueAction = "customer_silent"
	// PromisePassed tells of a ticket's broken promise, again and again.
	PromisePassed DueAction = "promise_passed"
)

// ReasonCode is a stable word for why a conversation moved.
type ReasonCode string

// The reasons. Those named like a due action say that it was done.
const (
	ReasonStarted        ReasonCode = "started"
	ReasonAskedForPerson ReasonCode = "asked_for_person"
	ReasonBotMissed      ReasonCode = "bot_missed"
	ReasonBotTurnMissing ReasonCode = "bot_turn_missing"
	ReasonRouted         ReasonCode = "routed"
	ReasonLastAgent      ReasonCode = "last_agent"
	ReasonTaken          ReasonCode = "taken"
	ReasonTransferred    ReasonCode = "transferred"
	ReasonReturned       ReasonCode = "returned"
	ReasonToBot          ReasonCode = "to_bot"
	ReasonQueueWaitOver  ReasonCode = "queue_wait_over"
	ReasonNobodyPresent  ReasonCode = "nobody_present"
	ReasonQueueFull      ReasonCode = "queue_full"
	ReasonPresenceLapsed ReasonCode = "presence_lapsed"
	ReasonAgentOffline   ReasonCode = "agent_offline"
	ReasonShiftEnded     ReasonCode = "shift_ended"
	ReasonDeactivated    ReasonCode = "agent_deactivated"
	ReasonAgentSilent    ReasonCode = "agent_silent"
	ReasonAsyncDue       ReasonCode = "async_due"
	ReasonAgentReturned  ReasonCode = "agent_returned"
	ReasonTicketMade     ReasonCode = "ticket_made"
	ReasonPromisePassed  ReasonCode = "promise_passed"
	ReasonPromiseFailed  ReasonCode = "promise_failed"
	ReasonResolved       ReasonCode = "resolved"
	ReasonCustomerSilent ReasonCode = "customer_silent"
	ReasonCustomerWrote  ReasonCode = "customer_wrote"
	ReasonReopened       ReasonCode = "reopened"
	ReasonRepaired       ReasonCode = "repaired"
)

// Happening names a move in the transition's entry and in its event.
type Happening string

// The happenings.
const (
	Started         Happening = "started"
	HandedOver      Happening = "handed_over"
	Queued          Happening = "queued"
	Assigned        Happening = "assigned"
	Transferred     Happening = "transferred"
	ReturnedToQueue Happening = "returned_to_queue"
	ReturnedToBot   Happening = "returned_to_bot"
	Ticketed        Happening = "ticketed"
	WasResolved     Happening = "resolved"
	Reopened        Happening = "reopened"
	// Overdue is a ticket that stays a ticket although its promise has passed.
	Overdue Happening = "overdue"
)

// Move is a decided change of owner. Storage writes it whole: the row, the
// transition, its entry, the load of the agents concerned, and the event.
type Move struct {
	From, To   Owner
	State      State
	Lease      Lease
	DueAt      time.Time
	DueAction  DueAction
	Reason     Reason
	Actor      Author
	Happening  Happening
	At         time.Time
	Team       id.Team
	Attention  time.Duration
	Avoid      id.Staff
	Ticket     id.Ticket
	TicketNo   int64
	PromisedAt time.Time
	// WaitingSince is carried over, begun or ended by the move.
	WaitingSince time.Time
	// Summary is stored with the move if there is one.
	Summary *Summary
}

// Transition is a move as history keeps it.
type Transition struct {
	ID    id.Transition
	Seq   int64
	Epoch int64
	From  Owner
	To    Owner
	Actor Author
	// Happening is what the entry at Seq calls it.
	Happening Happening
	Reason    Reason
	At        time.Time
}

// Stranded reports whether nobody would ever act on the conversation again, or
// should have by now: the thing that must not exist.
func (c Conversation) Stranded(at time.Time) bool {
	if c.State != Open {
		return false
	}
	switch {
	case c.Owner.Kind == OwnerNone, c.Owner.Kind == "":
		return true
	case c.Owner.Kind == OwnerAgent && c.Owner.Staff == 0, c.Owner.Kind == OwnerTicket && c.Owner.Ticket == 0:
		return true
	case c.DueAt.IsZero(), c.DueAction == "":
		return true
	}
	return at.Sub(c.DueAt) > StrandedAfter
}

// StrandedAfter is how long past its due time a conversation counts as stranded.
const StrandedAfter = 30 * time.Second

// After returns the conversation as the move leaves it.
func (c Conversation) After(m Move) Conversation {
	c.State, c.Owner, c.Lease = m.State, m.To, m.Lease
	c.OwnerEpoch++
	c.DueAt, c.DueAction, c.Reason = m.DueAt, m.DueAction, m.Reason
	c.Team, c.Attention, c.Avoid = m.Team, m.Attention, m.Avoid
	c.Ticket, c.TicketNumber, c.PromisedAt = m.Ticket, m.TicketNo, m.PromisedAt
	c.WaitingSince = m.WaitingSince
	if m.To.Kind == OwnerAgent {
		c.LastStaff = m.To.Staff
	}
	if m.Summary != nil {
		c.Summary = m.Summary
	}
	c.UpdatedAt = m.At
	c.ResolvedAt = time.Time{}
	if m.State == Resolved {
		c.ResolvedAt = m.At
	}
	return c
}

// move starts a decision from where the conversation is.
func (c Conversation) move(at time.Time, actor Author, happening Happening, reason Reason) Move {
	return Move{
		From: c.Owner, State: Open, Actor: actor, Happening: happening, Reason: reason, At: at,
		Team: c.Team, Attention: c.Attention, Ticket: c.Ticket, TicketNo: c.TicketNumber,
		PromisedAt: c.PromisedAt, WaitingSince: c.WaitingSince,
	}
}
