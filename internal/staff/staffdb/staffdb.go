// Package staffdb keeps members and teams.
package staffdb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/seal"
	"everdesk/internal/staff"
	"everdesk/internal/store"
)

// Audit records an operation in the transaction of ctx.
type Audit interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Calendars knows the business hours of a workspace.
type Calendars interface {
	// Exists reports whether the calendar is one of the scope's workspace.
	Exists(ctx context.Context, scope access.Scope, calendar id.Calendar) (bool, error)
}

// Store keeps members and teams of all workspaces.
type Store struct {
	db        *store.DB
	ring      *seal.Ring
	audit     Audit
	calendars Calendars
}

// New returns the members and teams kept in db.
func New(db *store.DB, ring *seal.Ring, audit Audit, calendars Calendars) *Store {
	return &Store{db, ring, audit, calendars}
}

const memberColumns = `s.id, s.account_id, s.name, s.role, s.reach, s.active, s.chat_capacity, s.async_capacity, s.created_at, s.version,
	(SELECT a.mail FROM accounts a WHERE a.id = s.account_id)`

func (s *Store) scanMember(row store.Row) (m staff.Member, err error) {
	var active int64
	var mail string
	err = row.Scan(&m.ID, &m.Account, &m.Name, &m.Role, &m.Reach, &active, &m.Capacity.Chat, &m.Capacity.Async,
		store.Into(&m.CreatedAt), &m.Version, &mail)
	if err != nil {
		return m, err
	}
	m.Active = active != 0
	m.Mail, err = s.ring.Open(access.SealedMail, mail)
	return m, err
}

// Members lists members in the order they joined, the inactive among them.
func (s *Store) Members(ctx context.Context, scope access.Scope, request page.Request) (page.Of[staff.Member], error) {
	rows, err := s.db.Query(ctx, `SELECT `+memberColumns+` FROM staff s
		WHERE s.workspace_id = $1 AND (s.created_at, s.id) > ($2, $3) ORDER BY s.created_at, s.id LIMIT $4`,
		scope.Workspace, request.After.Key, request.After.ID, int64(request.Limit)+1)
	members, err := store.All(rows, err, s.scanMember)
	if err != nil {
		return page.Of[staff.Member]{}, err
	}
	of := page.Cut(members, request, func(m staff.Member) page.Cursor {
		return page.Cursor{Key: store.Micros(m.CreatedAt), ID: m.ID.Int64()}
	})
	return of, s.fillTeams(ctx, scope, of.Items)
}

// Member returns one member.
func (s *Store) Member(ctx context.Context, scope access.Scope, member id.Staff) (staff.Member, error) {
	rows, err := s.db.Query(ctx, `SELECT `+memberColumns+` FROM staff s WHERE s.workspace_id = $1 AND s.id = $2`, scope.Workspace, member)
	found, err := store.All(rows, err, s.scanMember)
	if err != nil {
		return staff.Member{}, err
	}
	if len(found) == 0 {
		return staff.Member{}, fault.ErrNotFound
	}
	return found[0], s.fillTeams(ctx, scope, found)
}

// Names returns what members are called. Ids of nobody here are left out.
func (s *Store) Names(ctx context.Context, scope access.Scope, members []id.Staff) (map[id.Staff]string, error) {
	names := make(map[id.Staff]string, len(members))
	if len(members) == 0 {
		return names, nil
	}
	rows, err := s.db.Query(ctx, `SELECT id, name FROM staff WHERE workspace_id = $1 AND `+s.db.Dialect().Among("id", "$2"),
		scope.Workspace, numbers(members))
	_, err = store.All(rows, err, func(row store.Row) (none struct{}, err error) {
		var member id.Staff
		var name string
		err = row.Scan(&member, &name)
		names[member] = name
		return none, err
	})
	return names, err
}

// fillTeams adds the teams of members.
func (s *Store) fillTeams(ctx context.Context, scope access.Scope, members []staff.Member) error {
	if len(members) == 0 {
		return nil
	}
	at := make(map[id.Staff]*staff.Member, len(members))
	ids := make([]id.Staff, len(members))
	for i := range members {
		at[members[i].ID], ids[i] = &members[i], members[i].ID
	}
	rows, err := s.db.Query(ctx, `SELECT staff_id, team_id FROM team_members WHERE workspace_id = $1 AND `+s.db.Dialect().Among("staff_id", "$2")+` ORDER BY staff_id, team_id`, scope.Workspace, numbers(ids))
	_, err = store.All(rows, err, func(row store.Row) (none struct{}, err error) {
		var member id.Staff
		var team id.Team
		err = row.Scan(&member, &team)
		at[member].Teams = append(at[member].Teams, team)
		return none, err
	})
	return err
}

// numbers is the JSON list of ids that Dialect.List takes: bare numbers, not
// their public text.
func numbers[T ~int64](ids []T) string {
	bare := make([]int64, len(ids))
	for i, n := range ids {
		bare[i] = int64(n)
	}
	return store.JSON(bare)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// seen is a member as audit rows show them.
func seen(m staff.Member) map[string]any {
	return map[string]any{
		"name": m.Name, "email": seal.MaskMail(m.Mail), "role": m.Role, "reach": m.Reach, "teams": m.Teams,
		"active": m.Active, "chat": m.Capacity.Chat, "async": m.Capacity.Async,
	}
}

// one turns ErrNoRows into a refusal.
func one(err error, refusal *fault.Error) error {
	if errors.Is(err, store.ErrNoRows) {
		return refusal
	}
	return err
}
