package store

import (
	"context"
	"sync"
	"time"
)

// loadTime is the longest a gathered look-up may take.
const loadTime = 10 * time.Second

// Loader gathers look-ups as the writer gathers commands: the keys that are
// asked for while one query runs share the next. A key asked for alone is looked
// up at once, and under load many share one round trip, always with a query that
// began after they were asked for.
type Loader[K comparable, V any] struct {
	// alone has every key looked up by itself: the baseline of benchmarks.
	alone bool
	// load returns what there is of the keys, which are distinct.
	load func(ctx context.Context, keys []K) (map[K]V, error)

	mu      sync.Mutex
	running bool
	next    *round[K, V]
}

// round is one query to come: who asks for what, and later the answer.
type round[K comparable, V any] struct {
	keys  []K
	asked map[K]bool
	done  chan struct{}
	found map[K]V
	err   error
}

// mostKeys is how many keys share a query; those beyond it wait for another.
const mostKeys = 500

// NewLoader returns a loader over a query for many keys. The query must not
// depend on the ctx of who asks: it runs for others too.
func NewLoader[K comparable, V any](db *DB, load func(ctx context.Context, keys []K) (map[K]V, error)) *Loader[K, V] {
	return &Loader[K, V]{alone: db.ungrouped, load: load}
}

// Get returns the value of a key, or false if there is none. Inside a
// transaction it asks alone, because it must see what the transaction wrote.
func (l *Loader[K, V]) Get(ctx context.Context, key K) (value V, there bool, err error) {
	if l.alone || Joined(ctx) {
		found, err := l.load(ctx, []K{key})
		value, there = found[key]
		return value, there, err
	}
	r := l.join(ctx, key)
	select {
	case <-r.done:
		value, there = r.found[key]
		return value, there, r.err
	case <-ctx.Done():
		return value, false, ctx.Err()
	}
}

func (l *Loader[K, V]) join(ctx context.Context, key K) *round[K, V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.next
	if r == nil || len(r.keys) >= mostKeys {
		// A full round is left to who runs it: whoever comes now begins another.
		r = &round[K, V]{asked: map[K]bool{}, done: make(chan struct{})}
		if l.next != nil {
			full := l.next
			go l.answer(context.WithoutCancel(ctx), full)
		}
		l.next = r
	}
	if !r.asked[key] {
		r.asked[key] = true
		r.keys = append(r.keys, key)
	}
	if !l.running {
		l.running = true
		go l.run(context.WithoutCancel(ctx))
	}
	return r
}

// run answers round after round until nobody asks.
func (l *Loader[K, V]) run(ctx context.Context) {
	for {
		l.mu.Lock()
		r := l.next
		l.next = nil
		l.running = r != nil
		l.mu.Unlock()
		if r == nil {
			return
		}
		l.answer(ctx, r)
	}
}

func (l *Loader[K, V]) answer(ctx context.Context, r *round[K, V]) {
	ctx, cancel := context.WithTimeout(ctx, loadTime)
	defer cancel()
	defer close(r.done)
	r.found, r.err = l.load(ctx, r.keys)
}
