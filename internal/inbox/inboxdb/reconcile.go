package inboxdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// Report is what one round of the reconciler found and did.
type Report struct {
	// Stranded is how many were stranded when it looked: an alarm if not 0.
	Stranded int
	// Lapsed is how many members' sockets were found gone.
	Lapsed int
	// Done is how many due actions were carried out, Failed how many must be
	// tried again.
	Done, Failed int
}

const (
	// reconcileSlice is how many due conversations one round takes up.
	reconcileSlice = 500
	// reconcileAtOnce is how many of them are on their way together, so that
	// they share commits.
	reconcileAtOnce = 16
)

// place names a conversation across workspaces.
type place struct {
	workspace id.Workspace
	which     id.Conversation
}

// Reconcile carries out everything that is due. It takes no scope: it is one
// indexed query over the installation, and each repair is scoped to its row.
func (s *Store) Reconcile(ctx context.Context, at time.Time) (report Report, err error) {
	if report.Stranded, err = s.Stranded(ctx, at); err != nil {
		return report, err
	}
	if report.Lapsed, err = s.lapse(ctx, at); err != nil {
		return report, err
	}
	rows, err := s.db.Query(ctx, `SELECT workspace_id, id FROM conversations WHERE state = 'open' AND due_at <= $1 ORDER BY due_at LIMIT $2`,
		at, int64(reconcileSlice))
	due, err := store.All(rows, err, scanPlace)
	if err != nil {
		return report, err
	}
	rows, err = s.db.Query(ctx, `SELECT workspace_id, id FROM conversations WHERE state = 'open' AND owner_kind = 'none' LIMIT $1`, int64(reconcileSlice))
	unowned, err := store.All(rows, err, scanPlace)
	if err != nil {
		return report, err
	}
	report.Done, report.Failed = s.performAll(ctx, append(due, unowned...), at)
	return report, nil
}

func scanPlace(row store.Row) (p place, err error) {
	err = row.Scan(&p.workspace, &p.which)
	return p, err
}

// Stranded counts what nobody would act on, or should have: open without an
// owner, or past the due time by more than the grace. A missing due time is 0
// and so long past. It takes no scope: it is a metric of the installation.
func (s *Store) Stranded(ctx context.Context, at time.Time) (int, error) {
	var late, unowned int64
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM conversations WHERE state = 'open' AND due_at < $1`, at.Add(-inbox.StrandedAfter))
	if err := store.One(rows, err, &late); err != nil {
		return 0, err
	}
	rows, err = s.db.Query(ctx, `SELECT COUNT(*) FROM conversations WHERE state = 'open' AND owner_kind = 'none'`)
	err = store.One(rows, err, &unowned)
	return int(late + unowned), err
}

// performAll carries out due actions, several at once.
func (s *Store) performAll(ctx context.Context, due []place, at time.Time) (done, failed int) {
	var mu sync.Mutex
	var running sync.WaitGroup
	slots := make(chan struct{}, reconcileAtOnce)
	for _, p := range due {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			acted, err := s.perform(ctx, p, at)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				failed++
			case acted:
				done++
			}
		})
	}
	running.Wait()
	return done, failed
}

// perform carries out one due action; what fails is tried again a little later.
func (s *Store) perform(ctx context.Context, p place, at time.Time) (acted bool, err error) {
	err = s.inTurn(ctx, p.which, func(ctx context.Context) error {
		acted = false
		w, err := s.begin(ctx, access.System(p.workspace), p.which, at)
		if errors.Is(err, inbox.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		step, reason := s.decide(w.now, at)
		if step == inbox.StepNone {
			return nil
		}
		acted = true
		return w.step(step, reason)
	})
	if err != nil {
		s.options.Log.WarnContext(ctx, "a due action failed", "conversation", p.which.String(), "error", err)
		err = errors.Join(err, s.postpone(ctx, p, at))
	}
	return acted, err
}

// step carries out what was decided for a conversation whose time has come.
func (w *change) step(step inbox.Step, reason inbox.ReasonCode) error {
	policy, queue, err := w.s.queueOf(w.ctx, w.now.Workspace, w.now.Team, w.at)
	if err != nil {
		return err
	}
	var m inbox.Move
	switch step {
	case inbox.StepQueue:
		m = w.now.Lapse(reason, inbox.System, w.at, queue, policy)
	case inbox.StepOverdue:
		m = w.now.Overdue(w.at, policy)
	case inbox.StepResolve:
		if m, _, err = w.now.Resolve(w.now.CustomerSeq, inbox.System, true, reason, w.at); err != nil {
			return err
		}
	case inbox.StepPromise:
		if again, waits := w.now.WaitsAgain(w.at, queue, policy); waits {
			w.now = w.now.With(again)
			w.finish()
			w.tx.Signal(AssignSignal)
			return nil
		}
		return w.promise(reason)
	default:
		return nil
	}
	if err := w.move(m, false); err != nil {
		return err
	}
	w.finish()
	return nil
}

// promise has a ticket made and sees that it carries the conversation.
func (w *change) promise(reason inbox.ReasonCode) error {
	if w.s.options.Promiser == nil {
		return errors.New("nobody makes tickets here")
	}
	if err := w.s.options.Promiser.Promise(w.ctx, w.now.Workspace, w.now.ID, reason, w.at); err != nil {
		return fmt.Errorf("making a ticket: %w", err)
	}
	after, err := w.s.Get(w.ctx, access.System(w.now.Workspace), w.now.ID)
	if err != nil {
		return err
	}
	if after.State == inbox.Open && after.Owner.Kind != inbox.OwnerTicket {
		return errors.New("the ticket does not carry the conversation")
	}
	return nil
}

// postpone keeps a conversation whose due action failed with its owner and sets
// when to try again, so that it is neither lost nor tried without pause.
func (s *Store) postpone(ctx context.Context, p place, at time.Time) error {
	return s.inTurn(ctx, p.which, func(ctx context.Context) error {
		w, err := s.begin(ctx, access.System(p.workspace), p.which, at)
		if err != nil {
			return err
		}
		if w.now.DueAt.After(at) {
			return nil
		}
		w.now = w.now.With(w.now.Postpone(at, s.policy))
		w.finish()
		return nil
	})
}

// lapse finds the members whose sockets are gone and gives back what they held.
func (s *Store) lapse(ctx context.Context, at time.Time) (lapsed int, err error) {
	rows, err := s.db.Query(ctx, `SELECT workspace_id, staff_id, until FROM staff_presence WHERE until > 0 AND until <= $1 ORDER BY until LIMIT $2`, at, int64(reconcileSlice))
	type gone struct {
		workspace id.Workspace
		staff     id.Staff
		until     time.Time
	}
	all, err := store.All(rows, err, func(row store.Row) (g gone, err error) {
		err = row.Scan(&g.workspace, &g.staff, store.Into(&g.until))
		return g, err
	})
	if err != nil {
		return 0, err
	}
	for _, g := range all {
		if !s.lapsed(g.until, at) {
			continue
		}
		left, err := s.leave(ctx, g.workspace, g.staff, at)
		if err != nil {
			return lapsed, err
		}
		if left {
			lapsed++
		}
	}
	return lapsed, nil
}

// Recount sets right any load that disagrees with what its member really has,
// and returns how many did. None should: it is a repair, and counted. It takes
// no scope: it checks the installation.
func (s *Store) Recount(ctx context.Context) (wrong int64, err error) {
	const owned = `(SELECT COUNT(*) FROM conversations c WHERE c.workspace_id = staff_presence.workspace_id AND c.owner_staff = staff_presence.staff_id
		AND c.owner_staff <> 0 AND c.state = 'open' AND c.lease = `
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		wrong, err = store.Current(ctx).Exec(`UPDATE staff_presence SET load_chat = ` + owned + `'live'), load_async = ` + owned + `'async')
			WHERE load_chat <> ` + owned + `'live') OR load_async <> ` + owned + `'async')`)
		return err
	})
	return wrong, err
}
