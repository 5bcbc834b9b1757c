package customerdb

import (
	"context"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
)

// LeaveContact notes how a customer says they are reached, unverified, and
// their name if they have not been named. It returns the identity.
func (s *Store) LeaveContact(ctx context.Context, scope access.Scope, which id.Customer, kind customer.IdentityKind, value, name string, at time.Time) (left customer.Identity, err error) {
	value, err = customer.Normalize(kind, value)
	if err != nil {
		return left, err
	}
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		c, err := s.read(ctx, scope, which)
		if err != nil {
			return err
		}
		if name != "" && !c.Named {
			seen := c.Version
			if c, err = (customer.Patch{Name: &name}).Apply(c); err != nil {
				return err
			}
			c.Version, c.UpdatedAt = seen+1, at
			if err := s.write(ctx, c, seen); err != nil {
				return err
			}
		}
		s.claim(ctx, scope, which, kind, 0, value, false, at)
		rows, err := s.db.Query(ctx, `SELECT id, verified FROM customer_identities
			WHERE workspace_id = $1 AND customer_id = $2 AND kind = $3 AND account_id = 0 AND blind = $4`,
			scope.Workspace, which, kind, s.sealer.Index(purpose(kind), value))
		left = customer.Identity{Customer: which, Kind: kind, Value: value, CreatedAt: at}
		return store.One(rows, err, &left.ID, &left.Verified)
	})
	return left, err
}

// Known is somebody who wrote from an address on a channel.
type Known struct {
	Kind    customer.IdentityKind
	Account id.Channel
	Value   string
	// Name and Locale are for a customer that has to be made.
	Name   string
	Locale string
	// Unclaimed says that the caller has just looked and found nobody. If
	// somebody came meanwhile, the transaction fails as store.DB.Duplicate tells.
	Unclaimed bool
}

// ByAddress returns the customer a channel's address is verified for, and makes
// one if there is none: whoever writes from an address has it.
func (s *Store) ByAddress(ctx context.Context, scope access.Scope, known Known, at time.Time) (who customer.Customer, err error) {
	known.Value, err = customer.Normalize(known.Kind, known.Value)
	if err != nil {
		return who, err
	}
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		if !known.Unclaimed {
			holder, err := s.verified(ctx, scope, known.Kind, known.Account, known.Value)
			if err != nil {
				return err
			}
			if holder != 0 {
				who, err = s.Get(ctx, scope, holder)
				return err
			}
		}
		number := id.New[id.Customer](s.db.IDs())
		who = customer.Customer{
			ID: number, Workspace: scope.Workspace, Name: known.Name, Named: known.Name != "", Locale: known.Locale,
			Attributes: map[string]string{}, Version: 1, CreatedAt: at, UpdatedAt: at,
		}
		if !who.Named {
			who.Name = customer.GenerateName(known.Locale, int64(number))
		}
		s.create(ctx, who)
		who.Identities = []customer.Identity{{
			ID:       s.claim(ctx, scope, who.ID, known.Kind, known.Account, known.Value, true, at),
			Customer: who.ID, Kind: known.Kind, Account: known.Account, Value: known.Value, Verified: true, CreatedAt: at,
		}}
		store.Current(ctx).Emit(scope.Workspace, at, event.CustomerCreated{Customer: who.ID})
		return nil
	})
	return who, err
}

// Identity returns one identity with its value: for a channel that sends to it.
func (s *Store) Identity(ctx context.Context, scope access.Scope, which id.Identity) (customer.Identity, error) {
	i := customer.Identity{ID: which}
	var sealed string
	rows, err := s.db.Query(ctx, `SELECT customer_id, kind, account_id, value, verified, created_at FROM customer_identities
		WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
	if err := store.One(rows, err, &i.Customer, &i.Kind, &i.Account, &sealed, &i.Verified, store.Into(&i.CreatedAt)); err != nil {
		if noRows(err) {
			return i, customer.ErrNotFound
		}
		return i, err
	}
	var err2 error
	i.Value, err2 = s.sealer.Open(purpose(i.Kind), sealed)
	return i, err2
}

// List returns customers, the latest changed first. Text matches part of a
// name, or a whole mail address, phone number or host name.
func (s *Store) List(ctx context.Context, scope access.Scope, text string, request page.Request) (page.Of[customer.Customer], error) {
	var blinds []string
	for _, kind := range []customer.IdentityKind{customer.Mail, customer.Phone, customer.Host} {
		if value, err := customer.Normalize(kind, text); err == nil {
			blinds = append(blinds, s.sealer.Index(purpose(kind), value))
		}
	}
	after := request.After
	if after.IsZero() {
		after.Key = 1 << 62
	}
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM customers WHERE `+sees+` AND merged_into = 0
		AND ($3 = '' OR lower(name) LIKE $3 ESCAPE '\' OR id IN (SELECT customer_id FROM customer_identities
			WHERE workspace_id = $1 AND `+s.db.Dialect().AmongTexts("blind", "$4")+`))
		AND (updated_at < $5 OR updated_at = $5 AND id < $6)
		ORDER BY updated_at DESC, id DESC LIMIT $7`,
		scope.Workspace, own(scope), contains(text), store.JSON(append([]string{}, blinds...)), after.Key, after.ID, int64(request.Limit+1))
	all, err := store.All(rows, err, scan)
	if err != nil {
		return page.Of[customer.Customer]{}, err
	}
	found := page.Cut(all, request, func(c customer.Customer) page.Cursor {
		return page.Cursor{Key: store.Micros(c.UpdatedAt), ID: int64(c.ID)}
	})
	return found, s.withIdentities(ctx, scope, found.Items)
}

// withIdentities fills in what the customers of a page are reached by, in one
// query. What came with merged customers is left to Get.
func (s *Store) withIdentities(ctx context.Context, scope access.Scope, all []customer.Customer) error {
	places := make(map[id.Customer]int, len(all))
	wanted := make([]int64, len(all))
	for i, c := range all {
		places[c.ID], wanted[i] = i, int64(c.ID)
	}
	rows, err := s.db.Query(ctx, `SELECT i.id, i.customer_id, i.kind, i.account_id, i.value, i.verified, i.created_at
		FROM customer_identities i
		WHERE i.workspace_id = $1 AND `+s.db.Dialect().Among("i.customer_id", "$2")+` ORDER BY i.created_at, i.id`, scope.Workspace, store.JSON(wanted))
	found, err := store.All(rows, err, s.scanIdentity)
	for _, identity := range found {
		c := &all[places[identity.Customer]]
		c.Identities = append(c.Identities, identity)
	}
	return err
}

// contains is the LIKE pattern of a text somewhere inside, "" for no text.
func contains(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}
