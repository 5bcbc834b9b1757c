package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
)

// Sessions lets people in and keeps their own things.
type Sessions interface {
	SignIn(ctx context.Context, mail, password string, visit access.Visit, at time.Time) (access.SignedIn, error)
	Sessions(ctx context.Context, account id.Account, at time.Time) ([]access.Session, error)
	EndSession(ctx context.Context, caller access.Caller, session id.Session, at time.Time) error
	Switch(ctx context.Context, caller access.Caller, workspace id.Workspace) error
	Profile(ctx context.Context, caller access.Caller) (access.Profile, error)
	ChangeMe(ctx context.Context, caller access.Caller, change access.Me, at time.Time) error
	ChangePassword(ctx context.Context, caller access.Caller, present, fresh string, visit access.Visit, at time.Time) error
	Forgot(ctx context.Context, mail string, visit access.Visit, at time.Time) error
	Reset(ctx context.Context, token, password string, visit access.Visit, at time.Time) error
}

// Account is the person who is signed in.
type Account struct {
	ID    id.Account `json:"id"`
	Email string     `json:"email"`
	Name  string     `json:"name"`
	Theme string     `json:"theme" enum:"system,light,dark"`
}

// Workspace is one tenant.
type Workspace struct {
	ID       id.Workspace `json:"id"`
	Name     string       `json:"name"`
	Slug     string       `json:"slug"`
	Locale   string       `json:"locale"`
	TimeZone string       `json:"time_zone" example:"Asia/Shanghai"`
	Version  int64        `json:"version"`
}

// Session is who is signed in, where, and what they may do.
type Session struct {
	Account     Account             `json:"account"`
	Staff       Staff               `json:"staff"`
	Workspace   Workspace           `json:"workspace"`
	Workspaces  []Workspace         `json:"workspaces" doc:"All the account may switch to."`
	Permissions []access.Permission `json:"permissions"`
	Locale      string              `json:"locale"`
}

// Device is a browser somebody signed in with.
type Device struct {
	ID         id.Session `json:"id"`
	Device     string     `json:"device" example:"Firefox · Linux"`
	Address    string     `json:"address" doc:"Where it signed in from."`
	Current    bool       `json:"current"`
	CreatedAt  time.Time  `json:"created_at"`
	LastSeenAt time.Time  `json:"last_seen_at" doc:"To a minute."`
	ExpiresAt  time.Time  `json:"expires_at"`
}

type sessionOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Session
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" minLength:"1" maxLength:"254" example:"lin@shop.example"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
	}
}

type signOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type switchInput struct {
	Body struct {
		Workspace id.Workspace `json:"workspace_id"`
	}
}

type forgotInput struct {
	Body struct {
		Email string `json:"email" minLength:"1" maxLength:"254"`
	}
}

type resetInput struct {
	Body struct {
		Token    string `json:"token" minLength:"1" maxLength:"100"`
		Password string `json:"password" minLength:"1" maxLength:"1000"`
	}
}

type passwordInput struct {
	Body struct {
		Current  string `json:"current" minLength:"1" maxLength:"256"`
		Password string `json:"password" minLength:"1" maxLength:"1000"`
	}
}

type meInput struct {
	Body struct {
		Name   *string `json:"name,omitempty" maxLength:"200"`
		Locale *string `json:"locale,omitempty" maxLength:"35"`
		Theme  *string `json:"theme,omitempty" maxLength:"20"`
	}
}

func (s *Server) registerSession() {
	const tag = "Session"
	add(s, op{id: "sign-in", method: http.MethodPost, path: "/session", tag: tag, door: Anybody, summary: "Sign in"},
		func(ctx context.Context, in *signInInput) (*sessionOutput, error) {
			if err := s.knock(ctx); err != nil {
				return nil, err
			}
			signed, err := s.ports.Sessions.SignIn(ctx, in.Body.Email, in.Body.Password, visitOf(ctx), s.now())
			return s.signedIn(ctx, signed, err)
		})
	add(s, op{id: "get-session", method: http.MethodGet, path: "/session", tag: tag, door: Member, summary: "Who is signed in, where, and what they may do"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Session }, error) {
			body, err := s.session(ctx, callerOf(ctx))
			return &struct{ Body Session }{body}, err
		})
	add(s, op{id: "sign-out", method: http.MethodDelete, path: "/session", tag: tag, door: Member, status: http.StatusNoContent, summary: "Sign out"},
		func(ctx context.Context, _ *struct{}) (*signOutOutput, error) {
			caller := callerOf(ctx)
			err := s.ports.Sessions.EndSession(ctx, caller, caller.Session, s.now())
			return &signOutOutput{s.cookie(ctx, "", -1)}, err
		})
	add(s, op{id: "switch-workspace", method: http.MethodPut, path: "/session/workspace", tag: tag, door: Member, summary: "Move this session to another workspace"},
		func(ctx context.Context, in *switchInput) (*struct{ Body Session }, error) {
			caller := callerOf(ctx)
			if err := s.ports.Sessions.Switch(ctx, caller, in.Body.Workspace); err != nil {
				return nil, err
			}
			moved, err := s.again(ctx)
			if err != nil {
				return nil, err
			}
			body, err := s.session(ctx, moved)
			return &struct{ Body Session }{body}, err
		})
	s.registerDevices(tag)
	s.registerPasswords(tag)
	s.registerMe(tag)
}

func (s *Server) registerDevices(tag string) {
	add(s, op{id: "list-sessions", method: http.MethodGet, path: "/sessions", tag: tag, door: Member, summary: "Where I am signed in"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body listed[Device] }, error) {
			caller := callerOf(ctx)
			sessions, err := s.ports.Sessions.Sessions(ctx, caller.Account, s.now())
			if err != nil {
				return nil, err
			}
			out := &struct{ Body listed[Device] }{listed[Device]{Items: make([]Device, len(sessions))}}
			for i, e := range sessions {
				out.Body.Items[i] = Device{e.ID, e.Device, e.Address, e.ID == caller.Session, e.CreatedAt, e.SeenAt, e.ExpiresAt}
			}
			return out, nil
		})
	add(s, op{id: "end-session", method: http.MethodDelete, path: "/sessions/{id}", tag: tag, door: Member, status: http.StatusNoContent, summary: "End one of my sessions"},
		func(ctx context.Context, in *byID[id.Session]) (*struct{}, error) {
			return nil, s.ports.Sessions.EndSession(ctx, callerOf(ctx), in.ID.ID, s.now())
		})
}

func (s *Server) registerPasswords(tag string) {
	add(s, op{
		id: "forgot-password", method: http.MethodPost, path: "/password/forgot", tag: tag, door: Anybody, status: http.StatusNoContent,
		summary: "Mail a link to set a new password, if the address is anybody's",
	},
		func(ctx context.Context, in *forgotInput) (*struct{}, error) {
			if err := s.knock(ctx); err != nil {
				return nil, err
			}
			return nil, s.ports.Sessions.Forgot(ctx, in.Body.Email, visitOf(ctx), s.now())
		})
	add(s, op{
		id: "reset-password", method: http.MethodPost, path: "/password/reset", tag: tag, door: Anybody, status: http.StatusNoContent,
		summary: "Set a new password with the token of a link, which ends every session",
	},
		func(ctx context.Context, in *resetInput) (*struct{}, error) {
			if err := s.knock(ctx); err != nil {
				return nil, err
			}
			return nil, s.ports.Sessions.Reset(ctx, in.Body.Token, in.Body.Password, visitOf(ctx), s.now())
		})
	add(s, op{
		id: "change-password", method: http.MethodPut, path: "/password", tag: tag, door: Member, status: http.StatusNoContent,
		summary: "Change my password, which ends my other sessions",
	},
		func(ctx context.Context, in *passwordInput) (*struct{}, error) {
			if err := s.knock(ctx); err != nil {
				return nil, err
			}
			return nil, s.ports.Sessions.ChangePassword(ctx, callerOf(ctx), in.Body.Current, in.Body.Password, visitOf(ctx), s.now())
		})
}

func (s *Server) registerMe(tag string) {
	add(s, op{id: "change-me", method: http.MethodPatch, path: "/me", tag: tag, door: Member, summary: "Change my name, language or theme"},
		func(ctx context.Context, in *meInput) (*struct{ Body Session }, error) {
			caller := callerOf(ctx)
			change := access.Me{Name: in.Body.Name, Locale: in.Body.Locale, Theme: in.Body.Theme}
			if err := s.ports.Sessions.ChangeMe(ctx, caller, change, s.now()); err != nil {
				return nil, err
			}
			body, err := s.session(ctx, caller)
			return &struct{ Body Session }{body}, err
		})
}

// visitOf is where the request comes from.
func visitOf(ctx context.Context) access.Visit {
	info := requestOf(ctx)
	return access.Visit{Agent: info.header.Get("User-Agent"), Address: info.address.String()}
}

// knock limits how often an address tries passwords and tokens,
// before any of it costs a hash or a write.
func (s *Server) knock(ctx context.Context) error {
	if !s.limits.signins.allow(ctx, requestOf(ctx).address.String()) {
		return errTooMany.After(time.Second)
	}
	return nil
}

// cookie is the session's cookie; a negative age removes it.
func (s *Server) cookie(ctx context.Context, token string, age time.Duration) http.Cookie {
	name := cookieName(requestOf(ctx))
	cookie := http.Cookie{
		Name: name, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: name == secureCookie, MaxAge: int(age / time.Second),
	}
	if age < 0 {
		cookie.MaxAge = -1
	}
	return cookie
}

// signedIn answers a new session.
func (s *Server) signedIn(ctx context.Context, signed access.SignedIn, err error) (*sessionOutput, error) {
	if err != nil {
		return nil, err
	}
	caller, err := s.ports.Auth.Session(ctx, signed.Token, s.now())
	if err != nil {
		return nil, err
	}
	body, err := s.session(ctx, caller)
	return &sessionOutput{s.cookie(ctx, signed.Token, access.SessionMost), body}, err
}

// again resolves the request's cookie once more, after what it stands for has
// changed.
func (s *Server) again(ctx context.Context) (access.Caller, error) {
	info := requestOf(ctx)
	cookie, err := (&http.Request{Header: info.header}).Cookie(cookieName(info))
	if err != nil {
		return access.Caller{}, access.ErrSignedOut
	}
	return s.ports.Auth.Session(ctx, cookie.Value, s.now())
}

func (s *Server) session(ctx context.Context, caller access.Caller) (Session, error) {
	profile, err := s.ports.Sessions.Profile(ctx, caller)
	if err != nil {
		return Session{}, err
	}
	member, err := s.member(ctx, caller.Scope, caller.Scope.Staff)
	if err != nil {
		return Session{}, err
	}
	a := profile.Account
	body := Session{
		Account: Account{a.ID, a.Mail, a.Name, a.Theme}, Staff: member, Workspace: shownWorkspace(profile.Workspace),
		Permissions: caller.Scope.Permissions, Locale: a.Locale,
	}
	for _, w := range profile.Workspaces {
		body.Workspaces = append(body.Workspaces, shownWorkspace(w))
	}
	return body, nil
}

func shownWorkspace(w access.Workspace) Workspace {
	return Workspace{w.ID, w.Name, w.Slug, w.Locale, w.TimeZone, w.Version}
}
