package store_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/sqlite"
	"everdesk/internal/store/storetest"
)

// Nodes that start together on an empty database migrate it once, one waiting
// for the other, and a later start finds nothing to do.
func TestNodesThatStartTogetherMigrateOnce(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) []store.Engine{
		"sqlite": func(t *testing.T) []store.Engine { // has one process a file
			engine, err := sqlite.Open(t.Context(), t.TempDir()+"/everdesk.db", sqlite.Options{Volatile: true})
			must(t, err)
			return []store.Engine{engine}
		},
		"postgres": func(t *testing.T) []store.Engine {
			url := storetest.EmptyPostgresURL(t)
			nodes := make([]store.Engine, 4)
			for i := range nodes {
				engine, err := postgres.Open(t.Context(), url)
				must(t, err)
				nodes[i] = engine
			}
			return nodes
		},
	} {
		t.Run(name, func(t *testing.T) {
			nodes := start(t)
			steps, err := store.Migrations(nodes[0].Name())
			must(t, err)
			for _, want := range []int64{int64(len(steps)), 0} {
				var taken atomic.Int64
				var wg sync.WaitGroup
				for _, node := range nodes {
					wg.Go(func() {
						did, err := store.Migrate(t.Context(), node)
						if err != nil {
							t.Error(err)
						}
						taken.Add(int64(len(did)))
					})
				}
				wg.Wait()
				if taken.Load() != want {
					t.Errorf("%d steps were taken, want %d", taken.Load(), want)
				}
			}
			for _, node := range nodes {
				must(t, node.Close())
			}
		})
	}
}
