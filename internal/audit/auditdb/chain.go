package auditdb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/audit"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// slice is how many rows one transaction chains or one look reads.
const slice = 200

// leaseName and leaseLife are of the right to chain; one node does it for all.
const (
	leaseName = "audit/chain"
	leaseLife = 30 * time.Second
)

// errLeaseLost says that another node chains now.
var errLeaseLost = errors.New("audit: the chaining lease was lost")

// ChainAll chains what is waiting in every workspace and returns how many rows
// it was. It does nothing while another node does it. Run it every minute or so:
// a row is protected from when it is chained.
func (s *Store) ChainAll(ctx context.Context, node string) (chained int, err error) {
	lease, held, err := s.db.Acquire(ctx, leaseName, node, leaseLife)
	if err != nil || !held {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.db.Release(ctx, lease)) }()
	workspaces, err := s.waiting(ctx)
	if err != nil {
		return 0, err
	}
	for _, workspace := range workspaces {
		for {
			n, err := s.Chain(ctx, access.System(workspace), lease, slice)
			chained += n
			if err != nil {
				return chained, err
			}
			if n < slice {
				break
			}
			if _, held, err := s.db.Acquire(ctx, leaseName, node, leaseLife); err != nil || !held {
				return chained, err
			}
		}
	}
	return chained, nil
}

func (s *Store) waiting(ctx context.Context) ([]id.Workspace, error) {
	rows, err := s.db.Query(ctx, `SELECT DISTINCT workspace_id FROM audit_rows WHERE pos = 0`)
	return store.All(rows, err, func(row store.Row) (w id.Workspace, err error) {
		err = row.Scan(&w)
		return w, err
	})
}

// Chain gives up to limit waiting rows of a workspace their places, under a
// lease of which there is one at a time, and returns how many.
func (s *Store) Chain(ctx context.Context, scope access.Scope, lease store.Lease, limit int) (chained int, err error) {
	workspace := scope.Workspace
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		chained = 0
		if holds, err := tx.Holds(lease); err != nil || !holds {
			return errors.Join(err, errLeaseLost)
		}
		head, err := s.head(ctx, workspace)
		if err != nil {
			return err
		}
		rows, err := tx.Query(`SELECT `+columns+` FROM audit_rows WHERE workspace_id = $1 AND pos = 0 ORDER BY at, id LIMIT $2`,
			workspace, int64(limit))
		waiting, err := store.All(rows, err, scanSealed)
		if err != nil || len(waiting) == 0 {
			return err
		}
		before := head.Pos
		for _, row := range waiting {
			row.Pos = head.Pos + 1
			head = link{row.Pos, s.hash(workspace, row, head.Hash)}
			tx.Queue(`UPDATE audit_rows SET pos = $3, hash = $4 WHERE workspace_id = $1 AND id = $2 AND pos = 0`,
				workspace, row.ID, head.Pos, head.Hash)
		}
		moved, err := tx.Exec(`INSERT INTO audit_heads(workspace_id, pos, hash) VALUES ($1, $2, $3)
			ON CONFLICT (workspace_id) DO UPDATE SET pos = excluded.pos, hash = excluded.hash WHERE audit_heads.pos = $4`,
			workspace, head.Pos, head.Hash, before)
		if err == nil && moved == 0 {
			err = errLeaseLost
		}
		chained = len(waiting)
		return err
	})
	if err != nil {
		return 0, err
	}
	return chained, nil
}

// link is a place in the chain and the hash of the row there.
type link struct {
	Pos  int64
	Hash string
}

func (s *Store) head(ctx context.Context, workspace id.Workspace) (head link, err error) {
	rows, err := s.db.Query(ctx, `SELECT pos, hash FROM audit_heads WHERE workspace_id = $1`, workspace)
	err = store.One(rows, err, &head.Pos, &head.Hash)
	if errors.Is(err, store.ErrNoRows) {
		return link{}, nil
	}
	return head, err
}

// hash covers all a row says and the row before it. The address is covered as
// it is sealed.
func (s *Store) hash(workspace id.Workspace, row audit.Row, previous string) string {
	return s.ring.Index("audit.chain", store.JSON([]any{
		workspace.Int64(), row.Pos, row.ID.Int64(), store.Micros(row.At), row.Actor, row.Action, row.Object,
		row.Before, row.After, row.Origin.Route, row.Origin.Address, row.Origin.Trace, previous,
	}))
}

func scanSealed(row store.Row) (r audit.Row, err error) {
	err = row.Scan(&r.ID, store.Into(&r.At), &r.Actor, &r.Action, &r.Object, &r.Before, &r.After,
		&r.Origin.Route, &r.Origin.Address, &r.Origin.Trace, &r.Pos)
	return r, err
}

// Verify walks a workspace's chain from its beginning and reports the first
// place where it does not hold. What it cannot see is an end cut off together
// with its head; the head that ChainAll's caller logs elsewhere would show that.
func (s *Store) Verify(ctx context.Context, scope access.Scope) (report audit.Report, err error) {
	workspace := scope.Workspace
	// The head is read first: rows chained during the walk are beyond it.
	head, err := s.head(ctx, workspace)
	if err != nil {
		return report, err
	}
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM audit_rows WHERE workspace_id = $1 AND pos = 0`, workspace)
	if err := store.One(rows, err, &report.Pending); err != nil {
		return report, err
	}
	type chainedRow struct {
		audit.Row
		hash string
	}
	previous, lastID := link{}, id.Audit(0)
	for {
		// Two rows of one place must both be seen, so the id continues it.
		rows, err := s.db.Query(ctx, `SELECT `+columns+`, hash FROM audit_rows
			WHERE workspace_id = $1 AND (pos, id) > ($2, $3) AND pos > 0 AND pos <= $4 ORDER BY pos, id LIMIT $5`,
			workspace, previous.Pos, lastID, head.Pos, int64(slice))
		found, err := store.All(rows, err, func(row store.Row) (c chainedRow, err error) {
			err = row.Scan(&c.ID, store.Into(&c.At), &c.Actor, &c.Action, &c.Object, &c.Before, &c.After,
				&c.Origin.Route, &c.Origin.Address, &c.Origin.Trace, &c.Pos, &c.hash)
			return c, err
		})
		if err != nil {
			return report, err
		}
		for _, row := range found {
			if reason := s.wrong(workspace, row.Row, row.hash, previous); reason != "" {
				report.Broken = &audit.Break{Pos: row.Pos, Row: row.ID, Reason: reason}
				return report, nil
			}
			previous, lastID = link{row.Pos, row.hash}, row.ID
			report.Chained++
		}
		if len(found) < slice {
			break
		}
	}
	if previous != head {
		report.Broken = &audit.Break{Pos: previous.Pos + 1, Reason: "missing"}
		return report, nil
	}
	return report, s.beyond(ctx, workspace, &report)
}

// beyond looks for rows that claim a place the chain has not come to.
func (s *Store) beyond(ctx context.Context, workspace id.Workspace, report *audit.Report) error {
	var found audit.Break
	rows, err := s.db.Query(ctx, `SELECT pos, id FROM audit_rows WHERE workspace_id = $1 AND pos > COALESCE(
		(SELECT pos FROM audit_heads WHERE workspace_id = $1), 0) ORDER BY pos LIMIT 1`, workspace)
	err = store.One(rows, err, &found.Pos, &found.Row)
	if errors.Is(err, store.ErrNoRows) {
		return nil
	}
	found.Reason = "slipped_in"
	report.Broken = &found
	return err
}

// wrong says what is wrong with a row after its predecessor, or "".
func (s *Store) wrong(workspace id.Workspace, row audit.Row, hash string, previous link) string {
	switch {
	case row.Pos == previous.Pos:
		return "slipped_in"
	case row.Pos > previous.Pos+1:
		return "missing"
	case s.hash(workspace, row, previous.Hash) != hash:
		return "changed"
	}
	return ""
}
