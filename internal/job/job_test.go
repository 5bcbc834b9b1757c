package job_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"everdesk/internal/event"
	"everdesk/internal/job"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func do(t *testing.T, db *store.DB, fn func(ctx context.Context)) {
	t.Helper()
	if err := db.Atomically(t.Context(), func(ctx context.Context) error { fn(ctx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func drain(t *testing.T, r *job.Runner, at time.Time) int {
	t.Helper()
	n, err := r.Drain(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestATimerRunsOnceAtItsLastTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := job.NewRunner(db, slog.New(slog.DiscardHandler), 1, time.Now)
		var ran []string
		r.Handle("due", func(_ context.Context, task job.Task) error {
			var text string
			err := task.Decode(&text)
			ran = append(ran, text)
			return err
		})
		do(t, db, func(ctx context.Context) {
			job.Set(ctx, 1, event.Timer{Key: "a", Kind: "due", At: start.Add(time.Minute), Payload: "early"})
		})
		do(t, db, func(ctx context.Context) {
			job.Set(ctx, 1, event.Timer{Key: "a", Kind: "due", At: start.Add(time.Hour), Payload: "late"})
		})
		if n := drain(t, r, start.Add(30*time.Minute)); n != 0 {
			t.Errorf("%d timers ran before the moved time", n)
		}
		drain(t, r, start.Add(2*time.Hour))
		if len(ran) != 1 || ran[0] != "late" {
			t.Errorf("ran %v, want the later timer once", ran)
		}
	})
}

func TestAFailedJobIsTriedAgainLaterAndAtLastDies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := job.NewRunner(db, slog.New(slog.DiscardHandler), 1, time.Now)
		runs := 0
		r.Handle("flaky", func(context.Context, job.Task) error { runs++; return errors.New("no luck") })
		do(t, db, func(ctx context.Context) { job.Enqueue(ctx, job.Job{Kind: "flaky", Key: "k", Workspace: 1, At: start}) })
		do(t, db, func(ctx context.Context) { job.Enqueue(ctx, job.Job{Kind: "flaky", Key: "k", Workspace: 1, At: start}) })
		drain(t, r, start)
		if runs != 1 {
			t.Errorf("ran %d times at once, want 1", runs)
		}
		for at := start; at.Before(start.Add(24 * time.Hour)); at = at.Add(10 * time.Minute) {
			drain(t, r, at)
		}
		if runs != 12 {
			t.Errorf("ran %d times in a day, want 12 and then dead", runs)
		}
	})
}

// The effect and the end of a job are one transaction, so jobs that many
// runners fight for take effect once each.
func TestJobsTakeEffectOnceOnManyRunners(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const jobs = 300
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var left atomic.Int64
		left.Store(jobs)
		var running sync.WaitGroup
		for range 3 {
			r := job.NewRunner(db, slog.New(slog.DiscardHandler), 4, time.Now)
			r.Handle("count", func(ctx context.Context, task job.Task) error {
				err := db.Atomically(ctx, func(ctx context.Context) error {
					store.Current(ctx).Queue(`INSERT INTO event_cursors(consumer, part, pos) VALUES ('count', $1, 1)
						ON CONFLICT (consumer, part) DO UPDATE SET pos = event_cursors.pos + 1`, task.ID)
					return task.Done(ctx)
				})
				if left.Add(-1) == 0 {
					stop()
				}
				return err
			})
			running.Go(func() { r.Run(ctx) })
		}
		do(t, db, func(ctx context.Context) {
			for range jobs {
				job.Enqueue(ctx, job.Job{Kind: "count", Workspace: 1, At: start})
			}
		})
		running.Wait()
		var n, sum int64
		rows, err := db.Query(t.Context(), `SELECT COUNT(*), SUM(pos) FROM event_cursors WHERE consumer = 'count'`)
		if err := store.One(rows, err, &n, &sum); err != nil || n != jobs || sum != jobs {
			t.Errorf("%d jobs took effect %d times, %v; want %d", n, sum, err, jobs)
		}
	})
}

// A process that freezes in the middle of a job wakes up believing that the job
// is still its own. Another has done it by then; nothing is done twice.
func TestAJobTakenOverIsNotDoneByWhoWakesUpLate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		effect := func(ctx context.Context, task job.Task) error {
			return db.Atomically(ctx, func(ctx context.Context) error {
				store.Current(ctx).Queue(`INSERT INTO event_cursors(consumer, part, pos) VALUES ('effect', 1, 1)
					ON CONFLICT (consumer, part) DO UPDATE SET pos = event_cursors.pos + 1`)
				return task.Done(ctx)
			})
		}
		awake := job.NewRunner(db, slog.New(slog.DiscardHandler), 1, time.Now)
		awake.Handle("once", effect)
		frozen := job.NewRunner(db, slog.New(slog.DiscardHandler), 1, time.Now)
		var late error
		frozen.Handle("once", func(ctx context.Context, task job.Task) error {
			// It freezes here until its claim has run out.
			do(t, db, func(ctx context.Context) { store.Current(ctx).Queue(`UPDATE jobs SET claimed_until = 1`) })
			if n := drain(t, awake, start); n != 1 {
				t.Errorf("%d jobs were taken over, want 1", n)
			}
			late = effect(ctx, task)
			return late
		})
		do(t, db, func(ctx context.Context) { job.Enqueue(ctx, job.Job{Kind: "once", Workspace: 1, At: start}) })
		drain(t, frozen, start)
		if !errors.Is(late, job.ErrTaken) {
			t.Errorf("who woke up late got %v, want %v", late, job.ErrTaken)
		}
		var times int64
		rows, err := db.Query(t.Context(), `SELECT pos FROM event_cursors WHERE consumer = 'effect'`)
		if err := store.One(rows, err, &times); err != nil || times != 1 {
			t.Errorf("it was done %d times, %v; want once", times, err)
		}
	})
}

type noted struct{ N int }

func (noted) Kind() string { return "test.noted" }

func TestAConsumerHandlesEachEventOnceInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		do(t, db, func(ctx context.Context) {
			for n := range 50 {
				store.Current(ctx).Emit(1, start, noted{n})
			}
		})
		broken := true
		consumer := job.Consumer{Name: "test", Handle: func(ctx context.Context, r event.Record) error {
			if r.Pos == 20 && broken {
				return errors.New("a hiccup")
			}
			store.Current(ctx).Queue(`INSERT INTO event_cursors(consumer, part, pos) VALUES ('seen', $1, 1)
				ON CONFLICT (consumer, part) DO UPDATE SET pos = event_cursors.pos + 1`, r.Pos)
			return nil
		}}
		part := store.PartOf(1)
		if err := consumer.CatchUp(t.Context(), db, "a", part); err == nil {
			t.Error("the hiccup was swallowed")
		}
		if cursor, err := db.Cursor(t.Context(), "test", part); err != nil || cursor != 19 {
			t.Errorf("stands at %d, %v; want all before the hiccup", cursor, err)
		}
		broken = false
		if err := consumer.CatchUp(t.Context(), db, "a", part); err != nil {
			t.Error(err)
		}
		var n, sum int64
		rows, err := db.Query(t.Context(), `SELECT COUNT(*), SUM(pos) FROM event_cursors WHERE consumer = 'seen'`)
		if err := store.One(rows, err, &n, &sum); err != nil || n != 50 || sum != 50 {
			t.Errorf("%d events took effect %d times, %v; want 50 once each", n, sum, err)
		}
	})
}

// A node that leaves gives its leases back: the next one need not wait for them
// to run out.
func TestWhoLeavesHandsItsPartsOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		consumer := job.Consumer{Name: "test", Handle: func(context.Context, event.Record) error { return nil }}
		stands := func() int64 {
			t.Helper()
			pos, err := db.Cursor(t.Context(), "test", store.PartOf(1))
			if err != nil {
				t.Fatal(err)
			}
			return pos
		}
		catchUp := func(holder string) int64 {
			t.Helper()
			do(t, db, func(ctx context.Context) { store.Current(ctx).Emit(1, start, noted{1}) })
			before := stands()
			if err := consumer.CatchUp(t.Context(), db, holder, store.PartOf(1)); err != nil {
				t.Fatal(err)
			}
			return stands() - before
		}
		if n := catchUp("first"); n != 1 {
			t.Errorf("the first node handled %d events", n)
		}
		if n := catchUp("second"); n != 0 {
			t.Errorf("the second node handled %d events of a part it does not hold", n)
		}
		if err := db.ReleaseAll(t.Context(), "first"); err != nil {
			t.Fatal(err)
		}
		if n := catchUp("second"); n != 2 {
			t.Errorf("the second node handled %d events once the first had left, want both", n)
		}
	})
}
