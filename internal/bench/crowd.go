package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// perSource is how many sockets share a client address: well below the ports
// one address has.
const perSource = 8000

// source is the loopback address the n-th socket comes from.
func source(n int) string { return fmt.Sprintf("127.0.0.%d", 2+n/perSource) }

// crowd is many sockets that stay open.
type crowd struct {
	addrs  []string // of the desk's nodes, taken in turn
	guests []guest
	// offset is the number of the first of them among all, for their addresses.
	offset int

	mu      sync.Mutex
	sockets []*socket
	// lost counts sockets that ended without being told to.
	lost    atomic.Int64
	members sync.WaitGroup
}

func newCrowd(addrs []string, guests []guest) *crowd {
	return &crowd{addrs: addrs, guests: guests, sockets: make([]*socket, len(guests))}
}

// arrival is how a crowd got in.
type arrival struct {
	took time.Duration
	// tries that failed before all were in; first is the first reason.
	failed int
	first  error
}

// arrive has everybody connect, at most so many at a time, each trying again
// until it is in.
func (c *crowd) arrive(ctx context.Context, atOnce int) (arrival, error) {
	started := time.Now()
	var result arrival
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(atOnce, len(c.guests)) {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(c.guests) {
					return
				}
				for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
					err := c.seat(ctx, i)
					if err == nil {
						break
					}
					c.mu.Lock()
					if result.failed++; result.first == nil {
						result.first = err
					}
					c.mu.Unlock()
					select {
					case <-ctx.Done():
						return
					case <-time.After(pause):
					}
				}
			}
		})
	}
	group.Wait()
	result.took = time.Since(started)
	if ctx.Err() != nil {
		return result, errors.Join(fmt.Errorf("only some of %d sockets came in", len(c.guests)), result.first, ctx.Err())
	}
	return result, nil
}

// seat connects one and listens to it.
func (c *crowd) seat(ctx context.Context, i int) error {
	s, err := open(ctx, c.addrs[i%len(c.addrs)], source(c.offset+i), c.guests[i])
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.sockets[i] = s
	c.mu.Unlock()
	c.members.Go(func() {
		s.listen(c.guests[i].hear)
		if !s.gone.Load() {
			c.lost.Add(1)
		}
		s.cut()
	})
	return nil
}

// again cuts one socket and has it come back.
func (c *crowd) again(ctx context.Context, i int) error {
	c.mu.Lock()
	s := c.sockets[i]
	c.sockets[i] = nil
	c.mu.Unlock()
	if s == nil {
		return nil // is on its way back
	}
	s.cut()
	return c.seat(ctx, i)
}

// scatter cuts all sockets at once.
func (c *crowd) scatter() {
	c.mu.Lock()
	for _, s := range c.sockets {
		if s != nil {
			s.cut()
		}
	}
	c.mu.Unlock()
	c.members.Wait()
}
