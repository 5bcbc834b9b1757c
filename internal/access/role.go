package access

import "slices"

// Role is a named set of permissions.
type Role string

// The roles, from most to least.
const (
	Owner      Role = "owner"
	Admin      Role = "admin"
	Supervisor Role = "supervisor"
	Agent      Role = "agent"
	Trainer    Role = "trainer"
)

// Roles are all roles, in the order they are shown.
var Roles = []Role{Owner, Admin, Supervisor, Agent, Trainer}

var agentMay = []Permission{
	ConversationRead, ConversationReply, CustomerRead, CustomerWrite, TicketRead, TicketWrite, KnowledgeRead, StaffRead, SettingsRead,
}

var permissions = map[Role][]Permission{
	Agent:   agentMay,
	Trainer: {ConversationRead, KnowledgeRead, KnowledgeWrite, StaffRead, SettingsRead},
	Supervisor: join(agentMay, []Permission{
		ConversationAssign, KnowledgeWrite, TeamManage, CalendarManage, AuditRead,
	}),
	Admin: join(agentMay, []Permission{
		ConversationAssign, KnowledgeWrite, TeamManage, CalendarManage, AuditRead,
		StaffManage, ChannelManage, SettingsManage, APIKeyManage,
	}),
	Owner: join(agentMay, []Permission{
		ConversationAssign, KnowledgeWrite, TeamManage, CalendarManage, AuditRead,
		StaffManage, ChannelManage, SettingsManage, APIKeyManage, WorkspaceManage,
	}),
}

func join(a, b []Permission) []Permission { return slices.Concat(a, b) }

// Permissions returns what a role may do; nothing for an unknown one.
func (r Role) Permissions() []Permission { return slices.Clone(permissions[r]) }

// Valid reports whether r is a role.
func (r Role) Valid() bool { return permissions[r] != nil }

// Reach returns how far a role sees unless a member is given another reach.
func (r Role) Reach() Reach {
	if r == Agent {
		return ReachTeam
	}
	return ReachAll
}

// MayGrant reports whether a member of role r may give out role other: only
// what they hold themselves, so nobody raises themselves through another.
func (r Role) MayGrant(other Role) bool {
	for _, p := range permissions[other] {
		if !slices.Contains(permissions[r], p) {
			return false
		}
	}
	return other.Valid() && slices.Contains(permissions[r], StaffManage)
}
