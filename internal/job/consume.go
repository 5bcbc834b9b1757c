package job

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"everdesk/internal/event"
	"everdesk/internal/store"
)

const (
	leaseTime = 10 * time.Second
	// sliceSize is how many events share a transaction: few enough that handling
	// them does not hold the writer. Prepared ones have only their writes left.
	sliceSize, preparedSize = 25, 100
	// longestRest is the longest a consumer rests between two slices.
	longestRest = 2 * time.Second
)

// A Consumer follows the outbox. For each part one node at a time holds its
// lease; what the consumer does and the move of its cursor are one transaction,
// so each event takes effect once, in order.
type Consumer struct {
	// Name is the consumer's for ever: its cursors are kept under it.
	Name string
	// Wants says which kinds are handled; nil means all.
	Wants func(kind string) bool
	// Handle runs inside the transaction that moves the cursor past the event,
	// and like every command may run more than once.
	Handle func(ctx context.Context, record event.Record) error
	// Prepare, in the place of Handle, takes the wanted events of a slice at once,
	// outside any transaction: it reads and computes, and returns what is left to
	// be written in the transaction of the cursor.
	Prepare func(ctx context.Context, records []event.Record) (write func(context.Context) error, err error)
	// Linger is how long after a commit the consumer waits for more of them: what
	// nobody waits for is done in fewer, larger slices.
	Linger time.Duration
	// Rest is how many times as long as a slice took the consumer rests after it,
	// so that what people wait for goes before. At 9 it takes a tenth of the
	// writer at most.
	Rest int
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
			pause(ctx, c.Linger)
		case <-timer.C:
		}
		parts, err := db.Behind(ctx, c.Name)
		if err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "a consumer cannot see whether it is behind", "consumer", c.Name, "error", err)
		}
		for _, part := range parts {
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
		size := sliceSize
		if c.Prepare != nil {
			size = preparedSize
		}
		for slice := range slices.Chunk(records, size) {
			from := time.Now()
			moved, err := c.take(ctx, db, part, slice, lease)
			if err != nil && len(slice) > 1 {
				// One of them failed: those before it count, each for itself.
				moved, err = c.takeEach(ctx, db, part, slice, lease)
			}
			if err != nil || !moved {
				return err
			}
			cursor = slice[len(slice)-1].Pos
			pause(ctx, min(time.Duration(c.Rest)*time.Since(from), longestRest))
		}
	}
}

// pause waits unless ctx ends.
func pause(ctx context.Context, duration time.Duration) {
	if duration <= 0 {
		return
	}
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// take handles a slice of events and moves the cursor past it, in one
// transaction. It returns false if the lease is no longer held.
func (c Consumer) take(ctx context.Context, db *store.DB, part int, slice []event.Record, lease store.Lease) (moved bool, err error) {
	var write func(context.Context) error
	if c.Prepare != nil {
		wanted := slices.DeleteFunc(slices.Clone(slice), func(r event.Record) bool { return c.Wants != nil && !c.Wants(r.Kind) })
		if write, err = c.Prepare(ctx, wanted); err != nil {
			return false, err
		}
	}
	err = db.Atomically(ctx, func(ctx context.Context) (err error) {
		if moved, err = store.Current(ctx).Advance(c.Name, part, slice[len(slice)-1].Pos, lease); err != nil || !moved {
			return err
		}
		if write != nil {
			return write(ctx)
		}
		for _, record := range slice {
			if c.Wants != nil && !c.Wants(record.Kind) {
				continue
			}
			if err := c.Handle(ctx, record); err != nil {
				return err
			}
		}
		return nil
	})
	return moved, err
}

func (c Consumer) takeEach(ctx context.Context, db *store.DB, part int, slice []event.Record, lease store.Lease) (moved bool, err error) {
	for i := range slice {
		if moved, err = c.take(ctx, db, part, slice[i:i+1], lease); err != nil || !moved {
			return moved, err
		}
	}
	return moved, nil
}

// Tail gives every event from now on to handle, on this node, at most once: for
// caches that are rebuilt anyway at the next start.
func Tail(ctx context.Context, db *store.DB, log *slog.Logger, handle func(ctx context.Context, record event.Record)) {
	wake := db.Listen(store.EventSignal)
	var cursors [store.Parts]int64
	started := false
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		timer.Reset(idle)
		last, err := db.LastPositions(ctx)
		if err != nil {
			if ctx.Err() == nil {
				log.WarnContext(ctx, "reading the outbox failed", "error", err)
			}
			continue
		}
		if !started {
			cursors, started = last, true
			continue
		}
		for part := range store.Parts {
			for cursors[part] < last[part] {
				records, err := db.Events(ctx, part, cursors[part], 1000)
				if err != nil {
					log.WarnContext(ctx, "reading the outbox failed", "part", part, "error", err)
					break
				}
				if len(records) == 0 {
					cursors[part] = last[part] // swept meanwhile
				}
				for _, record := range records {
					handle(ctx, record)
					cursors[part] = record.Pos
				}
			}
		}
	}
}
