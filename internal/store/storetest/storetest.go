// Package storetest runs a test on every engine: on SQLite always, on
// PostgreSQL when its binaries are there.
//
// EVERDESK_TEST_REQUIRE names what must be there ("postgres,chromium,mail"):
// absence is then a failure instead of a suite that says it was not run.
package storetest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/sqlite"
)

// Main runs the tests of a package that uses Each and then stops the servers
// they started: func TestMain(m *testing.M) { storetest.Main(m) }.
func Main(m interface{ Run() int }) {
	code := m.Run()
	stopCluster()
	os.Exit(code)
}

// Each runs fn on a fresh, migrated database of every engine.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachEngine(t, func(t *testing.T, open func() store.Engine) {
		fn(t, Open(t, open()))
	})
}

// EachEngine is Each for tests that open the database more than once, or with
// options of their own. Every open reaches the same database.
func EachEngine(t *testing.T, fn func(t *testing.T, open func() store.Engine)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		fn(t, SQLite(t, sqlite.Options{Volatile: true}))
	})
	t.Run("postgres", func(t *testing.T) {
		fn(t, Postgres(t))
	})
}

// Open starts the store on an engine and closes it with the test.
func Open(t testing.TB, engine store.Engine) *store.DB {
	db := store.Open(engine, store.Options{Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))})
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return db
}

// SQLite returns an opener of one fresh database file.
func SQLite(t testing.TB, options sqlite.Options) func() store.Engine {
	path := filepath.Join(t.TempDir(), "everdesk.db")
	return func() store.Engine {
		engine, err := sqlite.Open(context.Background(), path, options)
		if err != nil {
			t.Fatal(err)
		}
		migrate(t, engine)
		return engine
	}
}

// Postgres returns an opener of one fresh database, copied from a migrated
// template, in a cluster that lives as long as the test binary.
func Postgres(t testing.TB) func() store.Engine {
	url := freshDatabase(t, "migrated")
	return func() store.Engine {
		engine, err := postgres.Open(context.Background(), url)
		if err != nil {
			t.Fatal(err)
		}
		return engine
	}
}

// PostgresURL returns the URL of a fresh, migrated database.
func PostgresURL(t testing.TB) string { return freshDatabase(t, "migrated") }

// EmptyPostgresURL returns the URL of a database that has no schema yet.
func EmptyPostgresURL(t testing.TB) string { return freshDatabase(t, "template1") }

func migrate(t testing.TB, engine store.Engine) {
	if _, err := store.Migrate(context.Background(), engine); err != nil {
		t.Fatal(err)
	}
}

// Missing ends a test whose counterpart is not on this machine: as a failure
// where EVERDESK_TEST_REQUIRE names it, else as a suite not run, which
// `make test` lists.
func Missing(t testing.TB, counterpart, why string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("EVERDESK_TEST_REQUIRE"), ","), counterpart) {
		t.Fatalf("%s is required here: %s", counterpart, why)
	}
	t.Skipf("suite not run, no %s: %s", counterpart, why)
}
