package event

import "everdesk/internal/id"

// KnowledgeChanged says that what customers are answered with has changed:
// every node looks at its indexes anew. Locale is empty when products changed.
type KnowledgeChanged struct {
	Locale   string       `json:"locale,omitempty"`
	Articles []id.Article `json:"articles,omitempty"`
	Products []id.Product `json:"products,omitempty"`
}

// Kind returns "knowledge.changed".
func (KnowledgeChanged) Kind() string { return "knowledge.changed" }

// ImportFinished says that a bulk import has come to its end.
type ImportFinished struct {
	Import id.Import `json:"import"`
	Failed bool      `json:"failed,omitempty"`
}

// Kind returns "import.finished".
func (ImportFinished) Kind() string { return "import.finished" }
