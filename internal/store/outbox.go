package store

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"everdesk/internal/event"
	"everdesk/internal/id"
)

// Parts is how many independent orders the outbox keeps. A workspace's events
// all fall in one part, in commit order.
const Parts = 16

// PartOf returns the outbox part of a workspace.
func PartOf(workspace id.Workspace) int {
	// Fibonacci hashing: ids made in one burst differ in their low bits only.
	return int(uint64(workspace) * 0x9E3779B97F4A7C15 >> 60)
}

// position takes gap-free positions for the events of the transaction and
// returns their inserts. Whoever holds a part's clock row holds it until the
// commit, so positions appear in commit order and a reader that has seen pos n
// will never see a smaller one appear.
func (w *writer) position(ctx context.Context, tx *Tx, pending []Statement) ([]Statement, error) {
	count := map[int]int64{}
	for _, e := range tx.events {
		count[PartOf(e.workspace)]++
	}
	// In ascending order, as on every node.
	parts := slices.Sorted(maps.Keys(count))
	next, err := w.raise(ctx, tx, pending, parts, count)
	if err != nil {
		return nil, err
	}
	inserts := make([]Statement, len(tx.events))
	for i, e := range tx.events {
		part := PartOf(e.workspace)
		inserts[i] = Statement{
			`INSERT INTO events(part, pos, workspace_id, kind, payload, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			[]any{int64(part), next[part], int64(e.workspace), e.event.Kind(), JSON(e.event), Micros(e.at)},
		}
		next[part]++
	}
	return inserts, nil
}

// raise moves the clocks of the parts on and returns the first new position of
// each. However many there are, it is one round trip.
func (w *writer) raise(ctx context.Context, tx *Tx, pending []Statement, parts []int, count map[int]int64) (map[int]int64, error) {
	const raise = `UPDATE event_clock SET pos = pos + $2 WHERE part = $1`
	var rows Rows
	var err error
	if len(parts) == 1 {
		rows, err = tx.engine.Query(ctx, pending, raise+` RETURNING part, pos`, []any{int64(parts[0]), count[parts[0]]})
	} else {
		for _, part := range parts {
			pending = append(pending, Statement{raise, []any{int64(part), count[part]}})
		}
		rows, err = tx.engine.Query(ctx, pending, `SELECT part, pos FROM event_clock WHERE part IN `+w.db.dialect.List("$1"), []any{JSON(parts)})
	}
	last, err := All(rows, err, func(row Row) (at [2]int64, err error) {
		err = row.Scan(&at[0], &at[1])
		return at, err
	})
	next := make(map[int]int64, len(parts))
	for _, at := range last {
		next[int(at[0])] = at[1] - count[int(at[0])] + 1
	}
	return next, err
}

// Events returns up to limit events of a part after pos, in order.
func (db *DB) Events(ctx context.Context, part int, after int64, limit int) ([]event.Record, error) {
	rows, err := db.Query(ctx, `SELECT pos, workspace_id, kind, payload, at FROM events
		WHERE part = $1 AND pos > $2 ORDER BY pos LIMIT $3`, int64(part), after, int64(limit))
	return All(rows, err, func(row Row) (event.Record, error) {
		record := event.Record{Part: part}
		var payload string
		err := row.Scan(&record.Pos, &record.Workspace, &record.Kind, &payload, Into(&record.At))
		record.Payload = json.RawMessage(payload)
		return record, err
	})
}

// LastPositions returns the last position taken in each part.
func (db *DB) LastPositions(ctx context.Context) (last [Parts]int64, err error) {
	rows, err := db.Query(ctx, `SELECT part, pos FROM event_clock`)
	if err != nil {
		return last, err
	}
	defer rows.Close()
	for rows.Next() {
		var part, pos int64
		if err := rows.Scan(&part, &pos); err != nil {
			return last, err
		}
		last[part] = pos
	}
	return last, rows.Err()
}

// Cursor returns how far a consumer has come in a part.
func (db *DB) Cursor(ctx context.Context, consumer string, part int) (int64, error) {
	var pos int64
	rows, err := db.Query(ctx, `SELECT pos FROM event_cursors WHERE consumer = $1 AND part = $2`, consumer, int64(part))
	if err := One(rows, err, &pos); err != nil && !errors.Is(err, ErrNoRows) {
		return 0, err
	}
	return pos, nil
}

// Behind returns the parts a consumer has not come to the end of.
func (db *DB) Behind(ctx context.Context, consumer string) ([]int, error) {
	rows, err := db.Query(ctx, `SELECT k.part FROM event_clock k LEFT JOIN event_cursors c ON c.consumer = $1 AND c.part = k.part
		WHERE k.pos > COALESCE(c.pos, 0) ORDER BY k.part`, consumer)
	return All(rows, err, func(row Row) (part int, err error) {
		err = row.Scan(&part)
		return part, err
	})
}

// Advance moves a consumer's cursor, in the transaction of what it did. It only
// moves forward, and only while the consumer's lease still has the epoch, so a
// frozen node that wakes up cannot move it back or do a thing twice.
func (tx *Tx) Advance(consumer string, part int, pos int64, lease Lease) (bool, error) {
	changed, err := tx.Exec(`INSERT INTO event_cursors(consumer, part, pos)
		SELECT $1, $2, $3 FROM leases WHERE name = $4 AND epoch = $5
		ON CONFLICT (consumer, part) DO UPDATE SET pos = excluded.pos WHERE event_cursors.pos < excluded.pos`,
		consumer, int64(part), pos, lease.Name, lease.Epoch)
	return changed > 0, err
}

// SweepEvents deletes up to limit events older than before that every consumer
// named has passed, and returns how many. A slow consumer keeps what it needs.
func (db *DB) SweepEvents(ctx context.Context, consumers []string, before time.Time, limit int) (int64, error) {
	var swept int64
	for part := range Parts {
		lowest := int64(-1)
		for _, consumer := range slices.Compact(slices.Sorted(slices.Values(consumers))) {
			pos, err := db.Cursor(ctx, consumer, part)
			if err != nil {
				return swept, err
			}
			if lowest < 0 || pos < lowest {
				lowest = pos
			}
		}
		if lowest <= 0 {
			continue
		}
		err := db.Atomically(ctx, func(ctx context.Context) error {
			n, err := Current(ctx).Exec(`DELETE FROM events WHERE part = $1 AND pos IN (
				SELECT pos FROM events WHERE part = $1 AND pos <= $2 AND at < $3 ORDER BY pos LIMIT $4)`,
				int64(part), lowest, before, int64(limit))
			swept += n
			return err
		})
		if err != nil {
			return swept, err
		}
	}
	return swept, nil
}
