package httpapi

import (
	"sync"
	"time"
)

// limits are the rates this node lets through. Addresses are limited only for
// making new visitors, generously, because many people share one.
type limits struct {
	keys, visitors, newcomers, signins *bucket
}

func newLimits(now func() time.Time, perKey float64) limits {
	return limits{
		keys:      newBucket(now, perKey, 2*perKey),
		visitors:  newBucket(now, 10, 60),
		newcomers: newBucket(now, 2, 120),
		signins:   newBucket(now, 1, 30),
	}
}

// bucket is a token bucket per name.
type bucket struct {
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

func newBucket(now func() time.Time, perSecond, burst float64) *bucket {
	return &bucket{now: now, rate: perSecond, burst: burst, level: map[string]drop{}}
}

// allow takes one token of a name; a bucket without a rate lets all through.
func (b *bucket) allow(name string) bool {
	if b.rate == 0 {
		return true
	}
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
