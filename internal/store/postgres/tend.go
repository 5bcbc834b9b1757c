package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// stale finds the tables of the schema that have doubled since they were
// analyzed. The server looks by itself, but only every minute: on a new desk
// that is a minute of plans made for empty tables.
const stale = `SELECT relname FROM pg_stat_user_tables
	WHERE schemaname = current_schema() AND n_mod_since_analyze > 200 + n_live_tup / 2`

// Tend analyzes what is stale, roughly: a tenth of the usual sample tells an
// empty table from a full one. New statistics have every connection plan anew.
func (e *Engine) Tend(ctx context.Context) error {
	rows, err := e.pool.Query(ctx, stale)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) == 0 {
		return err
	}
	return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL default_statistics_target = 10"); err != nil {
			return err
		}
		for _, table := range tables {
			if _, err := tx.Exec(ctx, "ANALYZE "+pgx.Identifier{table}.Sanitize()); err != nil {
				return fmt.Errorf("analyzing %s: %w", table, err)
			}
		}
		return nil
	})
}
