package app

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"everdesk/internal/httpapi"
	"everdesk/internal/observe"
	"everdesk/internal/redis"
)

// joinCluster begins to connect to the other nodes, if there is a way to.
func (a *App) joinCluster() (err error) {
	if a.config.Redis == "" {
		return nil
	}
	// Nodes with the same keys are one desk. Others may share the server.
	a.redis, err = redis.Open(a.config.Redis, "everdesk:"+a.ring.Index("redis.prefix", "desk")[:12]+":", a.log)
	return err
}

// rates are those the nodes share.
func (a *App) rates() httpapi.Rates {
	if a.redis == nil {
		return nil
	}
	return a.redis
}

// checks are what the node depends on. It works without Redis, if less well.
func (a *App) checks() []observe.Check {
	checks := []observe.Check{{Name: "database", Run: func(ctx context.Context) error {
		_, err := a.db.Clock(ctx)
		return err
	}}}
	if a.redis != nil {
		checks = append(checks, observe.Check{Name: "redis", Run: a.redis.Ping, Spare: true})
	}
	return checks
}

const (
	wakeChannel = "wake"
	// wakeEvery is how long wake-ups are gathered before they are passed on.
	wakeEvery = 5 * time.Millisecond
)

// passWakes has the workers wake when this node, which is none, has given them
// something to do. Without Redis they look for themselves every second.
func (a *App) passWakes(ctx context.Context) {
	var mu sync.Mutex
	names := map[string]bool{}
	kick := make(chan struct{}, 1)
	a.db.Overhear(func(name string) {
		mu.Lock()
		names[name] = true
		mu.Unlock()
		select {
		case kick <- struct{}{}:
		default:
		}
	})
	pause := time.NewTimer(wakeEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-kick:
		}
		pause.Reset(wakeEvery)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		mu.Lock()
		told := names
		names = map[string]bool{}
		mu.Unlock()
		for name := range told {
			a.redis.Publish(wakeChannel, []byte(name))
		}
	}
}

// hearWakes wakes this worker when another node has work.
func (a *App) hearWakes(ctx context.Context) {
	a.redis.Hear(ctx, wakeChannel, func(name []byte) { a.db.Wake(string(name)) })
	<-ctx.Done()
}

const (
	// clockEvery is how often the machine's clock is compared.
	clockEvery = 10 * time.Second
	// clockTolerance is how far it may be off before the database's is used.
	clockTolerance = time.Second
)

// clock is the node's business time: the machine's, unless that is off by more
// than a moment from the database's, which all nodes share. Times that one node
// writes are compared by others, so a node with a wrong clock would otherwise
// break promises early, or keep agents present who have gone.
type clock struct {
	machine func() time.Time
	offset  atomic.Int64
}

// Now returns the business time.
func (c *clock) Now() time.Time { return c.machine().Add(time.Duration(c.offset.Load())) }

// set compares the machine's clock with another's, which is asked in between,
// and returns by how much it is corrected.
func (c *clock) set(ask func() (time.Time, error)) (time.Duration, error) {
	before := c.machine()
	there, err := ask()
	if err != nil {
		return 0, err
	}
	took := c.machine().Sub(before)
	offset := there.Sub(before.Add(took / 2))
	if offset.Abs() < clockTolerance+took/2 {
		offset = 0
	}
	c.offset.Store(int64(offset))
	return offset, nil
}

// setClock compares the node's clock with the database's.
func (a *App) setClock(ctx context.Context) {
	was := time.Duration(a.clock.offset.Load())
	now, err := a.clock.set(func() (time.Time, error) { return a.db.Clock(ctx) })
	switch {
	case err != nil:
		a.log.WarnContext(ctx, "comparing the clocks failed", "error", err)
	case now != 0 && (was-now).Abs() > clockTolerance:
		a.log.ErrorContext(ctx, "this machine's clock is wrong; the database's is used", "off_ms", (-now).Milliseconds())
	case now == 0 && was != 0:
		a.log.InfoContext(ctx, "this machine's clock is right again")
	}
}

// keepClock goes on comparing. A database in a file has this machine's clock.
func (a *App) keepClock(ctx context.Context) {
	every(ctx, nil, clockEvery, func() { a.setClock(ctx) })
}
