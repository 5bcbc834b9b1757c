package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/staff"
)

// Members knows who works in a workspace.
type Members interface {
	Members(ctx context.Context, scope access.Scope, request page.Request) (page.Of[staff.Member], error)
	Member(ctx context.Context, scope access.Scope, member id.Staff) (staff.Member, error)
	Change(ctx context.Context, scope access.Scope, member id.Staff, version int64, patch staff.Patch, at time.Time) (staff.Member, error)
	Names(ctx context.Context, scope access.Scope, members []id.Staff) (map[id.Staff]string, error)
}

// Presences knows who is here and how much they carry. Members it leaves out
// have never been here.
type Presences interface {
	Presences(ctx context.Context, scope access.Scope, members []id.Staff, at time.Time) (map[id.Staff]staff.Presence, error)
}

// Resets makes links to set a member's password.
type Resets interface {
	OfferReset(ctx context.Context, scope access.Scope, member id.Staff, at time.Time) (access.Reset, error)
	ResetLink(token string) string
}

// Staff is a member of the workspace.
type Staff struct {
	ID       id.Staff     `json:"id"`
	Name     string       `json:"name"`
	Email    string       `json:"email"`
	Role     access.Role  `json:"role" enum:"owner,admin,supervisor,agent,trainer"`
	Reach    access.Reach `json:"reach" enum:"all,team,own" doc:"Whose conversations they see."`
	Teams    []id.Team    `json:"teams"`
	Capacity Load         `json:"capacity" doc:"How much they carry at once."`
	Presence Presence     `json:"presence"`
	Load     Load         `json:"load" doc:"How much they carry now."`
	Active   bool         `json:"active" doc:"False for those who have left."`
	Version  int64        `json:"version"`
}

// Load counts live chats and async items.
type Load struct {
	Chat  int `json:"chat" minimum:"0" maximum:"100"`
	Async int `json:"async" minimum:"0" maximum:"1000"`
}

// Presence is whether somebody is here.
type Presence struct {
	State  string    `json:"state" enum:"online,away,busy,offline"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
}

type staffOutput struct {
	Versioned
	Body Staff
}

type staffPatch struct {
	Updates
	ID   ref[id.Staff] `path:"id"`
	Body struct {
		Name     *string       `json:"name,omitempty" maxLength:"200"`
		Role     *access.Role  `json:"role,omitempty" maxLength:"20"`
		Reach    *access.Reach `json:"reach,omitempty" maxLength:"20"`
		Teams    *[]id.Team    `json:"teams,omitempty" maxItems:"100"`
		Capacity *Load         `json:"capacity,omitempty"`
		Active   *bool         `json:"active,omitempty"`
	}
}

// Link is a secret address to pass on.
type Link struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *Server) registerStaff() {
	const tag = "Staff"
	add(s, op{id: "list-staff", method: http.MethodGet, path: "/staff", tag: tag, door: May(access.StaffRead), summary: "Members in the order they joined"},
		func(ctx context.Context, in *Lists) (*struct{ Body listed[Staff] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			members, err := s.ports.Members.Members(ctx, scopeOf(ctx), request)
			if err != nil {
				return nil, err
			}
			shown, err := s.shownStaff(ctx, scopeOf(ctx), members.Items)
			return &struct{ Body listed[Staff] }{listed[Staff]{shown, members.Next.String()}}, err
		})
	add(s, op{id: "get-staff", method: http.MethodGet, path: "/staff/{id}", tag: tag, door: May(access.StaffRead), summary: "A member"},
		func(ctx context.Context, in *byID[id.Staff]) (*staffOutput, error) {
			member, err := s.member(ctx, scopeOf(ctx), in.ID.ID)
			return &staffOutput{etag(member.Version), member}, err
		})
	add(s, op{
		id: "change-staff", method: http.MethodPatch, path: "/staff/{id}", tag: tag, door: May(access.StaffManage),
		summary: "Change a member's role, reach, teams or capacity, or let them go",
	},
		func(ctx context.Context, in *staffPatch) (*staffOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			b := in.Body
			patch := staff.Patch{Name: b.Name, Role: b.Role, Reach: b.Reach, Teams: b.Teams, Active: b.Active}
			if b.Capacity != nil {
				patch.Capacity = &staff.Capacity{Chat: b.Capacity.Chat, Async: b.Capacity.Async}
			}
			if _, err := s.ports.Members.Change(ctx, scopeOf(ctx), in.ID.ID, version, patch, s.now()); err != nil {
				return nil, err
			}
			member, err := s.member(ctx, scopeOf(ctx), in.ID.ID)
			return &staffOutput{etag(member.Version), member}, err
		})
	add(s, op{
		id: "offer-reset", method: http.MethodPost, path: "/staff/{id}/password-link", tag: tag, door: May(access.StaffManage), status: http.StatusCreated,
		summary: "Make a link a member can set a new password with, to pass on",
	},
		func(ctx context.Context, in *byID[id.Staff]) (*struct{ Body Link }, error) {
			reset, err := s.ports.Resets.OfferReset(ctx, scopeOf(ctx), in.ID.ID, s.now())
			return &struct{ Body Link }{Link{s.ports.Resets.ResetLink(reset.Token), reset.ExpiresAt}}, err
		})
}

func (s *Server) member(ctx context.Context, scope access.Scope, member id.Staff) (Staff, error) {
	found, err := s.ports.Members.Member(ctx, scope, member)
	if err != nil {
		return Staff{}, err
	}
	shown, err := s.shownStaff(ctx, scope, []staff.Member{found})
	if err != nil {
		return Staff{}, err
	}
	return shown[0], nil
}

// shownStaff adds presence to members.
func (s *Server) shownStaff(ctx context.Context, scope access.Scope, members []staff.Member) ([]Staff, error) {
	ids := make([]id.Staff, len(members))
	for i, m := range members {
		ids[i] = m.ID
	}
	presences, err := s.ports.Presences.Presences(ctx, scope, ids, s.now())
	if err != nil {
		return nil, err
	}
	shown := make([]Staff, len(members))
	for i, m := range members {
		p, known := presences[m.ID]
		if !known {
			p = staff.Presence{State: "offline", Since: m.CreatedAt}
		}
		shown[i] = Staff{
			ID: m.ID, Name: m.Name, Email: m.Mail, Role: m.Role, Reach: m.Reach, Teams: nonNil(m.Teams),
			Capacity: Load(m.Capacity), Presence: Presence{p.State, p.Reason, p.Since}, Load: Load(p.Load),
			Active: m.Active, Version: m.Version,
		}
	}
	return shown, nil
}

// nonNil makes an empty list of none, which clients need not tell apart.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
