package app

import (
	"context"
	"encoding/json"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/job"
	"everdesk/internal/observe"
	"everdesk/internal/search/searchdb"
	"everdesk/internal/store"
	"everdesk/internal/ticket/ticketdb"
)

const (
	// reconcileEvery is how often the reconciler looks without being woken.
	reconcileEvery = 2 * time.Second
	// tendEvery is how often the planner's statistics are looked after.
	tendEvery = 2 * time.Second
	// sweepEvery is how often what has expired is deleted, in slices.
	sweepEvery = 5 * time.Minute
	// settleEvery is how often the counts of lists are compared with the lists.
	settleEvery = 10 * time.Minute
	// keysLast and eventsLast are how long idempotency keys and consumed events
	// are kept.
	keysLast   = 7 * 24 * time.Hour
	eventsLast = 3 * 24 * time.Hour
)

// parts are the loops of a node; each works until its ctx ends.
func (a *App) parts() []func(context.Context) {
	parts := []func(context.Context){a.keepNode, a.follow, observe.TuneMemory}
	if a.db.Engine() != "sqlite" {
		// There may be other nodes, on other machines.
		parts = append(parts, a.keepClock, a.listen)
	}
	if a.redis != nil {
		if a.config.Worker() {
			parts = append(parts, a.hearWakes)
		} else {
			parts = append(parts, a.passWakes)
		}
	}
	if !a.config.Worker() {
		return parts
	}
	parts = append(parts, a.runner.Run, a.reconcile, a.assign, a.recount, a.sweep, a.chainAudit, a.fillIndex, a.foldCounts, a.tend, a.train)
	for _, consumer := range a.consumers() {
		parts = append(parts, func(ctx context.Context) { consumer.Follow(ctx, a.db, a.log, a.holder) })
	}
	return parts
}

// consumers follow the outbox, each event once on one node.
func (a *App) consumers() []job.Consumer {
	return []job.Consumer{
		{Name: "inbox.staff", Wants: func(kind string) bool { return kind == (event.StaffDeactivated{}).Kind() }, Handle: func(ctx context.Context, r event.Record) error {
			var gone event.StaffDeactivated
			if err := json.Unmarshal(r.Payload, &gone); err != nil {
				return err
			}
			scope := access.System(r.Workspace)
			if err := a.inbox.ReturnAll(ctx, scope, gone.Staff, "agent_deactivated", r.At); err != nil {
				return err
			}
			return a.tickets.Release(ctx, scope, gone.Staff, r.At)
		}},
		{Name: "flows.returned", Wants: func(kind string) bool {
			return kind == (event.ConversationMoved{Happening: string(inbox.ReturnedToBot)}).Kind()
		}, Handle: a.followReturns},
		{Name: "tickets.follow", Wants: ticketdb.Follows, Handle: func(ctx context.Context, r event.Record) error {
			return a.tickets.Follow(ctx, access.System(r.Workspace), r)
		}},
		// Nobody waits for the index: it gathers a little, and leaves most of the
		// writer's time to what is being written.
		{Name: "search.index", Wants: searchdb.Follows, Prepare: a.search.Prepare, Linger: 200 * time.Millisecond, Rest: 3},
	}
}

// every runs fn when woken and at least every so often, until ctx ends.
func every(ctx context.Context, wake <-chan struct{}, pause time.Duration, fn func()) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		fn()
		timer.Reset(pause)
	}
}

// reconcile is the law that nothing is stranded: whatever is due is done. All
// nodes run it; each repair decides on the row it locks.
func (a *App) reconcile(ctx context.Context) {
	every(ctx, a.db.Listen(inboxdb.DueSignal), reconcileEvery, func() {
		report, err := a.inbox.Reconcile(ctx, a.now())
		if err != nil {
			a.log.ErrorContext(ctx, "the reconciler failed", "error", err)
			return
		}
		tickets, err := a.tickets.Stranded(ctx, a.now())
		if err != nil {
			a.log.ErrorContext(ctx, "counting stranded tickets failed", "error", err)
		}
		a.stranded.Store(int64(report.Stranded) + tickets)
		if tickets > 0 {
			a.log.ErrorContext(ctx, "tickets were stranded", "stranded", tickets)
		}
		if report.Stranded > 0 || report.Failed > 0 {
			a.log.ErrorContext(ctx, "conversations were stranded", "stranded", report.Stranded, "done", report.Done, "failed", report.Failed)
		}
		if _, err := a.tickets.Sweep(ctx, a.now(), 200); err != nil {
			a.log.ErrorContext(ctx, "the reconciler of tickets failed", "error", err)
		}
	})
}

// assign gives what waits to whoever has room.
func (a *App) assign(ctx context.Context) {
	every(ctx, a.db.Listen(inboxdb.AssignSignal), reconcileEvery, func() {
		if _, err := a.inbox.Assign(ctx, a.now()); err != nil {
			a.log.ErrorContext(ctx, "assigning failed", "error", err)
		}
	})
}

// recount compares the load kept of each agent with what they really have. No
// load should ever be wrong; one that is would be a limit that lies.
func (a *App) recount(ctx context.Context) {
	every(ctx, nil, time.Minute, func() {
		wrong, err := a.inbox.Recount(ctx)
		if err != nil {
			a.log.WarnContext(ctx, "recounting loads failed", "error", err)
		} else if wrong > 0 {
			a.log.ErrorContext(ctx, "loads were wrong and have been set right", "members", wrong)
		}
	})
}

// tend keeps the database's planner informed.
func (a *App) tend(ctx context.Context) {
	every(ctx, nil, tendEvery, func() {
		if err := a.db.Tend(ctx); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "refreshing the planner's statistics failed", "error", err)
		}
	})
}

// sweep deletes what has expired.
func (a *App) sweep(ctx context.Context) {
	every(ctx, nil, sweepEvery, func() {
		at := a.now()
		var names []string
		for _, consumer := range a.consumers() {
			names = append(names, consumer.Name)
		}
		for name, one := range map[string]func() (int64, error){
			"idempotency keys": func() (int64, error) { return a.db.SweepKeys(ctx, at.Add(-keysLast), 500) },
			"events":           func() (int64, error) { return a.db.SweepEvents(ctx, names, at.Add(-eventsLast), 500) },
			"dialogues":        func() (int64, error) { return a.flows.store.Sweep(ctx, at, 500) },
			"sign-in":          func() (int64, error) { return a.accounts.Sweep(ctx, at, 500) },
		} {
			if swept, err := one(); err != nil {
				a.log.WarnContext(ctx, "sweeping failed", "what", name, "error", err)
			} else if swept > 0 {
				a.log.DebugContext(ctx, "swept", "what", name, "rows", swept)
			}
		}
	})
}

// chainAudit adds new audit rows to the tamper-evident chain.
func (a *App) chainAudit(ctx context.Context) {
	every(ctx, nil, 15*time.Second, func() {
		if _, err := a.audit.ChainAll(ctx, a.holder); err != nil {
			a.log.WarnContext(ctx, "chaining the audit record failed", "error", err)
		}
	})
}

// foldCounts keeps the counts of conversations short, and now and then compares
// them with what there is. No count should ever be wrong.
func (a *App) foldCounts(ctx context.Context) {
	var settled time.Time
	every(ctx, nil, 2*time.Second, func() {
		if err := a.inbox.FoldCounts(ctx); err != nil {
			a.log.WarnContext(ctx, "folding counts failed", "error", err)
		}
		if a.now().Sub(settled) < settleEvery {
			return
		}
		settled = a.now()
		if wrong, err := a.inbox.SettleCounts(ctx); err != nil {
			a.log.WarnContext(ctx, "comparing counts failed", "error", err)
		} else if wrong > 0 {
			a.log.ErrorContext(ctx, "counts were wrong and have been set right", "counts", wrong)
		}
	})
}

// fillIndex has whatever was there before the index indexed, by jobs.
func (a *App) fillIndex(ctx context.Context) {
	every(ctx, nil, 10*time.Minute, func() {
		if err := a.search.Refill(ctx, a.now()); err != nil {
			a.log.WarnContext(ctx, "looking for what is not indexed failed", "error", err)
		}
	})
}

// keepNode renews the node's lease. A node that lost its number takes another,
// so that no two nodes make the same ids.
func (a *App) keepNode(ctx context.Context) {
	lease := a.node
	every(ctx, nil, store.NodeLease/4, func() {
		renewed, held, err := a.db.Acquire(ctx, lease.Name, a.holder, store.NodeLease)
		switch {
		case err != nil:
			a.log.WarnContext(ctx, "renewing the node's lease failed", "error", err)
		case !held || renewed.Epoch != lease.Epoch:
			a.log.ErrorContext(ctx, "the node's lease was lost; taking another number")
			if taken, err := a.db.TakeNode(ctx, a.holder); err == nil {
				lease = taken
			}
		}
	})
}
