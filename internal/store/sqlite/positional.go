package sqlite

import (
	"strconv"
	"strings"
)

// positional rewrites numbered placeholders to bare ones, and returns which
// argument stands at each. SQLite keeps the names of numbered ones in a list that
// the driver searches from its start for every value: in an INSERT of a thousand
// values that is most of the work.
func positional(query string) (text string, order []int) {
	var out strings.Builder
	quoted := false
	for i := 0; i < len(query); i++ {
		c := query[i]
		if c == '\'' {
			quoted = !quoted
		}
		end := i + 1
		for end < len(query) && query[end] >= '0' && query[end] <= '9' {
			end++
		}
		if c != '$' || quoted || end == i+1 {
			out.WriteByte(c)
			continue
		}
		// Digits only.
		number, _ := strconv.Atoi(query[i+1 : end])
		order = append(order, number-1)
		out.WriteByte('?')
		i = end - 1
	}
	return out.String(), order
}

// arrange puts arguments where a rewritten statement has them.
func arrange(args []any, order []int) []any {
	arranged := make([]any, len(order))
	for i, from := range order {
		if from >= len(args) {
			return args // the driver says how many are missing
		}
		arranged[i] = args[from]
	}
	return arranged
}
