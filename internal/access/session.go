package access

import (
	"time"

	"everdesk/internal/id"
)

// How long a session lives: without use, and at most.
const (
	SessionIdle = 14 * 24 * time.Hour
	SessionMost = 90 * 24 * time.Hour
)

// SeenEvery is how exactly a session's and a key's last use is kept.
const SeenEvery = time.Minute

// Session is a signed-in browser. It acts in one workspace at a time.
type Session struct {
	ID        id.Session
	Account   id.Account
	Workspace id.Workspace
	// Device is a short name of browser and system, for the list of sessions.
	Device string
	// Address is the network address it signed in from.
	Address   string
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// SessionEnd returns when a session made and last seen at these times expires.
func SessionEnd(created, seen time.Time) time.Time {
	idle, most := seen.Add(SessionIdle), created.Add(SessionMost)
	if most.Before(idle) {
		return most
	}
	return idle
}

// Visit is where a request comes from.
type Visit struct {
	// Agent is the User-Agent header.
	Agent   string
	Address string
}

// SignedIn is a new session and the token its browser keeps.
type SignedIn struct {
	Session Session
	Token   string
}

// Reset is a link to set a new password.
type Reset struct {
	Token     string
	ExpiresAt time.Time
}

// ResetLife is how long a link to set a new password works.
const ResetLife = 2 * time.Hour
