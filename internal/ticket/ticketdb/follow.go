package ticketdb

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/ticket"
)

// Follows reports whether a kind of event is one that Follow acts on.
func Follows(kind string) bool { return kind == "entry.posted" || kind == "conversation.resolved" }

// Follow keeps a ticket in step with what happened in its conversation, where
// the ticket had no part in it: the handler of the outbox consumer "tickets".
// It joins the transaction of ctx. Doing it again changes nothing.
func (s *Store) Follow(ctx context.Context, scope access.Scope, record event.Record) error {
	switch record.Kind {
	case "entry.posted":
		var posted event.EntryPosted
		if err := json.Unmarshal(record.Payload, &posted); err != nil {
			return err
		}
		return s.followEntry(ctx, scope, posted, record.At)
	case "conversation.resolved":
		var moved event.ConversationMoved
		if err := json.Unmarshal(record.Payload, &moved); err != nil || moved.Ticket == 0 {
			return err
		}
		return s.followResolve(ctx, scope, moved, record.At)
	}
	return nil
}

func (s *Store) followEntry(ctx context.Context, scope access.Scope, posted event.EntryPosted, at time.Time) error {
	// A ticket there was made with the opening, and knows of it.
	if posted.Opening || posted.Private || posted.AuthorKind != "customer" && posted.AuthorKind != "staff" {
		return nil
	}
	t, err := s.OfConversation(ctx, scope, posted.Conversation)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	if err != nil || !at.After(t.TurnAt) {
		return err
	}
	if posted.AuthorKind == "customer" {
		_, err = s.heard(ctx, scope, t.ID, at)
		return err
	}
	_, err = s.decide(ctx, scope, t.ID, at, func(t ticket.Ticket, terms ticket.Terms) (ticket.Outcome, error) {
		if t.Status.Settled() {
			return ticket.Outcome{Ticket: t}, nil
		}
		return t.Answer(terms, false, at)
	})
	return err
}

func (s *Store) followResolve(ctx context.Context, scope access.Scope, moved event.ConversationMoved, at time.Time) error {
	thread, err := s.ports.Threads.Thread(ctx, scope, moved.Conversation)
	if err != nil || thread.Open {
		return err // it was reopened since
	}
	_, err = s.settle(ctx, scope, moved.Ticket, at)
	if errors.Is(err, ticket.ErrNotFound) {
		return nil
	}
	return err
}
