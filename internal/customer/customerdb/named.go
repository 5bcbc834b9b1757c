package customerdb

import (
	"context"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// Named returns many customers at once, without their identities. Those the
// scope may not see, or that are not there, are left out.
func (s *Store) Named(ctx context.Context, scope access.Scope, which []id.Customer) (map[id.Customer]customer.Customer, error) {
	bare := make([]int64, len(which))
	for i, number := range which {
		bare[i] = number.Int64()
	}
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM customers WHERE `+sees+` AND id IN `+s.db.Dialect().List("$3"),
		scope.Workspace, own(scope), store.JSON(bare))
	all, err := store.All(rows, err, scan)
	found := make(map[id.Customer]customer.Customer, len(all))
	for _, c := range all {
		found[c.ID] = c
	}
	return found, err
}

// Holder returns the customer whom an address is verified for, or nobody: also
// for what is no address.
func (s *Store) Holder(ctx context.Context, scope access.Scope, kind customer.IdentityKind, value string) (customer.Customer, error) {
	value, err := customer.Normalize(kind, value)
	if err != nil {
		return customer.Customer{}, nil // whoever writes it down is told
	}
	holder, err := s.verified(ctx, scope, kind, 0, value)
	if err != nil || holder == 0 {
		return customer.Customer{}, err
	}
	return s.Get(ctx, scope, holder)
}
