package job

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"everdesk/internal/event"
	"everdesk/internal/store"
)

const leaseTime = 10 * time.Second

// A Consumer follows the outbox. For each part one node at a time holds its
// lease; what the consumer does and the move of its cursor are one transaction,
// so each event takes effect once, in order.
type Consumer struct {
	// Name is the consumer's for ever: its cursors are kept under it.
	Name string
	// Handle runs inside the transaction that moves the cursor past the event.
	Handle func(ctx context.Context, record event.Record) error
}

// Follow runs a consumer until ctx ends. holder names this node.
func (c Consumer) Follow(ctx context.Context, db *store.DB, log *slog.Logger, holder string) {
	wake := db.Listen(store.EventSignal)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		for part := range store.Parts {
			if err := c.CatchUp(ctx, db, holder, part); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "a consumer fell behind", "consumer", c.Name, "part", part, "error", err)
			}
		}
		timer.Reset(idle)
	}
}

// CatchUp handles what is new in one part, if this node gets the part's lease.
func (c Consumer) CatchUp(ctx context.Context, db *store.DB, holder string, part int) error {
	cursor, err := db.Cursor(ctx, c.Name, part)
	if err != nil {
		return err
	}
	for {
		records, err := db.Events(ctx, part, cursor, 200)
		if err != nil || len(records) == 0 {
			return err
		}
		lease, held, err := db.Acquire(ctx, fmt.Sprintf("consumer/%s/%d", c.Name, part), holder, leaseTime)
		if err != nil || !held {
			return err
		}
		for _, record := range records {
			moved := false
			err := db.Atomically(ctx, func(ctx context.Context) (err error) {
				if moved, err = store.Current(ctx).Advance(c.Name, part, record.Pos, lease); err != nil || !moved {
					return err
				}
				return c.Handle(ctx, record)
			})
			if err != nil || !moved {
				return err
			}
			cursor = record.Pos
		}
	}
}

// Tail gives every event from now on to handle, on this node, at most once: for
// caches that are rebuilt anyway at the next start.
func Tail(ctx context.Context, db *store.DB, log *slog.Logger, handle func(ctx context.Context, record event.Record)) {
	wake := db.Listen(store.EventSignal)
	cursors, err := db.LastPositions(ctx)
	if err != nil {
		log.WarnContext(ctx, "the tail of the outbox starts at its beginning", "error", err)
	}
	timer := time.NewTimer(idle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		for part := range store.Parts {
			records, err := db.Events(ctx, part, cursors[part], 1000)
			if err != nil {
				log.WarnContext(ctx, "reading the outbox failed", "part", part, "error", err)
				continue
			}
			for _, record := range records {
				handle(ctx, record)
				cursors[part] = record.Pos
			}
		}
		timer.Reset(idle)
	}
}
