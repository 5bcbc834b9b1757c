package flow

import (
	"slices"
	"strings"
)

// NodeFields are the fields the reader knows of each type of node: all of them,
// and those that must be there.
func NodeFields() map[string][2][]string {
	all := map[string][2][]string{}
	for kind, list := range fields {
		var named, required []string
		for name := range strings.FieldsSeq(list) {
			plain, must := strings.CutSuffix(name, "*")
			named = append(named, plain)
			if must {
				required = append(required, plain)
			}
		}
		slices.Sort(named)
		slices.Sort(required)
		all[kind] = [2][]string{named, required}
	}
	return all
}
