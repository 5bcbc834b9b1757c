package routing_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"everdesk/internal/id"
	"everdesk/internal/routing"
)

var at = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func candidate(staff id.Staff, load, capacity int64, change ...func(*routing.Candidate)) routing.Candidate {
	c := routing.Candidate{
		Member:   routing.Member{Staff: staff, Active: true, Capacity: routing.Capacity{Chat: capacity, Async: capacity}},
		Presence: routing.Presence{Staff: staff, State: routing.Online, Until: at.Add(time.Minute), Load: routing.Load{Chat: load, Async: load}},
	}
	for _, fn := range change {
		fn(&c)
	}
	return c
}

func state(s routing.State) func(*routing.Candidate) {
	return func(c *routing.Candidate) { c.Presence.State = s }
}

func assigned(ago time.Duration) func(*routing.Candidate) {
	return func(c *routing.Candidate) { c.Presence.AssignedAt = at.Add(-ago) }
}

func lapsed(c *routing.Candidate)   { c.Presence.Until = at }
func inactive(c *routing.Candidate) { c.Member.Active = false }

func TestChoose(t *testing.T) {
	for name, test := range map[string]struct {
		candidates []routing.Candidate
		request    routing.Request
		want       id.Staff
		reason     routing.Reason
	}{
		"nobody is there": {want: 0},
		"the least share wins, not the least number": {
			candidates: []routing.Candidate{candidate(1, 2, 4), candidate(2, 3, 10)}, want: 2, reason: routing.LeastLoad,
		},
		"a full agent gets nothing":              {candidates: []routing.Candidate{candidate(1, 3, 3)}, want: 0},
		"an agent over their limit gets nothing": {candidates: []routing.Candidate{candidate(1, 4, 3)}, want: 0},
		"no capacity is no division":             {candidates: []routing.Candidate{candidate(1, 0, 0), candidate(2, 1, 2)}, want: 2, reason: routing.LeastLoad},
		"away, busy, offline and lapsed agents get nothing": {
			candidates: []routing.Candidate{
				candidate(1, 0, 3, state(routing.Away)), candidate(2, 0, 3, state(routing.Busy)),
				candidate(3, 0, 3, state(routing.Offline)), candidate(4, 0, 3, lapsed), candidate(5, 0, 3, inactive),
			}, want: 0,
		},
		"a tie goes to the longest idle": {
			candidates: []routing.Candidate{candidate(1, 1, 3, assigned(time.Minute)), candidate(2, 1, 3, assigned(time.Hour))},
			want:       2, reason: routing.LeastLoad,
		},
		"the last agent is preferred over a freer one": {
			candidates: []routing.Candidate{candidate(1, 0, 3), candidate(2, 2, 3)},
			request:    routing.Request{LastStaff: 2}, want: 2, reason: routing.LastAgent,
		},
		"a full last agent is not": {
			candidates: []routing.Candidate{candidate(1, 0, 3), candidate(2, 3, 3)},
			request:    routing.Request{LastStaff: 2}, want: 1, reason: routing.LeastLoad,
		},
		"whoever was silent is avoided, even as the last agent": {
			candidates: []routing.Candidate{candidate(1, 0, 3), candidate(2, 2, 3)},
			request:    routing.Request{LastStaff: 1, Avoid: 1}, want: 2, reason: routing.LeastLoad,
		},
		"the kinds of capacity are apart": {
			candidates: []routing.Candidate{candidate(1, 3, 3, func(c *routing.Candidate) { c.Presence.Load.Async = 0 })},
			request:    routing.Request{Kind: routing.Async}, want: 1, reason: routing.LeastLoad,
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.request.At = at
			staff, reason := routing.Choose(test.candidates, test.request)
			if staff != test.want || reason != test.reason {
				t.Errorf("chose %d because %q, want %d because %q", staff, reason, test.want, test.reason)
			}
		})
	}
}

func TestTheChoiceDoesNotDependOnTheOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var all []routing.Candidate
		for n := range 1 + random.IntN(8) {
			all = append(all, candidate(id.Staff(n+1), random.Int64N(4), random.Int64N(5), assigned(time.Duration(random.IntN(3))*time.Minute)))
		}
		want, _ := routing.Choose(all, routing.Request{At: at})
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if got, _ := routing.Choose(all, routing.Request{At: at}); got != want {
			t.Fatalf("chose %d, and %d in another order of %+v", want, got, all)
		}
	}
}

func TestPresenceIsAStateAndALivingSocket(t *testing.T) {
	p := candidate(1, 0, 1).Presence
	if !p.Free(at) || !p.Present(at) || p.Shown(at) != routing.Online {
		t.Error("a connected online agent is not free")
	}
	late := at.Add(2 * time.Minute)
	if p.Free(late) || p.Present(late) || p.Shown(late) != routing.Offline {
		t.Error("an agent whose sockets are gone still counts")
	}
	p.State = routing.Busy
	if p.Free(at) || !p.Present(at) {
		t.Error("a busy agent is there but gets nothing new")
	}
}
