package inboxdb_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"everdesk/internal/access"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/routing"
	"everdesk/internal/store"
	"everdesk/internal/store/sqlite"
	"everdesk/internal/store/storetest"
)

// BenchmarkPost has 128 customers at a time write to the agent who has their
// conversation: what a message costs the node, without HTTP and sockets.
func BenchmarkPost(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			open := storetest.SQLite(b, sqlite.Options{Volatile: true})
			if engine == "postgres" {
				open = storetest.Postgres(b)
			}
			benchmarkPost(b, storetest.Open(b, open()))
		})
	}
}

func benchmarkPost(b *testing.B, db *store.DB) {
	d := newDesk(b, db, func(o *inboxdb.Options) { o.Feed = nobody{} })
	d.roster.capacity = routing.Capacity{Chat: 100_000, Async: 100_000}
	type talk struct {
		who access.Scope
		c   inbox.Conversation
	}
	talks := make([]talk, 400)
	for i := range talks {
		who := d.customer()
		c := d.start(who, "where is it?", true)
		_, err := d.Take(b.Context(), member(ann, support), c.ID, 0, d.at)
		d.must(err)
		talks[i] = talk{who, c}
	}
	var next atomic.Int64
	b.SetParallelism(64)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			n := next.Add(1)
			one := talks[int(n)%len(talks)]
			if _, err := d.say(one.who, one.c, fmt.Sprint("client ", n), "The tracking page has not moved since Monday. Could you have a look?"); err != nil {
				b.Error(err)
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// nobody is told of anything.
type nobody struct{}

func (nobody) Changed(inbox.Update) {}
