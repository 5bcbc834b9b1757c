package customerdb

import (
	"context"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// holding is an address as it is looked up.
type holding struct {
	workspace id.Workspace
	address   address
}

type address struct {
	kind  customer.IdentityKind
	blind string
}

// Holder returns the customer whom an address is verified for, or nobody: also
// for what is no address.
func (s *Store) Holder(ctx context.Context, scope access.Scope, kind customer.IdentityKind, value string) (customer.Customer, error) {
	value, err := customer.Normalize(kind, value)
	if err != nil {
		return customer.Customer{}, nil // whoever writes it down is told
	}
	who, _, err := s.holders.Get(ctx, holding{scope.Workspace, address{kind, s.sealer.Index(purpose(kind), value)}})
	return who, err
}

// loadHolders is Holder for whoever asks at the same time.
func (s *Store) loadHolders(ctx context.Context, asked []holding) (map[holding]customer.Customer, error) {
	found := make(map[holding]customer.Customer, len(asked))
	for workspace, wanted := range byWorkspace(asked, func(h holding) (id.Workspace, address) { return h.workspace, h.address }) {
		if err := s.loadHoldersOf(ctx, access.System(workspace), wanted, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s *Store) loadHoldersOf(ctx context.Context, scope access.Scope, wanted []address, found map[holding]customer.Customer) error {
	holders, err := s.holdersOf(ctx, scope, wanted)
	if err != nil || len(holders) == 0 {
		return err
	}
	numbers := make([]id.Customer, 0, len(holders))
	for _, holder := range holders {
		numbers = append(numbers, holder)
	}
	people, err := s.whole(ctx, scope, numbers)
	for address, holder := range holders {
		found[holding{scope.Workspace, address}] = people[holder]
	}
	return err
}

// holdersOf finds whose addresses are, merged or not. There is one look-up an
// address, as a subquery that no planner turns into a scan.
func (s *Store) holdersOf(ctx context.Context, scope access.Scope, wanted []address) (map[address]id.Customer, error) {
	blinds := map[customer.IdentityKind][]string{}
	for _, a := range wanted {
		blinds[a.kind] = append(blinds[a.kind], a.blind)
	}
	holders := make(map[address]id.Customer, len(wanted))
	for kind, all := range blinds {
		rows, err := s.db.Query(ctx, `SELECT wanted.value, (SELECT customer_id FROM customer_identities
				WHERE workspace_id = $1 AND kind = $2 AND account_id = 0 AND blind = wanted.value AND verified)
			FROM `+s.db.Dialect().TextList("$3")+` AS wanted`, scope.Workspace, kind, store.JSON(all))
		_, err = store.All(rows, err, func(row store.Row) (none struct{}, err error) {
			var blind string
			var holder *int64
			if err = row.Scan(&blind, &holder); err == nil && holder != nil {
				holders[address{kind, blind}] = id.Customer(*holder)
			}
			return none, err
		})
		if err != nil {
			return nil, err
		}
	}
	return holders, nil
}

// whole is Get for many: one query each for the rows and for the identities.
// The few that were merged are followed one by one.
func (s *Store) whole(ctx context.Context, scope access.Scope, which []id.Customer) (map[id.Customer]customer.Customer, error) {
	known, err := s.all(ctx, scope, which)
	if err != nil {
		return nil, err
	}
	mergers, err := s.mergers(ctx, scope, which)
	if err != nil {
		return nil, err
	}
	people := make(map[id.Customer]customer.Customer, len(known))
	var plain []customer.Customer
	for number, c := range known {
		if c.MergedInto == 0 && !mergers[number] {
			plain = append(plain, c)
			continue
		}
		if people[number], err = s.Get(ctx, scope, number); err != nil {
			return nil, err
		}
	}
	if err := s.withIdentities(ctx, scope, plain); err != nil {
		return nil, err
	}
	for _, c := range plain {
		people[c.ID] = c
	}
	return people, nil
}

// mergers are those of the customers whom others turned out to be.
func (s *Store) mergers(ctx context.Context, scope access.Scope, which []id.Customer) (map[id.Customer]bool, error) {
	wanted := make([]int64, len(which))
	for i, number := range which {
		wanted[i] = number.Int64()
	}
	mergers := map[id.Customer]bool{}
	rows, err := s.db.Query(ctx, `SELECT DISTINCT merged_into FROM customers
		WHERE workspace_id = $1 AND merged_into <> 0 AND `+s.db.Dialect().Among("merged_into", "$2"), scope.Workspace, store.JSON(wanted))
	_, err = store.All(rows, err, func(row store.Row) (none struct{}, err error) {
		var number id.Customer
		err = row.Scan(&number)
		mergers[number] = true
		return none, err
	})
	return mergers, err
}
