package store_test

import (
	"context"
	"testing"

	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

// Engines may send queued writes together, but what changes rows must see
// exactly those that were queued before it.
func TestQueuedWritesHappenInTheirOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
			tx := store.Current(ctx)
			if _, err := tx.Exec(`CREATE TABLE parents (id BIGINT PRIMARY KEY, n BIGINT NOT NULL, note TEXT)`); err != nil {
				return err
			}
			_, err := tx.Exec(`CREATE TABLE children (id BIGINT PRIMARY KEY, parent BIGINT NOT NULL, n BIGINT NOT NULL DEFAULT 7)`)
			return err
		}))
		const rows = 203 // no multiple of anything
		var wantSum, wantChildren int64
		must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
			tx := store.Current(ctx)
			wantSum, wantChildren = 0, 0
			for n := range rows {
				tx.Queue(`INSERT INTO parents(id, n, note) VALUES ($1, 0, $2)`, n, nil)
				tx.Queue(`INSERT INTO children(parent, id) VALUES ($2, $1)`, n+1000, n)
				wantChildren++
				switch n {
				case 40, 90, 180: // all parents up to here
					tx.Queue(`UPDATE parents SET n = n + 1`)
					wantSum += int64(n) + 1
				case 100: // a child that exists only if the insert came first
					tx.Queue(`DELETE FROM children WHERE id = $1`, n+1000)
					wantChildren--
				case 150:
					tx.Queue(`INSERT INTO parents(id, n, note) VALUES ($1, 5, 'once') ON CONFLICT (id) DO UPDATE SET n = parents.n + 5`, n)
					wantSum += 5
				}
			}
			return nil
		}))
		for sql, want := range map[string]int64{
			`SELECT COUNT(*) FROM parents`:                                     rows,
			`SELECT SUM(n) FROM parents`:                                       wantSum,
			`SELECT COUNT(*) FROM children WHERE n = 7 AND id = parent + 1000`: wantChildren,
			`SELECT COUNT(*) FROM parents WHERE note IS NULL`:                  rows,
		} {
			if got := count(t, db, sql); got != want {
				t.Errorf("%s: %d, want %d", sql, got, want)
			}
		}
	})
}
