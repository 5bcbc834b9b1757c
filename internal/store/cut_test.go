package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/storetest"
)

// overWire opens a store on PostgreSQL whose connections can be cut. Statements
// may take statementTimeout.
func overWire(t *testing.T, statementTimeout string) (*store.DB, *storetest.Wire) {
	t.Helper()
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	engine, err := postgres.Open(t.Context(), wire.URL+"&statement_timeout="+statementTimeout)
	must(t, err)
	db := store.Open(engine, store.Options{Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { must(t, db.Close()) })
	things(t, db)
	return db, wire
}

func claimFor(n int) *store.Claim {
	return &store.Claim{Workspace: 1, Actor: "stf_a", Route: "POST /things", Key: fmt.Sprint(n), Request: []byte("{}"), At: time.Unix(1, 0)}
}

// Whether the commit reached the server or not, its callers are told that the
// outcome is unknown, nothing is run again behind their backs, and a retry with
// the same key makes it happen exactly once.
func TestACutConnectionLeavesTheOutcomeToTheRetry(t *testing.T) {
	for name, c := range map[string]struct {
		fault storetest.Fault
		// kept says whether the first try was committed after all.
		kept bool
	}{
		"cut before the commit reaches the server":      {storetest.CutBeforeCommit, false},
		"cut after the commit, before it was confirmed": {storetest.CutAfterCommit, true},
	} {
		t.Run(name, func(t *testing.T) {
			db, wire := overWire(t, "10s")
			const commands = 20
			var runs [commands]atomic.Int64
			try := func(n int) (replayed bool, err error) {
				claim := claimFor(n)
				err = db.Do(t.Context(), store.Change{Subject: int64(n), Claim: claim, Run: func(ctx context.Context) error {
					runs[n].Add(1)
					store.Current(ctx).Remember(int64(n))
					return insert(n)(ctx)
				}})
				if claim.Replayed && claim.Result != int64(n) {
					t.Errorf("command %d was answered with %d", n, claim.Result)
				}
				return claim.Replayed, err
			}
			hold := holdWriter(t, db)
			wire.Arm(c.fault, 1) // the holder's own commit is the first
			var wg sync.WaitGroup
			var errs [commands]error
			for n := range commands {
				wg.Go(func() { _, errs[n] = try(n) })
			}
			hold(commands)
			wg.Wait()
			for n, err := range errs {
				if !errors.Is(err, fault.ErrUnavailable) {
					t.Errorf("command %d got %v, want an unknown outcome", n, err)
				}
				if runs[n].Load() != 1 {
					t.Errorf("command %d ran %d times, want once and never again by itself", n, runs[n].Load())
				}
			}
			if unknown := db.Stats().Unknown; unknown != commands {
				t.Errorf("%d outcomes counted as unknown, want %d", unknown, commands)
			}
			want := int64(0)
			if c.kept {
				want = commands
			}
			if n := count(t, db, `SELECT COUNT(*) FROM things`); n != want {
				t.Errorf("%d rows after the cut, want %d", n, want)
			}
			for n := range commands {
				replayed, err := try(n)
				if err != nil || replayed != c.kept {
					t.Errorf("retry %d: replayed %v, %v; want replayed %v", n, replayed, err, c.kept)
				}
			}
			exactlyOnce(t, db, commands)
		})
	}
}

// exactlyOnce checks that things 0 to n-1 are there, each with one event, and
// that the outbox has no gap.
func exactlyOnce(t *testing.T, db *store.DB, n int64) {
	t.Helper()
	for what, sql := range map[string]string{
		"things":          `SELECT COUNT(*) FROM things`,
		"different ones":  `SELECT COUNT(DISTINCT id) FROM things WHERE id >= 0`,
		"events":          `SELECT COUNT(*) FROM events`,
		"last position":   `SELECT MAX(pos) FROM event_clock`,
		"different texts": `SELECT COUNT(DISTINCT payload) FROM events`,
	} {
		if got := count(t, db, sql); got != n {
			t.Errorf("%s: %d, want %d", what, got, n)
		}
	}
}

// However often the wire is cut, wherever a transaction then stands, retrying
// with the same key brings each command about exactly once.
func TestConnectionsCutAtRandomLoseAndDoubleNothing(t *testing.T) {
	db, wire := overWire(t, "10s")
	const clients, each = 8, 40
	random := rand.New(rand.NewPCG(7, 9))
	var mu sync.Mutex
	var unknown atomic.Int64
	trouble := func() {
		mu.Lock()
		defer mu.Unlock()
		switch random.IntN(12) {
		case 0:
			wire.Cut()
		case 1:
			wire.Arm(storetest.CutBeforeCommit, random.IntN(3))
		case 2:
			wire.Arm(storetest.CutAfterCommit, random.IntN(3))
		}
	}
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for k := range each {
				n := client*each + k
				for {
					err := db.Do(t.Context(), store.Change{Claim: claimFor(n), Run: insert(n)})
					if err == nil {
						break
					}
					if !errors.Is(err, fault.ErrUnavailable) {
						t.Errorf("command %d: %v", n, err)
						return
					}
					unknown.Add(1)
				}
				trouble()
			}
		})
	}
	wg.Wait()
	wire.Arm(0, 0)
	exactlyOnce(t, db, clients*each)
	if unknown.Load() == 0 {
		t.Error("no command met a cut: this proved nothing")
	}
}

// A server that hangs ends no connection. The writer gives up on it after a
// while and goes on when it is back.
func TestASilentServerIsCutOff(t *testing.T) {
	db, wire := overWire(t, "200ms")
	wire.Freeze()
	started := time.Now()
	err := db.Do(t.Context(), store.Change{Claim: claimFor(0), Run: insert(0)})
	if !errors.Is(err, fault.ErrUnavailable) {
		t.Fatalf("a hanging server gave %v", err)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("the writer waited %v", took)
	}
	wire.Thaw()
	for err := error(fault.ErrUnavailable); err != nil; {
		if err = db.Do(t.Context(), store.Change{Claim: claimFor(0), Run: insert(0)}); err != nil && !errors.Is(err, fault.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	exactlyOnce(t, db, 1)
}
