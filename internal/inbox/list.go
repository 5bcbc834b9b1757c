package inbox

import (
	"time"

	"everdesk/internal/id"
)

// View is a list of the console.
type View string

// The views.
const (
	ViewMine     View = "mine"
	ViewQueue    View = "queue"
	ViewBot      View = "bot"
	ViewOpen     View = "open"
	ViewTicketed View = "ticketed"
	ViewResolved View = "resolved"
	// ViewAll is everything the scope sees: a customer's history.
	ViewAll View = ""
)

// Filter narrows a list.
type Filter struct {
	View     View
	Team     id.Team
	Customer id.Customer
	Tag      string
}

// Counts are the sizes of the views, each at most 1000.
type Counts struct {
	Mine     int64 `json:"mine"`
	Queue    int64 `json:"queue"`
	Bot      int64 `json:"bot"`
	Open     int64 `json:"open"`
	Ticketed int64 `json:"ticketed"`
	Unread   int64 `json:"unread"`
}

// Place is where a conversation stands in its queue.
type Place struct {
	// Position counts from 1; 0 says that it is in no queue.
	Position int
	// WaitLow and WaitHigh bound the likely wait; both are zero when too little
	// happened lately to say anything honest.
	WaitLow, WaitHigh time.Duration
	// Basis names what the estimate rests on: "recent" or "none".
	Basis string
}

// enough is how many must have been taken lately for an estimate.
const enough = 3

// PlaceOf estimates the wait of somebody with a number of others ahead, when
// taken were taken from the queue within the last window.
func PlaceOf(ahead, taken int, window time.Duration) Place {
	place := Place{Position: ahead + 1, Basis: "none"}
	if taken < enough {
		return place
	}
	expected := window * time.Duration(place.Position) / time.Duration(taken)
	place.Basis = "recent"
	place.WaitLow = (expected * 6 / 10).Truncate(10 * time.Second)
	place.WaitHigh = (expected*16/10 + 10*time.Second).Truncate(10 * time.Second)
	return place
}
