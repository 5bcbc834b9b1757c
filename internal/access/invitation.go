package access

import (
	"time"

	"everdesk/internal/id"
)

// InvitationLife is how long an invitation can be accepted.
const InvitationLife = 7 * 24 * time.Hour

// Invitation asks somebody to join a workspace in a role.
type Invitation struct {
	ID        id.Invitation
	Workspace id.Workspace
	Mail      string
	Role      Role
	Teams     []id.Team
	// InvitedBy is who asked, zero and "" for a program.
	InvitedBy   id.Staff
	InviterName string
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// Acceptance is what somebody invited says: with an account its password, else
// a name, a language and a new password.
type Acceptance struct{ Token, Name, Locale, Password string }

// Invited is an invitation as its holder sees it.
type Invited struct {
	Invitation
	WorkspaceName string
	// HasAccount says that the address signs in already: its password is asked
	// for instead of a new one.
	HasAccount bool
}
