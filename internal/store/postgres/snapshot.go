package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"everdesk/internal/store"
)

// Snapshot is a repeatable-read transaction on a connection of its own.
type Snapshot struct {
	reader
	pool *pgxpool.Pool
	tx   pgx.Tx
}

// unhurried lets statements take as long as they need: whole tables are read.
const unhurried = `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '10s'`

// OpenSnapshot opens the database as it is now.
func OpenSnapshot(ctx context.Context, url string) (*Snapshot, error) {
	engine, err := open(ctx, url, "0")
	if err != nil {
		return nil, err
	}
	tx, err := engine.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	s := &Snapshot{reader: reader{tx}, pool: engine.pool, tx: tx}
	// The moment is that of the first statement.
	if _, err := tx.Exec(ctx, unhurried+`; SELECT 1`); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends the transaction.
func (s *Snapshot) Close() error {
	err := s.tx.Rollback(context.Background())
	s.pool.Close()
	return err
}

// reader describes and reads in a transaction.
type reader struct{ tx pgx.Tx }

// Bytewise returns the collation that compares bytes.
func (r reader) Bytewise() string { return ` COLLATE "C"` }

// Query reads.
func (r reader) Query(ctx context.Context, query string, args []any) (store.Rows, error) {
	return r.tx.Query(ctx, query, args...)
}

var kinds = map[string]store.ColumnKind{
	"bigint": store.Integer, "integer": store.Integer, "smallint": store.Integer, "text": store.Text,
	"character varying": store.Text, "boolean": store.Boolean, "double precision": store.Real, "real": store.Real, "bytea": store.Bytes,
}

// Tables leaves out generated columns. A column of a type that only PostgreSQL has
// is of no kind.
func (r reader) Tables(ctx context.Context) ([]store.Table, error) {
	rows, err := r.Query(ctx, `SELECT c.table_name, c.column_name, c.data_type
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
		ORDER BY c.table_name COLLATE "C", c.ordinal_position`, nil)
	columns, err := store.All(rows, err, func(row store.Row) (c [3]string, err error) {
		return c, row.Scan(&c[0], &c[1], &c[2])
	})
	if err != nil {
		return nil, err
	}
	keys, err := r.keys(ctx)
	var tables []store.Table
	for _, c := range columns {
		if len(tables) == 0 || tables[len(tables)-1].Name != c[0] {
			tables = append(tables, store.Table{Name: c[0], Key: keys[c[0]]})
		}
		last := &tables[len(tables)-1]
		last.Columns = append(last.Columns, store.Column{Name: c[1], Kind: kinds[c[2]]})
	}
	return tables, err
}

func (r reader) keys(ctx context.Context) (map[string][]string, error) {
	rows, err := r.Query(ctx, `SELECT t.relname, a.attname FROM pg_index i
		JOIN pg_class t ON t.oid = i.indrelid
		CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
		JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
		WHERE i.indisprimary AND t.relnamespace = current_schema()::regnamespace
		ORDER BY t.relname, k.place`, nil)
	parts, err := store.All(rows, err, func(row store.Row) (p [2]string, err error) {
		return p, row.Scan(&p[0], &p[1])
	})
	keys := map[string][]string{}
	for _, p := range parts {
		keys[p[0]] = append(keys[p[0]], p[1])
	}
	return keys, err
}

// Fill begins a transaction that fills the database.
func (e *Engine) Fill(ctx context.Context) (store.Filler, error) {
	opened, err := e.pool.BeginTx(ctx, pgx.TxOptions{})
	if err != nil {
		return nil, err
	}
	if _, err := opened.Exec(ctx, unhurried); err != nil {
		return nil, errors.Join(err, opened.Rollback(ctx))
	}
	return filler{reader{opened}}, nil
}

type filler struct{ reader }

// Clear deletes all rows of a table.
func (f filler) Clear(ctx context.Context, table string) error {
	_, err := f.tx.Exec(ctx, `DELETE FROM `+pgx.Identifier{table}.Sanitize())
	return err
}

// Fill copies the rows in.
func (f filler) Fill(ctx context.Context, table string, columns []string, next func() ([]any, error)) error {
	if _, err := f.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, &source{next: next}); err != nil {
		return fmt.Errorf("filling %s: %w", table, err)
	}
	return nil
}

// Commit keeps what was filled in.
func (f filler) Commit(ctx context.Context) error { return f.tx.Commit(ctx) }

// Rollback forgets it.
func (f filler) Rollback(ctx context.Context) error { return f.tx.Rollback(ctx) }

// source gives COPY its rows.
type source struct {
	next func() ([]any, error)
	row  []any
	err  error
}

// Next reads a row.
func (s *source) Next() bool {
	s.row, s.err = s.next()
	return s.err == nil
}

// Values returns it.
func (s *source) Values() ([]any, error) { return s.row, nil }

// Err returns what ended the rows, unless it was their end.
func (s *source) Err() error {
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}
