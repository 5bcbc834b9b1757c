package flow

import (
	"maps"

	"everdesk/internal/locale"
)

// Severity says whether a flow with a problem can be published.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is something a check found.
type Problem struct {
	// Code is F01 to F34 and never changes its meaning.
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	// Flow is set when several are checked together.
	Flow string `json:"flow,omitempty"`
	Node string `json:"node,omitempty"`
	// Path leads into the document: "nodes.sure.text.en".
	Path string `json:"path,omitempty"`
	// Trail is a way through the flow that shows the problem.
	Trail []string `json:"trail,omitempty"`
	// Facts fill the text of the code.
	Facts map[string]string `json:"facts,omitempty"`
}

// missing is what F01 wants of a field that must be there.
const missing = "this field"

// Message words the problem in a language.
func (p Problem) Message(tag string) string {
	if matched := locale.Match(tag); matched != "" {
		tag = matched
	} else {
		tag = locale.Tags[0]
	}
	facts := map[string]string{"node": p.Node, "path": p.Path}
	maps.Copy(facts, p.Facts)
	key := "flow.problem." + p.Code
	if p.Facts["want"] == missing {
		key += ".missing"
	}
	return locale.Text(tag, key, facts)
}

// Publishable reports whether none of the problems is an error.
func Publishable(problems []Problem) bool {
	for _, p := range problems {
		if p.Severity == Error {
			return false
		}
	}
	return true
}
