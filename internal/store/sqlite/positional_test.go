package sqlite

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlaceholdersAreRewrittenInTheirOrder(t *testing.T) {
	for name, c := range map[string]struct {
		query, text string
		order       []int
	}{
		"in order":          {"VALUES ($1, $2)", "VALUES (?, ?)", []int{0, 1}},
		"twice and mixed":   {"a = $2 AND b = $1 OR c = $2", "a = ? AND b = ? OR c = ?", []int{1, 0, 1}},
		"more than nine":    {"$12", "?", []int{11}},
		"not within quotes": {"'$1''$2' || $1", "'$1''$2' || ?", []int{0}},
		"a bare sign":       {"'$' || $", "'$' || $", nil},
	} {
		t.Run(name, func(t *testing.T) {
			text, order := positional(c.query)
			if text != c.text || !cmp.Equal(order, c.order) {
				t.Errorf("%s with %v, want %s with %v", text, order, c.text, c.order)
			}
		})
	}
}
