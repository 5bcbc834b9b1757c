package accessdb

import (
	"context"
	"slices"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/locale"
	"everdesk/internal/store"
)

// Profile returns who the caller is, and where.
func (s *Store) Profile(ctx context.Context, caller access.Caller) (p access.Profile, err error) {
	if p.Account, _, err = s.byID(ctx, caller.Account); err != nil {
		return p, err
	}
	type place struct {
		access.Workspace
		staff id.Staff
		name  string
		role  access.Role
		reach access.Reach
	}
	rows, err := s.db.Query(ctx, `SELECT w.id, w.name, w.slug, w.locale, w.time_zone, w.created_at, w.version, m.id, m.name, m.role, m.reach
		FROM staff m JOIN workspaces w ON w.id = m.workspace_id WHERE m.account_id = $1 AND m.active = 1 ORDER BY w.name, w.id`, caller.Account)
	places, err := store.All(rows, err, func(row store.Row) (o place, err error) {
		err = row.Scan(&o.ID, &o.Name, &o.Slug, &o.Locale, &o.TimeZone, store.Into(&o.CreatedAt), &o.Version, &o.staff, &o.name, &o.role, &o.reach)
		return o, err
	})
	for _, o := range places {
		p.Workspaces = append(p.Workspaces, o.Workspace)
		if o.ID == caller.Scope.Workspace {
			p.Workspace, p.Staff, p.StaffName, p.Role, p.Reach = o.Workspace, o.staff, o.name, o.role, o.reach
		}
	}
	return p, err
}

// ChangeMe changes the caller's own account. Another name is also shown to
// colleagues and customers of the present workspace.
func (s *Store) ChangeMe(ctx context.Context, caller access.Caller, change access.Me, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		account, _, err := s.byID(ctx, caller.Account)
		if err != nil {
			return err
		}
		if change.Name != nil {
			if account.Name, err = access.CleanName("body.name", *change.Name); err != nil {
				return err
			}
			if err := s.Members.Rename(ctx, caller.Scope, account.Name, at); err != nil {
				return err
			}
		}
		if change.Locale != nil {
			if account.Locale, err = cleanLocale(*change.Locale); err != nil {
				return err
			}
		}
		if change.Theme != nil {
			if !slices.Contains(access.Themes, *change.Theme) {
				return fault.ErrInvalid.At("body.theme", "not_allowed", "system, light or dark")
			}
			account.Theme = *change.Theme
		}
		store.Current(ctx).Queue(`UPDATE accounts SET name = $2, locale = $3, theme = $4, version = version + 1 WHERE id = $1`,
			account.ID, account.Name, account.Locale, account.Theme)
		return nil
	})
}

func cleanLocale(given string) (string, error) {
	tag := locale.Match(given)
	if tag == "" {
		return "", fault.ErrInvalid.At("body.locale", "not_allowed", "zh-CN or en")
	}
	return tag, nil
}
