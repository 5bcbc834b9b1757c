package app_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"everdesk/internal/app"
	"everdesk/internal/store"
)

// tables are what a database holds: rows and a digest of each table.
type tables map[string]string

// unwatched change with requests that are refused, and mean to: how often
// somebody tried, and who holds a node.
var unwatched = []string{"throttles", "leases"}

// snapshot digests every table, but for when sessions and keys were last seen.
func snapshot(t testing.TB, a *app.App) tables {
	t.Helper()
	digests := tables{}
	for table, rows := range contents(t, a) {
		if !slices.Contains(unwatched, table) {
			sum := sha256.Sum256([]byte(strings.Join(rows, "\n")))
			digests[table] = fmt.Sprintf("%d rows, %x", len(rows), sum[:6])
		}
	}
	return digests
}

// stored is all text that the database keeps.
func stored(t testing.TB, a *app.App) string {
	t.Helper()
	var all strings.Builder
	for _, rows := range contents(t, a) {
		for _, row := range rows {
			all.WriteString(row)
		}
	}
	return all.String()
}

// contents reads every table as text, each row a line.
func contents(t testing.TB, a *app.App) map[string][]string {
	t.Helper()
	db := a.Desk().DB
	list, columns := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`, `SELECT name FROM pragma_table_info($1)`
	if db.Engine() == "postgres" {
		list, columns = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`, `SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`
	}
	text := func(row store.Row) (s string, err error) { return s, row.Scan(&s) }
	query := func(sql string, args ...any) []string {
		rows, err := db.Query(t.Context(), sql, args...)
		all, err := store.All(rows, err, text)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	found := map[string][]string{}
	for _, table := range query(list) {
		var parts []string
		for _, column := range query(columns, table) {
			if column != "seen_at" && column != "used_at" {
				parts = append(parts, `COALESCE(CAST(`+column+` AS TEXT), '-')`)
			}
		}
		found[table] = query(`SELECT ` + strings.Join(parts, ` || '|' || `) + ` FROM ` + table)
		slices.Sort(found[table])
	}
	if len(found) < 30 {
		t.Fatalf("only %d tables", len(found))
	}
	return found
}

// differs names the tables that were written to.
func (s tables) differs(after tables) (changed []string) {
	for table, was := range s {
		if after[table] != was {
			changed = append(changed, fmt.Sprintf("%s: %s, was %s", table, after[table], was))
		}
	}
	return changed
}
