package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/page"
)

// Invitations asks people to join, and lets them.
type Invitations interface {
	Invitations(ctx context.Context, scope access.Scope, request page.Request) (page.Of[access.Invitation], error)
	Invite(ctx context.Context, scope access.Scope, claim *commit.Claim, mail string, role access.Role, teams []id.Team, at time.Time) (access.Invitation, string, error)
	Renew(ctx context.Context, scope access.Scope, invitation id.Invitation, at time.Time) (access.Invitation, string, error)
	Withdraw(ctx context.Context, scope access.Scope, invitation id.Invitation, at time.Time) error
	InvitationLink(token string) string
	Invited(ctx context.Context, token string, at time.Time) (access.Invited, error)
	Accept(ctx context.Context, acceptance access.Acceptance, visit access.Visit, at time.Time) (access.SignedIn, error)
}

// Person is somebody on the desk's side or the customers'.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Invitation asks somebody to join.
type Invitation struct {
	ID        id.Invitation `json:"id"`
	Email     string        `json:"email"`
	Role      access.Role   `json:"role"`
	Teams     []id.Team     `json:"teams"`
	InvitedBy *Person       `json:"invited_by,omitempty"`
	CreatedAt time.Time     `json:"created_at"`
	ExpiresAt time.Time     `json:"expires_at"`
	URL       string        `json:"url,omitempty" doc:"The link to pass on, only in the answer that makes it."`
}

// Invited is an invitation as its holder sees it.
type Invited struct {
	Workspace  string      `json:"workspace"`
	Email      string      `json:"email"`
	Role       access.Role `json:"role"`
	InvitedBy  string      `json:"invited_by,omitempty"`
	ExpiresAt  time.Time   `json:"expires_at"`
	HasAccount bool        `json:"has_account" doc:"The address signs in already: ask for its password instead of a new one."`
}

type inviteInput struct {
	Creates
	Body struct {
		Email string      `json:"email" minLength:"1" maxLength:"254"`
		Role  access.Role `json:"role" minLength:"1" maxLength:"20"`
		Teams []id.Team   `json:"teams,omitempty" maxItems:"100"`
	}
}

type invitedInput struct {
	Token string `path:"token" maxLength:"100"`
}

type acceptInput struct {
	Body struct {
		Token    string `json:"token" minLength:"1" maxLength:"100"`
		Name     string `json:"name,omitempty" maxLength:"200" doc:"For a new account."`
		Locale   string `json:"locale,omitempty" maxLength:"35" doc:"For a new account; that of the request if empty."`
		Password string `json:"password" minLength:"1" maxLength:"1000"`
	}
}

type invitationOutput struct {
	Replay
	Body Invitation
}

func (s *Server) registerInvitations() {
	const tag = "Invitations"
	add(s, op{id: "list-invitations", method: http.MethodGet, path: "/invitations", tag: tag, door: May(access.StaffManage), summary: "Invitations not accepted yet, newest first"},
		func(ctx context.Context, in *Lists) (*struct{ Body listed[Invitation] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			invitations, err := s.ports.Invitations.Invitations(ctx, scopeOf(ctx), request)
			return &struct{ Body listed[Invitation] }{list(invitations, shownInvitation)}, err
		})
	add(s, op{id: "invite", method: http.MethodPost, path: "/invitations", tag: tag, door: May(access.StaffManage), status: http.StatusCreated, summary: "Invite somebody by mail and by a link to pass on"},
		func(ctx context.Context, in *inviteInput) (*invitationOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "invite", in.Body)
			if err != nil {
				return nil, err
			}
			made, token, err := s.ports.Invitations.Invite(ctx, scopeOf(ctx), claim, in.Body.Email, in.Body.Role, in.Body.Teams, s.now())
			return &invitationOutput{replayed(claim), s.linked(made, token)}, err
		})
	add(s, op{id: "renew-invitation", method: http.MethodPost, path: "/invitations/{id}/renew", tag: tag, door: May(access.StaffManage), summary: "Give an invitation a new link and term; the old link stops working"},
		func(ctx context.Context, in *byID[id.Invitation]) (*struct{ Body Invitation }, error) {
			renewed, token, err := s.ports.Invitations.Renew(ctx, scopeOf(ctx), in.ID.ID, s.now())
			return &struct{ Body Invitation }{s.linked(renewed, token)}, err
		})
	add(s, op{id: "withdraw-invitation", method: http.MethodDelete, path: "/invitations/{id}", tag: tag, door: May(access.StaffManage), status: http.StatusNoContent, summary: "Withdraw an invitation"},
		func(ctx context.Context, in *byID[id.Invitation]) (*struct{}, error) {
			return nil, s.ports.Invitations.Withdraw(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
	s.registerAccepting(tag)
}

func (s *Server) registerAccepting(tag string) {
	add(s, op{id: "read-invitation", method: http.MethodGet, path: "/invitations/by-token/{token}", tag: tag, door: Anybody, summary: "What the holder of an invitation's link may know of it"},
		func(ctx context.Context, in *invitedInput) (*struct{ Body Invited }, error) {
			if err := s.knock(ctx); err != nil {
				return nil, err
			}
			i, err := s.ports.Invitations.Invited(ctx, in.Token, s.now())
			return &struct{ Body Invited }{Invited{i.WorkspaceName, i.Mail, i.Role, i.InviterName, i.ExpiresAt, i.HasAccount}}, err
		})
	add(s, op{id: "accept-invitation", method: http.MethodPost, path: "/invitations/accept", tag: tag, door: Anybody, status: http.StatusCreated, summary: "Join with the token of an invitation, and sign in"},
		func(ctx context.Context, in *acceptInput) (*sessionOutput, error) {
			if err := s.knock(ctx); err != nil {
				return nil, err
			}
			b := in.Body
			signed, err := s.ports.Invitations.Accept(ctx, access.Acceptance{
				Token: b.Token, Name: b.Name, Locale: cmp.Or(b.Locale, languageOf(ctx)), Password: b.Password,
			}, visitOf(ctx), s.now())
			return s.signedIn(ctx, signed, err)
		})
}

func (s *Server) linked(i access.Invitation, token string) Invitation {
	shown := shownInvitation(i)
	if token != "" {
		shown.URL = s.ports.Invitations.InvitationLink(token)
	}
	return shown
}

func shownInvitation(i access.Invitation) Invitation {
	shown := Invitation{ID: i.ID, Email: i.Mail, Role: i.Role, Teams: nonNil(i.Teams), CreatedAt: i.CreatedAt, ExpiresAt: i.ExpiresAt}
	if i.InvitedBy != 0 {
		shown.InvitedBy = &Person{i.InvitedBy.String(), i.InviterName}
	}
	return shown
}
