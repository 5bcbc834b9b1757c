package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/storetest"
)

// A node that freezes, or is cut off, in the middle of a transaction holds the
// rows it has locked. The server ends that transaction soon, so the others wait
// a moment and not for ever, and what the node had in mind is not kept.
func TestANodeThatFreezesInATransactionHoldsUpNobodyForLong(t *testing.T) {
	url := storetest.PostgresURL(t)
	open := func() *store.DB {
		engine, err := postgres.Open(t.Context(), url)
		must(t, err)
		return storetest.Open(t, engine)
	}
	frozen, other := open(), open()
	things(t, frozen)
	must(t, frozen.Atomically(t.Context(), insert(1)))
	rename := func(ctx context.Context, name string) error {
		_, err := store.Current(ctx).Exec(`UPDATE things SET name = $1 WHERE id = 1`, name)
		return err
	}
	locked, thaw, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		first := true
		ended <- frozen.Atomically(context.Background(), func(ctx context.Context) error {
			err := rename(ctx, "written late")
			if first {
				first = false
				close(locked)
				<-thaw // nothing runs in a process that is stopped
			}
			return err
		})
	}()
	<-locked
	began := time.Now()
	must(t, other.Atomically(t.Context(), func(ctx context.Context) error { return rename(ctx, "kept") }))
	if waited := time.Since(began); waited > 8*time.Second {
		t.Errorf("another node waited %v", waited)
	}
	close(thaw)
	if err := <-ended; !errors.Is(err, fault.ErrUnavailable) {
		t.Errorf("who woke up late got %v, want an outcome its caller retries", err)
	}
	var name string
	rows, err := other.Query(t.Context(), `SELECT name FROM things WHERE id = 1`)
	must(t, store.One(rows, err, &name))
	if name != "kept" {
		t.Errorf("the row says %q", name)
	}
}

// The standby of a synchronous pair has all that the lost primary confirmed, and
// a store finds it by itself.
func TestAStoreGoesOnWithThePromotedStandby(t *testing.T) {
	pair := storetest.NewPair(t)
	engine, err := postgres.Open(t.Context(), pair.URL)
	must(t, err)
	_, err = store.Migrate(t.Context(), engine)
	must(t, err)
	db := storetest.Open(t, engine)
	things(t, db)
	const before, all = 100, 120
	for n := range before {
		must(t, db.Do(t.Context(), store.Change{Claim: claimFor(n), Run: insert(n)}))
	}
	pair.Fail(0)
	unknown := 0
	for n := range all {
		// Those from before are replayed: a client that is not sure asks again.
		for {
			claim := claimFor(n)
			err := db.Do(t.Context(), store.Change{Claim: claim, Run: insert(n)})
			if err == nil {
				if claim.Replayed != (n < before) {
					t.Errorf("command %d replayed: %v", n, claim.Replayed)
				}
				break
			}
			if !errors.Is(err, fault.ErrUnavailable) {
				t.Fatalf("command %d: %v", n, err)
			}
			if unknown++; unknown > 10000 {
				t.Fatal("the standby was not found")
			}
		}
	}
	exactlyOnce(t, db, all)
}
