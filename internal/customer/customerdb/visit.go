package customerdb

import (
	"context"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// Arrive makes a customer of somebody who opens the widget for the first time,
// with a generated name and a token to come back with.
func (s *Store) Arrive(ctx context.Context, scope access.Scope, arrival customer.Arrival) (customer.Visit, error) {
	token, hash := newToken()
	number := id.New[id.Customer](s.db.IDs())
	c := customer.Customer{
		ID: number, Workspace: scope.Workspace, Name: customer.GenerateName(arrival.Locale, int64(number)),
		Locale: arrival.Locale, TimeZone: arrival.TimeZone, Attributes: map[string]string{},
		Version: 1, CreatedAt: arrival.At, UpdatedAt: arrival.At,
	}
	visit := customer.Visit{
		Token: token, Visitor: id.New[id.Visitor](s.db.IDs()), Customer: c,
		Channel: arrival.Channel, ExpiresAt: arrival.At.Add(customer.VisitLasts),
	}
	err := s.db.Atomically(ctx, func(ctx context.Context) error {
		s.create(ctx, c)
		s.admit(ctx, scope, visit, hash, arrival)
		store.Current(ctx).Emit(scope.Workspace, arrival.At, event.CustomerCreated{Customer: c.ID})
		return nil
	})
	return visit, err
}

// Admit makes one more token for a known customer: whoever holds a signed link.
func (s *Store) Admit(ctx context.Context, scope access.Scope, which id.Customer, arrival customer.Arrival) (customer.Visit, error) {
	token, hash := newToken()
	visit := customer.Visit{
		Token: token, Visitor: id.New[id.Visitor](s.db.IDs()), Channel: arrival.Channel, ExpiresAt: arrival.At.Add(customer.VisitLasts),
	}
	err := s.db.Atomically(ctx, func(ctx context.Context) error {
		known, err := s.Get(ctx, scope, which)
		if err != nil {
			return err
		}
		visit.Customer = known
		s.admit(ctx, scope, visit, hash, arrival)
		return nil
	})
	return visit, err
}

func (s *Store) admit(ctx context.Context, scope access.Scope, visit customer.Visit, hash string, arrival customer.Arrival) {
	store.Current(ctx).Queue(`INSERT INTO visitors(token_hash, workspace_id, id, customer_id, channel_id, page_url, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		hash, scope.Workspace, visit.Visitor, visit.Customer.ID, visit.Channel, arrival.PageURL, arrival.At, visit.ExpiresAt)
}

// Visitor resolves a token to its caller, or returns access.ErrBadToken. It
// takes no scope: it is what makes one.
func (s *Store) Visitor(ctx context.Context, token string, at time.Time) (access.Caller, error) {
	if !strings.HasPrefix(token, "edv_") {
		return access.Caller{}, access.ErrBadToken
	}
	found, there, err := s.visits.Get(ctx, hashOf(token))
	if err != nil {
		return access.Caller{}, err
	}
	if !there || !found.expires.After(at) {
		return access.Caller{}, access.ErrBadToken
	}
	return access.Caller{Scope: access.Visitor(found.workspace, found.customer)}, nil
}

// visit is what a visitor's token stands for.
type visit struct {
	place
	expires time.Time
}

// loadVisits reads the tokens that requests under way came with.
func (s *Store) loadVisits(ctx context.Context, hashes []string) (map[string]visit, error) {
	found := make(map[string]visit, len(hashes))
	rows, err := s.db.Query(ctx, `SELECT token_hash, workspace_id, customer_id, expires_at FROM visitors WHERE `+
		s.db.Dialect().AmongTexts("token_hash", "$1"), store.JSON(hashes))
	_, err = store.All(rows, err, func(row store.Row) (none struct{}, err error) {
		var hash string
		var v visit
		err = row.Scan(&hash, &v.workspace, &v.customer, store.Into(&v.expires))
		found[hash] = v
		return none, err
	})
	return found, err
}

// Channel returns the widget a visitor came in by last, or zero.
func (s *Store) Channel(ctx context.Context, scope access.Scope) (id.Channel, error) {
	var channel id.Channel
	rows, err := s.db.Query(ctx, `SELECT channel_id FROM visitors WHERE workspace_id = $1 AND customer_id = $2
		ORDER BY created_at DESC, id DESC LIMIT 1`, scope.Workspace, scope.Customer)
	err = store.One(rows, err, &channel)
	if noRows(err) {
		return 0, nil
	}
	return channel, err
}
