// Package nludb keeps what workspaces teach their bots: intents, examples,
// models, samples of traffic, and test sets.
package nludb

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
	"everdesk/internal/training"
)

// Audit records an operation in the transaction of ctx.
type Audit interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Store keeps the training of all workspaces.
type Store struct {
	db    *store.DB
	audit Audit
	log   *slog.Logger
}

// New returns the training kept in db.
func New(db *store.DB, audit Audit, log *slog.Logger) *Store { return &Store{db, audit, log} }

const intentColumns = `id, intent_key, titles, version, created_at, updated_at`

func scanIntent(row store.Row) (i training.Intent, err error) {
	var titles string
	err = row.Scan(&i.ID, &i.Key, &titles, &i.Version, store.Into(&i.CreatedAt), store.Into(&i.UpdatedAt))
	if err == nil {
		err = json.Unmarshal([]byte(titles), &i.Titles)
	}
	return i, err
}

// Intents returns all intents in the order of their keys, with their counts:
// there are at most training.MostIntents.
func (s *Store) Intents(ctx context.Context, scope access.Scope) ([]training.Intent, error) {
	rows, err := s.db.Query(ctx, `SELECT `+intentColumns+` FROM intents WHERE workspace_id = $1 ORDER BY intent_key`, scope.Workspace)
	all, err := store.All(rows, err, scanIntent)
	if err != nil {
		return nil, err
	}
	place := make(map[id.Intent]int, len(all))
	for n := range all {
		place[all[n].ID] = n
		all[n].Examples = map[string]int{}
	}
	type count struct {
		intent id.Intent
		locale string
		n      int
	}
	rows, err = s.db.Query(ctx, `SELECT intent_id, locale, COUNT(*) FROM intent_examples WHERE workspace_id = $1 GROUP BY intent_id, locale`, scope.Workspace)
	counts, err := store.All(rows, err, func(row store.Row) (c count, err error) {
		err = row.Scan(&c.intent, &c.locale, &c.n)
		return c, err
	})
	for _, c := range counts {
		if n, ok := place[c.intent]; ok {
			all[n].Examples[c.locale] = c.n
		}
	}
	return all, err
}

// Intent returns one intent, with its counts.
func (s *Store) Intent(ctx context.Context, scope access.Scope, which id.Intent) (training.Intent, error) {
	all, err := s.Intents(ctx, scope)
	for _, i := range all {
		if i.ID == which {
			return i, nil
		}
	}
	if err == nil {
		err = training.ErrNoIntent
	}
	return training.Intent{}, err
}

// MakeIntent adds an intent.
func (s *Store) MakeIntent(ctx context.Context, scope access.Scope, claim *commit.Claim, i training.Intent, at time.Time) (training.Intent, error) {
	i, err := i.Check()
	if err != nil {
		return i, err
	}
	err = s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		i.ID, i.Version, i.CreatedAt, i.UpdatedAt = id.New[id.Intent](store.Current(ctx).IDs()), 1, at, at
		var count int
		rows, err := store.Current(ctx).Query(`SELECT COUNT(*) FROM intents WHERE workspace_id = $1`, scope.Workspace)
		if err := store.One(rows, err, &count); err != nil {
			return err
		}
		if count >= training.MostIntents {
			return training.ErrTooMany
		}
		made, err := insertIntent(ctx, scope, i)
		if err != nil {
			return err
		}
		if !made {
			return training.ErrKeyTaken.With("key", i.Key)
		}
		store.Current(ctx).Remember(i.ID.Int64())
		return s.audit.Write(ctx, scope, "intent.made", i.ID.String(), nil, shown(i), at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.Intent(ctx, scope, id.Intent(claim.Result))
	}
	return i, err
}

func insertIntent(ctx context.Context, scope access.Scope, i training.Intent) (made bool, err error) {
	n, err := store.Current(ctx).Exec(`INSERT INTO intents(workspace_id, id, intent_key, titles, version, created_at, updated_at)
		VALUES ($1, $2, $3, $4, 1, $5, $5) ON CONFLICT (workspace_id, intent_key) DO NOTHING`,
		scope.Workspace, i.ID, i.Key, store.JSON(i.Titles), i.CreatedAt)
	return n > 0, err
}

// ChangeIntent gives an intent of the version given another key and titles.
func (s *Store) ChangeIntent(ctx context.Context, scope access.Scope, version int64, to training.Intent, at time.Time) (training.Intent, error) {
	to, err := to.Check()
	if err != nil {
		return to, err
	}
	err = s.db.Do(ctx, store.Change{Subject: to.ID.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Intent(ctx, scope, to.ID)
		if err != nil {
			return err
		}
		tx := store.Current(ctx)
		var other int64
		rows, err := tx.Query(`SELECT id FROM intents WHERE workspace_id = $1 AND intent_key = $2 AND id <> $3`, scope.Workspace, to.Key, to.ID)
		switch err = store.One(rows, err, &other); {
		case err == nil:
			return training.ErrKeyTaken.With("key", to.Key)
		case !errors.Is(err, store.ErrNoRows):
			return err
		}
		to.CreatedAt, to.UpdatedAt, to.Examples = before.CreatedAt, at, before.Examples
		err = tx.Returning([]any{&to.Version}, `UPDATE intents SET intent_key = $4, titles = $5, updated_at = $6, version = version + 1
			WHERE workspace_id = $1 AND id = $2 AND version = $3 RETURNING version`,
			scope.Workspace, to.ID, version, to.Key, store.JSON(to.Titles), at)
		if errors.Is(err, store.ErrNoRows) {
			return fault.ErrStale
		}
		if err != nil {
			return err
		}
		return s.audit.Write(ctx, scope, "intent.changed", to.ID.String(), shown(before), shown(to), at)
	}})
	return to, err
}

// RemoveIntent removes an intent and its examples. Models that know it keep
// knowing it until the next training.
func (s *Store) RemoveIntent(ctx context.Context, scope access.Scope, which id.Intent, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Intent(ctx, scope, which)
		if err != nil {
			return err
		}
		tx := store.Current(ctx)
		tx.Queue(`DELETE FROM intents WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
		tx.Queue(`DELETE FROM intent_examples WHERE workspace_id = $1 AND intent_id = $2`, scope.Workspace, which)
		return s.audit.Write(ctx, scope, "intent.removed", which.String(), shown(before), nil, at)
	}})
}

// shown is what the audit record keeps of an intent.
func shown(i training.Intent) any {
	return map[string]any{"key": i.Key, "titles": i.Titles, "examples": i.Total()}
}

const exampleColumns = `id, intent_id, body, locale, source, created_at`

func scanExample(row store.Row) (e training.Example, err error) {
	err = row.Scan(&e.ID, &e.Intent, &e.Text, &e.Locale, &e.Source, store.Into(&e.CreatedAt))
	return e, err
}

// Examples lists an intent's examples in the order they were made.
func (s *Store) Examples(ctx context.Context, scope access.Scope, of id.Intent, request page.Request) (page.Of[training.Example], error) {
	if _, err := s.Intent(ctx, scope, of); err != nil {
		return page.Of[training.Example]{}, err
	}
	rows, err := s.db.Query(ctx, `SELECT `+exampleColumns+` FROM intent_examples
		WHERE workspace_id = $1 AND intent_id = $2 AND id > $3 ORDER BY id LIMIT $4`,
		scope.Workspace, of, request.After.ID, int64(request.Limit)+1)
	all, err := store.All(rows, err, scanExample)
	return page.Cut(all, request, func(e training.Example) page.Cursor { return page.Cursor{ID: e.ID.Int64()} }), err
}

// Example returns one example.
func (s *Store) Example(ctx context.Context, scope access.Scope, which id.Example) (training.Example, error) {
	rows, err := s.db.Query(ctx, `SELECT `+exampleColumns+` FROM intent_examples WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
	found, err := store.All(rows, err, scanExample)
	if err == nil && len(found) == 0 {
		err = training.ErrNoExample
	}
	if err != nil {
		return training.Example{}, err
	}
	return found[0], nil
}
