package ticketdb

import (
	"context"
	"strconv"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/ticket"
)

// Edit changes what staff may change, if the version is still the given one.
func (s *Store) Edit(ctx context.Context, scope access.Scope, number id.Ticket, version int64, edit ticket.Edit, at time.Time) (changed ticket.Ticket, err error) {
	err = s.db.Do(ctx, store.Change{Subject: number.Int64(), Run: func(ctx context.Context) (err error) {
		if edit.Team != nil {
			if err := s.entrust(ctx, scope, number, *edit.Team, at); err != nil {
				return err
			}
		}
		changed, err = s.promiseAgain(ctx, scope, number, reasonTicketMade, at, func(t ticket.Ticket, terms ticket.Terms) (ticket.Outcome, error) {
			if t.Version != version {
				return ticket.Outcome{}, fault.ErrStale
			}
			if edit.Team != nil && *edit.Team != t.Team {
				var err error
				if terms, err = s.terms(ctx, scope, *edit.Team, at); err != nil {
					return ticket.Outcome{}, err
				}
			}
			return t.Change(edit, terms, at)
		})
		return err
	}})
	return changed, err
}

// entrust has the conversation follow a ticket to another team. It goes first:
// conversations are changed before their tickets everywhere.
func (s *Store) entrust(ctx context.Context, scope access.Scope, number id.Ticket, team id.Team, at time.Time) error {
	t, err := s.Ticket(ctx, scope, number)
	if err != nil || t.Team == team {
		return err
	}
	return s.ports.Threads.Entrust(ctx, scope, t.Conversation, team, at)
}

// Reply posts an answer, which is delivered to the customer's address, and has
// the ticket wait for them.
func (s *Store) Reply(ctx context.Context, scope access.Scope, number id.Ticket, reply ticket.Reply, at time.Time) (answered ticket.Ticket, seq int64, err error) {
	err = s.db.Do(ctx, store.Change{Subject: number.Int64(), Run: func(ctx context.Context) error {
		posted, err := s.post(ctx, scope, number, Message{ClientID: reply.ClientID, Text: reply.Text}, at)
		if err != nil {
			return err
		}
		seq = posted.Seq
		if posted.Again {
			answered, err = s.Ticket(ctx, scope, number)
			return err
		}
		answered, err = s.promiseAgain(ctx, scope, number, reasonTicketMade, at, func(t ticket.Ticket, terms ticket.Terms) (ticket.Outcome, error) {
			return t.Answer(terms, reply.KeepOpen, at)
		})
		return err
	}})
	return answered, seq, err
}

// Write posts what the customer of a ticket adds to it, by a visitor's scope.
func (s *Store) Write(ctx context.Context, scope access.Scope, number id.Ticket, words ticket.Reply, at time.Time) (owed ticket.Ticket, seq int64, err error) {
	err = s.db.Do(ctx, store.Change{Subject: number.Int64(), Run: func(ctx context.Context) error {
		posted, err := s.post(ctx, scope, number, Message{ClientID: words.ClientID, Text: words.Text}, at)
		if err != nil {
			return err
		}
		seq = posted.Seq
		if posted.Again {
			owed, err = s.Ticket(ctx, scope, number)
			return err
		}
		owed, err = s.heard(ctx, scope, number, at)
		return err
	}})
	return owed, seq, err
}

func (s *Store) post(ctx context.Context, scope access.Scope, number id.Ticket, message Message, at time.Time) (Posted, error) {
	t, err := s.Ticket(ctx, scope, number)
	if err != nil {
		return Posted{}, err
	}
	return s.ports.Threads.Post(ctx, scope, t.Conversation, message, at)
}

// heard opens a ticket for what its customer wrote.
func (s *Store) heard(ctx context.Context, scope access.Scope, number id.Ticket, at time.Time) (ticket.Ticket, error) {
	return s.promiseAgain(ctx, scope, number, reasonCustomerWrote, at, func(t ticket.Ticket, terms ticket.Terms) (ticket.Outcome, error) {
		return t.CustomerWrote(terms, at), nil
	})
}

// promiseAgain decides, and has the conversation keep a promise that changed.
func (s *Store) promiseAgain(ctx context.Context, scope access.Scope, number id.Ticket, reason string, at time.Time, do decision) (ticket.Ticket, error) {
	before, err := s.Ticket(ctx, scope, number)
	if err != nil {
		return before, err
	}
	after, err := s.decide(ctx, scope, number, at, do)
	if err != nil || after.Status != ticket.Open || after.PromisedAt.Equal(before.PromisedAt) {
		return after, err
	}
	thread, err := s.ports.Threads.Thread(ctx, scope, after.Conversation)
	if err != nil || thread.Open && !thread.Carried {
		return after, err // somebody has it live
	}
	return after, s.carry(ctx, scope, after, reason, "", at)
}

// The reasons of the inbox that tickets give.
const (
	reasonCustomerWrote = "customer_wrote"
	reasonReopened      = "reopened"
	reasonTicketMade    = "ticket_made"
)

// Resolve settles a ticket and its conversation together, and tells the
// customer. It loses to what the customer wrote after seenSeq.
func (s *Store) Resolve(ctx context.Context, scope access.Scope, number id.Ticket, seenSeq int64, at time.Time) (settled ticket.Ticket, err error) {
	err = s.db.Do(ctx, store.Change{Subject: number.Int64(), Run: func(ctx context.Context) error {
		t, err := s.Ticket(ctx, scope, number)
		if err != nil {
			return err
		}
		if err := s.close(ctx, scope, t, seenSeq, at); err != nil {
			return err
		}
		settled, err = s.settle(ctx, scope, number, at)
		return err
	}})
	return settled, err
}

// close tells the customer that their ticket is resolved and ends its
// conversation. What cannot be ended is refused before anything is said.
func (s *Store) close(ctx context.Context, scope access.Scope, t ticket.Ticket, seenSeq int64, at time.Time) error {
	thread, err := s.ports.Threads.Thread(ctx, scope, t.Conversation)
	if err != nil {
		return err
	}
	if thread.Open && thread.CustomerSeq <= seenSeq {
		words := Message{Text: say(t.Locale, "ticket.settled_notice", map[string]string{"number": strconv.FormatInt(t.Number, 10)})}
		if _, err := s.ports.Threads.Post(ctx, access.System(scope.Workspace), t.Conversation, words, at); err != nil {
			return err
		}
	}
	return s.ports.Threads.Resolve(ctx, scope, t.Conversation, seenSeq, at)
}

func (s *Store) settle(ctx context.Context, scope access.Scope, number id.Ticket, at time.Time) (ticket.Ticket, error) {
	return s.decide(ctx, scope, number, at, func(t ticket.Ticket, _ ticket.Terms) (ticket.Outcome, error) {
		return t.Resolve(at), nil
	})
}

// Reopen takes a settled ticket up again, with a new promise, and has it carry
// its conversation.
func (s *Store) Reopen(ctx context.Context, scope access.Scope, number id.Ticket, at time.Time) (reopened ticket.Ticket, err error) {
	err = s.db.Do(ctx, store.Change{Subject: number.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Ticket(ctx, scope, number)
		if err != nil || !before.Status.Settled() {
			reopened = before
			return err
		}
		reopened, err = s.decide(ctx, scope, number, at, func(t ticket.Ticket, terms ticket.Terms) (ticket.Outcome, error) {
			return t.Reopen(terms, at), nil
		})
		if err != nil {
			return err
		}
		return s.carry(ctx, scope, reopened, reasonReopened, "", at)
	}})
	return reopened, err
}
