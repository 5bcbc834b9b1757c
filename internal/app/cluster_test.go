package app

import (
	"encoding/json"
	"testing"
	"time"

	"everdesk/internal/event"
	"everdesk/internal/id"
)

func TestANodeWithAWrongClockGoesByTheDatabases(t *testing.T) {
	noon := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		off  time.Duration
		want time.Duration
	}{
		"five minutes fast":                       {5 * time.Minute, -5 * time.Minute},
		"five minutes slow":                       {-5 * time.Minute, 5 * time.Minute},
		"a little off, as clocks are":             {300 * time.Millisecond, 0},
		"exact":                                   {0, 0},
		"as far off as the answer took, or so":    {1020 * time.Millisecond, 0},
		"further off than the answer can explain": {2 * time.Second, -2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			now := noon
			clock := clock{machine: func() time.Time { return now.Add(c.off) }}
			got, err := clock.set(func() (time.Time, error) {
				now = now.Add(50 * time.Millisecond)
				there := now
				now = now.Add(50 * time.Millisecond)
				return there, nil
			})
			if err != nil || got != c.want {
				t.Errorf("corrected by %v, %v; want %v", got, err, c.want)
			}
			if off := clock.Now().Sub(now); c.want != 0 && off.Abs() > time.Millisecond {
				t.Errorf("the clock is still %v off", off)
			}
		})
	}
}

func happened(kind string, payload any) event.Record {
	raw, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	return event.Record{Workspace: 1, Kind: kind, Payload: raw}
}

func TestWhatWasNotHeardIsToldOnceAndFromItsFirstEntry(t *testing.T) {
	var u unheard
	posted := func(which id.Conversation, seq int64) event.Record {
		return happened("entry.posted", event.EntryPosted{Conversation: which, Seq: seq})
	}
	u.take(posted(7, 4))
	if due := u.drain(); len(due) != 0 {
		t.Errorf("a node that hears the others would tell %v again", due)
	}
	if !u.set(true) || u.set(true) {
		t.Error("becoming deaf is a change, staying deaf is none")
	}
	u.take(posted(7, 5))
	u.take(posted(6, 2))
	u.take(happened("conversation.assigned", event.ConversationMoved{Conversation: 7}))
	u.take(happened("ticket.opened", event.TicketOpened{Ticket: 9, Conversation: 8}))
	u.take(happened("presence.changed", event.PresenceChanged{Staff: 3}))
	u.take(happened("customer.created", event.CustomerCreated{Customer: 5}))
	due := u.drain()
	want := map[subject]touch{
		{workspace: 1, conversation: 7}: {4, true},
		{workspace: 1, conversation: 6}: {2, false},
		{workspace: 1, ticket: 9}:       {},
		{workspace: 1, staff: 3}:        {},
	}
	if len(due) != len(want) {
		t.Errorf("due are %v, want %v", due, want)
	}
	for about, what := range want {
		if got, there := due[about]; !there || got != what {
			t.Errorf("of %v is due %v (%v), want %v", about, got, there, what)
		}
	}
	if len(u.drain()) != 0 {
		t.Error("what was told is due again")
	}
}
