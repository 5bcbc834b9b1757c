// Package store keeps everything, on SQLite or PostgreSQL, with the same SQL.
//
// Its heart is group commit. Every change is a command: a function of an open
// transaction that may run more than once, so it does no I/O of its own, reads
// no clock and publishes nothing. One writer gathers the commands that queue up
// during a commit into the next transaction, runs them one after another, each
// seeing what earlier ones wrote, commits once and only then answers all of
// them. docs/adr/0003 says why.
//
//	err := db.Atomically(ctx, func(ctx context.Context) error {
//		tx := store.Current(ctx)
//		...
//	})
//
// A command that joins another (Atomically inside Atomically) becomes part of
// it, which is how what must be true together is written together.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// Options tune a DB. The zero value is what production runs.
type Options struct {
	// MaxBatch is the most commands in one transaction; default 1024.
	MaxBatch int
	// MaxQueue is how many commands may wait before new ones are refused with
	// fault.ErrBusy; default 8192.
	MaxQueue int
	// Log takes slow commands and failed batches; default discards.
	Log *slog.Logger
	// Node is this process's node number, for ids, until TakeNode leases one.
	Node int
	// Ungrouped commits every command alone, over as many connections as the
	// engine has, and looks every key up by itself: the baseline that benchmarks
	// compare gathering with.
	Ungrouped bool
	// Now is the clock of ids; default time.Now.
	Now func() time.Time
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine  Engine
	ids     atomic.Pointer[id.Source]
	now     func() time.Time
	log     *slog.Logger
	writer  *writer
	dialect Dialect
	signals signals
	reads   atomic.Uint64

	ungrouped bool
}

// Open starts the writer of an engine whose schema is up to date.
func Open(engine Engine, options Options) *DB {
	if options.MaxBatch == 0 {
		options.MaxBatch = 1024
	}
	if options.MaxQueue == 0 {
		options.MaxQueue = 8192
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Ungrouped {
		options.MaxBatch = 1
	}
	db := &DB{
		engine: engine, log: options.Log, dialect: engine.Dialect(), now: options.Now, ungrouped: options.Ungrouped,
	}
	db.ids.Store(id.NewSource(options.Node, options.Now))
	db.writer = startWriter(db, options)
	return db
}

// Close waits for the queued commands, then closes the engine. Commands given
// later get fault.ErrUnavailable.
func (db *DB) Close() error {
	db.writer.stop()
	return db.engine.Close()
}

// Engine is "sqlite" or "postgres".
func (db *DB) Engine() string { return db.engine.Name() }

// Dialect returns the engine's wording of what differs.
func (db *DB) Dialect() Dialect { return db.dialect }

// IDs is the node's source of ids.
func (db *DB) IDs() *id.Source { return db.ids.Load() }

// Query reads: inside the transaction of ctx if there is one, else outside any,
// seeing what has been committed.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (Rows, error) {
	if tx := joined(ctx); tx != nil {
		return tx.Query(sql, args...)
	}
	db.reads.Add(1)
	rows, err := db.engine.Query(ctx, sql, bind(args))
	if err != nil {
		return nil, db.explain(err)
	}
	return explained{rows, db}, nil
}

// explained are rows whose error, too, is one that callers can act on: a
// connection may be lost while they are read.
type explained struct {
	Rows
	db *DB
}

// Err implements Rows.
func (r explained) Err() error {
	if err := r.Rows.Err(); err != nil {
		return r.db.explain(err)
	}
	return nil
}

// Tend keeps the planner informed; call it every few seconds. A plan made while
// a table was empty is a bad one when it no longer is.
func (db *DB) Tend(ctx context.Context) error { return db.engine.Tend(ctx) }

// explain turns a lost connection into what callers can act on.
func (db *DB) explain(err error) error {
	if errors.Is(err, context.Canceled) || fault.Of(err) != nil {
		return err
	}
	switch db.engine.Classify(err) {
	case Lost:
		return fault.ErrUnavailable.Because(err)
	case Full:
		return fault.ErrFull.After(fullRetry).Because(err)
	}
	return err
}

// Duplicate reports whether an error of a command is a violated unique key:
// somebody else was faster, and looking again will show it.
func (db *DB) Duplicate(err error) bool { return err != nil && db.engine.Classify(err) == Duplicate }

// One reads the first row of an answer, or returns ErrNoRows.
func One(rows Rows, err error, dest ...any) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}

// All reads every row of an answer with scan.
func All[T any](rows Rows, err error, scan func(Row) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// JSON writes v as the text of a JSON column. The types kept are our own, so a
// value that does not marshal is a mistake in the program.
func JSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("store: " + err.Error())
	}
	return string(text)
}

// Micros is how a time is stored: microseconds since 1970 UTC, 0 for the zero
// time. A time.Time given as an argument is stored so by itself.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the inverse of Micros.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Into scans a stored time into t: rows.Scan(&id, store.Into(&at)).
func Into(t *time.Time) any { return (*scanTime)(t) }

type scanTime time.Time

// Scan implements the scanner both engines know.
func (s *scanTime) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*s = scanTime{}
	case int64:
		*s = scanTime(Time(v))
	default:
		return errors.New("store: a time is stored as microseconds")
	}
	return nil
}

// bind gives arguments the forms both drivers take.
func bind(args []any) []any {
	for i, arg := range args {
		switch v := arg.(type) {
		case time.Time:
			args[i] = Micros(v)
		case interface{ Int64() int64 }:
			args[i] = v.Int64()
		case json.RawMessage:
			args[i] = string(v)
		case []byte:
			// bytes stay bytes
		}
	}
	return args
}
