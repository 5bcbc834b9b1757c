package job

import (
	"context"
	"time"

	"everdesk/internal/store"
)

// Backlog is what waits to be done.
type Backlog struct {
	// Due are jobs that may run and that nobody has claimed, Dead those that were
	// given up.
	Due, Dead int64
	// Late is for how long the oldest that is due has been so.
	Late time.Duration
}

// ReadBacklog looks at the jobs of all kinds. It counts by an index, and is for
// whoever watches, not for each request.
func ReadBacklog(ctx context.Context, db *store.DB, at time.Time) (b Backlog, err error) {
	var oldest int64
	rows, err := db.Query(ctx, `SELECT COUNT(*), COALESCE(MIN(run_at), 0) FROM jobs
		WHERE state = 0 AND run_at <= $1 AND claimed_until < `+db.Dialect().Clock, at)
	if err := store.One(rows, err, &b.Due, &oldest); err != nil {
		return b, err
	}
	if b.Due > 0 {
		b.Late = at.Sub(store.Time(oldest))
	}
	rows, err = db.Query(ctx, `SELECT COUNT(*) FROM jobs WHERE state = 1`)
	return b, store.One(rows, err, &b.Dead)
}
