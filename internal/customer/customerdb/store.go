// Package customerdb keeps customers, their identities and visitors' tokens.
package customerdb

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// Store keeps customers.
type Store struct {
	db     *store.DB
	sealer customer.Sealer
	follow []func(ctx context.Context, scope access.Scope, from, into id.Customer) error
	record func(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error

	holders *store.Loader[holding, customer.Customer]
	named   *store.Loader[place, customer.Customer]
	visits  *store.Loader[string, visit]
}

// New returns the store over a database; contact values go through sealer.
func New(db *store.DB, sealer customer.Sealer) *Store {
	s := &Store{db: db, sealer: sealer}
	s.holders = store.NewLoader(db, s.loadHolders)
	s.named = store.NewLoader(db, s.loadNamed)
	s.visits = store.NewLoader(db, s.loadVisits)
	return s
}

// OnMerge has fn join every merge's transaction: what hangs on customers moves
// with them. Call it before the store is used.
func (s *Store) OnMerge(fn func(ctx context.Context, scope access.Scope, from, into id.Customer) error) {
	s.follow = append(s.follow, fn)
}

// OnChange has fn, the record of operations, join the transaction of what
// members and programs change. Call it before the store is used.
func (s *Store) OnChange(fn func(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error) {
	s.record = fn
}

// recorded is what the record keeps of a customer: no addresses, and of the
// attributes only which there are.
type recorded struct {
	Name       string      `json:"name"`
	Locale     string      `json:"locale"`
	Tier       string      `json:"tier"`
	Attributes []string    `json:"attributes"`
	MergedInto id.Customer `json:"merged_into,omitempty"`
}

func seen(c customer.Customer) recorded {
	return recorded{c.Name, c.Locale, c.Tier, slices.Sorted(maps.Keys(c.Attributes)), c.MergedInto}
}

func (s *Store) audit(ctx context.Context, scope access.Scope, action string, before, after customer.Customer) error {
	if s.record == nil || scope.Kind != access.ActorStaff && scope.Kind != access.ActorKey {
		return nil
	}
	return s.record(ctx, scope, action, after.ID.String(), seen(before), seen(after), after.UpdatedAt)
}

const columns = `id, workspace_id, name, named, locale, time_zone, tier, attributes, merged_into, version, created_at, updated_at`

func scan(row store.Row) (customer.Customer, error) {
	var c customer.Customer
	var attributes string
	err := row.Scan(&c.ID, &c.Workspace, &c.Name, &c.Named, &c.Locale, &c.TimeZone, &c.Tier, &attributes,
		&c.MergedInto, &c.Version, store.Into(&c.CreatedAt), store.Into(&c.UpdatedAt))
	if err == nil {
		err = json.Unmarshal([]byte(attributes), &c.Attributes)
	}
	return c, err
}

// sees limits a query to the customers a scope may touch; $1 is the workspace
// and $2 the visitor's own customer, or zero.
const sees = `workspace_id = $1 AND (id = $2 OR $2 = 0)`

func own(scope access.Scope) int64 {
	if scope.Kind == access.ActorVisitor {
		return int64(scope.Customer)
	}
	return 0
}

// read returns one customer with identities.
func (s *Store) read(ctx context.Context, scope access.Scope, which id.Customer) (customer.Customer, error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM customers WHERE `+sees+` AND id = $3`, scope.Workspace, own(scope), which)
	all, err := store.All(rows, err, scan)
	if err != nil {
		return customer.Customer{}, err
	}
	if len(all) == 0 {
		return customer.Customer{}, customer.ErrNotFound
	}
	all[0].Identities, err = s.identities(ctx, scope, which)
	return all[0], err
}

// identities returns those of a customer and of everybody merged into it.
// The cross join has SQLite begin with the few of the family: without
// statistics it takes any index that begins with the workspace for selective.
func (s *Store) identities(ctx context.Context, scope access.Scope, which id.Customer) ([]customer.Identity, error) {
	rows, err := s.db.Query(ctx, `WITH RECURSIVE family(id) AS (
			SELECT id FROM customers WHERE workspace_id = $1 AND id = $2
			UNION
			SELECT c.id FROM family f JOIN customers c ON c.workspace_id = $1 AND c.merged_into = f.id AND c.merged_into <> 0)
		SELECT i.id, i.customer_id, i.kind, i.account_id, i.value, i.verified, i.created_at
		FROM family f CROSS JOIN customer_identities i WHERE i.workspace_id = $1 AND i.customer_id = f.id
		ORDER BY i.created_at, i.id`, scope.Workspace, which)
	return store.All(rows, err, s.scanIdentity)
}

func (s *Store) scanIdentity(row store.Row) (i customer.Identity, err error) {
	var sealed string
	if err := row.Scan(&i.ID, &i.Customer, &i.Kind, &i.Account, &sealed, &i.Verified, store.Into(&i.CreatedAt)); err != nil {
		return i, err
	}
	i.Value, err = s.sealer.Open(purpose(i.Kind), sealed)
	return i, err
}

func purpose(kind customer.IdentityKind) string { return "identity." + string(kind) }

// Get returns a customer with all identities. A merged one is followed to who
// it turned out to be.
func (s *Store) Get(ctx context.Context, scope access.Scope, which id.Customer) (customer.Customer, error) {
	for range 10 {
		c, err := s.read(ctx, scope, which)
		if err != nil || c.MergedInto == 0 || scope.Kind == access.ActorVisitor {
			return c, err
		}
		which = c.MergedInto
	}
	return customer.Customer{}, customer.ErrNotFound
}

// Change edits a customer whose version the caller has seen.
func (s *Store) Change(ctx context.Context, scope access.Scope, which id.Customer, version int64, patch customer.Patch, at time.Time) (changed customer.Customer, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		before, err := s.read(ctx, scope, which)
		if err != nil {
			return err
		}
		if changed, err = patch.Apply(before); err != nil {
			return err
		}
		changed.Version, changed.UpdatedAt = version+1, at
		if err := s.write(ctx, changed, version); err != nil {
			return err
		}
		return s.audit(ctx, scope, "customer.changed", before, changed)
	})
	return changed, err
}

// write saves a customer if its version is still the one seen.
func (s *Store) write(ctx context.Context, c customer.Customer, seen int64) error {
	n, err := store.Current(ctx).Exec(`UPDATE customers SET name = $4, named = $5, locale = $6, time_zone = $7, tier = $8,
			attributes = $9, version = $10, updated_at = $11
		WHERE workspace_id = $1 AND id = $2 AND version = $3`,
		c.Workspace, c.ID, seen, c.Name, c.Named, c.Locale, c.TimeZone, c.Tier, store.JSON(c.Attributes), c.Version, c.UpdatedAt)
	if err == nil && n == 0 {
		return fault.ErrStale
	}
	store.Current(ctx).Emit(c.Workspace, c.UpdatedAt, event.CustomerChanged{Customer: c.ID})
	return err
}

// create adds a customer in the transaction of ctx.
func (s *Store) create(ctx context.Context, c customer.Customer) {
	store.Current(ctx).Queue(`INSERT INTO customers(`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		c.ID, c.Workspace, c.Name, c.Named, c.Locale, c.TimeZone, c.Tier, store.JSON(c.Attributes), c.MergedInto, c.Version, c.CreatedAt, c.UpdatedAt)
}

// newToken makes a visitor's token and its hash.
func newToken() (token, hash string) {
	token = "edv_" + strings.ToLower(rand.Text()+rand.Text())
	return token, hashOf(token)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func noRows(err error) bool { return errors.Is(err, store.ErrNoRows) }
