package demo

import (
	"testing"
	"time"
)

// A talk that began first may have got its ticket last.
func TestTalksAreOrderedByTheirPromises(t *testing.T) {
	d, err := newDays(time.Date(2026, 11, 20, 20, 5, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	late := talk{MinutesAgo: 320, Entries: []said{{}, {Minute: 10, Ticket: true}}}
	soon := talk{Day: -1, Time: "22:50", Entries: []said{{}, {Minute: 1, Ticket: true}}}
	if !d.begin(late).Before(d.begin(soon)) || !d.promised(late).After(d.promised(soon)) {
		t.Errorf("began %v and %v, promised %v and %v", d.begin(late), d.begin(soon), d.promised(late), d.promised(soon))
	}
}
