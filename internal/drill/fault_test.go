package drill_test

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"everdesk/internal/store/storetest"
)

// A node dies as in a power cut and comes back.
func TestANodeIsKilled(t *testing.T) {
	c := assemble(t, plan{})
	l := begin(t, c)
	l.pass(warmUp)
	at := time.Now()
	c.nodes[1].kill()
	l.pass(2 * time.Second)
	c.nodes[1].run()
	l.end("node killed (kill -9), back after 2 s", l.healthy(at, 30*time.Second)).report(t)
}

// Nodes that answer and nodes that work are apart, and the only one that works
// dies. Customers go on being heard; what they wait for is done when it is back.
func TestTheOnlyWorkerIsKilled(t *testing.T) {
	c := assemble(t, plan{roles: []string{"edge", "edge", "worker"}})
	l := begin(t, c)
	l.pass(warmUp)
	at := time.Now()
	c.nodes[2].kill()
	newcomer := l.arrive()
	l.pass(2 * time.Second)
	c.nodes[2].run()
	if !within(t.Context(), 30*time.Second, func() bool { return newcomer.heard.Load() > 0 }) {
		t.Error("who came while nobody worked was not brought to an agent")
	}
	l.end("the only worker killed, two edges stay, back after 2 s", l.healthy(at, 40*time.Second)).report(t)
}

// Redis dies and comes back: what it carried is carried by the database.
func TestRedisIsKilled(t *testing.T) {
	c := assemble(t, plan{})
	l := begin(t, c)
	l.pass(warmUp)
	at := time.Now()
	c.redis.Kill()
	l.pass(2 * time.Second)
	deaf := time.Now()
	for i, d := range c.nodes {
		if !d.ready(t.Context()) {
			t.Errorf("node %d is not ready without redis", i+1)
		}
	}
	if !within(t.Context(), 4*time.Second, func() bool { return l.hearing(deaf) }) {
		t.Error("without redis, some customers hear nothing any more")
	}
	c.redis.Run()
	l.end("Redis killed, back after some 2 s", l.healthy(at, 30*time.Second)).report(t)
}

// The primary database dies; its synchronous standby takes its place.
func TestThePrimaryDatabaseIsKilled(t *testing.T) {
	pair := storetest.NewPair(t)
	c := assemble(t, plan{database: pair.URL})
	l := begin(t, c)
	l.pass(warmUp)
	at := time.Now()
	pair.Fail(300 * time.Millisecond)
	l.end("primary killed, synchronous standby promoted", l.healthy(at, 30*time.Second)).report(t)
}

// A node stands still for longer than its leases last, then goes on where it
// stood, with whatever it was about to write.
func TestANodeFreezesAndThaws(t *testing.T) {
	c := assemble(t, plan{})
	l := begin(t, c)
	l.pass(warmUp)
	at := time.Now()
	c.nodes[1].freeze()
	l.pass(12 * time.Second)
	c.nodes[1].thaw()
	l.end("node frozen 12 s (SIGSTOP), thawed", l.healthy(at, 40*time.Second)).report(t)
}

// A node and the database cannot reach each other.
func TestTheNetworkToTheDatabaseIsCut(t *testing.T) {
	var cable *strand
	c := assemble(t, plan{second: func(_ *desk, database, redis string) (string, string) {
		at, err := url.Parse(database)
		must(t, err)
		cable = newStrand(t, "unix", filepath.Join(at.Query().Get("host"), ".s.PGSQL.5432"))
		return "postgres://everdesk@" + cable.addr + at.Path + "?sslmode=disable", redis
	}})
	l := begin(t, c)
	l.pass(warmUp)
	at := time.Now()
	cable.cut()
	l.pass(5 * time.Second)
	cable.mend()
	l.end("node cut off from the database for 5 s", l.healthy(at, 40*time.Second)).report(t)
}

// A node and Redis cannot reach each other, while the other node can.
func TestTheNetworkToRedisIsCut(t *testing.T) {
	var cable *strand
	c := assemble(t, plan{second: func(_ *desk, database, redis string) (string, string) {
		cable = newStrand(t, "tcp", strings.TrimPrefix(redis, "redis://"))
		return database, "redis://" + cable.addr
	}})
	l := begin(t, c)
	l.pass(warmUp)
	at := time.Now()
	cable.cut()
	l.pass(6 * time.Second)
	// By now both have noticed, also the one whose own line is whole.
	if deaf := time.Now(); !within(t.Context(), 4*time.Second, func() bool { return l.hearing(deaf) }) {
		t.Error("with one node cut off from redis, some customers hear nothing any more")
	}
	cable.mend()
	l.end("node cut off from Redis for 6 s", l.healthy(at, 40*time.Second)).report(t)
}

// Clients and a node cannot reach each other.
func TestTheNetworkToTheClientsIsCut(t *testing.T) {
	c := assemble(t, plan{})
	cable := newStrand(t, "tcp", strings.TrimPrefix(c.nodes[1].url, "http://"))
	c.doors[1] = "http://" + cable.addr
	l := begin(t, c)
	l.pass(warmUp)
	at := time.Now()
	cable.cut()
	l.pass(5 * time.Second)
	cable.mend()
	l.end("clients cut off from a node for 5 s", l.healthy(at, 40*time.Second)).report(t)
}

// A node's clock is minutes off. It goes by the database's.
func TestANodesClockIsWrong(t *testing.T) {
	for name, off := range map[string]string{"five minutes slow": "-5m", "five minutes fast": "5m"} {
		t.Run(name, func(t *testing.T) {
			c := assemble(t, plan{second: func(d *desk, database, redis string) (string, string) {
				d.env = append(d.env, "EVERDESK_CLOCK_OFFSET="+off)
				return database, redis
			}})
			at := time.Now()
			l := begin(t, c)
			l.pass(3 * time.Second)
			r := l.end("a node's clock "+name, l.healthy(at, 30*time.Second))
			if moved, err := c.nodes[1].figure("everdesk_clock_offset_seconds"); err != nil || moved > -299 && moved < 299 {
				t.Errorf("the clock is corrected by %v s, %v", moved, err)
			}
			r.report(t)
		})
	}
}

// pass lets the load go on for a while.
func (l *load) pass(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}
