package customerdb

import (
	"context"
	"maps"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// Identify gives a visitor the identity a host has vouched for. If that is
// somebody known, the visitor is merged into them; else the visitor becomes
// them. The visitor's tokens go on working, as whoever it turned out to be.
func (s *Store) Identify(ctx context.Context, scope access.Scope, account id.Channel, proof customer.Proof, at time.Time) (who customer.Customer, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		known, err := s.verified(ctx, scope, customer.Host, account, proof.Subject)
		if err != nil {
			return err
		}
		who, err = s.read(ctx, access.System(scope.Workspace), scope.Customer)
		if err != nil {
			return err
		}
		switch {
		case known == 0 && s.isHosted(who, account, proof.Subject):
			// Another person signed in on this browser: the visitor so far stays
			// who it was, and a new customer is made.
			who = s.fresh(ctx, scope, proof.Locale, at)
			s.claim(ctx, scope, who.ID, customer.Host, account, proof.Subject, true, at)
			s.retoken(ctx, scope, scope.Customer, who.ID)
		case known == 0:
			s.claim(ctx, scope, who.ID, customer.Host, account, proof.Subject, true, at)
		case known != who.ID:
			before := who
			if who, err = s.read(ctx, access.System(scope.Workspace), known); err != nil {
				return err
			}
			if s.isHosted(before, account, proof.Subject) {
				s.retoken(ctx, scope, before.ID, who.ID)
			} else if err := s.merge(ctx, scope, before.ID, who.ID, at); err != nil {
				return err
			}
		}
		who, err = s.believe(ctx, scope, who, proof, at)
		return err
	})
	return who, err
}

// isHosted reports whether a customer is already somebody else by the host.
func (s *Store) isHosted(c customer.Customer, account id.Channel, subject string) bool {
	for _, identity := range c.Identities {
		if identity.Kind == customer.Host && identity.Account == account && identity.Verified && identity.Value != subject {
			return true
		}
	}
	return false
}

func (s *Store) fresh(ctx context.Context, scope access.Scope, locale string, at time.Time) customer.Customer {
	number := id.New[id.Customer](s.db.IDs())
	c := customer.Customer{
		ID: number, Workspace: scope.Workspace, Name: customer.GenerateName(locale, int64(number)), Locale: locale,
		Attributes: map[string]string{}, Version: 1, CreatedAt: at, UpdatedAt: at,
	}
	s.create(ctx, c)
	store.Current(ctx).Emit(scope.Workspace, at, event.CustomerCreated{Customer: c.ID})
	return c
}

// believe writes the signed attributes.
func (s *Store) believe(ctx context.Context, scope access.Scope, who customer.Customer, proof customer.Proof, at time.Time) (customer.Customer, error) {
	if proof.Name != "" {
		who.Name, who.Named = proof.Name, true
	}
	if proof.Tier != "" {
		who.Tier = proof.Tier
	}
	if proof.Locale != "" {
		who.Locale = proof.Locale
	}
	if len(proof.Attributes) > 0 {
		who.Attributes = maps.Clone(who.Attributes)
		maps.Copy(who.Attributes, proof.Attributes)
		if len(who.Attributes) > customer.MaxAttributes {
			who.Attributes = proof.Attributes
		}
	}
	seen := who.Version
	who.Version, who.UpdatedAt = seen+1, at
	if err := s.write(ctx, who, seen); err != nil {
		return who, err
	}
	for kind, value := range map[customer.IdentityKind]string{customer.Mail: proof.Mail, customer.Phone: proof.Phone} {
		if value == "" {
			continue
		}
		// A value that is somebody else's, verified, stays theirs: the host's two
		// accounts with one address are its own affair.
		holder, err := s.verified(ctx, scope, kind, 0, value)
		if err != nil {
			return who, err
		}
		s.claim(ctx, scope, who.ID, kind, 0, value, holder == 0 || holder == who.ID, at)
	}
	var err error
	who.Identities, err = s.identities(ctx, scope, who.ID)
	return who, err
}

// verified returns whose a verified value is, followed through merges, or zero.
func (s *Store) verified(ctx context.Context, scope access.Scope, kind customer.IdentityKind, account id.Channel, value string) (id.Customer, error) {
	var holder id.Customer
	rows, err := s.db.Query(ctx, `SELECT customer_id FROM customer_identities
		WHERE workspace_id = $1 AND kind = $2 AND account_id = $3 AND blind = $4 AND verified`,
		scope.Workspace, kind, account, s.sealer.Index(purpose(kind), value))
	if err := store.One(rows, err, &holder); err != nil {
		if noRows(err) {
			return 0, nil
		}
		return 0, err
	}
	final, err := s.Get(ctx, access.System(scope.Workspace), holder)
	return final.ID, err
}

// claim notes that a customer is reached or known by a value. What is verified
// stays verified.
func (s *Store) claim(ctx context.Context, scope access.Scope, who id.Customer, kind customer.IdentityKind, account id.Channel, value string, verified bool, at time.Time) id.Identity {
	tx := store.Current(ctx)
	number := id.New[id.Identity](tx.IDs())
	tx.Queue(`INSERT INTO customer_identities(workspace_id, id, customer_id, kind, account_id, value, blind, verified, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (workspace_id, customer_id, kind, account_id, blind) DO UPDATE
		SET verified = (customer_identities.verified OR excluded.verified)`,
		scope.Workspace, number, who, kind, account, s.sealer.Seal(purpose(kind), value), s.sealer.Index(purpose(kind), value), verified, at)
	return number
}

// retoken moves a visitor's tokens to another customer.
func (s *Store) retoken(ctx context.Context, scope access.Scope, from, into id.Customer) {
	store.Current(ctx).Queue(`UPDATE visitors SET customer_id = $3 WHERE workspace_id = $1 AND customer_id = $2`, scope.Workspace, from, into)
}
