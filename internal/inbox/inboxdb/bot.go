package inboxdb

import (
	"context"
	"slices"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
)

// PostBot adds the bot's reply.
func (s *Store) PostBot(ctx context.Context, scope access.Scope, which id.Conversation, r inbox.BotReply) (posted inbox.Posted, err error) {
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, earlier, err := s.beginPost(ctx, scope, which, r.ClientID, r.At)
		if err != nil {
			return err
		}
		if earlier != nil {
			posted = inbox.Posted{Conversation: w.now, Entry: *earlier, Replayed: true}
			return nil
		}
		if s.fenced && (w.now.State != inbox.Open || w.now.Owner.Kind != inbox.OwnerBot || w.now.OwnerEpoch != r.OwnerEpoch) {
			return inbox.ErrMoved
		}
		content, err := s.complete(ctx, scope, r.Body, inbox.ByBot)
		if err != nil {
			return err
		}
		w.now = w.now.With(w.now.BotAnswered(r.InReplyTo, r.At, s.policy))
		entry := w.say(line{Entry: inbox.Entry{Kind: inbox.KindMessage, Author: inbox.Bot, Body: content, ClientID: r.ClientID, ReplyTo: r.InReplyTo}})
		w.now.StaffReadSeq = max(w.now.StaffReadSeq, r.InReplyTo)
		if entry, err = w.deliver(entry); err != nil {
			return err
		}
		w.finish()
		posted = inbox.Posted{Conversation: w.now, Entry: entry}
		return nil
	})
	return posted, err
}

// HandOver passes a conversation from the bot to its team's queue. Asked by the
// customer for what people have already, it does nothing; for a resolved one,
// it brings it back to people.
func (s *Store) HandOver(ctx context.Context, scope access.Scope, which id.Conversation, h inbox.Handover) (now inbox.Conversation, err error) {
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, h.At)
		if err != nil {
			return err
		}
		now = w.now
		policy, queue, err := s.queueOf(ctx, scope.Workspace, w.now.Team, h.At)
		if err != nil {
			return err
		}
		by := author(scope)
		if w.now.State == inbox.Resolved && by.Kind == inbox.ByCustomer {
			if err := w.reopen(by, inbox.ReasonAskedForPerson); err != nil {
				return err
			}
		}
		if by.Kind == inbox.ByBot && !s.fenced {
			h.OwnerEpoch = 0
		}
		m, moved, err := w.now.HandOver(by, h.OwnerEpoch, h.Reason, h.Summary, h.At, queue, policy)
		if err != nil {
			return err
		}
		if moved {
			err = w.move(m, false)
		}
		if err != nil || len(w.lines) == 0 {
			return err
		}
		w.finish()
		now = w.now
		return nil
	})
	return now, err
}

// contextLength is how many entries a bot's turn is given.
const contextLength = 40

// Context returns a conversation with its newest entries, oldest first, without
// private ones.
func (s *Store) Context(ctx context.Context, scope access.Scope, which id.Conversation) (inbox.Context, error) {
	c, err := s.Get(ctx, scope, which)
	if err != nil {
		return inbox.Context{}, err
	}
	page, err := s.entries(ctx, c, inbox.Window{Limit: contextLength})
	if err != nil {
		return inbox.Context{}, err
	}
	public := slices.DeleteFunc(page.Items, func(e inbox.Entry) bool { return e.Private })
	return inbox.Context{Conversation: c, Entries: public}, nil
}
