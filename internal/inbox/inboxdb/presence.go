package inboxdb

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/routing"
	"everdesk/internal/store"
)

const presenceColumns = `staff_id, state, reason, since, until, assigned_at, load_chat, load_async`

func scanPresence(row store.Row) (routing.Presence, error) {
	var p routing.Presence
	err := row.Scan(&p.Staff, &p.State, &p.Reason, store.Into(&p.Since), store.Into(&p.Until), store.Into(&p.AssignedAt), &p.Load.Chat, &p.Load.Async)
	return p, err
}

// presence reads the rows of some members.
func (s *Store) presence(ctx context.Context, workspace id.Workspace, staff []int64) ([]routing.Presence, error) {
	rows, err := s.db.Query(ctx, `SELECT `+presenceColumns+` FROM staff_presence WHERE workspace_id = $1 AND `+s.db.Dialect().Among("staff_id", "$2"),
		workspace, store.JSON(staff))
	return store.All(rows, err, scanPresence)
}

// Presence returns every member's presence and load that has ever been there.
func (s *Store) Presence(ctx context.Context, scope access.Scope) ([]routing.Presence, error) {
	rows, err := s.db.Query(ctx, `SELECT `+presenceColumns+` FROM staff_presence WHERE workspace_id = $1 ORDER BY staff_id`, scope.Workspace)
	return store.All(rows, err, scanPresence)
}

// PresenceOf returns one member's; offline since ever if they never came.
func (s *Store) PresenceOf(ctx context.Context, scope access.Scope, staff id.Staff) (routing.Presence, error) {
	all, err := s.presence(ctx, scope.Workspace, []int64{int64(staff)})
	if err != nil || len(all) == 0 {
		return routing.Presence{Staff: staff, State: routing.Offline}, err
	}
	return all[0], nil
}

// SetPresence is a member's own act. Going offline gives their live
// conversations back at once; coming online gets them the backlog.
func (s *Store) SetPresence(ctx context.Context, scope access.Scope, staff id.Staff, state routing.State, reason string, at time.Time) (now routing.Presence, err error) {
	if !state.Valid() {
		return now, routing.ErrState.At("body.state", "unknown", "online, away, busy or offline")
	}
	if code, detail := inbox.CheckText(reason, 200); code != "" {
		return now, routing.ErrReason.At("body.reason", code, detail)
	}
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		// Setting it shows that somebody is there; the sockets go on from that.
		until := at.Add(routing.PresenceLease)
		tx.Queue(`INSERT INTO staff_presence(workspace_id, staff_id, state, reason, since, until, assigned_at, load_chat, load_async)
			VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0)
			ON CONFLICT (workspace_id, staff_id) DO UPDATE SET state = excluded.state, reason = excluded.reason, since = excluded.since,
				until = `+tx.Dialect().Greatest+`(staff_presence.until, excluded.until)`,
			scope.Workspace, staff, state, reason, at, until)
		tx.Emit(scope.Workspace, at, event.PresenceChanged{Staff: staff, State: string(state), Reason: reason})
		if state == routing.Offline {
			why := inbox.ReasonAgentOffline
			if reason == routing.ShiftEnd {
				why = inbox.ReasonShiftEnded
			}
			if err := s.depart(ctx, scope.Workspace, staff, why, author(scope), at); err != nil {
				return err
			}
		}
		now, err = s.PresenceOf(ctx, scope, staff)
		s.shown(tx, scope.Workspace, staff)
		return err
	})
	return now, err
}

// shown has everybody told of a presence, and the queues looked at, after the
// commit.
func (s *Store) shown(tx *store.Tx, workspace id.Workspace, staff id.Staff) {
	if watch := s.options.Watch; watch != nil {
		tx.AfterCommit(func() { watch.Presence(workspace, staff) })
	}
	tx.Signal(AssignSignal)
	tx.Signal(DueSignal)
}

// Heartbeat renews the leases of the members of one workspace whose sockets
// this node has seen alive. Who was not there before comes back as they were.
func (s *Store) Heartbeat(ctx context.Context, scope access.Scope, staff []id.Staff, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		until := at.Add(routing.PresenceLease)
		list := make([]int64, len(staff))
		for i, one := range staff {
			list[i] = int64(one)
		}
		before, err := s.presence(ctx, scope.Workspace, list)
		if err != nil {
			return err
		}
		there := map[id.Staff]bool{}
		for _, p := range before {
			there[p.Staff] = p.Connected(at)
		}
		for _, one := range staff {
			connected, known := there[one]
			if !known {
				tx.Queue(`INSERT INTO staff_presence(workspace_id, staff_id, state, reason, since, until, assigned_at, load_chat, load_async)
					VALUES ($1, $2, 'online', '', $3, $4, 0, 0, 0)
					ON CONFLICT (workspace_id, staff_id) DO UPDATE SET until = excluded.until`, scope.Workspace, one, at, until)
			}
			if !connected {
				tx.Emit(scope.Workspace, at, event.PresenceChanged{Staff: one, State: "connected"})
				s.shown(tx, scope.Workspace, one)
			}
		}
		tx.Queue(`UPDATE staff_presence SET until = $3 WHERE workspace_id = $1 AND `+tx.Dialect().Among("staff_id", "$2")+` AND until < $3`,
			scope.Workspace, store.JSON(list), until)
		return nil
	})
}

// leave ends the lease of somebody whose sockets are gone and gives back what
// they held live.
func (s *Store) leave(ctx context.Context, workspace id.Workspace, staff id.Staff, at time.Time) (left bool, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		n, err := tx.Exec(`UPDATE staff_presence SET until = 0 WHERE workspace_id = $1 AND staff_id = $2 AND until > 0 AND until <= $3`, workspace, staff, at)
		if left = n > 0; err != nil || !left {
			return err
		}
		tx.Emit(workspace, at, event.PresenceChanged{Staff: staff, State: "disconnected"})
		if err := s.depart(ctx, workspace, staff, inbox.ReasonPresenceLapsed, inbox.System, at); err != nil {
			return err
		}
		s.shown(tx, workspace, staff)
		return nil
	})
	return left, err
}

// depart gives back what somebody held live, and has the queues that nobody is
// left to serve made tickets at once.
func (s *Store) depart(ctx context.Context, workspace id.Workspace, staff id.Staff, reason inbox.ReasonCode, by inbox.Author, at time.Time) error {
	if err := s.giveBack(ctx, workspace, staff, reason, false, by, at); err != nil {
		return err
	}
	rows, err := s.db.Query(ctx, `SELECT DISTINCT team_id FROM conversations WHERE workspace_id = $1 AND owner_kind = 'queue' AND due_at > $2`, workspace, at)
	teams, err := store.All(rows, err, func(row store.Row) (team id.Team, err error) {
		err = row.Scan(&team)
		return team, err
	})
	if err != nil {
		return err
	}
	for _, team := range teams {
		_, queue, err := s.queueOf(ctx, workspace, team, at)
		if err != nil {
			return err
		}
		if queue.Present == 0 {
			store.Current(ctx).Queue(`UPDATE conversations SET due_at = $3, due_action = 'nobody_present'
				WHERE workspace_id = $1 AND team_id = $2 AND owner_kind = 'queue' AND due_at > $3`, workspace, team, at)
		}
	}
	return nil
}
