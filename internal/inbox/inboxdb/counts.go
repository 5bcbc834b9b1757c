package inboxdb

import (
	"context"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// countCap is where counting stops: "999+" is all anybody needs to know.
const countCap = 1000

// cell is what an open conversation is counted under; the zero cell is of what
// is not open.
type cell struct {
	team  id.Team
	owner inbox.OwnerKind
}

func cellOf(c inbox.Conversation) cell {
	if c.Owner.Kind == inbox.OwnerNone {
		return cell{}
	}
	return cell{c.Team, c.Owner.Kind}
}

// moved writes that a conversation has come from one cell into another. Each is a
// row of its own: no two transactions wait for each other over a number.
func moved(tx *store.Tx, workspace id.Workspace, before, after cell) {
	if before == after {
		return
	}
	if before.owner != "" {
		tally(tx, workspace, before, -1)
	}
	if after.owner != "" {
		tally(tx, workspace, after, 1)
	}
}

func tally(tx *store.Tx, workspace id.Workspace, of cell, n int64) {
	tx.Queue(`INSERT INTO conversation_counts(workspace_id, id, team_id, owner_kind, n) VALUES ($1, $2, $3, $4, $5)`,
		workspace, tx.IDs().Next(), of.team, of.owner, n)
}

// Counts returns the sizes of the views as the scope sees them, each up to 1000.
// Unread counts the member's own conversations with something new.
func (s *Store) Counts(ctx context.Context, scope access.Scope) (inbox.Counts, error) {
	n, err := s.mine(ctx, scope)
	if err != nil {
		return n, err
	}
	byOwner, err := s.byOwner(ctx, scope)
	if err != nil {
		return n, err
	}
	var open int64
	for _, owner := range openOwners {
		open += byOwner[owner]
	}
	n.Queue, n.Bot, n.Ticketed = min(byOwner[inbox.OwnerQueue], countCap), min(byOwner[inbox.OwnerBot], countCap), min(byOwner[inbox.OwnerTicket], countCap)
	n.Open = min(open, countCap)
	return n, nil
}

// mine counts what the member has, as far as the newest go.
func (s *Store) mine(ctx context.Context, scope access.Scope) (n inbox.Counts, err error) {
	rows, err := s.db.Query(ctx, `SELECT COUNT(*), COALESCE(SUM(unread), 0) FROM (
		SELECT CASE WHEN c.customer_seq > c.staff_read_seq THEN 1 ELSE 0 END AS unread FROM conversations c
		WHERE c.workspace_id = $1 AND c.owner_staff <> 0 AND c.owner_staff = $2 ORDER BY c.updated_at DESC, c.id DESC LIMIT $3) newest`,
		scope.Workspace, scope.Staff, int64(countCap))
	return n, store.One(rows, err, &n.Mine, &n.Unread)
}

// byOwner counts the open conversations the scope sees by kind of owner.
func (s *Store) byOwner(ctx context.Context, scope access.Scope) (map[inbox.OwnerKind]int64, error) {
	var args arguments
	query := `SELECT owner_kind, SUM(n) FROM conversation_counts WHERE workspace_id = ` + args.add(scope.Workspace)
	const grouped = ` GROUP BY owner_kind`
	switch {
	case scope.Kind != access.ActorStaff || scope.Reach == access.ReachAll:
		query += grouped
	case scope.Reach == access.ReachTeam:
		teams := s.db.Dialect().List(args.add(store.JSON(append(teamNumbers(scope), 0))))
		query += ` AND team_id IN ` + teams + grouped + ` UNION ALL
			SELECT c.owner_kind, COUNT(*) FROM conversations c WHERE c.workspace_id = $1 AND c.owner_staff <> 0
			AND c.owner_staff = ` + args.add(scope.Staff) + ` AND c.team_id NOT IN ` + teams + ` GROUP BY c.owner_kind`
	default:
		args = nil
		query = `SELECT c.owner_kind, COUNT(*) FROM conversations c WHERE ` + s.sees(scope, &args) + ` AND c.state = 'open' GROUP BY c.owner_kind`
	}
	rows, err := s.db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[inbox.OwnerKind]int64{}
	for rows.Next() {
		var owner inbox.OwnerKind
		var n int64
		if err := rows.Scan(&owner, &n); err != nil {
			return nil, err
		}
		found[owner] += n
	}
	return found, rows.Err()
}

const (
	// foldFrom is how many rows a workspace's counts may have unfolded.
	foldFrom = 200
	// foldSlice is how many rows are folded in one transaction.
	foldSlice = 500
)

// FoldCounts adds up rows of counts where there are many. What is counted stays
// the same at every moment.
func (s *Store) FoldCounts(ctx context.Context) error {
	for {
		rows, err := s.db.Query(ctx, `SELECT workspace_id FROM conversation_counts GROUP BY workspace_id HAVING COUNT(*) > $1`, int64(foldFrom))
		many, err := store.All(rows, err, func(row store.Row) (workspace id.Workspace, err error) {
			err = row.Scan(&workspace)
			return workspace, err
		})
		if err != nil || len(many) == 0 {
			return err
		}
		folded := false
		for _, workspace := range many {
			smaller, err := s.fold(ctx, access.System(workspace))
			if err != nil {
				return err
			}
			folded = folded || smaller
		}
		if !folded {
			return nil // as many teams as rows
		}
	}
}

// fold reports whether there are fewer rows than before.
func (s *Store) fold(ctx context.Context, scope access.Scope) (smaller bool, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		rows, err := tx.Query(`DELETE FROM conversation_counts WHERE workspace_id = $1 AND id IN (
			SELECT id FROM conversation_counts WHERE workspace_id = $1 ORDER BY id LIMIT $2) RETURNING team_id, owner_kind, n`, scope.Workspace, int64(foldSlice))
		if err != nil {
			return err
		}
		defer rows.Close()
		sums, before := map[cell]int64{}, 0
		for rows.Next() {
			var of cell
			var n int64
			if err := rows.Scan(&of.team, &of.owner, &n); err != nil {
				return err
			}
			sums[of] += n
			before++
		}
		rows.Close()
		after := 0
		for of, n := range sums {
			if n != 0 {
				after++
				tally(tx, scope.Workspace, of, n)
			}
		}
		smaller = after < before
		return rows.Err()
	})
	return smaller, err
}

// SettleCounts compares the counts with what there is, in one statement that
// sees one moment, and corrects them. It returns how many were wrong: none should
// ever be. It takes no scope: it is a repair over the installation.
func (s *Store) SettleCounts(ctx context.Context) (wrong int, err error) {
	if all, err := s.off(ctx); err != nil || len(all) == 0 {
		return 0, err
	}
	// Seen again where nobody else of this node's corrects them too.
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		all, err := s.off(ctx)
		tx := store.Current(ctx)
		for _, o := range all {
			tally(tx, o.workspace, o.cell, o.n)
		}
		wrong = len(all)
		return err
	})
	return wrong, err
}

// difference is by how much a count is too low.
type difference struct {
	workspace id.Workspace
	cell
	n int64
}

func (s *Store) off(ctx context.Context) ([]difference, error) {
	rows, err := s.db.Query(ctx, `SELECT workspace_id, team_id, owner_kind, SUM(n) FROM (
		SELECT workspace_id, team_id, owner_kind, COUNT(*) AS n FROM conversations WHERE owner_kind <> 'none' GROUP BY workspace_id, team_id, owner_kind
		UNION ALL SELECT workspace_id, team_id, owner_kind, 0 - SUM(n) FROM conversation_counts GROUP BY workspace_id, team_id, owner_kind) x
		GROUP BY workspace_id, team_id, owner_kind HAVING SUM(n) <> 0`)
	return store.All(rows, err, func(row store.Row) (d difference, err error) {
		err = row.Scan(&d.workspace, &d.team, &d.owner, &d.n)
		return d, err
	})
}

// CountOf returns how many conversations a customer has had.
func (s *Store) CountOf(ctx context.Context, scope access.Scope, customer id.Customer) (n int64, err error) {
	var args arguments
	where := s.sees(scope, &args) + ` AND c.customer_id = ` + args.add(customer)
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM conversations c WHERE `+where, args...)
	return n, store.One(rows, err, &n)
}
