package store_test

import (
	"strings"
	"testing"

	"everdesk/internal/store"
)

const (
	plain = `INSERT INTO a(x, y)
		VALUES ($1, '')`
	once   = `INSERT INTO b(x) VALUES ($1) ON CONFLICT (x) DO NOTHING`
	upsert = `INSERT INTO c(x) VALUES ($1) ON CONFLICT (x) DO UPDATE SET x = c.x + excluded.x`
	twice  = `INSERT INTO d(x, y) VALUES ($1, $1)`
	change = `UPDATE a SET y = $1`
)

func repeat(n int, texts ...string) (all []store.Statement) {
	for i := range n {
		for _, text := range texts {
			all = append(all, store.Statement{SQL: text, Args: []any{i}})
		}
	}
	return all
}

// What is sent keeps the order within each table, and of everything that is not
// an INSERT of values.
func TestEqualInsertsAreSentAsOneStatement(t *testing.T) {
	for name, c := range map[string]struct {
		pending []store.Statement
		// want is how each statement sent begins, and its number of arguments.
		want []string
		args []int
	}{
		"of several tables by turns":         {repeat(4, plain, once), []string{"INSERT INTO a", "INSERT INTO b"}, []int{4, 4}},
		"one argument in two columns":        {repeat(4, twice), []string{"INSERT INTO d"}, []int{4}},
		"few of them stay single":            {repeat(2, plain), []string{"INSERT INTO a", "INSERT INTO a"}, []int{1, 1}},
		"one that updates a row stays alone": {repeat(4, upsert)[:2], []string{"INSERT INTO c", "INSERT INTO c"}, []int{1, 1}},
		"a change is passed by none": {
			append(append(repeat(4, plain), repeat(1, change)...), repeat(4, plain)...),
			[]string{"INSERT INTO a", "UPDATE a", "INSERT INTO a"}, []int{4, 1, 4},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := store.Gather(c.pending)
			if len(got) != len(c.want) {
				t.Fatalf("%d statements, want %d: %v", len(got), len(c.want), got)
			}
			for i, statement := range got {
				if !strings.HasPrefix(strings.TrimSpace(statement.SQL), c.want[i]) || len(statement.Args) != c.args[i] {
					t.Errorf("statement %d is %s with %d arguments", i, statement.SQL, len(statement.Args))
				}
			}
		})
	}
}

func TestAWiderInsertKeepsWhatItDoesAboutAConflict(t *testing.T) {
	got := store.Gather(repeat(4, once))
	if want := "INSERT INTO b(x) VALUES ($1), ($2), ($3), ($4) ON CONFLICT (x) DO NOTHING"; got[0].SQL != want {
		t.Errorf("%s, want %s", got[0].SQL, want)
	}
}
