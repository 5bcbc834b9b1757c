package inboxdb

import (
	"context"
	"slices"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
)

// BotReply is what the bot says to one question.
type BotReply struct {
	// OwnerEpoch is the one the turn was for: the reply is refused with
	// inbox.ErrMoved once the conversation has another owner.
	OwnerEpoch int64
	// InReplyTo is the seq of the question.
	InReplyTo int64
	Body      inbox.Body
	// ClientID makes the reply happen once, however often the turn runs.
	ClientID string
	At       time.Time
}

// PostBot adds the bot's reply.
func (s *Store) PostBot(ctx context.Context, scope access.Scope, which id.Conversation, r BotReply) (posted Posted, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		w, earlier, err := s.beginPost(ctx, scope, which, r.ClientID, r.At)
		if err != nil {
			return err
		}
		if earlier != nil {
			posted = Posted{w.now, *earlier, true}
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
		posted = Posted{Conversation: w.now, Entry: entry}
		return nil
	})
	return posted, err
}

// Handover passes a conversation on to people.
type Handover struct {
	// OwnerEpoch is the one of the bot's turn; zero if somebody asks by hand.
	OwnerEpoch int64
	Reason     inbox.Reason
	Summary    *inbox.Summary
	At         time.Time
}

// HandOver passes a conversation from the bot to its team's queue. Asked by the
// customer for what people have already, it does nothing; for a resolved one,
// it brings it back to people.
func (s *Store) HandOver(ctx context.Context, scope access.Scope, which id.Conversation, h Handover) (now inbox.Conversation, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
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
	page, err := s.entries(ctx, c, Window{Limit: contextLength})
	if err != nil {
		return inbox.Context{}, err
	}
	public := slices.DeleteFunc(page.Items, func(e inbox.Entry) bool { return e.Private })
	return inbox.Context{Conversation: c, Entries: public}, nil
}
