package rest

import (
	"sync"
	"time"
)

const (
	// breaksAfter failures in a row nothing is sent for restsFor; then one call
	// tries.
	breaksAfter = 5
	restsFor    = 10 * time.Second
)

// Breakers keep callers from waiting for systems that are down. A nil one lets
// everything pass. It is safe for concurrent use.
type Breakers struct {
	now func() time.Time
	mu  sync.Mutex
	all map[string]*breaker
}

type breaker struct {
	failures int
	until    time.Time
}

// NewBreakers returns closed breakers.
func NewBreakers(now func() time.Time) *Breakers {
	return &Breakers{now: now, all: map[string]*breaker{}}
}

// allow reports whether something may be sent. Of those who ask while the
// breaker rests, none may; of those after it, one.
func (b *Breakers) allow(owner string) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.all[owner]
	if one == nil || one.failures < breaksAfter {
		return true
	}
	if b.now().Before(one.until) {
		return false
	}
	one.until = b.now().Add(restsFor)
	return true
}

func (b *Breakers) failed(owner string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.all[owner]
	if one == nil {
		one = &breaker{}
		b.all[owner] = one
	}
	if one.failures++; one.failures >= breaksAfter {
		one.until = b.now().Add(restsFor)
	}
}

func (b *Breakers) worked(owner string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.all, owner)
}
