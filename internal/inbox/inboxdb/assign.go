package inboxdb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/routing"
	"everdesk/internal/store"
)

// assignSlice is how many of one queue are given out in one transaction.
const assignSlice = 20

// line of people: a workspace's team with somebody waiting.
type waiting struct {
	workspace id.Workspace
	team      id.Team
}

// Assign gives waiting conversations to free agents, in every queue, the most
// urgent and then the longest waiting first, until nobody waits or nobody is
// free. It is safe on several nodes at once. It takes no scope: it serves every
// workspace, one transaction for each queue.
func (s *Store) Assign(ctx context.Context, at time.Time) (assigned int, err error) {
	rows, err := s.db.Query(ctx, `SELECT DISTINCT workspace_id, team_id FROM conversations WHERE owner_kind = 'queue'
		UNION SELECT DISTINCT workspace_id, team_id FROM conversations WHERE owner_kind = 'ticket' AND channel_kind = 'web'
			AND waiting_since > 0 AND customer_at > $1`, at.Add(-backlogReach))
	queues, err := store.All(rows, err, func(row store.Row) (w waiting, err error) {
		err = row.Scan(&w.workspace, &w.team)
		return w, err
	})
	if err != nil {
		return 0, err
	}
	for _, queue := range queues {
		for {
			n, err := s.assignSome(ctx, queue, at)
			assigned += n
			if err != nil {
				return assigned, err
			}
			if n < assignSlice {
				break
			}
		}
	}
	return assigned, nil
}

// backlogReach is how long ago a customer may have written whose ticket is
// taken up live again when agents return and the widget is still open.
const backlogReach = 4 * time.Hour

func (s *Store) assignSome(ctx context.Context, queue waiting, at time.Time) (assigned int, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		assigned = 0
		candidates, err := s.candidates(ctx, queue.workspace, queue.team, at)
		if err != nil || len(candidates) == 0 {
			return err
		}
		next, err := s.next(ctx, queue, at)
		if err != nil {
			return err
		}
		for _, which := range next {
			given, err := s.assignOne(ctx, queue.workspace, which, candidates, at)
			if err != nil {
				return err
			}
			if given {
				assigned++
			}
			if assigned == assignSlice {
				break
			}
		}
		return nil
	})
	return assigned, err
}

// candidates are the team's members who are free this moment.
func (s *Store) candidates(ctx context.Context, workspace id.Workspace, team id.Team, at time.Time) ([]routing.Candidate, error) {
	members, err := s.options.Roster.Members(ctx, access.System(workspace), team)
	if err != nil {
		return nil, err
	}
	present, err := s.presence(ctx, workspace, numbers(members))
	if err != nil {
		return nil, err
	}
	byStaff := make(map[id.Staff]routing.Presence, len(present))
	for _, p := range present {
		byStaff[p.Staff] = p
	}
	var all []routing.Candidate
	for _, m := range members {
		if p := byStaff[m.Staff]; p.Free(at) {
			all = append(all, routing.Candidate{Member: m, Presence: p})
		}
	}
	return all, nil
}

// next are the conversations to be given out, first the queue's, then what
// tickets carry although the customer still sits there.
func (s *Store) next(ctx context.Context, queue waiting, at time.Time) ([]id.Conversation, error) {
	scanID := func(row store.Row) (which id.Conversation, err error) {
		err = row.Scan(&which)
		return which, err
	}
	rows, err := s.db.Query(ctx, `SELECT id FROM conversations WHERE workspace_id = $1 AND team_id = $2 AND owner_kind = 'queue'
		ORDER BY priority, waiting_since, id LIMIT 100`, queue.workspace, queue.team)
	all, err := store.All(rows, err, scanID)
	connected := s.options.Connected
	if err != nil || connected == nil {
		return all, err
	}
	rows, err = s.db.Query(ctx, `SELECT id, customer_id FROM conversations WHERE workspace_id = $1 AND owner_kind = 'ticket' AND team_id = $2
		AND updated_at > $3 AND channel_kind = 'web' AND waiting_since > 0 AND customer_at > $3 ORDER BY priority, waiting_since, id LIMIT 100`,
		queue.workspace, queue.team, at.Add(-backlogReach))
	type carried struct {
		which id.Conversation
		who   id.Customer
	}
	tickets, err := store.All(rows, err, func(row store.Row) (c carried, err error) {
		err = row.Scan(&c.which, &c.who)
		return c, err
	})
	for _, c := range tickets {
		if connected.Customer(queue.workspace, c.who) {
			all = append(all, c.which)
		}
	}
	return all, err
}

// assignOne gives a conversation to the best candidate and counts it for them.
func (s *Store) assignOne(ctx context.Context, workspace id.Workspace, which id.Conversation, candidates []routing.Candidate, at time.Time) (bool, error) {
	w, err := s.begin(ctx, access.System(workspace), which, at)
	if err != nil {
		return false, err
	}
	request := routing.Request{Kind: kindOf(w.now, at), LastStaff: w.now.LastStaff, Avoid: w.now.Avoid, At: at}
	chosen, why := routing.Choose(candidates, request)
	if chosen == 0 {
		return false, nil
	}
	policy, _, err := s.policyOf(ctx, workspace, w.now.Team)
	if err != nil {
		return false, err
	}
	if m, revived := w.now.Revive(at, inbox.Queue{Present: len(candidates)}, policy); revived {
		if err := w.move(m, false); err != nil {
			return false, err
		}
	}
	reason := inbox.ReasonRouted
	if why == routing.LastAgent {
		reason = inbox.ReasonLastAgent
	}
	m, err := w.now.Assign(chosen, reason, at, policy)
	if errors.Is(err, inbox.ErrMoved) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for i := range candidates {
		if c := &candidates[i]; c.Member.Staff == chosen {
			// Whether or not another node was first, they are fuller than we knew.
			if c.Presence.AssignedAt = at; m.Lease == inbox.Async {
				c.Presence.Load.Async++
			} else {
				c.Presence.Load.Chat++
			}
		}
	}
	if err := w.move(m, false); err != nil {
		if errors.Is(err, inbox.ErrAgentFull) || errors.Is(err, inbox.ErrAgentAway) {
			if len(w.lines) > 0 {
				return false, err
			}
			return false, nil
		}
		return false, err
	}
	w.finish()
	return true, nil
}
