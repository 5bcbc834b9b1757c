// Package access decides who may do what: accounts, roles, permissions,
// sessions, API keys and the scope every storage function is given.
package access

import (
	"slices"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// Permission names one thing a member of staff or a program may do.
type Permission string

// The permissions. A route asks for exactly one (package httpapi keeps the
// table); roles are sets of them.
const (
	ConversationRead   Permission = "conversation.read"
	ConversationReply  Permission = "conversation.reply"
	ConversationAssign Permission = "conversation.assign"
	CustomerRead       Permission = "customer.read"
	CustomerWrite      Permission = "customer.write"
	TicketRead         Permission = "ticket.read"
	TicketWrite        Permission = "ticket.write"
	KnowledgeRead      Permission = "knowledge.read"
	KnowledgeWrite     Permission = "knowledge.write"
	StaffRead          Permission = "staff.read"
	StaffManage        Permission = "staff.manage"
	TeamManage         Permission = "team.manage"
	CalendarManage     Permission = "calendar.manage"
	ChannelManage      Permission = "channel.manage"
	SettingsRead       Permission = "settings.read"
	SettingsManage     Permission = "settings.manage"
	APIKeyManage       Permission = "apikey.manage"
	AuditRead          Permission = "audit.read"
	WorkspaceManage    Permission = "workspace.manage"
)

// Reach says whose conversations and tickets a member sees.
type Reach string

// The reaches, from wide to narrow.
const (
	ReachAll  Reach = "all"  // everything in the workspace
	ReachTeam Reach = "team" // their teams' and their own
	ReachOwn  Reach = "own"  // their own only
)

// ActorKind says what kind of thing acts.
type ActorKind string

// The kinds of actor.
const (
	ActorStaff   ActorKind = "staff"
	ActorKey     ActorKind = "api_key"
	ActorVisitor ActorKind = "visitor"
	ActorBot     ActorKind = "bot"
	ActorSystem  ActorKind = "system"
)

// Scope says in which workspace something is done, by whom, and what they may
// see. Every storage function of a tenant's data takes one and filters by it;
// there is no way to ask across workspaces.
//
// A scope is made from a session, an API key, a widget key, a channel account
// or by the system itself, never from what a request says about itself.
type Scope struct {
	Workspace id.Workspace
	Kind      ActorKind
	// Staff is set for ActorStaff.
	Staff id.Staff
	// Customer is set for ActorVisitor: the only customer it may touch.
	Customer id.Customer
	// Key is set for ActorKey.
	Key         id.APIKey
	Permissions []Permission
	Reach       Reach
	// Teams are the member's teams, for ReachTeam.
	Teams []id.Team
}

// System is the scope of the desk's own work in a workspace.
func System(workspace id.Workspace) Scope {
	return Scope{Workspace: workspace, Kind: ActorSystem, Reach: ReachAll}
}

// Bot is the scope of the bot's turns in a workspace.
func Bot(workspace id.Workspace) Scope {
	return Scope{Workspace: workspace, Kind: ActorBot, Reach: ReachAll}
}

// Visitor is the scope of a customer on the widget or a signed link.
func Visitor(workspace id.Workspace, customer id.Customer) Scope {
	return Scope{Workspace: workspace, Kind: ActorVisitor, Customer: customer, Reach: ReachOwn}
}

// Can reports whether the scope has the permission. The system and the bot are
// the desk's own code and may do all; visitors have no permission at all.
func (s Scope) Can(p Permission) bool {
	switch s.Kind {
	case ActorSystem, ActorBot:
		return true
	case ActorStaff, ActorKey:
		return slices.Contains(s.Permissions, p)
	}
	return false
}

// Actor is the actor's public form for audit rows and idempotency keys:
// "stf_...", "key_...", "cus_...", "bot" or "system".
func (s Scope) Actor() string {
	switch s.Kind {
	case ActorStaff:
		return s.Staff.String()
	case ActorKey:
		return s.Key.String()
	case ActorVisitor:
		return s.Customer.String()
	}
	return string(s.Kind)
}

// Caller is who is asking, as a session cookie, an API key or a visitor's token
// was resolved. Session and Account are set for a signed-in person.
type Caller struct {
	Scope   Scope
	Session id.Session
	Account id.Account
}

// What stops a caller at the door.
var (
	ErrSignedOut = fault.New(fault.Unauthenticated, "access.signed_out")
	ErrBadKey    = fault.New(fault.Unauthenticated, "access.bad_key")
	ErrBadToken  = fault.New(fault.Unauthenticated, "access.bad_token")
	ErrCrossSite = fault.New(fault.Forbidden, "access.cross_site")
)
