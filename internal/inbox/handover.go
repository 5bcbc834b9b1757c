package inbox

import (
	"time"

	"everdesk/internal/id"
)

// Begin is the first move of a conversation: from nobody to the bot, or to the
// team's queue where no bot answers.
func (c Conversation) Begin(toBot bool, at time.Time, queue Queue, policy Policy) Move {
	m := c.move(at, Asker(c.Customer), Started, Reason{Code: ReasonStarted})
	m.From, m.WaitingSince = Owner{Kind: OwnerNone}, at
	if toBot {
		return c.toBot(m, policy)
	}
	return c.toQueue(m, queue, policy)
}

// HandOver passes a conversation from the bot to its team's queue, because the
// bot missed or somebody asked for a person. It reports false if a person, a
// queue or a ticket has it already: asking twice is asking once.
//
// Epoch is the one the bot's turn was for; zero skips the check.
func (c Conversation) HandOver(by Author, epoch int64, reason Reason, summary *Summary, at time.Time, queue Queue, policy Policy) (Move, bool, error) {
	switch {
	case c.State == Resolved:
		return Move{}, false, ErrResolved
	case by.Kind == ByBot && (c.Owner.Kind != OwnerBot || epoch != 0 && epoch != c.OwnerEpoch):
		return Move{}, false, ErrMoved
	case c.Owner.Kind != OwnerBot:
		return Move{}, false, nil
	}
	m := c.move(at, by, HandedOver, reason)
	m.Summary = summary
	return c.toQueue(m, queue, policy), true, nil
}

// Promise is a ticket as a conversation needs to know it.
type Promise struct {
	Ticket id.Ticket
	// Number is shown to people: #1042.
	Number int64
	// At is by when an answer was promised.
	At time.Time
}

// ToTicket has a ticket carry an open conversation. It reports false if that
// ticket carries it already with the same promise.
func (c Conversation) ToTicket(promise Promise, by Author, reason Reason, at time.Time) (Move, bool, error) {
	if c.State == Resolved {
		return Move{}, false, ErrResolved
	}
	if c.Owner.Kind == OwnerTicket && c.Owner.Ticket == promise.Ticket && c.PromisedAt.Equal(promise.At) {
		return Move{}, false, nil
	}
	m := c.move(at, by, Ticketed, reason)
	m.To = Owner{Kind: OwnerTicket, Ticket: promise.Ticket}
	m.Ticket, m.TicketNo, m.PromisedAt = promise.Ticket, promise.Number, promise.At
	m.Lease, m.Avoid = NoLease, 0
	m.DueAt, m.DueAction = promise.At, PromisePassed
	if m.DueAt.Before(at) {
		m.DueAt = at
	}
	return m, true, nil
}

// Revive brings what a ticket carries back to the queue, live, because an agent
// is there again while the customer still is.
func (c Conversation) Revive(at time.Time, queue Queue, policy Policy) (Move, bool) {
	if c.State != Open || c.Owner.Kind != OwnerTicket || queue.Present == 0 {
		return Move{}, false
	}
	m := c.move(at, System, Queued, Reason{Code: ReasonAgentReturned})
	return c.toQueue(m, queue, policy), true
}
