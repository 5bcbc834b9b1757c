package staffdb

import (
	"context"
	"errors"
	"slices"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/routing"
	"everdesk/internal/store"
)

// Roster shows routing the people and the teams. Its reads join the transaction
// of ctx, so what it says is what a decision is made on, and it opens no sealed
// value: it is asked for every conversation that is given to somebody.
type Roster struct{ db *store.DB }

// Roster returns the store as routing sees it.
func (s *Store) Roster() Roster { return Roster{s.db} }

// Team returns a team; of the zero id, or of one that is gone, the first that
// was made; in a workspace without any the zero Team.
func (r Roster) Team(ctx context.Context, scope access.Scope, team id.Team) (t routing.Team, err error) {
	var wait, attention int64
	rows, err := r.db.Query(ctx, `SELECT id, name, max_wait_seconds, attention_seconds, max_queue FROM teams WHERE workspace_id = $1
		ORDER BY CASE WHEN id = $2 THEN 0 ELSE 1 END, created_at, id LIMIT 1`, scope.Workspace, team)
	err = store.One(rows, err, &t.ID, &t.Name, &wait, &attention, &t.MaxQueue)
	if errors.Is(err, store.ErrNoRows) {
		return routing.Team{}, nil
	}
	t.MaxWait, t.Attention = time.Duration(wait)*time.Second, time.Duration(attention)*time.Second
	return t, err
}

// Members returns the active members of a team whose role answers customers;
// of the zero team everybody whose role does.
func (r Roster) Members(ctx context.Context, scope access.Scope, team id.Team) ([]routing.Member, error) {
	all, err := r.all(ctx, `s.workspace_id = $1 AND s.active = 1 AND (CAST($2 AS BIGINT) = 0 OR EXISTS (
		SELECT 1 FROM team_members t WHERE t.workspace_id = s.workspace_id AND t.staff_id = s.id AND t.team_id = $2))`,
		scope.Workspace, team)
	return slices.DeleteFunc(all, func(m routing.Member) bool { return !m.Active }), err
}

// Member returns one member, active or not. Somebody whose role no longer
// answers customers counts as not active.
func (r Roster) Member(ctx context.Context, scope access.Scope, member id.Staff) (routing.Member, error) {
	found, err := r.all(ctx, `s.workspace_id = $1 AND s.id = $2`, scope.Workspace, member)
	if err != nil {
		return routing.Member{}, err
	}
	if len(found) == 0 {
		return routing.Member{}, fault.ErrNotFound
	}
	return found[0], nil
}

func (r Roster) all(ctx context.Context, where string, args ...any) ([]routing.Member, error) {
	rows, err := r.db.Query(ctx, `SELECT s.id, s.name, s.role, s.active, s.chat_capacity, s.async_capacity FROM staff s WHERE `+where+` ORDER BY s.id`, args...)
	return store.All(rows, err, func(row store.Row) (m routing.Member, err error) {
		var role access.Role
		var active int64
		err = row.Scan(&m.Staff, &m.Name, &role, &active, &m.Capacity.Chat, &m.Capacity.Async)
		m.Active = active != 0 && slices.Contains(role.Permissions(), access.ConversationReply)
		return m, err
	})
}
