package access

import (
	"slices"
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// AllPermissions are all permissions, in the order they are shown.
var AllPermissions = []Permission{
	ConversationRead, ConversationReply, ConversationAssign, CustomerRead, CustomerWrite, TicketRead, TicketWrite,
	KnowledgeRead, KnowledgeWrite, StaffRead, StaffManage, TeamManage, CalendarManage, ChannelManage,
	SettingsRead, SettingsManage, APIKeyManage, AuditRead, WorkspaceManage,
}

// APIKey is a program's way in. The key itself is shown once.
type APIKey struct {
	ID   id.APIKey
	Name string
	// Hint is the end of the key, to tell keys apart.
	Hint      string
	Scopes    []Permission
	CreatedBy string
	CreatedAt time.Time
	// UsedAt is when it was last used, to a minute; zero if never.
	UsedAt time.Time
}

// CheckScopes refuses scopes that are unknown, that a key cannot have, or that
// the scope giving them does not hold itself.
func CheckScopes(path string, giver Scope, scopes []Permission) ([]Permission, error) {
	if len(scopes) == 0 {
		return nil, fault.ErrInvalid.At(path, "required", "a key needs at least one scope")
	}
	sorted := make([]Permission, 0, len(scopes))
	for _, known := range AllPermissions {
		if slices.Contains(scopes, known) {
			sorted = append(sorted, known)
		}
	}
	for _, scope := range scopes {
		if !slices.Contains(AllPermissions, scope) {
			return nil, fault.ErrInvalid.At(path, "not_allowed", "not a permission")
		}
		if !giver.Can(scope) {
			return nil, ErrBeyondOwn.With("what", string(scope))
		}
	}
	return sorted, nil
}

// MayGrant reports whether whoever acts may give out a role, or change or
// remove somebody who has it: only what they hold themselves.
func (s Scope) MayGrant(role Role) bool {
	if !role.Valid() || !s.Can(StaffManage) {
		return false
	}
	for _, p := range role.Permissions() {
		if !s.Can(p) {
			return false
		}
	}
	return true
}
