package demo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"everdesk/internal/bot/nlu"
	"everdesk/internal/routing"
)

// atOnce is how many talks are told together, so that they share commits.
const atOnce = 8

// remember tells the talks that are over, and those that a ticket carries.
func (s *Shop) remember(ctx context.Context) error {
	nlu.WantsPerson("a person, please") // reads its words, which is no work for a transaction
	plain, ticketed := s.past()
	s.report("%d conversations and %d tickets", len(plain), len(ticketed))
	// Nobody is at their page while the past is told, so nothing of it waits for
	// anybody or is given to them.
	if err := s.present(ctx, routing.Offline, s.founded); err != nil {
		return err
	}
	// The first ticket takes the workspace's first number. By the time the others
	// are told, the block with the next numbers is at hand, so they rise in order.
	for _, t := range ticketed[:1] {
		if err := s.tell(ctx, t); err != nil {
			return err
		}
	}
	if err := s.tellAll(ctx, plain); err != nil {
		return err
	}
	for _, t := range ticketed[1:] {
		if err := s.tell(ctx, t); err != nil {
			return err
		}
	}
	return s.present(ctx, routing.Online, s.days.now.Add(-time.Hour))
}

// past are the talks that are not going on right now; those with tickets in the
// order of their promises, so that numbers rise.
func (s *Shop) past() (plain, ticketed []talk) {
	for _, t := range s.pack.talks {
		switch {
		case t.open():
		case t.Ticket != nil:
			ticketed = append(ticketed, t)
		default:
			plain = append(plain, t)
		}
	}
	slices.SortStableFunc(ticketed, func(a, b talk) int { return s.days.promised(a).Compare(s.days.promised(b)) })
	return plain, ticketed
}

func (s *Shop) tellAll(ctx context.Context, talks []talk) error {
	var failed error
	var mu sync.Mutex
	var running sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, t := range talks {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if err := s.tell(ctx, t); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = err
			}
		})
	}
	running.Wait()
	return failed
}

// aStretch is how many entries of the past are told in one transaction: few, so
// that none holds the writer for long.
const aStretch = 3

// tell has one talk happen, unless it has: the past in stretches, what goes on
// right now at once, so that nobody can come in between.
func (s *Shop) tell(ctx context.Context, t talk) error {
	told, size := telling{Shop: s, talk: t, began: s.days.begin(t)}, aStretch
	if t.open() {
		size = len(t.Entries) + 1
	}
	for !told.done {
		if err := told.stretch(ctx, size); err != nil {
			return fmt.Errorf("%s, entry %d: %w", t.Key, told.told, err)
		}
	}
	return nil
}

const (
	// catchUpFrom is how long ago the oldest promise that is still owed was made.
	catchUpFrom  = 3 * 24 * time.Hour
	catchUpEvery = 30 * time.Minute
)

// catchUp does what has come due since the talks: promises that were not kept
// are told of at their time, as a desk that was running would have done.
func (s *Shop) catchUp(ctx context.Context) error {
	for at := s.days.now.Add(-catchUpFrom); ; at = at.Add(catchUpEvery) {
		if at.After(s.days.now) {
			at = s.days.now
		}
		if _, err := s.desk.Inbox.Reconcile(ctx, at); err != nil {
			return err
		}
		if _, err := s.desk.Tickets.Sweep(ctx, at, 100); err != nil {
			return err
		}
		if at.Equal(s.days.now) {
			return nil
		}
	}
}
