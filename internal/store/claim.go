package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"everdesk/internal/commit"
	"everdesk/internal/fault"
)

// Claim is commit.Claim.
type Claim = commit.Claim

// ErrKeyReused says that the idempotency key was used for another request.
var ErrKeyReused = fault.New(fault.Invalid, "request.key_reused")

func claimName(c *Claim) string {
	return digest(fmt.Sprintf("%d\x00%s\x00%s\x00%s", c.Workspace, c.Actor, c.Route, c.Key))
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func keepClaim(c *Claim, result int64) Statement {
	return Statement{
		`INSERT INTO idempotency_keys(claim, workspace_id, request, result, at) VALUES ($1, $2, $3, $4, $5)`,
		[]any{claimName(c), int64(c.Workspace), digest(string(c.Request)), result, Micros(c.At)},
	}
}

// settleClaims finds the commands of the batch whose key was used before. Two
// equal keys in one batch, or on two nodes at once, collide on the primary key;
// the batch is then taken apart and the later one finds the earlier.
func (w *writer) settleClaims(ctx context.Context, etx EngineTx, batch []*command) error {
	names := make([]string, 0, len(batch))
	byName := make(map[string][]*command, len(batch))
	for _, c := range batch {
		if c.claim == nil {
			continue
		}
		c.reset()
		name := claimName(c.claim)
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], c)
	}
	if len(names) == 0 {
		return nil
	}
	// One look-up a name, as a subquery that no planner turns into a scan: a plan
	// made while the table was empty would be kept while it grows.
	rows, err := etx.Query(ctx, nil, `SELECT name, request, result FROM (
		SELECT value AS name,
			(SELECT request FROM idempotency_keys WHERE claim = value) AS request,
			(SELECT result FROM idempotency_keys WHERE claim = value) AS result
		FROM `+w.db.dialect.TextList("$1")+` AS names) AS known
		WHERE request IS NOT NULL`, []any{JSON(names)})
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, request string
		var result int64
		if err := rows.Scan(&name, &request, &result); err != nil {
			return err
		}
		for _, c := range byName[name] {
			if digest(string(c.claim.Request)) != request {
				c.err = ErrKeyReused
				continue
			}
			c.claim.Replayed, c.claim.Result = true, result
		}
	}
	return rows.Err()
}

// SweepKeys deletes up to limit idempotency keys used before a time.
func (db *DB) SweepKeys(ctx context.Context, before time.Time, limit int) (swept int64, err error) {
	err = db.Atomically(ctx, func(ctx context.Context) error {
		swept, err = Current(ctx).Exec(`DELETE FROM idempotency_keys WHERE claim IN (
			SELECT claim FROM idempotency_keys WHERE at < $1 ORDER BY at LIMIT $2)`, before, int64(limit))
		return err
	})
	return swept, err
}
