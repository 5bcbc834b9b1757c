package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// stale finds the tables of the schema whose statistics miss more than a fifth
// of what is in them. The server looks by itself, but only every minute: on a
// new desk that is a minute of plans made for empty tables.
const stale = `SELECT relname FROM pg_stat_user_tables
	WHERE schemaname = current_schema() AND n_mod_since_analyze > 200 + n_live_tup / 5`

// Tend analyzes what is stale. New statistics have every connection plan anew.
func (e *Engine) Tend(ctx context.Context) error {
	rows, err := e.pool.Query(ctx, stale)
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, table := range tables {
		if _, err := e.pool.Exec(ctx, "ANALYZE "+pgx.Identifier{table}.Sanitize()); err != nil {
			return fmt.Errorf("analyzing %s: %w", table, err)
		}
	}
	return nil
}
