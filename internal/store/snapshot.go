package store

import (
	"context"
	"slices"
)

// ColumnKind is what a column holds, the same word on both engines.
type ColumnKind string

// The kinds that both engines keep alike.
const (
	Integer ColumnKind = "integer"
	Text    ColumnKind = "text"
	Boolean ColumnKind = "boolean"
	Real    ColumnKind = "real"
	Bytes   ColumnKind = "bytes"
)

// Column is a column of a table.
type Column struct {
	Name string     `json:"name"`
	Kind ColumnKind `json:"kind"`
}

// Table is a table as the database describes it: what the engine computes by
// itself, virtual tables and generated columns, is not in it.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	// Key are the columns of the primary key, in its order.
	Key []string `json:"key"`
}

// Column returns the column of a name.
func (t Table) Column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Reader reads a whole database as it is at one moment: a Snapshot, or a
// transaction that fills one.
type Reader interface {
	// Tables describes all tables, in the order of their names.
	Tables(ctx context.Context) ([]Table, error)
	// Query reads.
	Query(ctx context.Context, sql string, args []any) (Rows, error)
	// Bytewise is the collation clause for text that is sorted.
	Bytewise() string
}

// Snapshot is a database at one moment, whatever is written to it meanwhile. It
// is for one goroutine. While it is open the engine keeps what has been
// overwritten since: close it soon.
type Snapshot interface {
	Reader
	Close() error
}

// Filler is a transaction that fills an empty database.
type Filler interface {
	Reader
	// Clear deletes what migrations have put into the table.
	Clear(ctx context.Context, table string) error
	// Fill inserts the rows that next gives until it returns io.EOF. A row has
	// one value for each of the columns and is not kept.
	Fill(ctx context.Context, table string, columns []string, next func() ([]any, error)) error
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
}

// Fillable is an engine that can be filled.
type Fillable interface {
	Engine
	// Fill begins a transaction in which nobody else writes.
	Fill(ctx context.Context) (Filler, error)
}
