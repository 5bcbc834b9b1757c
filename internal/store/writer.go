package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"everdesk/internal/fault"
)

// slowCommand is how long one command may hold the writer before the log says
// so; imports and sweeps work in slices to stay under it.
const slowCommand = 20 * time.Millisecond

// lingerTime is how long a shared batch waits for more.
const lingerTime = time.Millisecond

// ungroupedWriters is how many transactions the ungrouped baseline has open at
// once on a server.
const ungroupedWriters = 16

// fullRetry is when whoever was refused for want of room may try again.
const fullRetry = 10 * time.Second

// retries is how often a deadlocked batch is tried in all.
const retries = 3

// command is a change waiting for, or in, a transaction.
type command struct {
	// values are the caller's, for what a command reads from its ctx (who asks,
	// from where); its deadline is not the command's.
	values  context.Context
	subject int64
	claim   *Claim
	run     func(context.Context) error

	// What the present run of it has done.
	dirty  bool // wrote something that only a rollback undoes
	mark   int  // where its queued statements begin
	result int64
	after  []func()

	err  error
	done chan struct{}
}

func (c *command) reset() {
	c.dirty, c.mark, c.result, c.after, c.err = false, 0, 0, nil, nil
	if c.claim != nil {
		c.claim.Replayed, c.claim.Result = false, 0
	}
}

// Change is a command with more to say than a function can.
type Change struct {
	// Subject is the id of what is changed. Commands of a batch run in the order
	// of their subjects, so that two nodes lock rows in the same order.
	Subject int64
	// Claim makes the command happen once per idempotency key.
	Claim *Claim
	// Run makes the change. It may run more than once, see the package.
	Run func(context.Context) error
}

// Atomically runs fn in the writer's next transaction and returns after its
// commit. In a ctx that has a transaction, fn joins that one.
//
// An error that is a *fault.Error refuses the command and leaves the rest of
// the batch alone. fault.ErrUnavailable means the outcome is unknown, and
// fault.ErrBusy that the queue is full.
func (db *DB) Atomically(ctx context.Context, fn func(context.Context) error) error {
	return db.Do(ctx, Change{Run: fn})
}

// Do is Atomically for a Change. A joined change keeps the claim of the outer.
func (db *DB) Do(ctx context.Context, change Change) error {
	if joined(ctx) != nil {
		return change.Run(ctx)
	}
	c := &command{values: context.WithoutCancel(ctx), subject: change.Subject, claim: change.Claim, run: change.Run, done: make(chan struct{})}
	if err := db.writer.submit(c); err != nil {
		return err
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		// The batch goes on without its caller, who retries with the same key.
		return fault.ErrUnavailable.Because(ctx.Err())
	}
}

// Stats is what the writer has done since it started.
type Stats struct {
	Batches, Commands, Refused, Isolated, Retried, Unknown uint64
	// Full counts commands refused for want of room, Slow those that held the
	// writer for more than 20 ms.
	Full, Slow uint64
	// Reads counts queries outside any transaction.
	Reads uint64
	// Queued is how many commands wait now.
	Queued int
	// LongestHold is the longest any command has held the writer.
	LongestHold time.Duration
}

// Stats returns a snapshot for metrics.
func (db *DB) Stats() Stats {
	w := db.writer
	return Stats{
		w.batches.Load(), w.commands.Load(), w.refused.Load(), w.isolated.Load(), w.retried.Load(), w.unknown.Load(),
		w.full.Load(), w.slow.Load(),
		db.reads.Load(), len(w.queue), time.Duration(w.longest.Load()),
	}
}

type writer struct {
	db       *DB
	log      *slog.Logger
	maxBatch int
	queue    chan *command
	after    chan []func()

	mu      sync.RWMutex // held for reading while submitting
	stopped bool
	ended   sync.WaitGroup

	batches, commands, refused, isolated, retried, unknown, full, slow atomic.Uint64
	// filled says that the last attempt found no room.
	filled  atomic.Bool
	longest atomic.Int64
}

func startWriter(db *DB, options Options) *writer {
	w := &writer{
		db: db, log: options.Log, maxBatch: options.MaxBatch,
		queue: make(chan *command, options.MaxQueue), after: make(chan []func(), options.MaxQueue),
	}
	loops := 1
	if options.Ungrouped && db.engine.Name() != "sqlite" {
		loops = ungroupedWriters
	}
	var writing sync.WaitGroup
	for range loops {
		writing.Go(w.loop)
	}
	w.ended.Go(func() {
		writing.Wait()
		close(w.after)
	})
	w.ended.Go(func() {
		for fns := range w.after {
			for _, fn := range fns {
				fn()
			}
		}
	})
	return w
}

func (w *writer) submit(c *command) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.stopped {
		return fault.ErrUnavailable.Because(errors.New("the store is closed"))
	}
	select {
	case w.queue <- c:
		return nil
	default:
		return fault.ErrBusy.After(time.Second)
	}
}

func (w *writer) stop() {
	w.mu.Lock()
	if !w.stopped {
		w.stopped = true
		close(w.queue)
	}
	w.mu.Unlock()
	w.ended.Wait()
}

// loop commits what queued up while the previous commit ran.
func (w *writer) loop() {
	batch := make([]*command, 0, w.maxBatch)
	for c := range w.queue {
		shared := len(batch) > 1
		batch = w.fill(append(batch[:0], c))
		if shared && len(batch) < w.maxBatch {
			batch = w.linger(batch)
		}
		slices.SortStableFunc(batch, func(a, b *command) int {
			switch {
			case a.subject < b.subject:
				return -1
			case a.subject > b.subject:
				return 1
			}
			return 0
		})
		w.commit(batch, retries)
	}
}

// fill takes what has queued up, as far as a batch goes.
func (w *writer) fill(batch []*command) []*command {
	for len(batch) < w.maxBatch {
		select {
		case c, open := <-w.queue:
			if !open {
				return batch
			}
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// linger waits a moment for the commands of those who were just answered: where
// one batch was shared the next will be, and a larger one costs everybody less.
// A command that comes alone never waits.
func (w *writer) linger(batch []*command) []*command {
	timer := time.NewTimer(lingerTime)
	defer timer.Stop()
	<-timer.C
	return w.fill(batch)
}

// commit brings every command of the batch to an answer. A command that breaks
// the transaction is taken out and tried alone, in its place.
func (w *writer) commit(batch []*command, tries int) {
	if len(batch) == 0 {
		return
	}
	ctx := context.Background()
	culprit, err := w.attempt(ctx, batch)
	if err == nil {
		return
	}
	switch failure := w.db.engine.Classify(err); {
	case failure == Full:
		// It was rolled back, by the engine if not by us.
		w.full.Add(uint64(len(batch)))
		if !w.filled.Swap(true) {
			w.log.ErrorContext(ctx, "there is no room: nothing is written until there is", "error", err)
		}
		answer(batch, fault.ErrFull.After(fullRetry).Because(err))
	case errors.Is(err, errUnknown) || failure == Lost:
		w.unknown.Add(uint64(len(batch)))
		w.log.ErrorContext(ctx, "a batch failed with an unknown outcome", "commands", len(batch), "error", err)
		answer(batch, fault.ErrUnavailable.Because(err))
	case (failure == Retry || failure == Duplicate && len(batch) == 1) && tries > 1:
		w.retried.Add(1)
		w.commit(batch, tries-1)
	case len(batch) == 1 && failure == Retry:
		// Nothing was written, and it may work later.
		answer(batch, fault.ErrUnavailable.Because(err))
	case len(batch) == 1:
		answer(batch, err)
	case culprit >= 0:
		w.isolated.Add(1)
		w.commit(batch[:culprit], retries)
		w.commit(batch[culprit:culprit+1], retries)
		w.commit(batch[culprit+1:], retries)
	default:
		// A queued statement failed, nobody knows whose.
		w.isolated.Add(1)
		w.log.WarnContext(ctx, "a batch is taken apart to find what broke it", "commands", len(batch), "error", err)
		w.commit(batch[:len(batch)/2], retries)
		w.commit(batch[len(batch)/2:], retries)
	}
}

func answer(batch []*command, err error) {
	for _, c := range batch {
		c.err = err
		close(c.done)
	}
}

// errUnknown marks a failed COMMIT.
var errUnknown = errors.New("outcome unknown")

// attempt runs the batch in one transaction. On success everybody has been
// answered; else nothing was kept, and culprit is the command that failed, or
// -1 if that is not known.
func (w *writer) attempt(ctx context.Context, batch []*command) (culprit int, err error) {
	etx, err := w.db.engine.Begin(ctx)
	if err != nil {
		return -1, fmt.Errorf("%w: begin: %w", errUnknown, err)
	}
	tx := &Tx{db: w.db, engine: etx}
	defer func() {
		if err != nil {
			if undo := etx.Rollback(ctx); undo != nil && !errors.Is(err, errUnknown) && w.db.engine.Classify(err) != Full {
				w.log.WarnContext(ctx, "rollback failed", "error", undo)
			}
		}
	}()
	if err := w.settleClaims(ctx, etx, batch); err != nil {
		return -1, err
	}
	for i, c := range batch {
		if c.claim != nil && (c.claim.Replayed || c.err != nil) {
			continue
		}
		if err := w.runOne(ctx, tx, c); err != nil {
			return i, err
		}
	}
	if err := w.finish(ctx, tx); err != nil {
		return -1, err
	}
	if err := etx.Commit(ctx); err != nil {
		if w.db.engine.Classify(err) == Retry {
			return -1, err
		}
		return -1, fmt.Errorf("%w: commit: %w", errUnknown, err)
	}
	if w.filled.Swap(false) {
		w.log.InfoContext(ctx, "there is room again")
	}
	w.batches.Add(1)
	w.commands.Add(uint64(len(batch)))
	if len(tx.events) > 0 {
		w.db.signals.wake(EventSignal)
	}
	for _, c := range batch {
		if c.err == nil && len(c.after) > 0 {
			w.after <- c.after
		}
		close(c.done)
	}
	return 0, nil
}

// runOne runs one command. It returns an error only if the transaction is no
// longer fit to go on; a clean refusal is kept in the command.
func (w *writer) runOne(ctx context.Context, tx *Tx, c *command) error {
	c.reset()
	mark, events := len(tx.pending), len(tx.events)
	c.mark = mark
	own := *tx
	own.command = c
	own.ctx = context.WithValue(c.values, txKey{}, &own)
	started := time.Now()
	err := guard(own.ctx, c.run)
	if held := time.Since(started); held > slowCommand {
		w.slow.Add(1)
		w.log.WarnContext(ctx, "a command held the writer", "ms", held.Milliseconds())
		w.longest.Store(max(w.longest.Load(), int64(held)))
	} else if int64(held) > w.longest.Load() {
		w.longest.Store(int64(held))
	}
	if err == nil {
		tx.pending, tx.events = own.pending, own.events
		if c.claim != nil {
			tx.pending = append(tx.pending, keepClaim(c.claim, c.result))
		}
		return nil
	}
	if c.dirty || fault.Of(err) == nil {
		return err
	}
	w.refused.Add(1)
	c.err = err
	// Nothing of it has reached the database: forget its queue and go on.
	tx.pending, tx.events = own.pending[:c.mark], own.events[:events]
	return nil
}

// guard turns a panic of a command into an error, so that one command cannot
// stop the node.
func guard(ctx context.Context, run func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a command panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return run(ctx)
}

// finish sends the queued writes, then takes positions for the events: the
// clock rows are the last locks of every transaction.
func (w *writer) finish(ctx context.Context, tx *Tx) error {
	pending := tx.pending
	if len(tx.events) > 0 {
		inserts, err := w.position(ctx, tx, pending)
		if err != nil {
			return err
		}
		pending = inserts
	}
	if len(pending) == 0 {
		return nil
	}
	return tx.engine.Flush(ctx, pending)
}
