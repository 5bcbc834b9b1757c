// Package routing chooses who gets a conversation: the present member of the
// team with the least share of their capacity in use, and says why.
//
// It also knows what presence is: a state somebody chose, and a lease their
// sockets renew. Both are needed to be given anything.
package routing

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What can be refused.
var (
	ErrState  = fault.New(fault.Invalid, "presence.unknown_state")
	ErrReason = fault.New(fault.Invalid, "presence.reason_too_long")
)

// State is what a member of staff says of themselves.
type State string

// The states. Only Online gets new conversations; Away and Busy keep what they
// have; Offline gives live ones back at once.
const (
	Online  State = "online"
	Away    State = "away"
	Busy    State = "busy"
	Offline State = "offline"
)

// Valid reports whether s is a state.
func (s State) Valid() bool {
	switch s {
	case Online, Away, Busy, Offline:
		return true
	}
	return false
}

// PresenceLease is how long after the last sign of life of their sockets
// somebody still counts as there. The hub notices a dead socket within twelve
// seconds and reports the living every seven, so that together with the lease a
// dead laptop is known within a minute.
const PresenceLease = 40 * time.Second

// Presence is one member's row.
type Presence struct {
	Staff  id.Staff
	State  State
	Reason string
	Since  time.Time
	// Until is when the lease of their sockets ends; zero without any.
	Until time.Time
	// AssignedAt is when they were last given something.
	AssignedAt time.Time
	Load       Load
}

// Connected reports whether their sockets have been alive lately.
func (p Presence) Connected(at time.Time) bool { return p.Until.After(at) }

// Present reports whether there is somebody to wait for.
func (p Presence) Present(at time.Time) bool { return p.State != Offline && p.Connected(at) }

// Free reports whether they may be given something new, capacity aside.
func (p Presence) Free(at time.Time) bool { return p.State == Online && p.Connected(at) }

// Shown is the state others see: offline without a living socket.
func (p Presence) Shown(at time.Time) State {
	if !p.Connected(at) {
		return Offline
	}
	return p.State
}

// Load is how many conversations somebody has, by kind of lease.
type Load struct {
	Chat  int64 `json:"chat"`
	Async int64 `json:"async"`
}

// Capacity is how many they may have: a hard limit.
type Capacity Load

// Member is what the roster knows of somebody.
type Member struct {
	Staff    id.Staff
	Name     string
	Capacity Capacity
	Active   bool
}

// Team is what the roster knows of a team.
type Team struct {
	ID   id.Team
	Name string
	// MaxWait, Attention: zero means the workspace's usual.
	MaxWait   time.Duration
	Attention time.Duration
	// MaxQueue is how many may wait; 0 means no limit.
	MaxQueue int
}

// Roster knows the people and the teams. The app binds it to the staff feature.
// Its reads join the transaction of ctx.
type Roster interface {
	// Team returns a team; the zero id means the workspace's first.
	Team(ctx context.Context, scope access.Scope, team id.Team) (Team, error)
	// Members returns the active members of a team; of the zero team, all staff
	// who answer customers.
	Members(ctx context.Context, scope access.Scope, team id.Team) ([]Member, error)
	// Member returns one member of staff.
	Member(ctx context.Context, scope access.Scope, staff id.Staff) (Member, error)
}

// ShiftEnd is the reason of going offline at the end of one's shift.
const ShiftEnd = "shift_end"
