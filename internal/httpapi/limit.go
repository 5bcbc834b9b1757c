package httpapi

import (
	"context"
	"sync"
	"time"
)

// Rates are buckets that all nodes of a desk share.
type Rates interface {
	// Allow takes a token of a name from a bucket of burst tokens that gains
	// perSecond. known is false while there is nobody to ask; then each node lets
	// through what it would alone.
	Allow(ctx context.Context, name string, perSecond, burst float64) (allowed, known bool)
}

// limits are the rates the desk lets through. Addresses are limited only for
// making new visitors, generously, because many people share one.
type limits struct {
	keys, visitors, newcomers, signins *bucket
}

func newLimits(now func() time.Time, perKey float64, shared Rates) limits {
	return limits{
		keys:      newBucket("key", now, perKey, 2*perKey, shared),
		visitors:  newBucket("visitor", now, 10, 60, shared),
		newcomers: newBucket("newcomer", now, 2, 120, shared),
		signins:   newBucket("sign-in", now, 1, 30, shared),
	}
}

// bucket is a token bucket per name: the one that the nodes share, or this
// node's own.
type bucket struct {
	what        string
	shared      Rates
	now         func() time.Time
	rate, burst float64

	mu    sync.Mutex
	level map[string]drop
	swept time.Time
}

type drop struct {
	tokens float64
	at     time.Time
}

func newBucket(what string, now func() time.Time, perSecond, burst float64, shared Rates) *bucket {
	return &bucket{what: what, shared: shared, now: now, rate: perSecond, burst: burst, level: map[string]drop{}}
}

// allow takes one token of a name; a bucket without a rate lets all through.
func (b *bucket) allow(ctx context.Context, name string) bool {
	if b.rate == 0 {
		return true
	}
	if b.shared != nil {
		if allowed, known := b.shared.Allow(ctx, b.what+" "+name, b.rate, b.burst); known {
			return allowed
		}
	}
	return b.alone(name)
}

// alone takes a token from this node's own bucket.
func (b *bucket) alone(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.now()
	b.sweep(at)
	d, known := b.level[name]
	if !known {
		d = drop{b.burst, at}
	}
	d.tokens = min(b.burst, d.tokens+max(0, at.Sub(d.at).Seconds())*b.rate)
	d.at = at
	allowed := d.tokens >= 1
	if allowed {
		d.tokens--
	}
	b.level[name] = d
	return allowed
}

// sweep forgets names whose bucket is full again, once a minute.
func (b *bucket) sweep(at time.Time) {
	if at.Sub(b.swept) < time.Minute {
		return
	}
	b.swept = at
	for name, d := range b.level {
		if d.tokens+at.Sub(d.at).Seconds()*b.rate >= b.burst {
			delete(b.level, name)
		}
	}
}
