package ai

import (
	"sync"
	"time"
)

// A Breaker keeps a provider that fails from being asked again at once. It
// opens after a number of failures in a row within a span, and lets one call
// try after a rest. It may be used by any number of goroutines.
type Breaker struct {
	// Failures within Span open it, for Rest.
	Failures   int
	Span, Rest time.Duration

	mu     sync.Mutex
	failed []time.Time
	until  time.Time
	trying bool
}

// NewBreaker opens after 5 failures in 30 s, for 30 s.
func NewBreaker() *Breaker {
	return &Breaker{Failures: 5, Span: 30 * time.Second, Rest: 30 * time.Second}
}

// Allow reports whether a call may be made. A call that was allowed ends with
// Done.
func (b *Breaker) Allow(at time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.until.IsZero():
		return true
	case at.Before(b.until) || b.trying:
		return false
	}
	b.trying = true
	return true
}

// Done says how an allowed call ended.
func (b *Breaker) Done(worked bool, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if worked {
		b.failed, b.until, b.trying = nil, time.Time{}, false
		return
	}
	if b.trying {
		b.trying, b.until = false, at.Add(b.Rest)
		return
	}
	recent := b.failed[:0]
	for _, t := range b.failed {
		if at.Sub(t) < b.Span {
			recent = append(recent, t)
		}
	}
	b.failed = append(recent, at)
	if len(b.failed) >= b.Failures {
		b.failed, b.until = nil, at.Add(b.Rest)
	}
}
