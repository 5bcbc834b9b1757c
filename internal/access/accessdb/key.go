package accessdb

import (
	"context"
	"encoding/json"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
)

const keyColumns = `k.id, k.name, k.hint, k.scopes, k.created_at, k.used_at,
	COALESCE((SELECT m.name FROM staff m WHERE m.workspace_id = k.workspace_id AND m.id = k.created_by), '')`

func scanKey(row store.Row) (k access.APIKey, err error) {
	var scopes string
	err = row.Scan(&k.ID, &k.Name, &k.Hint, &scopes, store.Into(&k.CreatedAt), store.Into(&k.UsedAt), &k.CreatedBy)
	if err == nil {
		err = json.Unmarshal([]byte(scopes), &k.Scopes)
	}
	return k, err
}

// Keys lists a workspace's keys, newest first.
func (s *Store) Keys(ctx context.Context, scope access.Scope, request page.Request) (page.Of[access.APIKey], error) {
	after := newestFirst(request)
	rows, err := s.db.Query(ctx, `SELECT `+keyColumns+` FROM api_keys k
		WHERE k.workspace_id = $1 AND (k.created_at, k.id) < ($2, $3) ORDER BY k.created_at DESC, k.id DESC LIMIT $4`,
		scope.Workspace, after.Key, after.ID, int64(request.Limit)+1)
	keys, err := store.All(rows, err, scanKey)
	return page.Cut(keys, request, func(k access.APIKey) page.Cursor {
		return page.Cursor{Key: store.Micros(k.CreatedAt), ID: k.ID.Int64()}
	}), err
}

// MakeKey makes a key with scopes the maker holds. The text of the key is
// returned once: a replay of the claim has the key without it.
func (s *Store) MakeKey(ctx context.Context, scope access.Scope, claim *commit.Claim, name string, scopes []access.Permission, at time.Time) (made access.APIKey, text string, err error) {
	if name, err = access.CleanName("body.name", name); err != nil {
		return made, "", err
	}
	if scopes, err = access.CheckScopes("body.scopes", scope, scopes); err != nil {
		return made, "", err
	}
	token := access.NewToken(access.KeyToken)
	err = s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		made = access.APIKey{
			ID: id.New[id.APIKey](tx.IDs()), Name: name, Hint: token.Text[len(token.Text)-4:], Scopes: scopes, CreatedAt: at,
		}
		tx.Queue(`INSERT INTO api_keys(key_hash, workspace_id, id, name, hint, scopes, created_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, token.Hash, scope.Workspace, made.ID, name, made.Hint,
			store.JSON(scopes), scope.Staff, at)
		tx.Remember(made.ID.Int64())
		return s.Audit.Write(ctx, scope, "key.made", made.ID.String(), nil, shownKey(made), at)
	}})
	if err != nil {
		return access.APIKey{}, "", err
	}
	number, text := made.ID, token.Text
	if claim != nil && claim.Replayed {
		number, text = id.APIKey(claim.Result), ""
	}
	made, err = s.key(ctx, scope, number)
	return made, text, err
}

func (s *Store) key(ctx context.Context, scope access.Scope, key id.APIKey) (access.APIKey, error) {
	rows, err := s.db.Query(ctx, `SELECT `+keyColumns+` FROM api_keys k WHERE k.workspace_id = $1 AND k.id = $2`, scope.Workspace, key)
	found, err := store.All(rows, err, scanKey)
	if err != nil {
		return access.APIKey{}, err
	}
	if len(found) == 0 {
		return access.APIKey{}, fault.ErrNotFound
	}
	return found[0], nil
}

// EndKey ends a key at once.
func (s *Store) EndKey(ctx context.Context, scope access.Scope, key id.APIKey, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		before, err := s.key(ctx, scope, key)
		if err != nil {
			return err
		}
		store.Current(ctx).Queue(`DELETE FROM api_keys WHERE workspace_id = $1 AND id = $2`, scope.Workspace, key)
		return s.Audit.Write(ctx, scope, "key.ended", key.String(), shownKey(before), nil, at)
	})
}

func shownKey(k access.APIKey) map[string]any {
	return map[string]any{"name": k.Name, "hint": k.Hint, "scopes": k.Scopes}
}
