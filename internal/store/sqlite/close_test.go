package sqlite_test

import (
	"os"
	"testing"

	"everdesk/internal/store"
	"everdesk/internal/store/sqlite"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Whoever copies the file of a desk that was stopped copies all of it.
func TestAClosedDatabaseIsOneFile(t *testing.T) {
	for name, volatile := range map[string]bool{"durable": false, "volatile": true} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			engine, err := sqlite.Open(t.Context(), folder+"/desk.db", sqlite.Options{Volatile: volatile})
			must(t, err)
			_, err = store.Migrate(t.Context(), engine)
			must(t, err)
			var n int64
			rows, err := engine.Query(t.Context(), `SELECT COUNT(*) FROM schema_migrations`, nil)
			must(t, store.One(rows, err, &n))
			must(t, engine.Close())
			left, err := os.ReadDir(folder)
			must(t, err)
			if len(left) != 1 || left[0].Name() != "desk.db" {
				t.Errorf("left are %v", left)
			}
		})
	}
}
