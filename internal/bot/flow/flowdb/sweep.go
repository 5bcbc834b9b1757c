package flowdb

import (
	"context"
	"time"

	"everdesk/internal/store"
)

// Sweep deletes what has had its time, a slice at once: why turns went as they
// went and the calls that have come back after a month, counted codes after two
// days. It returns how many rows went.
func (s *Store) Sweep(ctx context.Context, at time.Time, limit int64) (gone int64, err error) {
	month, days := at.AddDate(0, 0, -30), at.AddDate(0, 0, -2)
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		gone = 0
		tx := store.Current(ctx)
		for _, one := range []struct {
			sql    string
			before time.Time
		}{
			{`DELETE FROM flow_turns WHERE (workspace_id, conversation_id, turn) IN
				(SELECT workspace_id, conversation_id, turn FROM flow_turns WHERE at < $1 ORDER BY at LIMIT $2)`, month},
			{`DELETE FROM flow_calls WHERE (workspace_id, call_key) IN
				(SELECT workspace_id, call_key FROM flow_calls WHERE updated_at < $1 ORDER BY updated_at LIMIT $2)`, month},
			{`DELETE FROM flow_codes WHERE (workspace_id, id) IN
				(SELECT workspace_id, id FROM flow_codes WHERE sent_at < $1 ORDER BY sent_at LIMIT $2)`, days},
		} {
			n, err := tx.Exec(one.sql, one.before, limit)
			if err != nil {
				return err
			}
			gone += n
		}
		return nil
	})
	return gone, err
}
