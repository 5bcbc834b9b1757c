// Package aidb keeps the providers of language models of workspaces, their keys
// sealed, and what they were used for.
package aidb

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/ai"
	"everdesk/internal/fault"
	"everdesk/internal/store"
)

// Sealer keeps secrets unreadable in the database.
type Sealer interface {
	Seal(purpose, text string) string
	Open(purpose, sealed string) (string, error)
}

// Auditor writes an audit row in the transaction of ctx.
type Auditor interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Store keeps providers.
type Store struct {
	db     *store.DB
	sealer Sealer
	audit  Auditor
}

// New returns the providers of a database.
func New(db *store.DB, sealer Sealer, audit Auditor) *Store { return &Store{db, sealer, audit} }

const keyPurpose = "ai.key"

// row is a provider as it is kept.
type row struct {
	settings, secret string
	version          int64
}

func (s *Store) read(ctx context.Context, scope access.Scope) (row, error) {
	rows, err := s.db.Query(ctx, `SELECT settings, secret, version FROM ai_providers WHERE workspace_id = $1`, scope.Workspace)
	found, err := store.All(rows, err, func(r store.Row) (one row, err error) {
		err = r.Scan(&one.settings, &one.secret, &one.version)
		return one, err
	})
	if err != nil || len(found) == 0 {
		return row{}, err
	}
	return found[0], nil
}

// Settings reads a workspace's provider; version 0 if there is none.
func (s *Store) Settings(ctx context.Context, scope access.Scope) (settings ai.Settings, version int64, err error) {
	kept, err := s.read(ctx, scope)
	if err != nil || kept.version == 0 {
		return settings, 0, err
	}
	if err := json.Unmarshal([]byte(kept.settings), &settings); err != nil {
		return settings, 0, err
	}
	settings.Key, err = s.sealer.Open(keyPurpose, kept.secret)
	return settings, kept.version, err
}

// Set keeps a provider if its version is still the given one: 0 for one that is
// not there. An empty key leaves the one there is, unless the address is
// another: a known key is not sent to a new place.
func (s *Store) Set(ctx context.Context, scope access.Scope, version int64, settings ai.Settings, at time.Time) (now int64, err error) {
	if err := settings.Check(); err != nil {
		return 0, err
	}
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		kept, err := s.read(ctx, scope)
		if err != nil {
			return err
		}
		if kept.version != version {
			return fault.ErrStale
		}
		var before ai.Settings
		if kept.version > 0 {
			if err := json.Unmarshal([]byte(kept.settings), &before); err != nil {
				return err
			}
		}
		secret := kept.secret
		if settings.Key != "" || kept.version == 0 || before.URL != settings.URL {
			secret = s.sealer.Seal(keyPurpose, settings.Key)
		}
		err = store.Current(ctx).Returning([]any{&now}, `INSERT INTO ai_providers(workspace_id, settings, secret, version, updated_at)
			VALUES ($1, $2, $3, 1, $4)
			ON CONFLICT (workspace_id) DO UPDATE SET settings = excluded.settings, secret = excluded.secret,
				version = ai_providers.version + 1, updated_at = excluded.updated_at WHERE ai_providers.version = $5
			RETURNING version`,
			scope.Workspace, store.JSON(settings), secret, at, version)
		if errors.Is(err, store.ErrNoRows) {
			return fault.ErrStale
		}
		if err != nil {
			return err
		}
		var old any
		if kept.version > 0 {
			old = json.RawMessage(kept.settings)
		}
		return s.audit.Write(ctx, scope, "provider.changed", "provider", old, settings, at)
	})
	return now, err
}

func day(at time.Time) int64 {
	at = at.UTC()
	return int64(at.Year())*10000 + int64(at.Month())*100 + int64(at.Day())
}

// Spent returns what was used in the calendar month of at, in UTC.
func (s *Store) Spent(ctx context.Context, scope access.Scope, at time.Time) (spent ai.Spent, err error) {
	month := day(at) / 100 * 100
	rows, err := s.db.Query(ctx, `SELECT CAST(COALESCE(SUM(calls), 0) AS BIGINT), CAST(COALESCE(SUM(failures), 0) AS BIGINT), CAST(COALESCE(SUM(tokens), 0) AS BIGINT)
		FROM ai_usage WHERE workspace_id = $1 AND day >= $2 AND day < $3`, scope.Workspace, month, month+100)
	err = store.One(rows, err, &spent.Calls, &spent.Failures, &spent.Tokens)
	return spent, err
}

// Spend adds to what was used on the day of at.
func (s *Store) Spend(ctx context.Context, scope access.Scope, more ai.Spent, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		_, err := store.Current(ctx).Exec(`INSERT INTO ai_usage(workspace_id, day, calls, failures, tokens) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (workspace_id, day) DO UPDATE SET calls = ai_usage.calls + excluded.calls, failures = ai_usage.failures + excluded.failures,
				tokens = ai_usage.tokens + excluded.tokens`,
			scope.Workspace, day(at), more.Calls, more.Failures, more.Tokens)
		return err
	})
}
