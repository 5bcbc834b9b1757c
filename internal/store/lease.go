package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"everdesk/internal/id"
)

// Lease is the right to be the only one who does Name. Writes that need it
// carry Epoch, which rises with every new holder, so that a holder who froze
// and woke up late is refused. Expiry is by the database's clock.
type Lease struct {
	Name   string
	Holder string
	Epoch  int64
}

// Acquire takes or renews a lease for ttl. It returns false while somebody else
// holds it. Renewing keeps the epoch.
func (db *DB) Acquire(ctx context.Context, name, holder string, ttl time.Duration) (Lease, bool, error) {
	lease := Lease{Name: name, Holder: holder}
	held := false
	err := db.Atomically(ctx, func(ctx context.Context) error {
		held = false
		err := Current(ctx).Returning([]any{&lease.Epoch}, `INSERT INTO leases(name, holder, epoch, expires)
			VALUES ($1, $2, 1, `+db.dialect.Clock+` + $3)
			ON CONFLICT (name) DO UPDATE SET
				epoch = CASE WHEN leases.holder = excluded.holder AND leases.expires > `+db.dialect.Clock+`
					THEN leases.epoch ELSE leases.epoch + 1 END,
				holder = excluded.holder, expires = excluded.expires
			WHERE leases.holder = excluded.holder OR leases.expires <= `+db.dialect.Clock+`
			RETURNING epoch`, name, holder, ttl.Microseconds())
		if errors.Is(err, ErrNoRows) {
			return nil
		}
		held = err == nil
		return err
	})
	return lease, held && err == nil, err
}

// ErrNoNode says that every node number is leased.
var ErrNoNode = errors.New("store: every node number is taken")

// NodeLease is how long a node number stays a silent process's.
const NodeLease = time.Minute

// TakeNode leases a node number of its own to this process, so that its ids
// differ from every other's. The lease is to be renewed with Acquire well
// within NodeLease.
func (db *DB) TakeNode(ctx context.Context, holder string) (Lease, error) {
	for node := range id.Nodes {
		lease, held, err := db.Acquire(ctx, fmt.Sprintf("node/%03d", node), holder, NodeLease)
		if err != nil {
			return lease, err
		}
		if held {
			db.ids.Store(id.NewSource(node, db.now))
			return lease, nil
		}
	}
	return Lease{}, ErrNoNode
}

// Release gives a lease back at once, if it is still the same one.
func (db *DB) Release(ctx context.Context, lease Lease) error {
	return db.Atomically(ctx, func(ctx context.Context) error {
		_, err := Current(ctx).Exec(`UPDATE leases SET expires = 0 WHERE name = $1 AND holder = $2 AND epoch = $3`,
			lease.Name, lease.Holder, lease.Epoch)
		return err
	})
}

// ReleaseAll gives back at once whatever a holder holds, so that nobody who takes
// over has to wait for it to run out.
func (db *DB) ReleaseAll(ctx context.Context, holder string) error {
	return db.Atomically(ctx, func(ctx context.Context) error {
		_, err := Current(ctx).Exec(`UPDATE leases SET expires = 0 WHERE holder = $1 AND expires > 0`, holder)
		return err
	})
}

// Holds reports, inside a transaction, whether the lease is still the newest:
// the guard of a write that only the holder may make.
func (tx *Tx) Holds(lease Lease) (bool, error) {
	var one int64
	rows, err := tx.Query(`SELECT 1 FROM leases WHERE name = $1 AND epoch = $2`, lease.Name, lease.Epoch)
	err = One(rows, err, &one)
	if errors.Is(err, ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// LiveNodes returns the holders of the node numbers that are leased now.
func (db *DB) LiveNodes(ctx context.Context) ([]string, error) {
	rows, err := db.Query(ctx, `SELECT holder FROM leases WHERE name LIKE 'node/%' AND expires > `+db.dialect.Clock)
	return All(rows, err, func(row Row) (holder string, err error) {
		err = row.Scan(&holder)
		return holder, err
	})
}

// Clock returns the database's own time.
func (db *DB) Clock(ctx context.Context) (now time.Time, err error) {
	rows, err := db.Query(ctx, `SELECT `+db.dialect.Clock)
	return now, One(rows, err, Into(&now))
}
