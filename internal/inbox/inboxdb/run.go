package inboxdb

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	// roundEvery is how often the runner looks without being woken.
	roundEvery = 2 * time.Second
	// runnerLease is how long a node that died keeps the others from
	// reconciling.
	runnerLease = 6 * time.Second
	// recountEvery is how often loads are counted afresh.
	recountEvery = time.Minute
	// assignPause spaces rounds of assigning, so that a burst is given out
	// together.
	assignPause = 20 * time.Millisecond
)

// Runner carries out what is due and gives out what waits, until its ctx ends.
// Every node that runs jobs runs one. One node at a time reconciles, so that a
// cluster does not do all work twice; it would be safe if two did.
type Runner struct {
	store  *Store
	log    *slog.Logger
	now    func() time.Time
	holder string

	stranded, lapsed, done, failed, assigned, recounted atomic.Int64
}

// NewRunner returns the runner of a node that calls itself holder; now is the
// business clock.
func NewRunner(s *Store, log *slog.Logger, holder string, now func() time.Time) *Runner {
	return &Runner{store: s, log: log, now: now, holder: holder}
}

// Stranded is how many conversations the last look found stranded: the gauge
// that alarms.
func (r *Runner) Stranded() float64 { return float64(r.stranded.Load()) }

// Totals are what the runner has done since it started.
type Totals struct {
	Lapsed, Done, Failed, Assigned, Recounted int64
}

// Totals returns a snapshot for metrics.
func (r *Runner) Totals() Totals {
	return Totals{r.lapsed.Load(), r.done.Load(), r.failed.Load(), r.assigned.Load(), r.recounted.Load()}
}

// Run works until ctx ends.
func (r *Runner) Run(ctx context.Context) {
	due, assign := r.store.db.Listen(DueSignal), r.store.db.Listen(AssignSignal)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var recounted time.Time
	for {
		reconcile := true
		select {
		case <-ctx.Done():
			return
		case <-due:
		case <-timer.C:
		case <-assign:
			reconcile = false
		}
		if reconcile {
			r.reconcile(ctx)
			if at := r.now(); at.Sub(recounted) >= recountEvery {
				recounted = at
				r.recount(ctx)
			}
		}
		r.assign(ctx)
		timer.Reset(roundEvery)
		// What is signalled during the pause waits in the channels.
		pause(ctx, assignPause)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// reconcile does one round if this node holds the lease.
func (r *Runner) reconcile(ctx context.Context) {
	_, held, err := r.store.db.Acquire(ctx, "inbox.reconciler", r.holder, runnerLease)
	if err != nil || !held {
		r.warn(ctx, "taking the reconciler's lease failed", err)
		return
	}
	report, err := r.store.Reconcile(ctx, r.now())
	if err != nil {
		r.warn(ctx, "reconciling failed", err)
		return
	}
	r.stranded.Store(int64(report.Stranded))
	r.lapsed.Add(int64(report.Lapsed))
	r.done.Add(int64(report.Done))
	r.failed.Add(int64(report.Failed))
	if report.Stranded > 0 {
		r.log.ErrorContext(ctx, "conversations were stranded", "stranded", report.Stranded, "done", report.Done, "failed", report.Failed)
	}
}

func (r *Runner) recount(ctx context.Context) {
	wrong, err := r.store.Recount(ctx)
	r.warn(ctx, "recounting loads failed", err)
	if r.recounted.Add(wrong); wrong > 0 {
		r.log.ErrorContext(ctx, "loads were wrong and have been set right", "members", wrong)
	}
}

func (r *Runner) assign(ctx context.Context) {
	assigned, err := r.store.Assign(ctx, r.now())
	r.assigned.Add(int64(assigned))
	r.warn(ctx, "giving out the queues failed", err)
}

// warn logs an error, but for the end of the runner itself.
func (r *Runner) warn(ctx context.Context, message string, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, message, "error", err) //nolint:sloglint // the callers' messages are constants
	}
}
