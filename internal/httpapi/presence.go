package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/routing"
)

// Attendance knows who is there.
type Attendance interface {
	PresenceOf(ctx context.Context, scope access.Scope, staff id.Staff) (routing.Presence, error)
	Presence(ctx context.Context, scope access.Scope) ([]routing.Presence, error)
	SetPresence(ctx context.Context, scope access.Scope, staff id.Staff, state routing.State, reason string, at time.Time) (routing.Presence, error)
}

// Present is one member's presence and load.
type Present struct {
	StaffID id.Staff      `json:"staff_id"`
	State   routing.State `json:"state" enum:"online,away,busy,offline"`
	// Chosen is what they set themselves; State is offline without a socket.
	Chosen routing.State `json:"chosen" enum:"online,away,busy,offline" doc:"What they chose; state is offline while no page of theirs is open."`
	Reason string        `json:"reason,omitempty"`
	Since  time.Time     `json:"since"`
	Load   Load          `json:"load"`
}

// ShowPresence shows one member's presence.
func ShowPresence(p routing.Presence, at time.Time) Present {
	return Present{p.Staff, p.Shown(at), p.State, p.Reason, p.Since, Load{int(p.Load.Chat), int(p.Load.Async)}}
}

func (s *Server) registerPresence() {
	add(s, op{
		id: "get-presence", method: http.MethodGet, path: "/me/presence", tag: "Presence", door: Member,
		summary: "Your own presence",
	}, func(ctx context.Context, _ *struct{}) (*struct{ Body Present }, error) {
		scope := scopeOf(ctx)
		p, err := s.ports.Attendance.PresenceOf(ctx, scope, scope.Staff)
		return &struct{ Body Present }{ShowPresence(p, s.now())}, err
	})
	add(s, op{
		id: "set-presence", method: http.MethodPut, path: "/me/presence", tag: "Presence", door: Member,
		summary: "Say whether you take new conversations",
	}, func(ctx context.Context, in *struct {
		Body struct {
			State  routing.State `json:"state" enum:"online,away,busy,offline"`
			Reason string        `json:"reason,omitempty" maxLength:"60" doc:"Lunch, training: colleagues see it."`
		}
	},
	) (*struct{ Body Present }, error) {
		scope := scopeOf(ctx)
		p, err := s.ports.Attendance.SetPresence(ctx, scope, scope.Staff, in.Body.State, in.Body.Reason, s.now())
		return &struct{ Body Present }{ShowPresence(p, s.now())}, err
	})
	add(s, op{
		id: "list-presence", method: http.MethodGet, path: "/presence", tag: "Presence", door: May(access.StaffRead),
		summary: "Everybody's presence and load",
	}, func(ctx context.Context, _ *struct{}) (*struct{ Body listed[Present] }, error) {
		all, err := s.ports.Attendance.Presence(ctx, scopeOf(ctx))
		if err != nil {
			return nil, err
		}
		out := listed[Present]{Items: make([]Present, len(all))}
		for i, p := range all {
			out.Items[i] = ShowPresence(p, s.now())
		}
		return &struct{ Body listed[Present] }{out}, nil
	})
}
