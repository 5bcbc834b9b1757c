// Package postgres is the distributed engine, over pgx.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"everdesk/internal/store"
)

// connections is how many a node has at most: one writes, a few follow the
// outbox, the others read for whoever asks.
const connections = 16

// idleInTransaction is how long a transaction may stand still before the server
// ends it. Commands compute nothing for that long: whoever does not go on is
// frozen or cut off, and holds up all other nodes with the rows it has locked.
const idleInTransaction = "3s"

// resetEvery is the shortest time between two resets of the pool.
const resetEvery = 500 * time.Millisecond

// Engine is a pool of connections.
type Engine struct {
	pool  *pgxpool.Pool
	reset atomic.Int64 // unix microseconds of the last one
}

// Open connects to a postgres:// URL. The URL may name several hosts; unless it
// says otherwise the one that accepts writes is used, each is given two seconds
// to connect, no statement may run longer than ten, a transaction that stands
// still is ended after three, and a server that says nothing for twenty is taken
// for lost.
func Open(ctx context.Context, url string) (*Engine, error) { return open(ctx, url, "10s") }

// OpenUnhurried is Open for work on whole tables, whose statements may take as
// long as they need.
func OpenUnhurried(ctx context.Context, url string) (*Engine, error) { return open(ctx, url, "0") }

func open(ctx context.Context, url, statementTimeout string) (*Engine, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The parse error quotes the URL, which holds the password.
		return nil, errors.New("the database URL cannot be read")
	}
	if !strings.Contains(url, "target_session_attrs") {
		config.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	if !strings.Contains(url, "connect_timeout") {
		config.ConnConfig.ConnectTimeout = 2 * time.Second
	}
	if config.ConnConfig.RuntimeParams["statement_timeout"] == "" || statementTimeout == "0" {
		config.ConnConfig.RuntimeParams["statement_timeout"] = statementTimeout
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = connections
	}
	if statementTimeout != "0" && config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] == "" {
		config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = idleInTransaction
	}
	config.ConnConfig.RuntimeParams["application_name"] = "everdesk"
	config.ConnConfig.DialFunc = patient(config.ConnConfig.DialFunc, config.ConnConfig.RuntimeParams["statement_timeout"])
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	return &Engine{pool: pool}, nil
}

// Name returns "postgres".
func (e *Engine) Name() string { return "postgres" }

// Dialect returns PostgreSQL's wording.
func (e *Engine) Dialect() store.Dialect {
	return store.Dialect{
		Clock: "(extract(epoch from clock_timestamp()) * 1000000)::bigint",
		List: func(placeholder string) string {
			return "(SELECT value::bigint FROM json_array_elements_text(" + placeholder + "::json))"
		},
		TextList: func(placeholder string) string {
			return "(SELECT value FROM json_array_elements_text(" + placeholder + "::json))"
		},
		// An array is an index condition whatever the planner thinks of the table;
		// a subquery it would join, by scanning a table that was small when the
		// statement was planned.
		Among: func(column, placeholder string) string {
			return column + " = ANY(ARRAY(SELECT value::bigint FROM json_array_elements_text(" + placeholder + "::json)))"
		},
		AmongTexts: func(column, placeholder string) string {
			return column + " = ANY(ARRAY(SELECT value FROM json_array_elements_text(" + placeholder + "::json)))"
		},
		SkipLocked: "FOR UPDATE SKIP LOCKED",
		Bytewise:   `COLLATE "C"`,
		Greatest:   "GREATEST",
		// Any constant will do; only migrations take it.
		MigrationLock: "SELECT pg_advisory_xact_lock(7305798)",
	}
}

// Classify reads SQLSTATE codes; what has none came from the connection.
func (e *Engine) Classify(err error) store.Failure {
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case failed.Code == "40001" || failed.Code == "40P01":
			return store.Retry
		case failed.Code == "23505":
			return store.Duplicate
		case failed.Code == "53100":
			return store.Full
		case strings.HasPrefix(failed.Code, "57P"), strings.HasPrefix(failed.Code, "08"),
			failed.Code == "25006", failed.Code == "25P03", failed.Code == "57014", failed.Code == "53300":
			return store.Lost
		}
		return store.Broken
	}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		strings.Contains(err.Error(), "conn closed") {
		return store.Lost
	}
	return store.Broken
}

// Close waits for the connections in use and ends all.
func (e *Engine) Close() error {
	e.pool.Close()
	return nil
}

// Query reads on any connection.
func (e *Engine) Query(ctx context.Context, query string, args []any) (store.Rows, error) {
	rows, err := e.pool.Query(ctx, query, args...)
	e.suspect(err)
	return rows, err
}

// suspect has all connections made anew after one was lost: with a server that
// died, or is no longer the one that takes writes, all others have gone too, and
// each would cost somebody an error of their own.
func (e *Engine) suspect(err error) {
	if err == nil || e.Classify(err) != store.Lost {
		return
	}
	now, last := time.Now().UnixMicro(), e.reset.Load()
	if now-last > resetEvery.Microseconds() && e.reset.CompareAndSwap(last, now) {
		e.pool.Reset()
	}
}

// Begin opens a write transaction.
func (e *Engine) Begin(ctx context.Context) (store.EngineTx, error) {
	opened, err := e.pool.BeginTx(ctx, pgx.TxOptions{})
	if err != nil {
		e.suspect(err)
		return nil, err
	}
	return &tx{opened, e}, nil
}

type tx struct {
	pgx.Tx
	engine *Engine
}

// Commit keeps what was done, unless it returns an error: then nobody knows.
func (t *tx) Commit(ctx context.Context) error {
	err := t.Tx.Commit(ctx)
	t.engine.suspect(err)
	return err
}

func (t *tx) Query(ctx context.Context, pending []store.Statement, query string, args []any) (store.Rows, error) {
	if len(pending) == 0 {
		return t.Tx.Query(ctx, query, args...)
	}
	batch := batchOf(pending)
	queued := batch.Len()
	batch.Queue(query, args...)
	results := t.SendBatch(ctx, batch)
	if err := drain(results, queued); err != nil {
		return nil, errors.Join(err, results.Close())
	}
	rows, err := results.Query()
	if err != nil {
		return nil, errors.Join(err, results.Close())
	}
	return &batchRows{Rows: rows, results: results}, nil
}

func (t *tx) Exec(ctx context.Context, pending []store.Statement, query string, args []any) (int64, error) {
	if len(pending) == 0 {
		tag, err := t.Tx.Exec(ctx, query, args...)
		return tag.RowsAffected(), err
	}
	batch := batchOf(pending)
	queued := batch.Len()
	batch.Queue(query, args...)
	results := t.SendBatch(ctx, batch)
	if err := drain(results, queued); err != nil {
		return 0, errors.Join(err, results.Close())
	}
	tag, err := results.Exec()
	return tag.RowsAffected(), errors.Join(err, results.Close())
}

func (t *tx) Flush(ctx context.Context, pending []store.Statement) error {
	if len(pending) == 0 {
		return nil
	}
	batch := batchOf(pending)
	results := t.SendBatch(ctx, batch)
	return errors.Join(drain(results, batch.Len()), results.Close())
}

func batchOf(pending []store.Statement) *pgx.Batch {
	batch := &pgx.Batch{}
	for _, s := range store.Gather(pending) {
		batch.Queue(s.SQL, s.Args...)
	}
	return batch
}

func drain(results pgx.BatchResults, n int) error {
	for range n {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	return nil
}

// batchRows ends its batch when it is closed or read to the end, because the
// connection can do nothing else before.
type batchRows struct {
	pgx.Rows
	results pgx.BatchResults
	err     error
	closed  bool
}

func (r *batchRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *batchRows) Close() {
	if r.closed {
		return
	}
	r.closed = true
	r.Rows.Close()
	r.err = r.results.Close()
}

func (r *batchRows) Err() error { return errors.Join(r.Rows.Err(), r.err) }
