package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"everdesk/internal/id"
	"everdesk/internal/store"
)

const (
	// hold is how long a claimed job is its claimant's without a sign of life. A
	// node that died leaves its jobs to the others after that.
	hold = 10 * time.Second
	// renewEvery is how often the claims of running jobs are renewed.
	renewEvery = 3 * time.Second
	// longest is how long a job may run.
	longest = 30 * time.Second
	// idle is the longest a runner sleeps without looking.
	idle = time.Second
	// tries is how often a job fails before it is dead; with the back-off below
	// that is about two hours.
	tries = 12
)

// ErrDrop is what a handler returns to end a job that can never succeed.
var ErrDrop = errors.New("job: drop")

// Handler does a job. An error has it tried again later.
type Handler func(ctx context.Context, task Task) error

// Runner claims due jobs and runs them.
type Runner struct {
	db       *store.DB
	log      *slog.Logger
	now      func() time.Time
	workers  int
	handlers map[string]Handler

	mu      sync.Mutex
	running map[id.Job]bool
}

// NewRunner returns a runner of up to workers jobs at once, which takes the
// business time from now.
func NewRunner(db *store.DB, log *slog.Logger, workers int, now func() time.Time) *Runner {
	return &Runner{db: db, log: log, now: now, workers: workers, handlers: map[string]Handler{}, running: map[id.Job]bool{}}
}

// Handle binds a kind to its handler, before Run.
func (r *Runner) Handle(kind string, handler Handler) { r.handlers[kind] = handler }

// Run works until ctx ends, then waits for the jobs under way.
func (r *Runner) Run(ctx context.Context) {
	wake := r.db.Listen(signal)
	slots := make(chan struct{}, r.workers)
	var running sync.WaitGroup
	defer running.Wait()
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	var renewal sync.WaitGroup
	renewal.Go(func() { r.renew(renewing) })
	defer func() {
		running.Wait()
		stop()
		renewal.Wait()
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		for {
			free := r.workers - len(slots)
			if free == 0 {
				break // a worker that ends wakes us
			}
			tasks, err := r.claim(ctx, r.now(), free)
			if err != nil {
				r.log.WarnContext(ctx, "claiming jobs failed", "error", err)
				break
			}
			for _, task := range tasks {
				slots <- struct{}{}
				running.Go(func() {
					r.run(context.WithoutCancel(ctx), task)
					<-slots
					r.db.Wake(signal)
				})
			}
			if len(tasks) < free {
				break
			}
		}
		timer.Reset(r.nap(ctx))
	}
}

// renew keeps the claims of running jobs until ctx ends. One that was lost
// meanwhile is not taken back: whoever has it counted one more attempt.
func (r *Runner) renew(ctx context.Context) {
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		r.mu.Lock()
		list := make([]int64, 0, len(r.running))
		for task := range r.running {
			list = append(list, task.Int64())
		}
		r.mu.Unlock()
		if len(list) == 0 {
			continue
		}
		clock := r.db.Dialect().Clock
		err := r.db.Atomically(ctx, func(ctx context.Context) error {
			_, err := store.Current(ctx).Exec(`UPDATE jobs SET claimed_until = `+clock+` + $2
				WHERE claimed_until > `+clock+` AND id IN `+r.db.Dialect().List("$1"), store.JSON(list), hold.Microseconds())
			return err
		})
		if err != nil {
			r.log.WarnContext(ctx, "renewing the claims of jobs failed", "error", err)
		}
	}
}

// nap is how long to sleep until the next job is due.
func (r *Runner) nap(ctx context.Context) time.Duration {
	var next time.Time
	rows, err := r.db.Query(ctx, `SELECT run_at FROM jobs WHERE state = 0 AND claimed_until = 0 ORDER BY run_at LIMIT 1`)
	if store.One(rows, err, store.Into(&next)) != nil {
		return idle
	}
	return min(max(next.Sub(r.now()), 5*time.Millisecond), idle)
}

// Drain runs everything due at a time, and what that makes due, one job after
// another, and returns how many ran. Tests move time with it.
func (r *Runner) Drain(ctx context.Context, at time.Time) (int, error) {
	for ran := 0; ; {
		tasks, err := r.claim(ctx, at, 1)
		if err != nil || len(tasks) == 0 {
			return ran, err
		}
		r.run(ctx, tasks[0])
		ran++
	}
}

func (r *Runner) claim(ctx context.Context, at time.Time, limit int) (tasks []Task, err error) {
	clock := r.db.Dialect().Clock
	err = r.db.Atomically(ctx, func(ctx context.Context) error {
		rows, err := store.Current(ctx).Query(`UPDATE jobs SET claimed_until = `+clock+` + $1, attempt = attempt + 1
			WHERE id IN (SELECT id FROM jobs WHERE state = 0 AND run_at <= $2 AND claimed_until < `+clock+`
				ORDER BY run_at LIMIT $3 `+r.db.Dialect().SkipLocked+`)
			RETURNING id, kind, workspace_id, payload, attempt, generation`,
			hold.Microseconds(), at, int64(limit))
		tasks, err = store.All(rows, err, func(row store.Row) (Task, error) {
			task := Task{At: at}
			var payload string
			err := row.Scan(&task.ID, &task.Kind, &task.Workspace, &payload, &task.Attempt, &task.generation)
			task.Payload = []byte(payload)
			return task, err
		})
		return err
	})
	return tasks, err
}

func (r *Runner) run(ctx context.Context, task Task) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	r.mark(task, true)
	defer r.mark(task, false)
	err := r.handle(ctx, task)
	if errors.Is(err, ErrTaken) {
		r.log.InfoContext(ctx, "a job was taken over", "kind", task.Kind, "job", task.ID.String())
		return
	}
	if err != nil && !errors.Is(err, ErrDrop) {
		r.log.WarnContext(ctx, "a job failed", "kind", task.Kind, "job", task.ID.String(), "attempt", task.Attempt, "error", err)
	}
	end := func(ctx context.Context) error {
		tx := store.Current(ctx)
		switch {
		case err == nil || errors.Is(err, ErrDrop):
			tx.Queue(`DELETE FROM jobs WHERE id = $1 AND generation = $2 AND attempt = $3`, task.ID, task.generation, int64(task.Attempt))
		case task.Attempt >= tries:
			tx.Queue(`UPDATE jobs SET state = 1, claimed_until = 0, reason = $4 WHERE id = $1 AND generation = $2 AND attempt = $3`,
				task.ID, task.generation, int64(task.Attempt), err.Error())
		default:
			tx.Queue(`UPDATE jobs SET run_at = $4, claimed_until = 0, reason = $5 WHERE id = $1 AND generation = $2 AND attempt = $3`,
				task.ID, task.generation, int64(task.Attempt), task.At.Add(backoff(task.Attempt)), err.Error())
		}
		return nil
	}
	if err := r.db.Atomically(ctx, end); err != nil {
		r.log.WarnContext(ctx, "ending a job failed; it will run again", "kind", task.Kind, "job", task.ID.String(), "error", err)
	}
}

func (r *Runner) mark(task Task, running bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if running {
		r.running[task.ID] = true
	} else {
		delete(r.running, task.ID)
	}
}

func (r *Runner) handle(ctx context.Context, task Task) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panicked: %v\n%s", p, debug.Stack())
		}
	}()
	handler := r.handlers[task.Kind]
	if handler == nil {
		return fmt.Errorf("nobody handles %q", task.Kind)
	}
	return handler(ctx, task)
}

// backoff doubles from one second to half an hour.
func backoff(attempt int) time.Duration {
	return min(time.Second<<min(attempt-1, 11), 30*time.Minute)
}
