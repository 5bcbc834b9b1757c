package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"everdesk/internal/store"
)

// Snapshot is a read transaction of its own connection, so it may be taken by
// another process than the one that writes.
type Snapshot struct {
	reader
	db   *sql.DB
	conn *sql.Conn
}

// OpenSnapshot opens the database at path as it is now. A file that is not there
// is not made.
func OpenSnapshot(ctx context.Context, path string) (*Snapshot, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	options := url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(10000)", "query_only(1)", "temp_store(MEMORY)"}}
	db, err := sql.Open("sqlite", "file:"+path+"?"+options.Encode())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), db.Close())
	}
	s := &Snapshot{db: db, conn: conn}
	s.query = func(ctx context.Context, query string, args []any) (store.Rows, error) {
		return wrap(conn.QueryContext(ctx, query, args...))
	}
	// BEGIN alone takes nothing: the moment is that of the first read.
	var tables int64
	_, err = conn.ExecContext(ctx, "BEGIN")
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), s.Close())
	}
	return s, nil
}

// Close ends the read transaction.
func (s *Snapshot) Close() error { return errors.Join(s.conn.Close(), s.db.Close()) }

// reader describes and reads over some connection.
type reader struct {
	query func(ctx context.Context, query string, args []any) (store.Rows, error)
}

// Bytewise returns nothing: SQLite compares bytes unless told otherwise.
func (r reader) Bytewise() string { return "" }

// Query reads.
func (r reader) Query(ctx context.Context, query string, args []any) (store.Rows, error) {
	return r.query(ctx, query, args)
}

// Tables leaves out virtual tables and what they keep their content in: both are
// made of other tables.
func (r reader) Tables(ctx context.Context) ([]store.Table, error) {
	rows, err := r.query(ctx, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
		AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`, nil)
	tables, err := store.All(rows, err, func(row store.Row) (t store.Table, err error) {
		return t, row.Scan(&t.Name)
	})
	if err != nil {
		return nil, err
	}
	for i := range tables {
		if err := r.describe(ctx, &tables[i]); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

func (r reader) describe(ctx context.Context, table *store.Table) error {
	type column struct {
		store.Column
		place, hidden int64
	}
	rows, err := r.query(ctx, `SELECT name, type, pk, hidden FROM pragma_table_xinfo($1) ORDER BY cid`, []any{table.Name})
	columns, err := store.All(rows, err, func(row store.Row) (c column, err error) {
		var declared string
		if err := row.Scan(&c.Name, &declared, &c.place, &c.hidden); err != nil {
			return c, err
		}
		c.Kind = kindOf(declared)
		return c, nil
	})
	for place := int64(1); int(place) <= len(columns); place++ {
		for _, c := range columns {
			if c.place == place {
				table.Key = append(table.Key, c.Name)
			}
		}
	}
	for _, c := range columns {
		if c.hidden == 0 {
			table.Columns = append(table.Columns, c.Column)
		}
	}
	return err
}

// kindOf reads a declared type as SQLite does, by what is in its name.
func kindOf(declared string) store.ColumnKind {
	declared = strings.ToUpper(declared)
	for _, known := range []struct {
		part string
		kind store.ColumnKind
	}{
		{"BOOL", store.Boolean}, {"INT", store.Integer}, {"CHAR", store.Text}, {"TEXT", store.Text},
		{"REAL", store.Real}, {"DOUBLE", store.Real}, {"FLOAT", store.Real},
	} {
		if strings.Contains(declared, known.part) {
			return known.kind
		}
	}
	return store.Bytes
}

// ErrBusy says that the log could not be folded in because somebody reads.
var ErrBusy = errors.New("sqlite: the database is in use")

// Fold moves all of the write-ahead log into the database file, so that the file
// alone is the database.
func (e *Engine) Fold(ctx context.Context) error {
	var busy, pages, moved int64
	if err := e.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return ErrBusy
	}
	return nil
}

// Fill begins a transaction that fills the database.
func (e *Engine) Fill(ctx context.Context) (store.Filler, error) {
	t := &tx{e}
	if _, err := t.exec(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		return nil, err
	}
	return filler{tx: t, reader: reader{func(ctx context.Context, query string, args []any) (store.Rows, error) {
		return t.Query(ctx, nil, query, args)
	}}}, nil
}

type filler struct {
	*tx
	reader
}

// Query reads what has been filled in.
func (f filler) Query(ctx context.Context, query string, args []any) (store.Rows, error) {
	return f.reader.Query(ctx, query, args)
}

// Clear deletes all rows of a table.
func (f filler) Clear(ctx context.Context, table string) error {
	_, err := f.exec(ctx, `DELETE FROM "`+table+`"`, nil)
	return err
}

// Fill inserts row by row; a million take some seconds.
func (f filler) Fill(ctx context.Context, table string, columns []string, next func() ([]any, error)) error {
	holders := make([]string, len(columns))
	for i := range holders {
		holders[i] = fmt.Sprintf("$%d", i+1)
	}
	insert, err := f.statement(ctx, `INSERT INTO "`+table+`" ("`+strings.Join(columns, `", "`)+`") VALUES (`+strings.Join(holders, ", ")+`)`)
	if err != nil {
		return err
	}
	for {
		row, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, row...); err != nil {
			return fmt.Errorf("filling %s: %w", table, err)
		}
	}
}
