package accessdb

import (
	"context"
	"encoding/json"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// SessionScope resolves a session's token: one indexed query, nothing cached,
// so that an ended session, another role or a deactivation counts at once. It
// returns access.ErrSignedOut for what is no session, or no longer one.
func (s *Store) SessionScope(ctx context.Context, token string, at time.Time) (access.Caller, error) {
	hash := access.SessionToken.Hash(token)
	if hash == "" {
		return access.Caller{}, access.ErrSignedOut
	}
	var caller access.Caller
	var created, seen, expires time.Time
	rows, err := s.db.Query(ctx, `SELECT e.id, e.account_id, e.workspace_id, e.created_at, e.seen_at, e.expires_at,
			m.id, m.role, m.reach, COALESCE(t.team_id, 0)
		FROM sessions e
		JOIN staff m ON m.account_id = e.account_id AND m.workspace_id = e.workspace_id AND m.active = 1
		LEFT JOIN team_members t ON t.workspace_id = m.workspace_id AND t.staff_id = m.id
		WHERE e.token_hash = $1`, hash)
	found, err := store.All(rows, err, func(row store.Row) (team id.Team, err error) {
		var role access.Role
		err = row.Scan(&caller.Session, &caller.Account, &caller.Scope.Workspace, store.Into(&created), store.Into(&seen), store.Into(&expires),
			&caller.Scope.Staff, &role, &caller.Scope.Reach, &team)
		caller.Scope.Permissions = role.Permissions()
		return team, err
	})
	if err != nil {
		return access.Caller{}, err
	}
	if len(found) == 0 || !expires.After(at) {
		return access.Caller{}, access.ErrSignedOut
	}
	for _, team := range found {
		if team != 0 {
			caller.Scope.Teams = append(caller.Scope.Teams, team)
		}
	}
	caller.Scope.Kind = access.ActorStaff
	if at.Sub(seen) >= access.SeenEvery {
		s.touch(ctx, `UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE token_hash = $1 AND seen_at < $2`,
			hash, at, access.SessionEnd(created, at))
	}
	return caller, nil
}

// touch notes a use. Whoever is at the door is not turned away because that
// could not be written down.
func (s *Store) touch(ctx context.Context, sql string, args ...any) {
	err := s.db.Atomically(ctx, func(ctx context.Context) error {
		store.Current(ctx).Queue(sql, args...)
		return nil
	})
	if err != nil {
		s.Log.WarnContext(ctx, "noting the use of a session or key failed", "error", err)
	}
}

// KeyScope resolves an API key, as SessionScope does a session. It returns
// access.ErrBadKey for what is none.
func (s *Store) KeyScope(ctx context.Context, key string, at time.Time) (access.Caller, error) {
	hash := access.KeyToken.Hash(key)
	if hash == "" {
		return access.Caller{}, access.ErrBadKey
	}
	found, there, err := s.keys.Get(ctx, hash)
	if err != nil {
		return access.Caller{}, err
	}
	if !there {
		return access.Caller{}, access.ErrBadKey
	}
	if at.Sub(found.used) >= access.SeenEvery {
		s.touch(ctx, `UPDATE api_keys SET used_at = $3 WHERE workspace_id = $1 AND key_hash = $2 AND used_at < $3`,
			found.scope.Workspace, hash, at)
	}
	return access.Caller{Scope: found.scope}, nil
}

// storedKey is an API key's row.
type storedKey struct {
	scope access.Scope
	used  time.Time
}

// loadKeys reads the keys that requests under way came with.
func (s *Store) loadKeys(ctx context.Context, hashes []string) (map[string]storedKey, error) {
	found := make(map[string]storedKey, len(hashes))
	rows, err := s.db.Query(ctx, `SELECT key_hash, workspace_id, id, scopes, used_at FROM api_keys WHERE `+
		s.db.Dialect().AmongTexts("key_hash", "$1"), store.JSON(hashes))
	_, err = store.All(rows, err, func(row store.Row) (none struct{}, err error) {
		key := storedKey{scope: access.Scope{Kind: access.ActorKey, Reach: access.ReachAll}}
		var hash, scopes string
		if err := row.Scan(&hash, &key.scope.Workspace, &key.scope.Key, &scopes, store.Into(&key.used)); err != nil {
			return none, err
		}
		err = json.Unmarshal([]byte(scopes), &key.scope.Permissions)
		found[hash] = key
		return none, err
	})
	return found, err
}

// Sessions lists an account's sessions that have not ended, newest first.
func (s *Store) Sessions(ctx context.Context, account id.Account, at time.Time) ([]access.Session, error) {
	rows, err := s.db.Query(ctx, `SELECT id, account_id, workspace_id, device, address, created_at, seen_at, expires_at
		FROM sessions WHERE account_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id DESC LIMIT 100`, account, at)
	return store.All(rows, err, func(row store.Row) (e access.Session, err error) {
		err = row.Scan(&e.ID, &e.Account, &e.Workspace, &e.Device, &e.Address,
			store.Into(&e.CreatedAt), store.Into(&e.SeenAt), store.Into(&e.ExpiresAt))
		if err == nil {
			e.Address, err = s.Ring.Open(sealedAddress, e.Address)
		}
		return e, err
	})
}

// EndSession ends one of the caller's account's sessions, which may be the
// caller's own: that is how to sign out.
func (s *Store) EndSession(ctx context.Context, caller access.Caller, session id.Session, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		ended, err := store.Current(ctx).Exec(`DELETE FROM sessions WHERE account_id = $1 AND id = $2`, caller.Account, session)
		if err != nil {
			return err
		}
		if ended == 0 {
			return fault.ErrNotFound
		}
		return s.Audit.Write(ctx, caller.Scope, "session.ended", session.String(), nil, nil, at)
	})
}

// Switch moves a session to another workspace of its account.
func (s *Store) Switch(ctx context.Context, caller access.Caller, workspace id.Workspace) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		moved, err := tx.Exec(`UPDATE sessions SET workspace_id = $3 WHERE account_id = $1 AND id = $2 AND EXISTS (
			SELECT 1 FROM staff WHERE account_id = $1 AND workspace_id = $3 AND active = 1)`,
			caller.Account, caller.Session, workspace)
		if err != nil {
			return err
		}
		if moved == 0 {
			return fault.ErrNotFound
		}
		tx.Queue(`UPDATE accounts SET last_workspace = $2 WHERE id = $1`, caller.Account, workspace)
		return nil
	})
}
