// Package auditdb keeps the audit record.
package auditdb

import (
	"cmp"
	"context"
	"math"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/audit"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/seal"
	"everdesk/internal/store"
)

const sealedAddress = "audit.address"

// Store is the audit record of all workspaces.
type Store struct {
	db   *store.DB
	ring *seal.Ring
}

// New returns the record kept in db. The ring seals network addresses and keys
// the chain, so that who can write the database alone cannot forge it.
func New(db *store.DB, ring *seal.Ring) *Store { return &Store{db, ring} }

// Write records an operation in the transaction of ctx, which it must have.
// Action is the noun and what happened ("team.changed"), object the public id
// of what it happened to; before and after are marshalled with their secrets
// left out. Where it came from is taken from ctx (audit.From).
func (s *Store) Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error {
	old, err := audit.Value(before)
	if err != nil {
		return err
	}
	fresh, err := audit.Value(after)
	if err != nil {
		return err
	}
	tx, origin := store.Current(ctx), audit.OriginOf(ctx)
	tx.Queue(`INSERT INTO audit_rows(workspace_id, id, at, actor, action, object, old_value, new_value, route, address, trace)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		scope.Workspace, id.New[id.Audit](tx.IDs()), at, scope.Actor(), action, object, old, fresh,
		origin.Route, s.ring.Seal(sealedAddress, origin.Address), origin.Trace)
	return nil
}

const columns = `id, at, actor, action, object, old_value, new_value, route, address, trace, pos`

// List returns rows, newest first.
func (s *Store) List(ctx context.Context, scope access.Scope, filter audit.Filter, request page.Request) (page.Of[audit.Row], error) {
	after := request.After
	if after.IsZero() {
		after = page.Cursor{Key: math.MaxInt64, ID: math.MaxInt64}
	}
	until := cmp.Or(store.Micros(filter.To), math.MaxInt64)
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM audit_rows
		WHERE workspace_id = $1 AND (at, id) < ($2, $3) AND at >= $4 AND at < $5
		AND ($6 = '' OR actor = $6) AND ($7 = '' OR object = $7) AND ($8 = '' OR action = $8 OR action LIKE $8 || '.%')
		ORDER BY at DESC, id DESC LIMIT $9`,
		scope.Workspace, after.Key, after.ID, filter.From, until,
		filter.Actor, filter.Object, filter.Action, int64(request.Limit)+1)
	all, err := store.All(rows, err, s.scan)
	return page.Cut(all, request, func(row audit.Row) page.Cursor {
		return page.Cursor{Key: store.Micros(row.At), ID: row.ID.Int64()}
	}), err
}

func (s *Store) scan(row store.Row) (r audit.Row, err error) {
	err = row.Scan(&r.ID, store.Into(&r.At), &r.Actor, &r.Action, &r.Object, &r.Before, &r.After,
		&r.Origin.Route, &r.Origin.Address, &r.Origin.Trace, &r.Pos)
	if err != nil {
		return r, err
	}
	r.Origin.Address, err = s.ring.Open(sealedAddress, r.Origin.Address)
	return r, err
}
