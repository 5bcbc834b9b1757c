package knowledge

import (
	"time"

	"everdesk/internal/id"
)

// ImportState says how far an import has come.
type ImportState string

// The states of an import.
const (
	Running ImportState = "running"
	Done    ImportState = "done"
	Failed  ImportState = "failed"
)

// An Import is a file being taken in, some rows at a time.
type Import struct {
	ID     id.Import
	Format Format
	// Locale is that of rows that name none.
	Locale string
	State  ImportState
	// Total counts all rows, Worked those worked off so far, the bad ones among
	// them.
	Total, Worked int
	// Created and Updated count what the good rows did; a row that changed
	// nothing is in neither.
	Created, Updated int
	Bad              []BadRow
	CreatedAt        time.Time
	// FinishedAt is zero while it runs.
	FinishedAt time.Time
}

// Topic is a heading articles of one language stand under.
type Topic struct {
	Name     string
	Locale   string
	Articles int64
}

// Filter narrows a list of articles. Zero values do not filter.
type Filter struct {
	// Text matches part of a title or a variant.
	Text   string
	Locale string
	Kind   ArticleKind
	Status Status
	Topic  string
}
