// Package job runs durable work: jobs and timers that are written in the same
// transaction as what they follow from, and survive the process.
//
// A job runs at least once. Its handler makes its effect and its end one
// transaction by calling Task.Done inside it; then the effect happens once.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// signal wakes the runners of this node.
const signal = "jobs"

// Job is work to be done.
type Job struct {
	// Kind names the handler: "bot.turn".
	Kind string
	// Key, if set, is unique among the jobs that wait or run: a second one is
	// dropped.
	Key       string
	Workspace id.Workspace
	// At is when it may run.
	At time.Time
	// Payload is given to the handler as JSON.
	Payload any
}

// Enqueue adds a job in the transaction of ctx.
func Enqueue(ctx context.Context, j Job) {
	tx := store.Current(ctx)
	tx.Queue(`INSERT INTO jobs(id, kind, job_key, workspace_id, payload, run_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (job_key) DO NOTHING`,
		tx.IDs().Next(), j.Kind, keyOf(j.Key), j.Workspace, store.JSON(j.Payload), j.At)
	tx.Signal(signal)
}

// Set adds a timer in the transaction of ctx, or moves the one of its key. A
// timer moved while its handler runs will run again.
func Set(ctx context.Context, workspace id.Workspace, timer event.Timer) {
	tx := store.Current(ctx)
	tx.Queue(`INSERT INTO jobs(id, kind, job_key, workspace_id, payload, run_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (job_key) DO UPDATE SET kind = excluded.kind, payload = excluded.payload, run_at = excluded.run_at,
			attempt = 0, state = 0, claimed_until = 0, generation = jobs.generation + 1`,
		tx.IDs().Next(), timer.Kind, timer.Key, workspace, store.JSON(timer.Payload), timer.At)
	tx.Signal(signal)
}

// Cancel removes the job or timer of a key in the transaction of ctx.
func Cancel(ctx context.Context, key string) {
	store.Current(ctx).Queue(`DELETE FROM jobs WHERE job_key = $1`, key)
}

func keyOf(key string) any {
	if key == "" {
		return nil
	}
	return key
}

// Task is a job being run.
type Task struct {
	ID        id.Job
	Kind      string
	Workspace id.Workspace
	Payload   json.RawMessage
	// Attempt counts from 1.
	Attempt int
	// At is the runner's time: what the handler takes as now.
	At time.Time

	generation int64
}

// ErrTaken says that the job has become somebody else's: its claim ran out, as
// that of a process does which froze and woke up late. Nothing it has in mind
// may be written.
var ErrTaken = errors.New("job: taken over meanwhile")

// Decode reads the payload into v.
func (t Task) Decode(v any) error { return json.Unmarshal(t.Payload, v) }

// Done ends the job in the transaction of ctx, or returns ErrTaken, which must
// refuse the transaction. If the job was set again meanwhile, the newer one
// stays.
func (t Task) Done(ctx context.Context) error {
	tx := store.Current(ctx)
	ended, err := tx.Exec(`DELETE FROM jobs WHERE id = $1 AND generation = $2 AND attempt = $3`, t.ID, t.generation, int64(t.Attempt))
	if err != nil || ended > 0 {
		return err
	}
	var newer int64
	rows, err := tx.Query(`SELECT 1 FROM jobs WHERE id = $1 AND generation > $2`, t.ID, t.generation)
	if err = store.One(rows, err, &newer); errors.Is(err, store.ErrNoRows) {
		return ErrTaken
	}
	return err
}
