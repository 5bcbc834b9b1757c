package routing

import (
	"time"

	"everdesk/internal/id"
)

// Kind is which of a member's capacities a conversation takes.
type Kind string

// The kinds of capacity.
const (
	Chat  Kind = "chat"
	Async Kind = "async"
)

// Candidate is a member with their presence.
type Candidate struct {
	Member   Member
	Presence Presence
}

// Request is what a conversation asks of whoever gets it.
type Request struct {
	Kind Kind
	// LastStaff is preferred, Avoid is skipped.
	LastStaff id.Staff
	Avoid     id.Staff
	At        time.Time
}

// Reason says why somebody was chosen.
type Reason string

// The reasons.
const (
	LastAgent Reason = "last_agent"
	LeastLoad Reason = "routed"
)

// room returns how much of which capacity is used.
func (c Candidate) room(kind Kind) (load, capacity int64) {
	if kind == Async {
		return c.Presence.Load.Async, c.Member.Capacity.Async
	}
	return c.Presence.Load.Chat, c.Member.Capacity.Chat
}

// able reports whether the candidate may be given the conversation at all.
func (c Candidate) able(r Request) bool {
	load, capacity := c.room(r.Kind)
	return c.Member.Active && c.Member.Staff != r.Avoid && c.Presence.Free(r.At) && load < capacity
}

// Choose returns who gets a conversation and why, or zero if nobody can. The
// last agent is preferred; else the least share of capacity in use wins, then
// whoever was given something longest ago, then the smaller id, so that the
// answer never depends on the order of the candidates.
func Choose(candidates []Candidate, r Request) (id.Staff, Reason) {
	var best *Candidate
	for i := range candidates {
		c := &candidates[i]
		if !c.able(r) {
			continue
		}
		if r.LastStaff != 0 && c.Member.Staff == r.LastStaff {
			return r.LastStaff, LastAgent
		}
		if best == nil || c.before(*best, r.Kind) {
			best = c
		}
	}
	if best == nil {
		return 0, ""
	}
	return best.Member.Staff, LeastLoad
}

// before orders two candidates. Shares are compared crosswise, in whole
// numbers: load/capacity < other.load/other.capacity.
func (c Candidate) before(other Candidate, kind Kind) bool {
	load, capacity := c.room(kind)
	otherLoad, otherCapacity := other.room(kind)
	if mine, theirs := load*otherCapacity, otherLoad*capacity; mine != theirs {
		return mine < theirs
	}
	if !c.Presence.AssignedAt.Equal(other.Presence.AssignedAt) {
		return c.Presence.AssignedAt.Before(other.Presence.AssignedAt)
	}
	return c.Member.Staff < other.Member.Staff
}
