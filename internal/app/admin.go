package app

import (
	"context"
	"fmt"

	"everdesk/internal/access"
	"everdesk/internal/id"
)

// SetupLink returns the one-time link to the first run, or "" once the desk has
// been set up.
func (a *App) SetupLink(ctx context.Context) (string, error) {
	token, err := a.accounts.SetupToken(ctx, a.now())
	if err != nil || token == "" {
		return "", err
	}
	return a.accounts.SetupLink(token), nil
}

// NewUser is somebody added on the command line.
type NewUser struct {
	Workspace    string // its slug; the only one if empty
	NewWorkspace string // the name of one to be made, with the user as owner
	Mail         string
	Name         string
	Password     string
	Role         string
	Locale       string
	TimeZone     string
}

// AddUser adds an account and its membership, making a workspace if asked, and
// returns the workspace.
func (a *App) AddUser(ctx context.Context, user NewUser) (id.Workspace, error) {
	if user.NewWorkspace != "" {
		founded, err := a.accounts.Found(ctx, access.Founding{
			Name: user.NewWorkspace, Slug: slug(user.NewWorkspace), Locale: user.Locale, TimeZone: user.TimeZone,
			OwnerName: user.Name, Mail: user.Mail, Password: user.Password,
		}, a.now())
		return founded.Workspace.ID, err
	}
	workspace, err := a.accounts.WorkspaceBySlug(ctx, user.Workspace)
	if err != nil {
		return 0, err
	}
	_, err = a.accounts.Enroll(ctx, access.System(workspace.ID), access.Account{Mail: user.Mail, Name: user.Name, Locale: user.Locale},
		user.Password, access.Role(user.Role), nil, a.now())
	return workspace.ID, err
}

// AddKey makes an API key with a role's permissions and returns its text, which
// is shown this once.
func (a *App) AddKey(ctx context.Context, workspace id.Workspace, name, roleName string) (string, error) {
	role := access.Role(roleName)
	if !role.Valid() {
		return "", fmt.Errorf("there is no role %q; the roles are %v", role, access.Roles)
	}
	_, text, err := a.accounts.MakeKey(ctx, access.System(workspace), nil, name, role.Permissions(), a.now())
	return text, err
}

// WorkspaceBySlug finds a workspace for the command line.
func (a *App) WorkspaceBySlug(ctx context.Context, name string) (id.Workspace, error) {
	workspace, err := a.accounts.WorkspaceBySlug(ctx, name)
	return workspace.ID, err
}

// slug makes a name fit for addresses; what has no Latin letters becomes
// "desk".
func slug(name string) string {
	var kept []rune
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			kept = append(kept, r)
		case r >= 'A' && r <= 'Z':
			kept = append(kept, r+'a'-'A')
		case len(kept) > 0 && kept[len(kept)-1] != '-':
			kept = append(kept, '-')
		}
	}
	for len(kept) > 0 && kept[len(kept)-1] == '-' {
		kept = kept[:len(kept)-1]
	}
	if len(kept) == 0 {
		return "desk"
	}
	return string(kept[:min(len(kept), 40)])
}
