package store

import (
	"context"
	"errors"
)

// Engine is a database: package sqlite and package postgres each make one. It
// runs the same SQL, with $N placeholders, on either.
type Engine interface {
	// Name is "sqlite" or "postgres".
	Name() string
	// Begin opens a write transaction. Only the writer and migrations call it,
	// one at a time.
	Begin(ctx context.Context) (EngineTx, error)
	// Query reads outside any write transaction.
	Query(ctx context.Context, sql string, args []any) (Rows, error)
	// Dialect returns the engine's wording of what differs.
	Dialect() Dialect
	// Classify says what an error of the engine means for the writer.
	Classify(err error) Failure
	// Tend refreshes what the planner knows of tables that have grown, if there
	// is any need. It is cheap to call often.
	Tend(ctx context.Context) error
	// Close ends all connections.
	Close() error
}

// EngineTx is an open write transaction.
type EngineTx interface {
	// Query runs the pending statements, then reads. An engine with a network
	// in between sends all of it in one round trip.
	Query(ctx context.Context, pending []Statement, sql string, args []any) (Rows, error)
	// Exec runs the pending statements, then one more, and returns how many
	// rows that one changed.
	Exec(ctx context.Context, pending []Statement, sql string, args []any) (int64, error)
	// Flush runs the pending statements.
	Flush(ctx context.Context, pending []Statement) error
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
}

// Statement is a write whose outcome nobody waits for.
type Statement struct {
	SQL  string
	Args []any
}

// Row is one row of an answer.
type Row interface{ Scan(dest ...any) error }

// Rows is an answer being read. Close is harmless when repeated.
type Rows interface {
	Row
	Next() bool
	Err() error
	Close()
}

// Failure is what an engine error means for a batch.
type Failure uint8

// What an engine error can mean.
const (
	// Broken is a fault of the statement: it would fail again.
	Broken Failure = iota
	// Retry is a deadlock or a serialization failure: nothing was written, the
	// same batch may work at once.
	Retry
	// Duplicate is a violated unique key. Storage avoids it with ON CONFLICT;
	// what is left is a race between nodes, settled by running again.
	Duplicate
	// Lost is a connection that went away: the outcome is unknown.
	Lost
	// Full is a disk without space: nothing can be written until there is some.
	Full
)

// Dialect holds the wording in which the engines differ. What is not here is
// the same text on both.
type Dialect struct {
	// Clock is an expression for the database's own time in microseconds.
	Clock string
	// List turns a placeholder for a JSON array of numbers into a subquery with
	// the column value.
	List func(placeholder string) string
	// TextList does the same for an array of texts.
	TextList func(placeholder string) string
	// Among is the condition that a column is in a JSON array of numbers:
	// Among("id", "$2"). It walks an index of the column.
	Among func(column, placeholder string) string
	// AmongTexts does the same for texts.
	AmongTexts func(column, placeholder string) string
	// SkipLocked follows a SELECT that claims rows.
	SkipLocked string
	// Bytewise is the collation clause for text that is sorted or compared.
	Bytewise string
	// MigrationLock is a statement that makes migrating nodes wait for each
	// other until the end of the transaction; empty where Begin does that.
	MigrationLock string
	// Greatest is the scalar maximum function, "MAX" or "GREATEST".
	Greatest string
}

// ErrNoRows is what reading one row returns when there is none.
var ErrNoRows = errors.New("store: no rows")
