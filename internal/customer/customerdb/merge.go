package customerdb

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// Merge says that two customers are one. From's identities stay its own, so
// that Unmerge can give them back.
func (s *Store) Merge(ctx context.Context, scope access.Scope, from, into id.Customer, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		one, err := s.Get(ctx, scope, from)
		if err != nil {
			return err
		}
		other, err := s.Get(ctx, scope, into)
		if err != nil {
			return err
		}
		if one.ID == other.ID {
			return customer.ErrMerged
		}
		if err := s.merge(ctx, scope, one.ID, other.ID, at); err != nil {
			return err
		}
		after := one
		after.MergedInto, after.UpdatedAt = other.ID, at
		return s.audit(ctx, scope, "customer.merged", one, after)
	})
}

func (s *Store) merge(ctx context.Context, scope access.Scope, from, into id.Customer, at time.Time) error {
	tx := store.Current(ctx)
	tx.Queue(`UPDATE customers SET merged_into = $3, version = version + 1, updated_at = $4 WHERE workspace_id = $1 AND id = $2`,
		scope.Workspace, from, into, at)
	s.retoken(ctx, scope, from, into)
	tx.Emit(scope.Workspace, at, event.CustomersMerged{From: from, Into: into})
	for _, follow := range s.follow {
		if err := follow(ctx, scope, from, into); err != nil {
			return err
		}
	}
	return nil
}

// Unmerge makes somebody a customer of their own again, with the identities and
// conversations they had. Tokens stay with whoever they were merged into.
func (s *Store) Unmerge(ctx context.Context, scope access.Scope, which id.Customer, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		was, err := s.read(ctx, scope, which)
		if err != nil {
			return err
		}
		if was.MergedInto == 0 {
			return nil
		}
		store.Current(ctx).Queue(`UPDATE customers SET merged_into = 0, version = version + 1, updated_at = $3 WHERE workspace_id = $1 AND id = $2`,
			scope.Workspace, which, at)
		store.Current(ctx).Emit(scope.Workspace, at, event.CustomerChanged{Customer: which})
		for _, follow := range s.follow {
			if err := follow(ctx, scope, 0, which); err != nil {
				return err
			}
		}
		after := was
		after.MergedInto, after.UpdatedAt = 0, at
		return s.audit(ctx, scope, "customer.unmerged", was, after)
	})
}
