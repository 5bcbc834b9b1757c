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
	if len(which) == 1 && own(scope) == 0 {
		one, there, err := s.named.Get(ctx, place{scope.Workspace, which[0]})
		if err != nil || !there {
			return map[id.Customer]customer.Customer{}, err
		}
		return map[id.Customer]customer.Customer{one.ID: one}, nil
	}
	return s.all(ctx, scope, which)
}

// place is where a customer is kept.
type place struct {
	workspace id.Workspace
	customer  id.Customer
}

// loadNamed is Named for whoever asks at the same time.
func (s *Store) loadNamed(ctx context.Context, asked []place) (map[place]customer.Customer, error) {
	found := make(map[place]customer.Customer, len(asked))
	for workspace, wanted := range byWorkspace(asked, func(p place) (id.Workspace, id.Customer) { return p.workspace, p.customer }) {
		all, err := s.all(ctx, access.System(workspace), wanted)
		if err != nil {
			return nil, err
		}
		for number, c := range all {
			found[place{workspace, number}] = c
		}
	}
	return found, nil
}

// byWorkspace sorts what is asked for by the workspace it is asked of.
func byWorkspace[K, V any](keys []K, split func(K) (id.Workspace, V)) map[id.Workspace][]V {
	sorted := map[id.Workspace][]V{}
	for _, key := range keys {
		workspace, value := split(key)
		sorted[workspace] = append(sorted[workspace], value)
	}
	return sorted
}

func (s *Store) all(ctx context.Context, scope access.Scope, which []id.Customer) (map[id.Customer]customer.Customer, error) {
	bare := make([]int64, len(which))
	for i, number := range which {
		bare[i] = number.Int64()
	}
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM customers WHERE `+sees+` AND `+s.db.Dialect().Among("id", "$3"),
		scope.Workspace, own(scope), store.JSON(bare))
	all, err := store.All(rows, err, scan)
	found := make(map[id.Customer]customer.Customer, len(all))
	for _, c := range all {
		found[c.ID] = c
	}
	return found, err
}
