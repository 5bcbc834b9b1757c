package demo

import (
	"context"
	"time"

	"everdesk/internal/id"
)

const (
	// lookEvery is how often the scene looks whether somebody is there.
	lookEvery = 500 * time.Millisecond
	// sitDown is how many looks long they must be: the customers come in when
	// the page is open, not while it opens.
	sitDown = 4
)

// Scene lets the customers of today come in once somebody of the service team
// has their page open: before that, a desk that leaves nobody waiting would have
// made tickets of them. It returns when they have come, on this start or an
// earlier one, or when ctx ends.
func (s *Shop) Scene(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for seen := 0; seen < sitDown; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// What cannot be read now can be at the next look.
		if there, err := s.somebodyThere(ctx); err == nil && there {
			seen++
		} else {
			seen = 0
		}
	}
	if err := s.play(ctx); err != nil && ctx.Err() == nil {
		s.report("the customers of today could not come in: %v", err)
	}
}

func (s *Shop) somebodyThere(ctx context.Context) (bool, error) {
	now := s.desk.Now()
	present, err := s.desk.Inbox.Presence(ctx, s.scope)
	for _, p := range present {
		if p.Present(now) && s.worksHere(p.Staff) {
			return true, err
		}
	}
	return false, err
}

func (s *Shop) worksHere(who id.Staff) bool {
	for _, p := range s.people {
		if p.ID == who {
			return true
		}
	}
	return false
}

// play tells the talks that go on right now, each up to this moment. Told once,
// they stay as the desk and its people have taken them on.
func (s *Shop) play(ctx context.Context) error {
	s.days.now = s.desk.Now().In(s.days.zone)
	for _, t := range s.pack.talks {
		if !t.open() {
			continue
		}
		if err := s.tell(ctx, t); err != nil {
			return err
		}
	}
	return nil
}
