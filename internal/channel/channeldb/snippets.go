package channeldb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
)

const snippetColumns = `id, shortcut, title, body, locale, version`

func scanSnippet(r store.Row) (sn channel.Snippet, err error) {
	err = r.Scan(&sn.ID, &sn.Key, &sn.Title, &sn.Text, &sn.Locale, &sn.Version)
	return sn, err
}

// Snippets lists the quick replies in the order they were made.
func (s *Store) Snippets(ctx context.Context, scope access.Scope, request page.Request) (page.Of[channel.Snippet], error) {
	rows, err := s.db.Query(ctx, `SELECT `+snippetColumns+` FROM snippets WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		scope.Workspace, request.After.ID, request.Limit+1)
	all, err := store.All(rows, err, scanSnippet)
	return page.Cut(all, request, func(sn channel.Snippet) page.Cursor { return page.Cursor{ID: sn.ID.Int64()} }), err
}

// Snippet reads one quick reply.
func (s *Store) Snippet(ctx context.Context, scope access.Scope, which id.Snippet) (channel.Snippet, error) {
	rows, err := s.db.Query(ctx, `SELECT `+snippetColumns+` FROM snippets WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
	found, err := store.All(rows, err, scanSnippet)
	if err == nil && len(found) == 0 {
		err = channel.ErrSnippetNotFound
	}
	if err != nil {
		return channel.Snippet{}, err
	}
	return found[0], nil
}

// AddSnippet adds a quick reply. Its key is its own among those of its language.
func (s *Store) AddSnippet(ctx context.Context, scope access.Scope, sn channel.Snippet, at time.Time, claim *commit.Claim) (channel.Snippet, error) {
	if err := sn.Check(); err != nil {
		return sn, err
	}
	err := s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		sn.ID, sn.Version = id.New[id.Snippet](tx.IDs()), 1
		added, err := tx.Exec(`INSERT INTO snippets(workspace_id, id, shortcut, title, body, locale, version, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT (workspace_id, locale, shortcut) DO NOTHING`,
			scope.Workspace, sn.ID, sn.Key, sn.Title, sn.Text, sn.Locale, at)
		if err != nil {
			return err
		}
		if added == 0 {
			return channel.ErrShortcutTaken.With("key", sn.Key)
		}
		tx.Remember(sn.ID.Int64())
		return s.audit.Write(ctx, scope, "snippet.added", sn.ID.String(), nil, sn, at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.Snippet(ctx, scope, id.Snippet(claim.Result))
	}
	return sn, err
}

// ChangeSnippet replaces a quick reply of the version given.
func (s *Store) ChangeSnippet(ctx context.Context, scope access.Scope, version int64, to channel.Snippet, at time.Time) (channel.Snippet, error) {
	if err := to.Check(); err != nil {
		return to, err
	}
	err := s.db.Do(ctx, store.Change{Subject: to.ID.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Snippet(ctx, scope, to.ID)
		if err != nil {
			return err
		}
		if err := s.free(ctx, scope, to); err != nil {
			return err
		}
		err = store.Current(ctx).Returning([]any{&to.Version}, `UPDATE snippets SET shortcut = $4, title = $5, body = $6, locale = $7,
				version = version + 1, updated_at = $8
			WHERE workspace_id = $1 AND id = $2 AND version = $3 RETURNING version`,
			scope.Workspace, to.ID, version, to.Key, to.Title, to.Text, to.Locale, at)
		if errors.Is(err, store.ErrNoRows) {
			return fault.ErrStale
		}
		if err != nil {
			return err
		}
		return s.audit.Write(ctx, scope, "snippet.changed", to.ID.String(), before, to, at)
	}})
	return to, err
}

// free refuses a key that another quick reply of the language has.
func (s *Store) free(ctx context.Context, scope access.Scope, to channel.Snippet) error {
	var other int64
	rows, err := s.db.Query(ctx, `SELECT id FROM snippets WHERE workspace_id = $1 AND locale = $2 AND shortcut = $3 AND id <> $4`,
		scope.Workspace, to.Locale, to.Key, to.ID)
	err = store.One(rows, err, &other)
	switch {
	case errors.Is(err, store.ErrNoRows):
		return nil
	case err == nil:
		return channel.ErrShortcutTaken.With("key", to.Key)
	}
	return err
}

// RemoveSnippet removes a quick reply.
func (s *Store) RemoveSnippet(ctx context.Context, scope access.Scope, which id.Snippet, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Snippet(ctx, scope, which)
		if err != nil {
			return err
		}
		store.Current(ctx).Queue(`DELETE FROM snippets WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
		return s.audit.Write(ctx, scope, "snippet.removed", which.String(), before, nil, at)
	}})
}
