package store_test

import (
	"regexp"
	"strings"
	"testing"

	"everdesk/internal/store"
)

// lastOfFirst is the newest migration of the first schema, before which there
// was nothing to be compatible with.
const lastOfFirst = 42

var (
	newTable = regexp.MustCompile(`(?i)^CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?(\w+)`)
	newIndex = regexp.MustCompile(`(?i)^CREATE (UNIQUE )?INDEX (?:IF NOT EXISTS )?\w+ ON (\w+)`)
	addition = regexp.MustCompile(`(?is)^ALTER TABLE \w+ ADD (?:COLUMN )?(.+)$`)
	filling  = regexp.MustCompile(`(?i)^(INSERT INTO|UPDATE) `)
	comment  = regexp.MustCompile(`(?m)^\s*--.*$`)
	contract = regexp.MustCompile(`(?m)^-- contract: nothing since version (\S+) uses this$`)
)

// breaking says why a statement cannot run while nodes of the version before are
// still at work, or "".
func breaking(statement string, tables map[string]bool) string {
	switch parts := newIndex.FindStringSubmatch(statement); {
	case newTable.MatchString(statement):
		tables[newTable.FindStringSubmatch(statement)[1]] = true
		return ""
	case parts != nil && parts[1] != "" && !tables[parts[2]]:
		return "a unique index on an existing table refuses what the older nodes write"
	case parts != nil, filling.MatchString(statement):
		return ""
	}
	column := addition.FindStringSubmatch(statement)
	switch {
	case column == nil:
		return "only tables, indexes, columns and rows may be added"
	case regexp.MustCompile(`(?i)NOT NULL`).MatchString(column[1]) && !regexp.MustCompile(`(?i)\bDEFAULT\b`).MatchString(column[1]):
		return "the older nodes do not fill a new column: it needs a default"
	case regexp.MustCompile(`(?i)\b(UNIQUE|CHECK|REFERENCES)\b`).MatchString(column[1]):
		return "the older nodes do not know a new column's rule"
	}
	return ""
}

// In a rolling restart old and new nodes share a database, so a migration only
// adds. What is to go is no longer used first, and goes with a later version, in
// a migration that says so. docs/adr/0014 has the rule.
func TestMigrationsOnlyAdd(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		steps, err := store.Migrations(engine)
		must(t, err)
		for _, step := range steps {
			if step.Version <= lastOfFirst || contract.MatchString(step.SQL) {
				continue
			}
			tables := map[string]bool{}
			for statement := range strings.SplitSeq(comment.ReplaceAllString(step.SQL, ""), ";\n") {
				if statement = strings.TrimSpace(statement); statement == "" {
					continue
				}
				if why := breaking(statement, tables); why != "" {
					t.Errorf("%04d_%s (%s): %.60q: %s", step.Version, step.Name, engine, statement, why)
				}
			}
		}
	}
}

func TestWhatOldNodesCannotStandIsNoticed(t *testing.T) {
	for statement, fine := range map[string]bool{
		"CREATE TABLE things (id BIGINT PRIMARY KEY)":                 true,
		"CREATE INDEX things_at ON things(at)":                        true,
		"CREATE UNIQUE INDEX fresh_name ON fresh(name)":               true,
		"CREATE UNIQUE INDEX things_name ON things(name)":             false,
		"ALTER TABLE things ADD COLUMN note TEXT":                     true,
		"ALTER TABLE things ADD COLUMN note TEXT NOT NULL DEFAULT ''": true,
		"ALTER TABLE things ADD COLUMN note TEXT NOT NULL":            false,
		"ALTER TABLE things ADD COLUMN note TEXT UNIQUE":              false,
		"ALTER TABLE things RENAME COLUMN note TO notes":              false,
		"ALTER TABLE things DROP COLUMN note":                         false,
		"DROP TABLE things":                                           false,
		"DELETE FROM things":                                          false,
		"UPDATE things SET note = '' WHERE note IS NULL":              true,
	} {
		if why := breaking(statement, map[string]bool{"fresh": true}); (why == "") != fine {
			t.Errorf("%s: %q", statement, why)
		}
	}
}
