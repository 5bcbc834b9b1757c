package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

type happened struct{ N int }

func (happened) Kind() string { return "test.happened" }

var errRefused = fault.New(fault.Conflict, "test.refused")

const table = `CREATE TABLE things (workspace_id BIGINT NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (workspace_id, id))`

func things(t *testing.T, db *store.DB) {
	t.Helper()
	must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
		_, err := store.Current(ctx).Exec(table)
		return err
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *store.DB, sql string, args ...any) (n int64) {
	t.Helper()
	rows, err := db.Query(t.Context(), sql, args...)
	must(t, store.One(rows, err, &n))
	return n
}

func insert(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		tx := store.Current(ctx)
		tx.Queue(`INSERT INTO things(workspace_id, id, name, at) VALUES ($1, $2, $3, $4)`, id.Workspace(1), n, fmt.Sprint("thing ", n), time.Unix(int64(n), 0))
		tx.Emit(1, time.Unix(int64(n), 0), happened{n})
		return nil
	}
}

func TestTypedValuesSurviveBothEngines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		ticket, at := id.New[id.Ticket](db.IDs()), time.Date(2026, 11, 20, 10, 0, 0, 123000, time.UTC)
		must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
			_, err := store.Current(ctx).Exec(`INSERT INTO things(workspace_id, id, name, at) VALUES ($1, $2, $3, $4)`, id.Workspace(9), ticket, "名 😀", at)
			return err
		}))
		var gotID id.Ticket
		var gotAt time.Time
		var name string
		rows, err := db.Query(t.Context(), `SELECT id, name, at FROM things WHERE workspace_id = $1`, id.Workspace(9))
		must(t, store.One(rows, err, &gotID, &name, store.Into(&gotAt)))
		if gotID != ticket || name != "名 😀" || !gotAt.Equal(at) {
			t.Errorf("read %v %q %v, want %v, %v", gotID, name, gotAt, ticket, at)
		}
	})
}

// A batch with a refusal, a broken statement, a panic and a key twice must keep
// exactly the good commands, each once.
func TestOneBadCommandHarmsNobodyElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		hold := holdWriter(t, db)
		var wg sync.WaitGroup
		errs := make([]error, 40)
		for n := range errs {
			run := insert(n)
			switch n {
			case 5: // refused before anything was written
				run = func(context.Context) error { return errRefused }
			case 11: // refused after a write that only a rollback undoes
				run = func(ctx context.Context) error {
					if _, err := store.Current(ctx).Exec(`INSERT INTO things(workspace_id, id, name, at) VALUES (1, 11, 'no', 0)`); err != nil {
						return err
					}
					return errRefused
				}
			case 17:
				run = func(ctx context.Context) error {
					_, err := store.Current(ctx).Exec(`UPDATE nowhere SET x = 1`)
					return err
				}
			case 23:
				run = func(context.Context) error { panic("boom") }
			case 29: // fails only when the queue is sent
				run = func(ctx context.Context) error {
					store.Current(ctx).Queue(`INSERT INTO things(workspace_id, id, name, at) VALUES (1, 29, NULL, 0)`)
					return nil
				}
			}
			wg.Go(func() { errs[n] = db.Atomically(t.Context(), run) })
		}
		hold(40)
		wg.Wait()
		bad := map[int]bool{5: true, 11: true, 17: true, 23: true, 29: true}
		for n, err := range errs {
			if (err != nil) != bad[n] {
				t.Errorf("command %d: %v", n, err)
			}
		}
		if !errors.Is(errs[5], errRefused) || !errors.Is(errs[11], errRefused) {
			t.Errorf("refusals came as %v and %v", errs[5], errs[11])
		}
		if n := count(t, db, `SELECT COUNT(*) FROM things`); n != 35 {
			t.Errorf("%d rows kept, want 35", n)
		}
		if n := count(t, db, `SELECT COUNT(*) FROM events`); n != 35 {
			t.Errorf("%d events kept, want 35", n)
		}
	})
}

// holdWriter occupies the writer until n more commands have queued up, so that
// they are sure to share a batch.
func holdWriter(t *testing.T, db *store.DB) (release func(n int)) {
	entered, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		if err := db.Atomically(context.Background(), func(context.Context) error {
			once.Do(func() { close(entered) })
			<-leave
			return nil
		}); err != nil {
			t.Error(err)
		}
	}()
	<-entered
	return func(n int) {
		for db.Stats().Queued < n {
			select {
			case <-t.Context().Done():
				t.Fatal("the commands never queued up")
			default:
			}
		}
		close(leave)
	}
}

func TestACommandSeesWhatEarlierOnesOfItsBatchWrote(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		hold := holdWriter(t, db)
		var wg sync.WaitGroup
		saw := make([]int64, 20)
		for n := range saw {
			wg.Go(func() {
				err := db.Atomically(t.Context(), func(ctx context.Context) error {
					rows, err := store.Current(ctx).Query(`SELECT COUNT(*) FROM things`)
					if err := store.One(rows, err, &saw[n]); err != nil {
						return err
					}
					return insert(n)(ctx)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		hold(20)
		wg.Wait()
		seen := map[int64]bool{}
		for _, n := range saw {
			if seen[n] {
				t.Errorf("two commands both saw %d rows", n)
			}
			seen[n] = true
		}
	})
}

func TestAKeyHappensOnce(t *testing.T) {
	storetest.EachEngine(t, func(t *testing.T, open func() store.Engine) {
		// Two nodes on PostgreSQL; SQLite has one writer per file.
		nodes := []*store.DB{storetest.Open(t, open())}
		if nodes[0].Engine() == "postgres" {
			nodes = append(nodes, storetest.Open(t, open()))
		}
		things(t, nodes[0])
		var wg sync.WaitGroup
		var mu sync.Mutex
		results := map[int64]int{}
		fresh := 0
		for n := range 60 {
			wg.Go(func() {
				claim := &store.Claim{Workspace: 1, Actor: "stf_a", Route: "POST /x", Key: fmt.Sprint(n % 3), Request: []byte(`{"a":1}`), At: time.Unix(1, 0)}
				made := int64(1000 + n)
				err := nodes[n%len(nodes)].Do(t.Context(), store.Change{Claim: claim, Run: func(ctx context.Context) error {
					store.Current(ctx).Remember(made)
					return insert(n)(ctx)
				}})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if claim.Replayed {
					made = claim.Result
				} else {
					fresh++
				}
				results[made]++
			})
		}
		wg.Wait()
		if fresh != 3 || len(results) != 3 {
			t.Errorf("%d ran, %d results; want 3 and 3", fresh, len(results))
		}
		other := &store.Claim{Workspace: 1, Actor: "stf_a", Route: "POST /x", Key: "1", Request: []byte(`{"a":2}`)}
		if err := nodes[0].Do(t.Context(), store.Change{Claim: other, Run: insert(99)}); !errors.Is(err, store.ErrKeyReused) {
			t.Errorf("another body under the key: %v", err)
		}
		stranger := &store.Claim{Workspace: 1, Actor: "stf_b", Route: "POST /x", Key: "1", Request: []byte(`{"a":1}`)}
		if err := nodes[0].Do(t.Context(), store.Change{Claim: stranger, Run: insert(98)}); err != nil || stranger.Replayed {
			t.Errorf("another actor was answered with the first one's result: %v", err)
		}
	})
}

// Positions must be gap-free in commit order: a reader that follows the outbox
// while four writers fill it never sees a position appear behind its cursor.
func TestTheOutboxIsInCommitOrderUnderFourWriters(t *testing.T) {
	storetest.EachEngine(t, func(t *testing.T, open func() store.Engine) {
		first := storetest.Open(t, open())
		things(t, first)
		writers := []*store.DB{first, first, first, first}
		if first.Engine() == "postgres" {
			for i := 1; i < 4; i++ {
				writers[i] = storetest.Open(t, open())
			}
		}
		const each = 250
		var wg sync.WaitGroup
		for w, db := range writers {
			wg.Go(func() {
				for n := range each {
					if err := db.Atomically(t.Context(), insert(w*each+n)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		part, cursor := store.PartOf(1), int64(0)
		for cursor < 4*each {
			records, err := first.Events(t.Context(), part, cursor, 1000)
			must(t, err)
			for _, record := range records {
				if record.Pos != cursor+1 {
					t.Fatalf("position %d follows %d", record.Pos, cursor)
				}
				cursor = record.Pos
			}
			if t.Failed() {
				break
			}
		}
		<-done
	})
}

func TestALeaseHasOneHolderAndFencesTheLast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		one, held, err := db.Acquire(ctx, "reconciler", "a", time.Minute)
		if err != nil || !held || one.Epoch != 1 {
			t.Fatalf("%+v, %v, %v", one, held, err)
		}
		if _, held, err := db.Acquire(ctx, "reconciler", "b", time.Minute); err != nil || held {
			t.Fatalf("a second holder: %v, %v", held, err)
		}
		if again, held, err := db.Acquire(ctx, "reconciler", "a", -time.Second); err != nil || !held || again.Epoch != 1 {
			t.Fatalf("renewing: %+v, %v, %v", again, held, err)
		}
		two, held, err := db.Acquire(ctx, "reconciler", "b", time.Minute)
		if err != nil || !held || two.Epoch != 2 {
			t.Fatalf("after expiry: %+v, %v, %v", two, held, err)
		}
		must(t, db.Atomically(ctx, func(ctx context.Context) error {
			late, err := store.Current(ctx).Advance("audit", 3, 7, one)
			if err != nil || late {
				t.Errorf("the old holder moved the cursor: %v, %v", late, err)
			}
			now, err := store.Current(ctx).Advance("audit", 3, 7, two)
			if err != nil || !now {
				t.Errorf("the holder could not: %v, %v", now, err)
			}
			back, err := store.Current(ctx).Advance("audit", 3, 5, two)
			if err != nil || back {
				t.Errorf("the cursor went back: %v, %v", back, err)
			}
			return nil
		}))
	})
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	storetest.EachEngine(t, func(t *testing.T, open func() store.Engine) {
		db := store.Open(open(), store.Options{MaxQueue: 2})
		defer func() { must(t, db.Close()) }()
		hold := holdWriter(t, db)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if err := db.Atomically(t.Context(), func(context.Context) error { return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		for db.Stats().Queued < 2 {
		}
		err := db.Atomically(t.Context(), func(context.Context) error { return nil })
		if e := fault.Of(err); e == nil || e.Kind != fault.Exhausted || e.RetryAfter == 0 {
			t.Errorf("a full queue answered %v", err)
		}
		hold(2)
		wg.Wait()
	})
}
