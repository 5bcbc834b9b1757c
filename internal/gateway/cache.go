package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"everdesk/internal/seal"
	"everdesk/internal/store"
)

// cachePurpose is what values are sealed for.
const cachePurpose = "gateway.cache"

// Cache keeps certificates in the database, sealed, so that every node has them
// and none is asked for twice.
type Cache struct {
	db   *store.DB
	ring *seal.Ring
	now  func() time.Time
}

var _ autocert.Cache = (*Cache)(nil)

// NewCache returns the cache in a database.
func NewCache(db *store.DB, ring *seal.Ring, now func() time.Time) *Cache {
	return &Cache{db, ring, now}
}

// Get returns autocert.ErrCacheMiss for what is not there.
func (c *Cache) Get(ctx context.Context, name string) ([]byte, error) {
	var sealed string
	rows, err := c.db.Query(ctx, `SELECT value FROM gateway_cache WHERE name = $1`, name)
	err = store.One(rows, err, &sealed)
	if errors.Is(err, store.ErrNoRows) {
		return nil, autocert.ErrCacheMiss
	}
	if err != nil {
		return nil, err
	}
	value, err := c.ring.Open(cachePurpose, sealed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return []byte(value), nil
}

// Put keeps a value, in place of what was there.
func (c *Cache) Put(ctx context.Context, name string, value []byte) error {
	sealed, at := c.ring.Seal(cachePurpose, string(value)), c.now()
	return c.db.Atomically(ctx, func(ctx context.Context) error {
		store.Current(ctx).Queue(`INSERT INTO gateway_cache(name, value, updated_at) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`, name, sealed, at)
		return nil
	})
}

// Delete is harmless when repeated.
func (c *Cache) Delete(ctx context.Context, name string) error {
	return c.db.Atomically(ctx, func(ctx context.Context) error {
		store.Current(ctx).Queue(`DELETE FROM gateway_cache WHERE name = $1`, name)
		return nil
	})
}
