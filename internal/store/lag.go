package store

import (
	"context"
	"errors"
	"time"
)

// Lag is how far a consumer of the outbox is behind.
type Lag struct {
	// Events are those it has not handled.
	Events int64
	// Late is how old the oldest of them is.
	Late time.Duration
}

// EventLag compares a consumer's cursors with the clocks of all parts.
func (db *DB) EventLag(ctx context.Context, consumer string, at time.Time) (lag Lag, err error) {
	rows, err := db.Query(ctx, `SELECT COALESCE(SUM(c.pos - COALESCE(k.pos, 0)), 0) FROM event_clock c
		LEFT JOIN event_cursors k ON k.part = c.part AND k.consumer = $1`, consumer)
	if err := One(rows, err, &lag.Events); err != nil {
		return lag, err
	}
	var oldest int64
	rows, err = db.Query(ctx, `SELECT e.at FROM event_clock c
		LEFT JOIN event_cursors k ON k.part = c.part AND k.consumer = $1
		JOIN events e ON e.part = c.part AND e.pos = COALESCE(k.pos, 0) + 1
		ORDER BY e.at LIMIT 1`, consumer)
	if err := One(rows, err, &oldest); err != nil && !errors.Is(err, ErrNoRows) {
		return lag, err
	}
	if oldest > 0 {
		lag.Late = max(0, at.Sub(Time(oldest)))
	}
	return lag, nil
}
