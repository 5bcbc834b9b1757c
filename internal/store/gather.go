package store

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// A batch of commands queues the same few INSERTs again and again. Both engines
// spend more on a statement than on its row, so rows of equal INSERTs that may
// change places are sent in one statement: about half the time of a commit.

// sizes are the rows a gathered statement may have; few, because each is a
// prepared statement of its own.
var sizes = []int{64, 16, 4}

// plainInsert matches an INSERT of one row of values that touches nothing but
// its own table: no text that could hide a placeholder, no subquery. The third
// group is what it does about a conflict.
var plainInsert = regexp.MustCompile(`^(?s)\s*(INSERT INTO (\w+)[^']*?\sVALUES\s*)(\((?:[^'()]|'')*\))\s*(ON CONFLICT[^']*)?$`)

var placeholder = regexp.MustCompile(`\$(\d+)`)

// shape is an INSERT of one row.
type shape struct {
	table   string
	columns int            // arguments of a row
	wide    map[int]string // by rows; nil if it may not have more
}

// shapes are what statements' texts were found to be; nil for what is no plain
// INSERT. The texts are constants of the program.
var shapes sync.Map

func shapeOf(text string) *shape {
	if known, ok := shapes.Load(text); ok {
		return known.(*shape)
	}
	var found *shape
	if parts := plainInsert.FindStringSubmatch(text); parts != nil && !strings.Contains(text, "SELECT") {
		head, table, tuple, conflict := parts[1], parts[2], parts[3], parts[4]
		found = &shape{table: table, columns: arguments(tuple)}
		// One statement may not change a row twice, so what updates stays single.
		if !strings.Contains(conflict, "UPDATE") && !strings.Contains(conflict, "$") {
			found.wide = map[int]string{}
			for _, rows := range sizes {
				found.wide[rows] = widen(head, tuple, conflict, found.columns, rows)
			}
		}
	}
	shapes.Store(text, found)
	return found
}

// arguments is the highest number of a tuple's placeholders; one may stand in
// several columns.
func arguments(tuple string) (highest int) {
	for _, found := range placeholder.FindAllStringSubmatch(tuple, -1) {
		// The pattern matches digits only.
		n, _ := strconv.Atoi(found[1])
		highest = max(highest, n)
	}
	return highest
}

func widen(head, tuple, conflict string, columns, rows int) string {
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
	return text.String() + " " + conflict
}

// Gather returns statements that do the same as those pending, in fewer. Engines
// call it before they send a batch's queue. INSERTs of values change places with those of other tables only: there
// are no foreign keys and no triggers. Anything else keeps its place.
func Gather(pending []Statement) []Statement {
	gathered := make([]Statement, 0, len(pending))
	var lanes []*lane
	byTable := map[string]*lane{}
	flush := func() {
		for _, l := range lanes {
			gathered = append(gathered, l.done()...)
		}
		lanes = lanes[:0]
		clear(byTable)
	}
	for _, statement := range pending {
		found := shapeOf(statement.SQL)
		if found == nil {
			flush()
			gathered = append(gathered, statement)
			continue
		}
		l := byTable[found.table]
		if l == nil {
			l = &lane{}
			byTable[found.table] = l
			lanes = append(lanes, l)
		}
		l.add(found, statement)
	}
	flush()
	return gathered
}

// lane holds the INSERTs of one table in their order.
type lane struct {
	settled []Statement
	same    []Statement // of one text, to be merged
	shape   *shape
}

func (l *lane) add(s *shape, statement Statement) {
	if l.shape != s {
		l.merge()
		l.shape = s
	}
	l.same = append(l.same, statement)
}

func (l *lane) done() []Statement {
	l.merge()
	return l.settled
}

func (l *lane) merge() {
	rows := l.same
	l.same = nil
	if l.shape != nil && l.shape.wide != nil {
		for _, size := range sizes {
			for len(rows) >= size {
				args := make([]any, 0, size*l.shape.columns)
				for _, row := range rows[:size] {
					args = append(args, row.Args...)
				}
				l.settled = append(l.settled, Statement{SQL: l.shape.wide[size], Args: args})
				rows = rows[size:]
			}
		}
	}
	l.settled = append(l.settled, rows...)
}
