package postgres

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"everdesk/internal/store"
)

// A batch of commands queues the same few INSERTs again and again. PostgreSQL
// spends more on a statement than on its row, so rows of equal INSERTs that may
// change places are sent in one statement: about half the time of a commit.

// sizes are the rows a gathered statement may have; few, because each is a
// prepared statement of its own.
var sizes = []int{64, 16, 4}

// plainInsert matches an INSERT of one row that has nothing but its values: no
// conflict to decide, nothing returned, no text that could hide a placeholder.
var plainInsert = regexp.MustCompile(`^(?s)\s*(INSERT INTO [^']*? VALUES\s*)(\([^']*\))\s*$`)

var placeholder = regexp.MustCompile(`\$(\d+)`)

// shape is an INSERT that may have more rows.
type shape struct {
	columns int
	wide    map[int]string // by rows
}

// shapes are what statements' texts were found to be; nil for what is no plain
// INSERT. The texts are constants of the program.
var shapes sync.Map

func shapeOf(text string) *shape {
	if known, ok := shapes.Load(text); ok {
		return known.(*shape)
	}
	var found *shape
	if parts := plainInsert.FindStringSubmatch(text); parts != nil && !strings.Contains(parts[2], "SELECT") {
		found = &shape{columns: len(placeholder.FindAllString(parts[2], -1)), wide: map[int]string{}}
		for _, rows := range sizes {
			found.wide[rows] = widen(parts[1], parts[2], found.columns, rows)
		}
	}
	shapes.Store(text, found)
	return found
}

func widen(head, tuple string, columns, rows int) string {
	var text strings.Builder
	text.WriteString(head)
	for row := range rows {
		if row > 0 {
			text.WriteString(", ")
		}
		text.WriteString(placeholder.ReplaceAllStringFunc(tuple, func(p string) string {
			// The pattern matches digits only.
			n, _ := strconv.Atoi(p[1:])
			return "$" + strconv.Itoa(n+row*columns)
		}))
	}
	return text.String()
}

// gather returns statements that do the same with fewer round trips inside the
// server. INSERTs change places with each other only, and never with anything
// that reads or changes rows.
func gather(pending []store.Statement) []store.Statement {
	gathered := make([]store.Statement, 0, len(pending))
	var texts []string
	rows := map[string][]store.Statement{}
	flush := func() {
		for _, text := range texts {
			gathered = append(gathered, merge(shapeOf(text), rows[text])...)
		}
		texts = texts[:0]
		clear(rows)
	}
	for _, statement := range pending {
		found := shapeOf(statement.SQL)
		if found == nil || len(statement.Args) != found.columns {
			flush()
			gathered = append(gathered, statement)
			continue
		}
		if rows[statement.SQL] == nil {
			texts = append(texts, statement.SQL)
		}
		rows[statement.SQL] = append(rows[statement.SQL], statement)
	}
	flush()
	return gathered
}

func merge(s *shape, rows []store.Statement) []store.Statement {
	var merged []store.Statement
	for _, size := range sizes {
		for len(rows) >= size {
			args := make([]any, 0, size*s.columns)
			for _, row := range rows[:size] {
				args = append(args, row.Args...)
			}
			merged = append(merged, store.Statement{SQL: s.wide[size], Args: args})
			rows = rows[size:]
		}
	}
	return append(merged, rows...)
}
