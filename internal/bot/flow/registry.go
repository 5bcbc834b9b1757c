package flow

import (
	"encoding/json"
	"time"

	"everdesk/internal/id"
)

// Flow is a flow as it is kept: its draft, and which version customers meet.
type Flow struct {
	ID    id.Flow
	Key   string
	Title Text
	// Draft is as it was last saved, right or wrong.
	Draft     json.RawMessage
	DraftHash string
	// Published is the number of the version customers meet, 0 for none.
	Published     int64
	PublishedHash string
	Version       int64
	CreatedAt     time.Time
	UpdatedAt     time.Time
	UpdatedBy     id.Staff
}

// Version is a published document. It never changes.
type Version struct {
	Number      int64
	Hash        string
	Document    json.RawMessage
	Note        string
	PublishedAt time.Time
	PublishedBy id.Staff
}

// Opening is what is known of a published flow before it is needed: how it is
// found.
type Opening struct {
	Key    string
	Hash   string
	Title  Text
	Starts []Start
}
