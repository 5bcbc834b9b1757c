package accessdb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/store"
)

// count is one counter a try adds to.
type count struct {
	name     string
	throttle access.Throttle
}

// tries names the counters of a try at an account from an address. The names
// are indexes: the table says neither who was tried nor from where.
func (s *Store) tries(door, mail, address string) []count {
	name := func(kind, value string) string { return s.Ring.Index(indexThrottle, door+" "+kind+" "+value) }
	return []count{
		{name("pair", mail+" "+address), access.ThrottlePair},
		{name("account", mail), access.ThrottleAccount},
		{name("address", address), access.ThrottleAddress},
	}
}

// try counts a try before its outcome is known, or refuses it with the time to
// wait. A refused try does not count, so waiting it out always works.
func (s *Store) try(ctx context.Context, counts []count, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		for _, c := range counts {
			var until time.Time
			rows, err := tx.Query(`SELECT until_at FROM throttles WHERE name = $1`, c.name)
			if err := store.One(rows, err, store.Into(&until)); err != nil && !errors.Is(err, store.ErrNoRows) {
				return err
			}
			if wait := until.Sub(at); wait > 0 {
				return access.ErrTooManyTries.After(wait)
			}
		}
		for _, c := range counts {
			var tries int64
			err := tx.Returning([]any{&tries}, `INSERT INTO throttles(name, tries, since_at, until_at) VALUES ($1, 1, $2, 0)
				ON CONFLICT (name) DO UPDATE SET
					tries = CASE WHEN throttles.since_at < $3 THEN 1 ELSE throttles.tries + 1 END,
					since_at = CASE WHEN throttles.since_at < $3 THEN excluded.since_at ELSE throttles.since_at END
				RETURNING tries`, c.name, at, at.Add(-c.throttle.Window))
			if err != nil {
				return err
			}
			if wait := c.throttle.Wait(int(tries)); wait > 0 {
				tx.Queue(`UPDATE throttles SET until_at = $2 WHERE name = $1`, c.name, at.Add(wait))
			}
		}
		return nil
	})
}

// forgive takes a try that succeeded back, in the transaction of ctx. The first
// counter is cleared: somebody who remembered the password starts afresh. The
// wider ones lose only this try, or one good account would clear the way to
// guess at others.
func forgive(ctx context.Context, counts []count) {
	tx := store.Current(ctx)
	for i, c := range counts {
		if i == 0 {
			tx.Queue(`DELETE FROM throttles WHERE name = $1`, c.name)
			continue
		}
		tx.Queue(`UPDATE throttles SET tries = tries - 1 WHERE name = $1 AND tries > 0`, c.name)
	}
}
