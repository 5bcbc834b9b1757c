package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
)

// Workspaces makes the first workspace, and changes the present one.
type Workspaces interface {
	SetupNeeded(ctx context.Context) (bool, error)
	Setup(ctx context.Context, token string, founding access.Founding, visit access.Visit, at time.Time) (access.SignedIn, error)
	Workspace(ctx context.Context, scope access.Scope) (access.Workspace, error)
	ChangeWorkspace(ctx context.Context, scope access.Scope, version int64, patch access.WorkspacePatch, at time.Time) (access.Workspace, error)
}

// Setup says whether the first run is still to come.
type Setup struct {
	Needed bool `json:"needed"`
}

type setupInput struct {
	Body struct {
		Token         string `json:"token" minLength:"1" maxLength:"100" doc:"From the link the server printed at its start."`
		WorkspaceName string `json:"workspace_name" minLength:"1" maxLength:"200"`
		Slug          string `json:"slug,omitempty" maxLength:"40" doc:"Made from the name if empty."`
		Locale        string `json:"locale,omitempty" maxLength:"35" doc:"That of the request if empty."`
		TimeZone      string `json:"time_zone" minLength:"1" maxLength:"64" example:"Asia/Shanghai"`
		Name          string `json:"name" minLength:"1" maxLength:"200"`
		Email         string `json:"email" minLength:"1" maxLength:"254"`
		Password      string `json:"password" minLength:"1" maxLength:"1000"`
	}
}

type workspaceInput struct {
	Updates
	Body struct {
		Name     *string `json:"name,omitempty" maxLength:"200"`
		Locale   *string `json:"locale,omitempty" maxLength:"35"`
		TimeZone *string `json:"time_zone,omitempty" maxLength:"64"`
	}
}

type workspaceOutput struct {
	Versioned
	Body Workspace
}

func (s *Server) registerSetup() {
	const tag = "Workspace"
	add(s, op{id: "get-setup", method: http.MethodGet, path: "/setup", tag: tag, door: Anybody, summary: "Whether the first run is still to come"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Setup }, error) {
			needed, err := s.ports.Workspaces.SetupNeeded(ctx)
			return &struct{ Body Setup }{Setup{needed}}, err
		})
	add(s, op{id: "set-up", method: http.MethodPost, path: "/setup", tag: tag, door: Anybody, status: http.StatusCreated, summary: "Make the first workspace and its owner, and sign in"},
		func(ctx context.Context, in *setupInput) (*sessionOutput, error) {
			if err := s.knock(ctx); err != nil {
				return nil, err
			}
			b := in.Body
			signed, err := s.ports.Workspaces.Setup(ctx, b.Token, access.Founding{
				Name: b.WorkspaceName, Slug: b.Slug, Locale: cmp.Or(b.Locale, languageOf(ctx)), TimeZone: b.TimeZone,
				OwnerName: b.Name, Mail: b.Email, Password: b.Password,
			}, visitOf(ctx), s.now())
			return s.signedIn(ctx, signed, err)
		})
	add(s, op{id: "get-workspace", method: http.MethodGet, path: "/workspace", tag: tag, door: May(access.SettingsRead), summary: "The workspace"},
		func(ctx context.Context, _ *struct{}) (*workspaceOutput, error) {
			w, err := s.ports.Workspaces.Workspace(ctx, scopeOf(ctx))
			return &workspaceOutput{etag(w.Version), shownWorkspace(w)}, err
		})
	add(s, op{id: "change-workspace", method: http.MethodPatch, path: "/workspace", tag: tag, door: May(access.WorkspaceManage), summary: "Change the workspace's name, language or time zone"},
		func(ctx context.Context, in *workspaceInput) (*workspaceOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			patch := access.WorkspacePatch{Name: in.Body.Name, Locale: in.Body.Locale, TimeZone: in.Body.TimeZone}
			w, err := s.ports.Workspaces.ChangeWorkspace(ctx, scopeOf(ctx), version, patch, s.now())
			return &workspaceOutput{etag(w.Version), shownWorkspace(w)}, err
		})
}
