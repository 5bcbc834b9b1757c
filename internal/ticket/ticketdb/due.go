package ticketdb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/ticket"
)

// place is where a ticket is kept.
type place struct {
	workspace id.Workspace
	ticket    id.Ticket
}

// Sweep does what is due on up to limit tickets of all workspaces, the longest
// overdue first, and returns how many it moved. Run every few seconds on every
// node it is harmless: each ticket is decided on its present revision. A ticket
// that cannot be decided is reported and does not hold up the others.
func (s *Store) Sweep(ctx context.Context, at time.Time, limit int) (moved int, err error) {
	rows, err := s.db.Query(ctx, `SELECT workspace_id, id FROM tickets
		WHERE status IN ('open', 'waiting') AND due_at <= $1 ORDER BY due_at LIMIT $2`, at, limit)
	due, err := store.All(rows, err, func(row store.Row) (p place, err error) {
		return p, row.Scan(&p.workspace, &p.ticket)
	})
	if err != nil {
		return 0, err
	}
	var failed error
	for _, p := range due {
		if err := s.due(ctx, p, at); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		moved++
	}
	return moved, failed
}

func (s *Store) due(ctx context.Context, p place, at time.Time) error {
	scope := access.System(p.workspace)
	return s.db.Do(ctx, store.Change{Subject: p.ticket.Int64(), Run: func(ctx context.Context) error {
		t, err := s.Ticket(ctx, scope, p.ticket)
		if err != nil {
			return err
		}
		if t.DueAction == ticket.ResolveSilent && !t.DueAt.After(at) && t.Status == ticket.Waiting {
			thread, err := s.ports.Threads.Thread(ctx, scope, t.Conversation)
			if err != nil {
				return err
			}
			if thread.CustomerWaits {
				// They wrote, and the news has not reached the ticket yet.
				_, err := s.heard(ctx, scope, t.ID, at)
				return err
			}
			if err := s.close(ctx, scope, t, thread.CustomerSeq, at); err != nil {
				return err
			}
		}
		_, err = s.decide(ctx, scope, p.ticket, at, func(t ticket.Ticket, terms ticket.Terms) (ticket.Outcome, error) {
			return t.Due(terms, at), nil
		})
		return err
	}})
}

// Stranded counts the unsettled tickets of all workspaces that nobody would act
// on: it must be zero.
func (s *Store) Stranded(ctx context.Context, at time.Time) (n int64, err error) {
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM tickets
		WHERE status IN ('open', 'waiting') AND due_at <= $1`, at.Add(-30*time.Second))
	return n, store.One(rows, err, &n)
}

// Release gives the unsettled tickets of somebody who is gone back to their
// teams, one after another.
func (s *Store) Release(ctx context.Context, scope access.Scope, from id.Staff, at time.Time) error {
	rows, err := s.db.Query(ctx, `SELECT id FROM tickets
		WHERE workspace_id = $1 AND assignee_id = $2 AND assignee_id > 0 AND status IN ('open', 'waiting')`, scope.Workspace, from)
	held, err := store.All(rows, err, func(row store.Row) (number id.Ticket, err error) { return number, row.Scan(&number) })
	if err != nil {
		return err
	}
	for _, number := range held {
		err := s.db.Do(ctx, store.Change{Subject: number.Int64(), Run: func(ctx context.Context) error {
			_, err := s.decide(ctx, access.System(scope.Workspace), number, at, func(t ticket.Ticket, _ ticket.Terms) (ticket.Outcome, error) {
				return t.Release(from, at), nil
			})
			return err
		}})
		if err != nil {
			return err
		}
	}
	return nil
}
