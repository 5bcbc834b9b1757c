package staffdb

import (
	"context"
	"errors"
	"slices"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/staff"
	"everdesk/internal/store"
)

const teamColumns = `id, name, calendar_id, max_wait_seconds, max_queue, attention_seconds, created_at, version`

func scanTeam(row store.Row) (t staff.Team, err error) {
	var wait, attention int64
	err = row.Scan(&t.ID, &t.Name, &t.Calendar, &wait, &t.Wait.Queue, &attention, store.Into(&t.CreatedAt), &t.Version)
	t.Wait.Wait, t.Attention = time.Duration(wait)*time.Second, time.Duration(attention)*time.Second
	return t, err
}

// Teams lists teams in the order they were made.
func (s *Store) Teams(ctx context.Context, scope access.Scope, request page.Request) (page.Of[staff.Team], error) {
	rows, err := s.db.Query(ctx, `SELECT `+teamColumns+` FROM teams
		WHERE workspace_id = $1 AND (created_at, id) > ($2, $3) ORDER BY created_at, id LIMIT $4`,
		scope.Workspace, request.After.Key, request.After.ID, int64(request.Limit)+1)
	teams, err := store.All(rows, err, scanTeam)
	if err != nil {
		return page.Of[staff.Team]{}, err
	}
	of := page.Cut(teams, request, func(t staff.Team) page.Cursor {
		return page.Cursor{Key: store.Micros(t.CreatedAt), ID: t.ID.Int64()}
	})
	return of, s.fillMembers(ctx, scope, of.Items)
}

// Team returns one team.
func (s *Store) Team(ctx context.Context, scope access.Scope, team id.Team) (staff.Team, error) {
	rows, err := s.db.Query(ctx, `SELECT `+teamColumns+` FROM teams WHERE workspace_id = $1 AND id = $2`, scope.Workspace, team)
	found, err := store.All(rows, err, scanTeam)
	if err != nil {
		return staff.Team{}, err
	}
	if len(found) == 0 {
		return staff.Team{}, fault.ErrNotFound
	}
	return found[0], s.fillMembers(ctx, scope, found)
}

func (s *Store) fillMembers(ctx context.Context, scope access.Scope, teams []staff.Team) error {
	if len(teams) == 0 {
		return nil
	}
	at := make(map[id.Team]*staff.Team, len(teams))
	ids := make([]id.Team, len(teams))
	for i := range teams {
		at[teams[i].ID], ids[i] = &teams[i], teams[i].ID
	}
	rows, err := s.db.Query(ctx, `SELECT team_id, staff_id FROM team_members WHERE workspace_id = $1 AND `+s.db.Dialect().Among("team_id", "$2")+` ORDER BY team_id, staff_id`, scope.Workspace, numbers(ids))
	_, err = store.All(rows, err, func(row store.Row) (none struct{}, err error) {
		var team id.Team
		var member id.Staff
		err = row.Scan(&team, &member)
		at[team].Members = append(at[team].Members, member)
		return none, err
	})
	return err
}

// MakeTeam makes a team of the patch over the usual settings.
func (s *Store) MakeTeam(ctx context.Context, scope access.Scope, claim *commit.Claim, patch staff.TeamPatch, at time.Time) (made staff.Team, err error) {
	err = s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		made, err = patch.Apply(staff.Team{Wait: staff.UsualWait, Attention: staff.UsualAttention})
		if err != nil {
			return err
		}
		if made.Name == "" {
			return fault.ErrInvalid.At("body.name", "required", "a team needs a name")
		}
		if err := s.checkParts(ctx, scope, patch); err != nil {
			return err
		}
		made.ID, made.CreatedAt, made.Version = id.New[id.Team](tx.IDs()), at, 1
		var kept int64
		err := tx.Returning([]any{&kept}, `INSERT INTO teams(workspace_id, id, name, calendar_id, max_wait_seconds, max_queue, attention_seconds, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
			scope.Workspace, made.ID, made.Name, made.Calendar, seconds(made.Wait.Wait), int64(made.Wait.Queue), seconds(made.Attention), at)
		if err != nil {
			return one(err, staff.ErrTeamName)
		}
		s.putMembers(ctx, scope, nil, &made, at)
		tx.Remember(made.ID.Int64())
		return s.audit.Write(ctx, scope, "team.made", made.ID.String(), nil, shownTeam(made), at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.Team(ctx, scope, id.Team(claim.Result))
	}
	return made, err
}

// ChangeTeam changes a team of the version given.
func (s *Store) ChangeTeam(ctx context.Context, scope access.Scope, team id.Team, version int64, patch staff.TeamPatch, at time.Time) (changed staff.Team, err error) {
	err = s.db.Do(ctx, store.Change{Subject: team.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Team(ctx, scope, team)
		if err != nil {
			return err
		}
		if before.Version != version {
			return fault.ErrStale
		}
		if changed, err = patch.Apply(before); err != nil {
			return err
		}
		if err := s.checkParts(ctx, scope, patch); err != nil {
			return err
		}
		if changed.Name != before.Name {
			if err := s.freeName(ctx, scope, changed.Name); err != nil {
				return err
			}
		}
		err = store.Current(ctx).Returning([]any{&changed.Version}, `UPDATE teams SET name = $4, calendar_id = $5,
			max_wait_seconds = $6, max_queue = $7, attention_seconds = $8, version = version + 1
			WHERE workspace_id = $1 AND id = $2 AND version = $3 RETURNING version`,
			scope.Workspace, team, version, changed.Name, changed.Calendar,
			seconds(changed.Wait.Wait), int64(changed.Wait.Queue), seconds(changed.Attention))
		if err != nil {
			return one(err, fault.ErrStale)
		}
		s.putMembers(ctx, scope, before.Members, &changed, at)
		return s.audit.Write(ctx, scope, "team.changed", team.String(), shownTeam(before), shownTeam(changed), at)
	}})
	return changed, err
}

// freeName refuses a name that is taken. Two nodes that take it at once meet at
// the unique key; the later one then finds it taken here.
func (s *Store) freeName(ctx context.Context, scope access.Scope, name string) error {
	var taken int64
	rows, err := s.db.Query(ctx, `SELECT 1 FROM teams WHERE workspace_id = $1 AND name = $2`, scope.Workspace, name)
	err = store.One(rows, err, &taken)
	if errors.Is(err, store.ErrNoRows) {
		return nil
	}
	if err == nil {
		return staff.ErrTeamName
	}
	return err
}

// RemoveTeam removes a team. What waits in its queue is told by the event.
func (s *Store) RemoveTeam(ctx context.Context, scope access.Scope, team id.Team, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: team.Int64(), Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		before, err := s.Team(ctx, scope, team)
		if err != nil {
			return err
		}
		// Touching every team keeps two nodes from removing the last two at once.
		left, err := tx.Exec(`UPDATE teams SET version = version WHERE workspace_id = $1`, scope.Workspace)
		if err != nil {
			return err
		}
		if left < 2 {
			return staff.ErrLastTeam
		}
		tx.Queue(`DELETE FROM teams WHERE workspace_id = $1 AND id = $2`, scope.Workspace, team)
		tx.Queue(`DELETE FROM team_members WHERE workspace_id = $1 AND team_id = $2`, scope.Workspace, team)
		tx.Emit(scope.Workspace, at, event.TeamRemoved{Team: team})
		for _, member := range before.Members {
			tx.Emit(scope.Workspace, at, event.StaffChanged{Staff: member})
		}
		return s.audit.Write(ctx, scope, "team.removed", team.String(), shownTeam(before), nil, at)
	}})
}

// checkParts refuses members and calendars of another workspace.
func (s *Store) checkParts(ctx context.Context, scope access.Scope, patch staff.TeamPatch) error {
	if patch.Calendar != nil && *patch.Calendar != 0 {
		if known, err := s.calendars.Exists(ctx, scope, *patch.Calendar); err != nil {
			return err
		} else if !known {
			return fault.ErrInvalid.At("body.calendar_id", "not_found", "not a calendar of this workspace")
		}
	}
	if patch.Members == nil {
		return nil
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(*patch.Members)))
	names, err := s.Names(ctx, scope, wanted)
	if err == nil && len(names) != len(wanted) {
		return fault.ErrInvalid.At("body.members", "not_found", "not a member of this workspace")
	}
	return err
}

// putMembers writes who came and who went, and tells of both.
func (s *Store) putMembers(ctx context.Context, scope access.Scope, before []id.Staff, team *staff.Team, at time.Time) {
	tx := store.Current(ctx)
	slices.Sort(team.Members)
	team.Members = slices.Compact(team.Members)
	for _, member := range before {
		if !slices.Contains(team.Members, member) {
			tx.Queue(`DELETE FROM team_members WHERE workspace_id = $1 AND staff_id = $2 AND team_id = $3`, scope.Workspace, member, team.ID)
			tx.Emit(scope.Workspace, at, event.StaffChanged{Staff: member})
		}
	}
	for _, member := range team.Members {
		if !slices.Contains(before, member) {
			tx.Queue(`INSERT INTO team_members(workspace_id, staff_id, team_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, scope.Workspace, member, team.ID)
			tx.Emit(scope.Workspace, at, event.StaffChanged{Staff: member})
		}
	}
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

func shownTeam(t staff.Team) map[string]any {
	return map[string]any{
		"name": t.Name, "calendar": t.Calendar, "members": t.Members, "max_wait_seconds": seconds(t.Wait.Wait),
		"max_queue": t.Wait.Queue, "attention_seconds": seconds(t.Attention),
	}
}
