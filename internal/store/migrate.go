package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migration is one step of the schema.
type Migration struct {
	Version int64
	Name    string
	SQL     string
}

// Migrations returns the steps of an engine in order. A file
// 0007_name.postgres.sql or .sqlite.sql is for that engine only.
func Migrations(engine string) ([]Migration, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []Migration
	for _, file := range files {
		stem, only := strings.TrimSuffix(path.Base(file), ".sql"), ""
		if s, suffix, cut := strings.Cut(stem, "."); cut {
			stem, only = s, suffix
		}
		if only != "" && only != engine {
			continue
		}
		number, name, _ := strings.Cut(stem, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", file, err)
		}
		text, err := migrations.ReadFile(file)
		if err != nil {
			return nil, err
		}
		// A second step of a number would be taken for done.
		if len(steps) > 0 && steps[len(steps)-1].Version == version {
			return nil, fmt.Errorf("migrations %s and %s have the same number", steps[len(steps)-1].Name, name)
		}
		steps = append(steps, Migration{version, name, string(text)})
	}
	return steps, nil
}

// MigrationFiles returns the numbers of all steps, whichever engine takes them.
func MigrationFiles() (map[int64]bool, error) {
	known := map[int64]bool{}
	for _, engine := range []string{"sqlite", "postgres"} {
		steps, err := Migrations(engine)
		if err != nil {
			return nil, err
		}
		for _, step := range steps {
			known[step.Version] = true
		}
	}
	return known, nil
}

// Migrate brings the schema up to date, each step in a transaction of its own,
// and returns the names of the steps taken. Nodes that start together are
// serialised by the engine's write lock, or by the lock statement.
func Migrate(ctx context.Context, engine Engine) (taken []string, err error) {
	return MigrateOnly(ctx, engine, func(int64) bool { return true })
}

// MigrateOnly is Migrate for some of the steps: it makes an earlier schema.
func MigrateOnly(ctx context.Context, engine Engine, wanted func(version int64) bool) (taken []string, err error) {
	steps, err := Migrations(engine.Name())
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		if !wanted(step.Version) {
			continue
		}
		done, err := migrateOne(ctx, engine, step)
		if err != nil {
			return taken, fmt.Errorf("migration %04d_%s: %w", step.Version, step.Name, err)
		}
		if done {
			taken = append(taken, fmt.Sprintf("%04d_%s", step.Version, step.Name))
		}
	}
	return taken, nil
}

func migrateOne(ctx context.Context, engine Engine, step Migration) (done bool, err error) {
	tx, err := engine.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil || !done {
			// What failed is being reported; a failed rollback adds nothing.
			_ = tx.Rollback(ctx)
		}
	}()
	if lock := engine.Dialect().MigrationLock; lock != "" {
		if _, err := tx.Exec(ctx, nil, lock, nil); err != nil {
			return false, err
		}
	}
	if _, err := tx.Exec(ctx, nil, `CREATE TABLE IF NOT EXISTS schema_migrations (
		version BIGINT PRIMARY KEY, name TEXT NOT NULL, at BIGINT NOT NULL)`, nil); err != nil {
		return false, err
	}
	claimed, err := tx.Exec(ctx, nil, `INSERT INTO schema_migrations(version, name, at) VALUES ($1, $2, $3)
		ON CONFLICT (version) DO NOTHING`, []any{step.Version, step.Name, time.Now().UnixMicro()})
	if err != nil || claimed == 0 {
		return false, err
	}
	for _, statement := range statements(step.SQL) {
		if _, err := tx.Exec(ctx, nil, statement, nil); err != nil {
			return false, fmt.Errorf("%.60q: %w", statement, err)
		}
	}
	return true, tx.Commit(ctx)
}

// statements splits a migration at the semicolons that end a line, which is
// where our own files put them.
func statements(text string) []string {
	var all []string
	var lines []string
	for line := range strings.Lines(text) {
		if trimmed := strings.TrimSpace(line); trimmed == "" || strings.HasPrefix(trimmed, "--") {
			continue
		}
		lines = append(lines, line)
		if strings.HasSuffix(strings.TrimSpace(line), ";") {
			all = append(all, strings.TrimSuffix(strings.TrimSpace(strings.Join(lines, "")), ";"))
			lines = nil
		}
	}
	return all
}
