// Package calendardb keeps the calendars of workspaces and answers quickly for
// them: compiled hours are cached for a few seconds of business time.
package calendardb

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/calendar"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
)

// fresh is how long compiled hours are used without looking again. A change
// made on another node is seen after that.
const fresh = 5 * time.Second

// Auditor writes an audit row in the transaction of ctx.
type Auditor interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Users says, within the transaction of ctx, whether a calendar is somebody's.
type Users interface {
	UsesCalendar(ctx context.Context, scope access.Scope, calendar id.Calendar) (bool, error)
}

// Store keeps calendars.
type Store struct {
	db    *store.DB
	audit Auditor
	users Users

	mu       sync.RWMutex
	compiled map[cacheKey]cached
}

type cacheKey struct {
	workspace id.Workspace
	calendar  id.Calendar
}

type cached struct {
	hours *calendar.Hours
	// calendar and version say what was compiled; a calendar that is gone is
	// answered by the default one.
	calendar id.Calendar
	version  int64
	read     time.Time
}

// New returns the calendars of a database.
func New(db *store.DB, audit Auditor, users Users) *Store {
	return &Store{db: db, audit: audit, users: users, compiled: map[cacheKey]cached{}}
}

const columns = `id, name, definition, is_default, version, updated_at`

func scan(row store.Row) (calendar.Calendar, error) {
	var c calendar.Calendar
	var definition string
	var isDefault int64
	if err := row.Scan(&c.ID, &c.Name, &definition, &isDefault, &c.Version, store.Into(&c.UpdatedAt)); err != nil {
		return c, err
	}
	c.Default = isDefault == 1
	return c, json.Unmarshal([]byte(definition), &c.Definition)
}

// Start gives a new workspace its default calendar; it does nothing if there is
// one. It joins the transaction that makes the workspace.
func (s *Store) Start(ctx context.Context, scope access.Scope, name string, definition calendar.Definition, at time.Time) error {
	if _, err := calendar.Compile(definition); err != nil {
		return err
	}
	defer s.forget()
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		tx.AfterCommit(s.forget)
		tx.Queue(`INSERT INTO calendars(workspace_id, id, name, definition, is_default, version, updated_at)
			VALUES ($1, $2, $3, $4, 1, 1, $5) ON CONFLICT (workspace_id) WHERE is_default = 1 DO NOTHING`,
			scope.Workspace, tx.IDs().Next(), name, store.JSON(definition), at)
		return nil
	})
}

// Create adds a calendar.
func (s *Store) Create(ctx context.Context, scope access.Scope, name string, definition calendar.Definition, at time.Time, claim *commit.Claim) (calendar.Calendar, error) {
	if err := check(name, definition); err != nil {
		return calendar.Calendar{}, err
	}
	c := calendar.Calendar{Name: name, Definition: definition, Version: 1, UpdatedAt: at}
	err := s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		c.ID = id.New[id.Calendar](tx.IDs())
		tx.Queue(`INSERT INTO calendars(workspace_id, id, name, definition, is_default, version, updated_at)
			VALUES ($1, $2, $3, $4, 0, 1, $5)`, scope.Workspace, c.ID, name, store.JSON(definition), at)
		tx.Remember(c.ID.Int64())
		return s.audit.Write(ctx, scope, "calendar.created", c.ID.String(), nil, definition, at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.Calendar(ctx, scope, id.Calendar(claim.Result))
	}
	return c, err
}

// Calendar reads one calendar.
func (s *Store) Calendar(ctx context.Context, scope access.Scope, number id.Calendar) (calendar.Calendar, error) {
	return one(s.db.Query(ctx, `SELECT `+columns+` FROM calendars WHERE workspace_id = $1 AND id = $2`, scope.Workspace, number))
}

// Default reads the calendar of what has no other.
func (s *Store) Default(ctx context.Context, scope access.Scope) (calendar.Calendar, error) {
	return one(s.db.Query(ctx, `SELECT `+columns+` FROM calendars WHERE workspace_id = $1 AND is_default = 1`, scope.Workspace))
}

func one(rows store.Rows, err error) (calendar.Calendar, error) {
	all, err := store.All(rows, err, scan)
	if err == nil && len(all) == 0 {
		err = calendar.ErrNotFound
	}
	if err != nil {
		return calendar.Calendar{}, err
	}
	return all[0], nil
}

// Calendars lists the calendars in the order they were made.
func (s *Store) Calendars(ctx context.Context, scope access.Scope, request page.Request) (page.Of[calendar.Calendar], error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM calendars WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		scope.Workspace, request.After.ID, request.Limit+1)
	all, err := store.All(rows, err, scan)
	return page.Cut(all, request, func(c calendar.Calendar) page.Cursor { return page.Cursor{ID: c.ID.Int64()} }), err
}

// Update replaces a calendar if its version is still the given one.
func (s *Store) Update(ctx context.Context, scope access.Scope, number id.Calendar, version int64, name string, definition calendar.Definition, at time.Time) (after calendar.Calendar, err error) {
	if err := check(name, definition); err != nil {
		return after, err
	}
	defer s.forget()
	err = s.db.Do(ctx, store.Change{Subject: number.Int64(), Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		before, err := s.Calendar(ctx, scope, number)
		if err != nil {
			return err
		}
		err = tx.Returning([]any{&after.Version}, `UPDATE calendars SET name = $4, definition = $5, version = version + 1, updated_at = $6
			WHERE workspace_id = $1 AND id = $2 AND version = $3 RETURNING version`,
			scope.Workspace, number, version, name, store.JSON(definition), at)
		if errors.Is(err, store.ErrNoRows) {
			return fault.ErrStale
		}
		if err != nil {
			return err
		}
		after = calendar.Calendar{
			ID: number, Name: name, Definition: definition,
			Default: before.Default, Version: after.Version, UpdatedAt: at,
		}
		tx.AfterCommit(s.forget)
		return s.audit.Write(ctx, scope, "calendar.updated", number.String(), before.Definition, definition, at)
	}})
	return after, err
}

// Delete removes a calendar that nobody uses. The default one stays.
func (s *Store) Delete(ctx context.Context, scope access.Scope, number id.Calendar, at time.Time) error {
	defer s.forget()
	return s.db.Do(ctx, store.Change{Subject: number.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Calendar(ctx, scope, number)
		if err != nil {
			return err
		}
		if before.Default {
			return calendar.ErrDefault
		}
		used, err := s.users.UsesCalendar(ctx, scope, number)
		if err != nil {
			return err
		}
		if used {
			return calendar.ErrInUse
		}
		tx := store.Current(ctx)
		tx.Queue(`DELETE FROM calendars WHERE workspace_id = $1 AND id = $2`, scope.Workspace, number)
		tx.AfterCommit(s.forget)
		return s.audit.Write(ctx, scope, "calendar.deleted", number.String(), before.Definition, nil, at)
	}})
}

func check(name string, definition calendar.Definition) error {
	if err := calendar.CheckName(name); err != nil {
		return err
	}
	_, err := calendar.Compile(definition)
	return err
}
