package calendardb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/calendar"
	"everdesk/internal/id"
)

// Hours returns the compiled hours of a calendar, of the default one for zero
// and for one that is gone. A workspace without any is always open, so that a
// promise can be made in every state of the set-up. The answer may be a few
// seconds old; at is the present moment.
func (s *Store) Hours(ctx context.Context, scope access.Scope, number id.Calendar, at time.Time) (*calendar.Hours, error) {
	key := cacheKey{scope.Workspace, number}
	s.mu.RLock()
	known, ok := s.compiled[key]
	s.mu.RUnlock()
	if age := at.Sub(known.read); ok && age < fresh && age > -fresh {
		return known.hours, nil
	}
	current, err := s.present(ctx, scope, number)
	if err != nil {
		return nil, err
	}
	if !ok || known.calendar != current.ID || known.version != current.Version {
		if known.hours, err = calendar.Compile(current.Definition); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.compiled[key] = cached{known.hours, current.ID, current.Version, at}
	s.mu.Unlock()
	return known.hours, nil
}

func (s *Store) present(ctx context.Context, scope access.Scope, number id.Calendar) (calendar.Calendar, error) {
	if number != 0 {
		c, err := s.Calendar(ctx, scope, number)
		if !errors.Is(err, calendar.ErrNotFound) {
			return c, err
		}
	}
	c, err := s.Default(ctx, scope)
	if errors.Is(err, calendar.ErrNotFound) {
		return calendar.Calendar{Definition: calendar.Always()}, nil
	}
	return c, err
}

// forget drops what this node has compiled. A change calls it when it returns,
// so that its caller sees it, and after the commit of what it joined.
func (s *Store) forget() {
	s.mu.Lock()
	s.compiled = map[cacheKey]cached{}
	s.mu.Unlock()
}
