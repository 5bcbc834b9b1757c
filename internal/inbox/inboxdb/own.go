package inboxdb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/routing"
	"everdesk/internal/store"
)

// act locks a conversation, has fn decide, and writes what it decided. fn
// returns false if there is nothing to do.
func (s *Store) act(ctx context.Context, scope access.Scope, which id.Conversation, at time.Time, fn func(w *change) (inbox.Move, bool, error), manual bool) (now inbox.Conversation, err error) {
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil {
			return err
		}
		before := w.now
		now = before
		m, moved, err := fn(w)
		if errors.Is(err, inbox.ErrTaken) {
			return w.taken()
		}
		if err != nil || !moved {
			return err
		}
		if err := w.move(m, manual); err != nil {
			return err
		}
		if w.now.Owner.Kind == inbox.OwnerBot && w.now.DueAction == inbox.BotTurnMissing {
			w.askBot()
		}
		w.finish()
		now = w.now
		return w.audit(scope, "conversation."+string(m.Happening), stood(before), stood(now))
	})
	return now, err
}

// standing is what the record of operations keeps of a conversation's owner.
type standing struct {
	State  inbox.State  `json:"state"`
	Owner  inbox.Owner  `json:"owner"`
	Team   id.Team      `json:"team,omitempty"`
	Epoch  int64        `json:"epoch"`
	Reason inbox.Reason `json:"reason"`
}

func stood(c inbox.Conversation) standing {
	return standing{c.State, c.Owner, c.Team, c.OwnerEpoch, c.Reason}
}

// audit records what a member or a program did. What customers, the bot and the
// desk itself do is in the conversation.
func (w *change) audit(scope access.Scope, action string, before, after any) error {
	if w.s.options.Audit == nil || scope.Kind != access.ActorStaff && scope.Kind != access.ActorKey {
		return nil
	}
	return w.s.options.Audit.Write(w.ctx, scope, action, w.now.ID.String(), before, after, w.at)
}

// Take gives the conversation to the member of the scope. Epoch is the
// owner_epoch they saw, zero if none. Who loses the race gets inbox.ErrTaken
// with the fact "agent".
func (s *Store) Take(ctx context.Context, scope access.Scope, which id.Conversation, epoch int64, at time.Time) (inbox.Conversation, error) {
	if scope.Kind != access.ActorStaff {
		return inbox.Conversation{}, fault.ErrForbidden
	}
	return s.act(ctx, scope, which, at, func(w *change) (inbox.Move, bool, error) {
		policy, _, err := s.policyOf(ctx, scope.Workspace, w.now.Team)
		if err != nil {
			return inbox.Move{}, false, err
		}
		return w.now.Take(scope.Staff, epoch, commands(scope), at, policy)
	}, true)
}

// Transfer passes the conversation on, with a note for whoever gets it.
func (s *Store) Transfer(ctx context.Context, scope access.Scope, which id.Conversation, to inbox.Target, note string, epoch int64, at time.Time) (inbox.Conversation, error) {
	return s.act(ctx, scope, which, at, func(w *change) (inbox.Move, bool, error) {
		team := w.now.Team
		if to.Team != 0 {
			team = to.Team
			// The roster answers with another team for one that is not there.
			known, err := s.options.Roster.Team(w.ctx, access.System(scope.Workspace), team)
			if err != nil {
				return inbox.Move{}, false, err
			}
			if known.ID != team {
				return inbox.Move{}, false, fault.ErrInvalid.At("body.to.team", "unknown", "no such team")
			}
		}
		policy, queue, err := s.queueOf(w.ctx, scope.Workspace, team, at)
		if err != nil {
			return inbox.Move{}, false, err
		}
		m, moved, err := w.now.Transfer(to, author(scope), epoch, commands(scope), at, queue, policy)
		if err == nil && moved && note != "" {
			if code, detail := inbox.CheckText(note, inbox.MaxText); code != "" {
				return m, false, fault.ErrInvalid.At("body.note", code, detail)
			}
			m.Reason.Text = inbox.TextBody(note).Short(200)
			w.say(line{Entry: inbox.Entry{Kind: inbox.KindNote, Author: author(scope), Body: inbox.TextBody(note), Private: true}})
		}
		return m, moved, err
	}, false)
}

// ToTicket has a ticket carry the conversation. The ticket's own creation calls
// it in its transaction.
func (s *Store) ToTicket(ctx context.Context, scope access.Scope, which id.Conversation, promise inbox.Promise, reason inbox.Reason, at time.Time) (inbox.Conversation, error) {
	return s.act(ctx, scope, which, at, func(w *change) (inbox.Move, bool, error) {
		return w.now.ToTicket(promise, author(scope), reason, at)
	}, false)
}

// Entrust gives a conversation to another team while a ticket carries it; else
// it stays where it is.
func (s *Store) Entrust(ctx context.Context, scope access.Scope, which id.Conversation, team id.Team, at time.Time) error {
	return s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil || w.now.Owner.Kind != inbox.OwnerTicket || w.now.Team == team {
			return err
		}
		w.now.Team = team
		w.finish()
		return nil
	})
}

// Resolve ends the conversation, unless the customer wrote after seenSeq.
func (s *Store) Resolve(ctx context.Context, scope access.Scope, which id.Conversation, seenSeq int64, at time.Time) (inbox.Conversation, error) {
	return s.act(ctx, scope, which, at, func(w *change) (inbox.Move, bool, error) {
		return w.now.Resolve(seenSeq, author(scope), commands(scope), inbox.ReasonResolved, at)
	}, false)
}

// Reopen brings a resolved conversation back: to the member of the scope, else
// as after a customer's message.
func (s *Store) Reopen(ctx context.Context, scope access.Scope, which id.Conversation, at time.Time) (now inbox.Conversation, err error) {
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil {
			return err
		}
		now = w.now
		if w.now.State != inbox.Resolved {
			return nil
		}
		before := w.now
		if err := w.reopen(author(scope), inbox.ReasonReopened); err != nil {
			return err
		}
		w.finish()
		now = w.now
		return w.audit(scope, "conversation."+string(inbox.Reopened), stood(before), stood(now))
	})
	return now, err
}

// reopen brings a resolved conversation back to whoever is there for it.
func (w *change) reopen(by inbox.Author, reason inbox.ReasonCode) error {
	policy, queue, err := w.s.queueOf(w.ctx, w.now.Workspace, w.now.Team, w.at)
	if err != nil {
		return err
	}
	who := inbox.Reopening{Queue: queue}
	if w.now.LastStaff != 0 {
		if who.LastAgentFree, err = w.s.free(w.ctx, w.now, w.at); err != nil {
			return err
		}
	}
	m, moved := w.now.Reopen(by, reason, who, w.at, policy)
	if !moved {
		return nil
	}
	err = w.move(m, by.Kind == inbox.ByStaff)
	full := errors.Is(err, inbox.ErrAgentFull) || errors.Is(err, inbox.ErrAgentAway)
	if full && by.Kind != inbox.ByStaff {
		// Another node filled the last agent up between the look and the step.
		who.LastAgentFree = false
		m, _ = w.now.Reopen(by, reason, who, w.at, policy)
		err = w.move(m, false)
	}
	return err
}

// free reports whether a conversation's last agent could have it back.
func (s *Store) free(ctx context.Context, c inbox.Conversation, at time.Time) (bool, error) {
	member, err := s.options.Roster.Member(ctx, access.System(c.Workspace), c.LastStaff)
	if err != nil {
		return false, err
	}
	presence, err := s.presence(ctx, c.Workspace, []int64{int64(c.LastStaff)})
	if err != nil || len(presence) == 0 {
		return false, err
	}
	return member.Active && presence[0].Free(at) && presence[0].Load.Chat < member.Capacity.Chat && presence[0].Load.Async < member.Capacity.Async, nil
}

// ReturnAll gives back what a member has: all of it when they are deactivated,
// the live ones when they go.
func (s *Store) ReturnAll(ctx context.Context, scope access.Scope, staff id.Staff, reason inbox.ReasonCode, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		return s.giveBack(ctx, scope.Workspace, staff, reason, reason == inbox.ReasonDeactivated, author(scope), at)
	})
}

// giveBack puts a member's live conversations, or all, into their queues.
func (s *Store) giveBack(ctx context.Context, workspace id.Workspace, staff id.Staff, reason inbox.ReasonCode, all bool, by inbox.Author, at time.Time) error {
	rows, err := s.db.Query(ctx, `SELECT id FROM conversations WHERE workspace_id = $1 AND owner_staff = $2 AND owner_staff <> 0
		AND state = 'open' AND (lease = 'live' OR $3 = 1) ORDER BY id`, workspace, staff, flag(all))
	owned, err := store.All(rows, err, func(row store.Row) (which id.Conversation, err error) {
		err = row.Scan(&which)
		return which, err
	})
	if err != nil {
		return err
	}
	for _, which := range owned {
		w, err := s.begin(ctx, access.System(workspace), which, at)
		if err != nil {
			return err
		}
		if w.now.Owner.Staff != staff {
			continue
		}
		policy, queue, err := s.queueOf(ctx, workspace, w.now.Team, at)
		if err != nil {
			return err
		}
		if err := w.move(w.now.Lapse(reason, by, at, queue, policy), false); err != nil {
			return err
		}
		w.finish()
	}
	return nil
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// kindOf is which capacity a conversation would take.
func kindOf(c inbox.Conversation, at time.Time) routing.Kind {
	if c.LeaseAt(at) == inbox.Live {
		return routing.Chat
	}
	return routing.Async
}
