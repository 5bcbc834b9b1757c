package accessdb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

const (
	setupPurpose = "setup"
	setupLife    = 24 * time.Hour
)

// SetupToken makes a token for the first-run page, or returns "" once there is
// a workspace. Print its SetupLink at start: whoever can read the server's
// output may set it up, nobody else.
func (s *Store) SetupToken(ctx context.Context, at time.Time) (string, error) {
	needed, err := s.SetupNeeded(ctx)
	if err != nil || !needed {
		return "", err
	}
	token := access.NewToken(access.SetupToken)
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		store.Current(ctx).Queue(`INSERT INTO one_time_links(token_hash, purpose, subject, expires_at) VALUES ($1, $2, 0, $3)`,
			token.Hash, setupPurpose, at.Add(setupLife))
		return nil
	})
	return token.Text, err
}

// SetupNeeded reports whether there is no workspace yet.
func (s *Store) SetupNeeded(ctx context.Context) (bool, error) {
	var any int64
	rows, err := s.db.Query(ctx, `SELECT id FROM workspaces LIMIT 1`)
	err = store.One(rows, err, &any)
	if errors.Is(err, store.ErrNoRows) {
		return true, nil
	}
	return false, err
}

// Setup makes the first workspace and its owner with a setup token, and signs
// the owner in.
func (s *Store) Setup(ctx context.Context, token string, founding access.Founding, visit access.Visit, at time.Time) (access.SignedIn, error) {
	if needed, err := s.SetupNeeded(ctx); err != nil {
		return access.SignedIn{}, err
	} else if !needed {
		return access.SignedIn{}, access.ErrSetupDone
	}
	var known int64
	hash := access.SetupToken.Hash(token)
	rows, err := s.db.Query(ctx, `SELECT 1 FROM one_time_links WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3`, hash, setupPurpose, at)
	if err := store.One(rows, err, &known); err != nil {
		return access.SignedIn{}, one(err, access.ErrSetupToken)
	}
	prepared, err := s.prepare(ctx, founding)
	if err != nil {
		return access.SignedIn{}, err
	}
	var signed access.SignedIn
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		// All setup links go with the first use: of two at once one finds none.
		gone, err := tx.Exec(`DELETE FROM one_time_links WHERE purpose = $1`, setupPurpose)
		if err != nil {
			return err
		}
		if needed, err := s.SetupNeeded(ctx); err != nil {
			return err
		} else if !needed || gone == 0 {
			return access.ErrSetupDone
		}
		founded, err := s.found(ctx, prepared, at)
		if err != nil {
			return err
		}
		signed, err = s.begin(ctx, founded.Account, founded.Workspace.ID, visit, nil, at)
		return err
	})
	return signed, err
}

// prepared is a founding that was checked, with the password hashed: hashing
// takes too long for a transaction.
type prepared struct {
	workspace access.Workspace
	owner     access.Account
	hashed    string
}

func (s *Store) prepare(ctx context.Context, f access.Founding) (p prepared, err error) {
	if p.workspace, err = cleanWorkspace(f); err != nil {
		return p, err
	}
	p.owner.Locale = p.workspace.Locale
	if p.owner.Mail, err = access.CleanMail("body.email", f.Mail); err != nil {
		return p, err
	}
	if p.owner.Name, err = access.CleanName("body.name", f.OwnerName); err != nil {
		return p, err
	}
	if err := access.CheckPassword("body.password", f.Password, p.owner.Mail); err != nil {
		return p, err
	}
	p.hashed, err = s.Passwords.Hash(ctx, f.Password)
	return p, err
}

func cleanWorkspace(f access.Founding) (w access.Workspace, err error) {
	if w.Name, err = access.CleanName("body.workspace_name", f.Name); err != nil {
		return w, err
	}
	if w.Locale, err = cleanLocale(f.Locale); err != nil {
		return w, err
	}
	if err := access.CheckTimeZone("body.time_zone", f.TimeZone); err != nil {
		return w, err
	}
	w.TimeZone, w.Slug = f.TimeZone, f.Slug
	if w.Slug == "" {
		w.Slug = slugOf(w.Name)
	}
	return w, access.CheckSlug("body.slug", w.Slug)
}

// slugOf is what an address can take of a name; "desk" of one without letters
// or figures of the kind.
func slugOf(name string) string {
	var slug strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			slug.WriteRune(r)
		case slug.Len() > 0 && !strings.HasSuffix(slug.String(), "-"):
			slug.WriteByte('-')
		}
	}
	cut := slug.String()
	if cut = strings.Trim(cut[:min(len(cut), 40)], "-"); cut == "" {
		return "desk"
	}
	return cut
}

// Found makes a workspace with its owner. An account of the owner's address
// becomes the owner and keeps its password.
func (s *Store) Found(ctx context.Context, founding access.Founding, at time.Time) (founded access.Founded, err error) {
	p, err := s.prepare(ctx, founding)
	if err != nil {
		return founded, err
	}
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		founded, err = s.found(ctx, p, at)
		return err
	})
	return founded, err
}

func (s *Store) found(ctx context.Context, p prepared, at time.Time) (founded access.Founded, err error) {
	tx := store.Current(ctx)
	w := p.workspace
	w.ID, w.CreatedAt = id.New[id.Workspace](tx.IDs()), at
	err = tx.Returning([]any{&w.Version}, `INSERT INTO workspaces(id, name, slug, locale, time_zone, created_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING version`, w.ID, w.Name, w.Slug, w.Locale, w.TimeZone, at)
	if err != nil {
		return founded, one(err, access.ErrSlugTaken)
	}
	owner, _, err := s.byMail(ctx, p.owner.Mail)
	if errors.Is(err, fault.ErrNotFound) {
		owner, err = s.addAccount(ctx, p.owner, p.hashed, at)
	}
	if err != nil {
		return founded, err
	}
	system := access.System(w.ID)
	founded = access.Founded{Workspace: w, Account: owner.ID}
	if founded.Staff, err = s.Members.Join(ctx, system, owner.ID, owner.Name, access.Owner, nil, at); err != nil {
		return founded, err
	}
	if err := s.Audit.Write(ctx, system, "workspace.founded", w.ID.String(), nil, shownWorkspace(w), at); err != nil {
		return founded, err
	}
	for _, found := range s.Founders {
		if err := found(ctx, system, founded, at); err != nil {
			return founded, fmt.Errorf("founding a workspace: %w", err)
		}
	}
	return founded, nil
}

// Enroll makes an account with a password, if its address has none, and a
// member of the scope's workspace: the command line's and the demo's way in.
func (s *Store) Enroll(ctx context.Context, scope access.Scope, account access.Account, password string, role access.Role, teams []id.Team, at time.Time) (member id.Staff, err error) {
	if account.Mail, err = access.CleanMail("email", account.Mail); err != nil {
		return 0, err
	}
	if account.Name, err = access.CleanName("name", account.Name); err != nil {
		return 0, err
	}
	if !role.Valid() {
		return 0, fault.ErrInvalid.At("role", "not_allowed", "not a role")
	}
	if !scope.MayGrant(role) {
		return 0, access.ErrBeyondOwn.With("what", string(role))
	}
	if err := access.CheckPassword("password", password, account.Mail); err != nil {
		return 0, err
	}
	hashed, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return 0, err
	}
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		joining, _, err := s.byMail(ctx, account.Mail)
		if errors.Is(err, fault.ErrNotFound) {
			joining, err = s.addAccount(ctx, account, hashed, at)
		}
		if err != nil {
			return err
		}
		member, err = s.Members.Join(ctx, scope, joining.ID, joining.Name, role, teams, at)
		return err
	})
	return member, err
}

// Workspace returns the scope's workspace.
func (s *Store) Workspace(ctx context.Context, scope access.Scope) (access.Workspace, error) {
	return s.workspace(ctx, `id = $1`, scope.Workspace)
}

// WorkspaceBySlug finds a workspace for the command line.
func (s *Store) WorkspaceBySlug(ctx context.Context, slug string) (access.Workspace, error) {
	return s.workspace(ctx, `slug = $1`, slug)
}

func (s *Store) workspace(ctx context.Context, where string, key any) (w access.Workspace, err error) {
	rows, err := s.db.Query(ctx, `SELECT id, name, slug, locale, time_zone, created_at, version FROM workspaces WHERE `+where, key)
	err = store.One(rows, err, &w.ID, &w.Name, &w.Slug, &w.Locale, &w.TimeZone, store.Into(&w.CreatedAt), &w.Version)
	return w, one(err, fault.ErrNotFound)
}

// ChangeWorkspace changes the scope's workspace of the version given.
func (s *Store) ChangeWorkspace(ctx context.Context, scope access.Scope, version int64, patch access.WorkspacePatch, at time.Time) (changed access.Workspace, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		before, err := s.Workspace(ctx, scope)
		if err != nil {
			return err
		}
		if before.Version != version {
			return fault.ErrStale
		}
		if changed, err = apply(patch, before); err != nil {
			return err
		}
		err = store.Current(ctx).Returning([]any{&changed.Version}, `UPDATE workspaces SET name = $3, locale = $4, time_zone = $5, version = version + 1
			WHERE id = $1 AND version = $2 RETURNING version`, scope.Workspace, version, changed.Name, changed.Locale, changed.TimeZone)
		if err != nil {
			return one(err, fault.ErrStale)
		}
		return s.Audit.Write(ctx, scope, "workspace.changed", scope.Workspace.String(), shownWorkspace(before), shownWorkspace(changed), at)
	})
	return changed, err
}

func apply(patch access.WorkspacePatch, w access.Workspace) (_ access.Workspace, err error) {
	if patch.Name != nil {
		if w.Name, err = access.CleanName("body.name", *patch.Name); err != nil {
			return w, err
		}
	}
	if patch.Locale != nil {
		if w.Locale, err = cleanLocale(*patch.Locale); err != nil {
			return w, err
		}
	}
	if patch.TimeZone != nil {
		if err := access.CheckTimeZone("body.time_zone", *patch.TimeZone); err != nil {
			return w, err
		}
		w.TimeZone = *patch.TimeZone
	}
	return w, nil
}

func shownWorkspace(w access.Workspace) map[string]any {
	return map[string]any{"name": w.Name, "slug": w.Slug, "locale": w.Locale, "time_zone": w.TimeZone}
}
