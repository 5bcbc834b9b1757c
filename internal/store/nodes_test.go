package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

// Two nodes that raise the same few counters, and lock them in opposite orders,
// deadlock all the time. Batches are then run again whole, and what still fails
// its caller repeats with its key: no update is lost, none is made twice.
func TestHotRowsOnTwoNodesLoseNoUpdate(t *testing.T) {
	open := storetest.Postgres(t)
	nodes := []*store.DB{storetest.Open(t, open()), storetest.Open(t, open())}
	must(t, nodes[0].Atomically(t.Context(), func(ctx context.Context) error {
		tx := store.Current(ctx)
		if _, err := tx.Exec(`CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO counters(id, n) VALUES (0, 0), (1, 0), (2, 0)`)
		return err
	}))
	const clients, each, rows = 12, 20, 3
	raise := func(order int) func(context.Context) error {
		return func(ctx context.Context) error {
			for i := range rows {
				row := i
				if order == 1 {
					row = rows - 1 - i
				}
				var now int64
				if err := store.Current(ctx).Returning([]any{&now}, `UPDATE counters SET n = n + 1 WHERE id = $1 RETURNING n`, row); err != nil {
					return err
				}
			}
			return nil
		}
	}
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for k := range each {
				change := store.Change{Claim: claimFor(client*each + k), Run: raise(client % 2)}
				err := nodes[client%2].Do(t.Context(), change)
				for errors.Is(err, fault.ErrUnavailable) {
					err = nodes[client%2].Do(t.Context(), change)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for row := range rows {
		if n := count(t, nodes[0], `SELECT n FROM counters WHERE id = $1`, row); n != clients*each {
			t.Errorf("counter %d stands at %d, want %d", row, n, clients*each)
		}
	}
	if nodes[0].Stats().Retried+nodes[1].Stats().Retried == 0 {
		t.Error("no batch met a deadlock: this proved nothing")
	}
}

// A consumer that has fallen behind keeps the events it still needs, and only
// those, while another follows the outbox to its end.
func TestASlowConsumerKeepsWhatItNeedsAndHoldsUpNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		things(t, db)
		const events = 50
		for n := range events {
			must(t, db.Atomically(t.Context(), insert(n)))
		}
		part := store.PartOf(1)
		consume := func(consumer string, after int64, most int) int64 {
			t.Helper()
			lease, held, err := db.Acquire(t.Context(), consumer, "node", time.Minute)
			if err != nil || !held {
				t.Fatalf("%s has no lease: %v", consumer, err)
			}
			records, err := db.Events(t.Context(), part, after, most)
			must(t, err)
			last := after
			for _, record := range records {
				if record.Pos != last+1 {
					t.Fatalf("%s was given position %d after %d", consumer, record.Pos, last)
				}
				last = record.Pos
			}
			must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
				_, err := store.Current(ctx).Advance(consumer, part, last, lease)
				return err
			}))
			return last
		}
		sweep := func() int64 {
			t.Helper()
			swept, err := db.SweepEvents(t.Context(), []string{"slow", "fast"}, time.Unix(events, 0), 1000)
			must(t, err)
			return swept
		}

		if swept := sweep(); swept != 0 {
			t.Errorf("%d events were swept that nobody has read", swept)
		}
		fast := consume("fast", 0, events)
		if swept := sweep(); swept != 0 {
			t.Errorf("%d events were swept that one consumer has not begun to read", swept)
		}
		slow := consume("slow", 0, 10)
		if swept := sweep(); swept != 10 {
			t.Errorf("%d events were swept, want the 10 both have read", swept)
		}
		// The fast one goes on while the slow one stands.
		must(t, db.Atomically(t.Context(), insert(events)))
		if fast = consume("fast", fast, 1000); fast != events+1 {
			t.Errorf("the fast consumer stands at %d, want %d", fast, events+1)
		}
		if slow = consume("slow", slow, 1000); slow != events+1 {
			t.Errorf("the slow consumer came to %d, want %d with nothing missing", slow, events+1)
		}
		if swept := sweep(); swept != events-10 {
			t.Errorf("%d events were swept, want %d: all but the newest, which is too young", swept, events-10)
		}
	})
}

// Parts are independent: an event of one workspace takes no position of another
// part.
func TestPartsDoNotHoldEachOtherUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		other := int64(2)
		for store.PartOf(1) == store.PartOf(id.Workspace(other)) {
			other++
		}
		for n := range 20 {
			must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
				of := id.Workspace(1)
				if n%4 == 0 {
					of = id.Workspace(other)
				}
				store.Current(ctx).Emit(of, time.Unix(1, 0), happened{n})
				return nil
			}))
		}
		for of, want := range map[int64]int{1: 15, other: 5} {
			records, err := db.Events(t.Context(), store.PartOf(id.Workspace(of)), 0, 100)
			must(t, err)
			if len(records) != want || last(records) != int64(want) {
				t.Errorf("workspace %d has %d events up to %d, want %d without a gap", of, len(records), last(records), want)
			}
		}
	})
}

func last(records []event.Record) int64 {
	if len(records) == 0 {
		return 0
	}
	return records[len(records)-1].Pos
}
