// Package sqlite is the embedded engine: one file, write-ahead log, every
// commit synced to disk.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"everdesk/internal/store"
)

// Engine is an open database file.
type Engine struct {
	writes *sql.DB
	conn   *sql.Conn // the writer's one connection
	own    map[string]prepared

	reads *sql.DB
	mu    sync.RWMutex
	known map[string]prepared // the readers'
}

// prepared is a statement and where its arguments go.
type prepared struct {
	*sql.Stmt
	order []int
}

// Options tune an engine.
type Options struct {
	// Volatile gives up durability for speed: tests that do not kill anything.
	Volatile bool
	// Readers is how many connections read at once; default 4.
	Readers int
}

// Open opens or creates the database at path.
func Open(ctx context.Context, path string, options Options) (*Engine, error) {
	synchronous := "FULL"
	if options.Volatile {
		synchronous = "OFF"
	}
	if options.Readers == 0 {
		options.Readers = 4
	}
	pragmas := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(" + synchronous + ")",
		"foreign_keys(OFF)", "cache_size(-32768)", "temp_store(MEMORY)",
	}}
	writes, err := sql.Open("sqlite", "file:"+path+"?"+pragmas.Encode())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	writes.SetMaxOpenConns(1)
	conn, err := writes.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), writes.Close())
	}
	pragmas["_pragma"] = append(pragmas["_pragma"], "query_only(1)")
	reads, err := sql.Open("sqlite", "file:"+path+"?"+pragmas.Encode())
	if err != nil {
		return nil, errors.Join(err, conn.Close(), writes.Close())
	}
	reads.SetMaxOpenConns(options.Readers)
	reads.SetMaxIdleConns(options.Readers)
	return &Engine{
		writes: writes, conn: conn, own: map[string]prepared{},
		reads: reads, known: map[string]prepared{},
	}, nil
}

// Name returns "sqlite".
func (e *Engine) Name() string { return "sqlite" }

// Dialect returns SQLite's wording.
func (e *Engine) Dialect() store.Dialect {
	list := func(placeholder string) string { return "(SELECT value FROM json_each(" + placeholder + "))" }
	among := func(column, placeholder string) string { return column + " IN " + list(placeholder) }
	return store.Dialect{
		Clock: "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
		List:  list, TextList: list, Among: among, AmongTexts: among,
		Greatest: "MAX",
	}
}

// Classify reads SQLite's result codes.
func (e *Engine) Classify(err error) store.Failure {
	failed, ok := errors.AsType[*driver.Error](err)
	if !ok {
		return store.Broken
	}
	switch code := failed.Code(); {
	case code == codes.SQLITE_CONSTRAINT_UNIQUE || code == codes.SQLITE_CONSTRAINT_PRIMARYKEY:
		return store.Duplicate
	case code&0xff == codes.SQLITE_BUSY || code&0xff == codes.SQLITE_LOCKED:
		return store.Retry
	case code&0xff == codes.SQLITE_FULL, code == codes.SQLITE_IOERR_SHMSIZE:
		return store.Full
	case code&0xff == codes.SQLITE_IOERR || code&0xff == codes.SQLITE_CANTOPEN || code&0xff == codes.SQLITE_READONLY:
		return store.Lost
	}
	return store.Broken
}

// Tend does nothing: the queries of this engine are written for the plans it
// makes without statistics.
func (e *Engine) Tend(context.Context) error { return nil }

// Close ends all connections. Statements end first: a connection that still has
// some does not fold its log into the file.
func (e *Engine) Close() error {
	var ended []error
	for _, statement := range e.own {
		ended = append(ended, statement.Close())
	}
	e.mu.Lock()
	for _, statement := range e.known {
		ended = append(ended, statement.Close())
	}
	e.mu.Unlock()
	return errors.Join(errors.Join(ended...), e.reads.Close(), e.conn.Close(), e.writes.Close())
}

// Query reads on the readers' connections, which see the last commit.
func (e *Engine) Query(ctx context.Context, query string, args []any) (store.Rows, error) {
	e.mu.RLock()
	statement, there := e.known[query]
	e.mu.RUnlock()
	if !there {
		text, order := positional(query)
		made, err := e.reads.PrepareContext(ctx, text)
		if err != nil {
			return nil, err
		}
		e.mu.Lock()
		if statement, there = e.known[query]; !there {
			statement = prepared{made, order}
			e.known[query] = statement
			made = nil
		}
		e.mu.Unlock()
		if made != nil {
			if err := made.Close(); err != nil {
				return nil, err
			}
		}
	}
	return wrap(statement.QueryContext(ctx, arrange(args, statement.order)...))
}

// Begin opens a write transaction on the writer's connection.
func (e *Engine) Begin(ctx context.Context) (store.EngineTx, error) {
	t := &tx{e}
	if _, err := t.exec(ctx, "BEGIN IMMEDIATE", nil); err != nil {
		return nil, err
	}
	return t, nil
}

type tx struct{ *Engine }

// statement prepares a text once for the life of the connection.
func (t *tx) statement(ctx context.Context, query string) (prepared, error) {
	if known, there := t.own[query]; there {
		return known, nil
	}
	text, order := positional(query)
	made, err := t.conn.PrepareContext(ctx, text)
	if err != nil {
		return prepared{}, err
	}
	t.own[query] = prepared{made, order}
	return t.own[query], nil
}

func (t *tx) exec(ctx context.Context, query string, args []any) (int64, error) {
	statement, err := t.statement(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(ctx, arrange(args, statement.order)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *tx) Query(ctx context.Context, pending []store.Statement, query string, args []any) (store.Rows, error) {
	if err := t.Flush(ctx, pending); err != nil {
		return nil, err
	}
	statement, err := t.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return wrap(statement.QueryContext(ctx, arrange(args, statement.order)...))
}

func (t *tx) Exec(ctx context.Context, pending []store.Statement, query string, args []any) (int64, error) {
	if err := t.Flush(ctx, pending); err != nil {
		return 0, err
	}
	return t.exec(ctx, query, args)
}

func (t *tx) Flush(ctx context.Context, pending []store.Statement) error {
	for _, s := range store.Gather(pending) {
		if _, err := t.exec(ctx, s.SQL, s.Args); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) Commit(ctx context.Context) error {
	_, err := t.exec(ctx, "COMMIT", nil)
	return err
}

func (t *tx) Rollback(ctx context.Context) error {
	_, err := t.exec(ctx, "ROLLBACK", nil)
	return err
}

// rows gives sql.Rows the shape of store.Rows. Its Close has nothing to report
// that Err has not said.
type rows struct{ *sql.Rows }

func wrap(r *sql.Rows, err error) (store.Rows, error) {
	if err != nil {
		return nil, err
	}
	return rows{r}, nil
}

func (r rows) Close() { _ = r.Rows.Close() }
