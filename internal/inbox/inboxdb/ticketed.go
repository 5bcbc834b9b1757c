package inboxdb

import (
	"context"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// OpenTicketed opens a conversation that a ticket carries from its first entry:
// the customer's words and what they are told. It only queues, so that many
// share one round trip; the caller knows the customer and the team.
func (s *Store) OpenTicketed(ctx context.Context, scope access.Scope, o inbox.Opening, promise inbox.Promise, notice string) (opened inbox.Posted, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		content, err := s.complete(ctx, access.Visitor(scope.Workspace, o.Customer), o.Body, inbox.ByCustomer)
		if err != nil {
			return err
		}
		tx := store.Current(ctx)
		if o.ID == 0 {
			o.ID = id.New[id.Conversation](tx.IDs())
		}
		w := &change{s: s, ctx: ctx, tx: tx, at: o.At, isNew: true, clientID: o.ClientID, routes: o.Routes, now: inbox.Conversation{
			ID: o.ID, Workspace: scope.Workspace, Customer: o.Customer, Channel: o.Channel, Subject: o.Subject, Locale: o.Locale,
			Priority: o.Priority, Tags: []string{}, State: inbox.Open, Owner: inbox.Owner{Kind: inbox.OwnerNone}, Team: o.Team,
			Version: 1, CreatedAt: o.At, UpdatedAt: o.At, About: o.About,
		}}
		move, _, err := w.now.ToTicket(promise, author(scope), inbox.Reason{Code: inbox.ReasonTicketMade}, o.At)
		if err != nil {
			return err
		}
		move.From, move.WaitingSince = inbox.Owner{Kind: inbox.OwnerNone}, o.At
		if err := w.move(move, false); err != nil {
			return err
		}
		entry := w.heard(content, inbox.Posting{ClientID: o.ClientID, ExternalID: o.ExternalID})
		if notice != "" {
			told := w.say(line{Entry: inbox.Entry{Kind: inbox.KindMessage, Author: inbox.System, Body: inbox.TextBody(notice)}})
			if _, err := w.deliver(told); err != nil {
				return err
			}
		}
		w.finish()
		opened = inbox.Posted{Conversation: w.now, Entry: entry}
		return nil
	})
	return opened, err
}
