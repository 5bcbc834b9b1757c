// Package staff knows who works in a workspace and in which teams. Whether they
// are present and how much they carry is package inbox's business.
package staff

import (
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What can be wrong with members and teams.
var (
	ErrLastOwner = fault.New(fault.Conflict, "staff.last_owner")
	ErrTeamName  = fault.New(fault.Conflict, "team.name_taken")
	ErrLastTeam  = fault.New(fault.Conflict, "team.last_one")
)

// Member is an account's membership of a workspace.
type Member struct {
	ID      id.Staff
	Account id.Account
	// Name is what colleagues and customers see.
	Name  string
	Mail  string
	Role  access.Role
	Reach access.Reach
	Teams []id.Team
	// Capacity is how many they carry at once.
	Capacity Capacity
	// Active members sign in and are given work; the others only stand in
	// history.
	Active    bool
	CreatedAt time.Time
	Version   int64
}

// Capacity is how many live chats and how many async items (mails, tickets) a
// member carries at once.
type Capacity struct{ Chat, Async int }

// Presence is what colleagues see of a member's presence. Package inbox keeps it.
type Presence struct {
	// State is "online", "away", "busy" or "offline".
	State  string
	Reason string
	Since  time.Time
	// Load is what they carry now.
	Load Capacity
}

// Usual is the capacity of a new member.
var Usual = Capacity{Chat: 4, Async: 12}

// Patch changes what is not nil.
type Patch struct {
	Name     *string
	Role     *access.Role
	Reach    *access.Reach
	Teams    *[]id.Team
	Capacity *Capacity
	Active   *bool
}

// Apply returns the member after the change, or says what is wrong with it. A
// change of role without a reach brings the role's own reach.
func (p Patch) Apply(m Member) (Member, error) {
	var err error
	if p.Name != nil {
		if m.Name, err = access.CleanName("body.name", *p.Name); err != nil {
			return m, err
		}
	}
	if p.Role != nil && *p.Role != m.Role {
		if !p.Role.Valid() {
			return m, fault.ErrInvalid.At("body.role", "not_allowed", "not a role")
		}
		m.Role, m.Reach = *p.Role, p.Role.Reach()
	}
	if p.Reach != nil {
		switch *p.Reach {
		case access.ReachAll, access.ReachTeam, access.ReachOwn:
			m.Reach = *p.Reach
		default:
			return m, fault.ErrInvalid.At("body.reach", "not_allowed", "all, team or own")
		}
	}
	if p.Capacity != nil {
		if c := *p.Capacity; c.Chat < 0 || c.Chat > 100 || c.Async < 0 || c.Async > 1000 {
			return m, fault.ErrInvalid.At("body.capacity", "too_large", "0 to 100 chats and 0 to 1000 async items")
		}
		m.Capacity = *p.Capacity
	}
	if p.Teams != nil {
		m.Teams = *p.Teams
	}
	if p.Active != nil {
		m.Active = *p.Active
	}
	return m, nil
}

// Team is a group of staff with a queue.
type Team struct {
	ID   id.Team
	Name string
	// Calendar is the team's business hours; zero until it is given some.
	Calendar id.Calendar
	Members  []id.Staff
	Wait     WaitPolicy
	// Attention is how long a customer waits for the next word of an agent
	// before a live conversation goes back to the queue.
	Attention time.Duration
	CreatedAt time.Time
	Version   int64
}

// WaitPolicy says when waiting becomes a ticket with a promised time.
type WaitPolicy struct {
	// Wait is the longest anybody waits in the queue.
	Wait time.Duration
	// Queue is how many wait at once; the next one gets a ticket.
	Queue int
}

// The defaults of a new team.
var (
	UsualWait      = WaitPolicy{Wait: 3 * time.Minute, Queue: 30}
	UsualAttention = 4 * time.Minute
)

// TeamPatch changes what is not nil.
type TeamPatch struct {
	Name      *string
	Calendar  *id.Calendar
	Members   *[]id.Staff
	Wait      *WaitPolicy
	Attention *time.Duration
}

// Apply returns the team after the change, or says what is wrong with it.
func (p TeamPatch) Apply(t Team) (Team, error) {
	var err error
	if p.Name != nil {
		if t.Name, err = access.CleanName("body.name", *p.Name); err != nil {
			return t, err
		}
	}
	if p.Calendar != nil {
		t.Calendar = *p.Calendar
	}
	if p.Members != nil {
		t.Members = *p.Members
	}
	if p.Wait != nil {
		if p.Wait.Wait < 10*time.Second || p.Wait.Wait > 24*time.Hour {
			return t, fault.ErrInvalid.At("body.wait_policy.max_wait_seconds", "too_large", "10 seconds to 24 hours")
		}
		if p.Wait.Queue < 1 || p.Wait.Queue > 10_000 {
			return t, fault.ErrInvalid.At("body.wait_policy.max_queue", "too_large", "1 to 10000")
		}
		t.Wait = *p.Wait
	}
	if p.Attention != nil {
		if *p.Attention < 30*time.Second || *p.Attention > 24*time.Hour {
			return t, fault.ErrInvalid.At("body.attention_seconds", "too_large", "30 seconds to 24 hours")
		}
		t.Attention = *p.Attention
	}
	return t, nil
}
