package store_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/sqlite"
	"everdesk/internal/store/storetest"
)

// BenchmarkGroupCommit compares one transaction for all who wait with one for
// each, on durable storage: 256 clients that each write a row of a kilobyte, an
// event and a claim, for 64 workspaces. Run it with EVERDESK_TEST_DURABLE=1, or PostgreSQL is let
// off its fsync.
func BenchmarkGroupCommit(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, mode := range []string{"grouped", "ungrouped"} {
			b.Run(engine+"/"+mode, func(b *testing.B) {
				db := store.Open(durable(b, engine), store.Options{Ungrouped: mode == "ungrouped"})
				defer func() {
					if err := db.Close(); err != nil {
						b.Error(err)
					}
				}()
				if err := db.Atomically(b.Context(), func(ctx context.Context) error {
					_, err := store.Current(ctx).Exec(table)
					return err
				}); err != nil {
					b.Fatal(err)
				}
				write(b, db)
			})
		}
	}
}

// durable opens an engine that syncs, with connections enough for the baseline.
func durable(b *testing.B, engine string) store.Engine {
	if engine == "sqlite" {
		return storetest.SQLite(b, sqlite.Options{})()
	}
	opened, err := postgres.Open(b.Context(), storetest.PostgresURL(b)+"&pool_max_conns=24")
	if err != nil {
		b.Fatal(err)
	}
	return opened
}

func write(b *testing.B, db *store.DB) {
	body := make([]byte, 1024)
	for i := range body {
		body[i] = 'a' + byte(i%26)
	}
	var next atomic.Int64
	b.SetParallelism(128) // for each processor
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			n := int(next.Add(1))
			err := db.Do(b.Context(), store.Change{Subject: int64(n), Claim: claimFor(n), Run: func(ctx context.Context) error {
				tx := store.Current(ctx)
				tx.Queue(`INSERT INTO things(workspace_id, id, name, at) VALUES ($1, $2, $3, $4)`, id.Workspace(1), n, string(body), time.Unix(int64(n), 0))
				tx.Emit(id.Workspace(n%64), time.Unix(int64(n), 0), happened{n})
				return nil
			}})
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
	if stats := db.Stats(); stats.Batches > 0 {
		b.ReportMetric(float64(stats.Commands)/float64(stats.Batches), "commands/commit")
	}
}
