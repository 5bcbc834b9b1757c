package staffdb

import (
	"context"
	"errors"
	"slices"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/staff"
	"everdesk/internal/store"
)

// Change changes a member of the version given. Nobody changes somebody who
// holds more than they do, or gives out more than they hold; the last active
// owner stays one.
func (s *Store) Change(ctx context.Context, scope access.Scope, member id.Staff, version int64, patch staff.Patch, at time.Time) (changed staff.Member, err error) {
	err = s.db.Do(ctx, store.Change{Subject: member.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Member(ctx, scope, member)
		if err != nil {
			return err
		}
		if before.Version != version {
			return fault.ErrStale
		}
		if changed, err = patch.Apply(before); err != nil {
			return err
		}
		if !scope.MayGrant(before.Role) || !scope.MayGrant(changed.Role) {
			return access.ErrBeyondOwn.With("what", string(changed.Role))
		}
		if patch.Teams != nil {
			if err := s.checkTeams(ctx, scope, changed.Teams); err != nil {
				return err
			}
		}
		if before.Role == access.Owner && before.Active && (changed.Role != access.Owner || !changed.Active) {
			if err := s.keepAnOwner(ctx, scope, member); err != nil {
				return err
			}
		}
		return s.write(ctx, scope, before, &changed, at)
	}})
	return changed, err
}

// write keeps a changed member, with its events and its audit row.
func (s *Store) write(ctx context.Context, scope access.Scope, before staff.Member, after *staff.Member, at time.Time) error {
	tx := store.Current(ctx)
	err := tx.Returning([]any{&after.Version}, `UPDATE staff SET name = $4, role = $5, reach = $6, active = $7,
		chat_capacity = $8, async_capacity = $9, version = version + 1
		WHERE workspace_id = $1 AND id = $2 AND version = $3 RETURNING version`,
		scope.Workspace, after.ID, before.Version, after.Name, string(after.Role), string(after.Reach), flag(after.Active),
		int64(after.Capacity.Chat), int64(after.Capacity.Async))
	if err != nil {
		return one(err, fault.ErrStale)
	}
	slices.Sort(after.Teams)
	after.Teams = slices.Compact(after.Teams)
	if !slices.Equal(before.Teams, after.Teams) {
		s.putTeams(ctx, scope, after.ID, after.Teams)
	}
	if before.Active && !after.Active {
		tx.Emit(scope.Workspace, at, event.StaffDeactivated{Staff: after.ID})
	} else {
		tx.Emit(scope.Workspace, at, event.StaffChanged{Staff: after.ID})
	}
	return s.audit.Write(ctx, scope, action(before, *after), after.ID.String(), seen(before), seen(*after), at)
}

func action(before, after staff.Member) string {
	switch {
	case before.Active && !after.Active:
		return "staff.deactivated"
	case !before.Active && after.Active:
		return "staff.reactivated"
	}
	return "staff.changed"
}

// keepAnOwner refuses if member is the only active owner. It locks the owners'
// rows, so that two owners cannot step back at once on two nodes.
func (s *Store) keepAnOwner(ctx context.Context, scope access.Scope, member id.Staff) error {
	tx := store.Current(ctx)
	var another int64
	rows, err := tx.Query(`UPDATE staff SET version = version WHERE workspace_id = $1 AND role = 'owner' AND active = 1 RETURNING id`, scope.Workspace)
	owners, err := store.All(rows, err, func(row store.Row) (id.Staff, error) {
		var owner id.Staff
		return owner, row.Scan(&owner)
	})
	for _, owner := range owners {
		if owner != member {
			another++
		}
	}
	if err == nil && another == 0 {
		return staff.ErrLastOwner
	}
	return err
}

// checkTeams refuses teams of another workspace.
func (s *Store) checkTeams(ctx context.Context, scope access.Scope, teams []id.Team) error {
	if len(teams) == 0 {
		return nil
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(teams)))
	var found int64
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM teams WHERE workspace_id = $1 AND `+s.db.Dialect().Among("id", "$2"),
		scope.Workspace, numbers(wanted))
	if err := store.One(rows, err, &found); err != nil {
		return err
	}
	if found != int64(len(wanted)) {
		return fault.ErrInvalid.At("body.teams", "not_found", "not a team of this workspace")
	}
	return nil
}

func (s *Store) putTeams(ctx context.Context, scope access.Scope, member id.Staff, teams []id.Team) {
	tx := store.Current(ctx)
	tx.Queue(`DELETE FROM team_members WHERE workspace_id = $1 AND staff_id = $2`, scope.Workspace, member)
	for _, team := range teams {
		tx.Queue(`INSERT INTO team_members(workspace_id, staff_id, team_id) VALUES ($1, $2, $3)`, scope.Workspace, member, team)
	}
}

// Join makes an account a member of the scope's workspace, in the transaction
// of ctx. Somebody who was one before comes back with the new role and teams;
// somebody who is one now is refused. Teams that are gone are left out.
func (s *Store) Join(ctx context.Context, scope access.Scope, account id.Account, name string, role access.Role, teams []id.Team, at time.Time) (id.Staff, error) {
	tx := store.Current(ctx)
	teams, err := s.stillThere(ctx, scope, teams)
	if err != nil {
		return 0, err
	}
	var known id.Staff
	rows, err := tx.Query(`SELECT id FROM staff WHERE account_id = $1 AND workspace_id = $2`, account, scope.Workspace)
	err = store.One(rows, err, &known)
	if err == nil {
		return known, s.rejoin(ctx, scope, known, role, teams, at)
	}
	if !errors.Is(err, store.ErrNoRows) {
		return 0, err
	}
	member := staff.Member{
		ID: id.New[id.Staff](tx.IDs()), Account: account, Name: name, Role: role, Reach: role.Reach(),
		Teams: teams, Capacity: staff.Usual, Active: true,
	}
	tx.Queue(`INSERT INTO staff(workspace_id, id, account_id, name, role, reach, active, chat_capacity, async_capacity, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9)`, scope.Workspace, member.ID, account, name, string(role), string(member.Reach),
		int64(member.Capacity.Chat), int64(member.Capacity.Async), at)
	s.putTeams(ctx, scope, member.ID, teams)
	tx.Emit(scope.Workspace, at, event.StaffChanged{Staff: member.ID})
	return member.ID, s.audit.Write(ctx, scope, "staff.joined", member.ID.String(), nil, seen(member), at)
}

func (s *Store) rejoin(ctx context.Context, scope access.Scope, known id.Staff, role access.Role, teams []id.Team, at time.Time) error {
	before, err := s.Member(ctx, scope, known)
	if err != nil {
		return err
	}
	if before.Active {
		return access.ErrAlreadyMember
	}
	after := before
	after.Active, after.Role, after.Reach, after.Teams = true, role, role.Reach(), teams
	return s.write(ctx, scope, before, &after, at)
}

func (s *Store) stillThere(ctx context.Context, scope access.Scope, teams []id.Team) ([]id.Team, error) {
	if len(teams) == 0 {
		return nil, nil
	}
	rows, err := s.db.Query(ctx, `SELECT id FROM teams WHERE workspace_id = $1 AND `+s.db.Dialect().Among("id", "$2")+` ORDER BY id`,
		scope.Workspace, numbers(teams))
	return store.All(rows, err, func(row store.Row) (team id.Team, err error) {
		err = row.Scan(&team)
		return team, err
	})
}

// Rename gives the scope's own member another name, in the transaction of ctx.
func (s *Store) Rename(ctx context.Context, scope access.Scope, name string, at time.Time) error {
	before, err := s.Member(ctx, scope, scope.Staff)
	if err != nil || before.Name == name {
		return err
	}
	after := before
	after.Name = name
	return s.write(ctx, scope, before, &after, at)
}
