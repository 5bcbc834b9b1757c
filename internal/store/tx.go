package store

import (
	"context"
	"time"

	"everdesk/internal/event"
	"everdesk/internal/id"
)

// Tx is the open transaction as one command sees it. It belongs to that command
// alone, for as long as the command runs.
type Tx struct {
	ctx    context.Context
	db     *DB
	engine EngineTx
	// pending are queued writes of this and earlier commands of the batch.
	pending []Statement
	events  []emitted
	command *command
}

type emitted struct {
	workspace id.Workspace
	event     event.Event
	at        time.Time
}

type txKey struct{}

func joined(ctx context.Context) *Tx {
	tx, _ := ctx.Value(txKey{}).(*Tx)
	return tx
}

// Joined reports whether ctx has a transaction, which whatever waits for another
// one must not hold up.
func Joined(ctx context.Context) bool { return joined(ctx) != nil }

// Current returns the transaction of a command. Calling it anywhere else is a
// mistake in the program.
func Current(ctx context.Context) *Tx {
	tx := joined(ctx)
	if tx == nil {
		panic("store: no transaction here; wrap this in Atomically")
	}
	return tx
}

// Query reads, seeing all that this and earlier commands wrote.
func (tx *Tx) Query(sql string, args ...any) (Rows, error) {
	pending := tx.take()
	return tx.engine.Query(tx.ctx, pending, sql, bind(args))
}

// Returning runs a write with a RETURNING clause and reads its first row, or
// returns ErrNoRows: the usual way to decide and change in one statement.
func (tx *Tx) Returning(dest []any, sql string, args ...any) error {
	rows, err := tx.Query(sql, args...)
	err = One(rows, err, dest...)
	if err == nil {
		tx.command.dirty = true
	}
	return err
}

// Exec runs a write now and returns how many rows it changed.
func (tx *Tx) Exec(sql string, args ...any) (int64, error) {
	pending := tx.take()
	changed, err := tx.engine.Exec(tx.ctx, pending, sql, bind(args))
	if changed > 0 {
		tx.command.dirty = true
	}
	return changed, err
}

// Queue adds a write to be sent with the next read or at the end. It is the
// cheap way to write what cannot be refused: on PostgreSQL it costs no round
// trip of its own. A statement that fails takes its whole command with it.
func (tx *Tx) Queue(sql string, args ...any) {
	tx.pending = append(tx.pending, Statement{sql, bind(args)})
}

// Emit adds an event to the outbox, to be consumed after the commit in commit
// order within the workspace.
func (tx *Tx) Emit(workspace id.Workspace, at time.Time, events ...event.Event) {
	for _, e := range events {
		tx.events = append(tx.events, emitted{workspace, e, at})
	}
}

// AfterCommit has fn run once the transaction has committed, in commit order,
// outside the writer: hints to browsers, wake-ups. It is dropped if the command
// is refused or the commit fails.
func (tx *Tx) AfterCommit(fn func()) { tx.command.after = append(tx.command.after, fn) }

// Remember sets the result that a replay of the command's Claim answers with.
func (tx *Tx) Remember(result int64) { tx.command.result = result }

// IDs is the node's source of ids.
func (tx *Tx) IDs() *id.Source { return tx.db.ids.Load() }

// Dialect returns the engine's wording of what differs.
func (tx *Tx) Dialect() Dialect { return tx.db.dialect }

// Signal wakes the listeners of a name once the transaction has committed.
func (tx *Tx) Signal(name string) {
	db := tx.db
	tx.AfterCommit(func() { db.signals.commit(name) })
}

// take empties the queue; what was in it is being sent, so a refusal from here
// on can no longer be undone by forgetting it.
func (tx *Tx) take() []Statement {
	pending := tx.pending
	if len(pending) > tx.command.mark {
		tx.command.dirty = true
	}
	tx.pending, tx.command.mark = nil, 0
	return pending
}
