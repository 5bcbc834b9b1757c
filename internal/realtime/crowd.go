package realtime

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"everdesk/internal/redis"
)

const (
	crowdChannel = "crowd"
	// newsEvery is how often a node tells who came and went.
	newsEvery = 100 * time.Millisecond
	// beatEvery is how often it says that it is there, if there is no news.
	beatEvery = 2 * time.Second
	// silent is how long a node may say nothing before its people count as gone.
	silent = 10 * time.Second
)

// crowd knows who has a connection, at this node and at the others. Each node
// tells its comings and goings; with them goes a checksum of all who are there,
// so that a listener who missed something notices and asks for the whole list.
type crowd struct {
	self  string
	redis *redis.Client // nil on a node that stands alone

	mu    sync.Mutex
	here  map[string]int // connections by user
	sum   uint64
	news  note
	whole bool // somebody asked for all
	nodes map[string]*peer
}

// peer is another node.
type peer struct {
	users map[string]struct{}
	sum   uint64
	heard time.Time
	asked time.Time
}

// note is what a node tells the others.
type note struct {
	From  string   `json:"from"`
	Here  []string `json:"here,omitempty"`
	Gone  []string `json:"gone,omitempty"`
	Whole bool     `json:"whole,omitempty"` // Here are all
	Sum   uint64   `json:"sum"`             // of all who are there after this
	Ask   string   `json:"ask,omitempty"`   // a node that is to tell all
	Left  bool     `json:"left,omitempty"`
}

func newCrowd(self string, client *redis.Client) *crowd {
	c := &crowd{self: self, redis: client, here: map[string]int{}, nodes: map[string]*peer{}}
	if client != nil {
		client.Hear(context.Background(), crowdChannel, c.hear)
	}
	return c
}

func sumOf(user string) uint64 {
	hash := fnv.New64a()
	hash.Write([]byte(user))
	return hash.Sum64()
}

// came counts a connection in, left counts it out; left reports whether it was
// the user's last on this node.
func (c *crowd) came(user string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.here[user]++; c.here[user] == 1 {
		c.sum ^= sumOf(user)
		c.tell(&c.news.Here, &c.news.Gone, user)
	}
}

func (c *crowd) left(user string) (last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.here[user]--; c.here[user] > 0 {
		return false
	}
	delete(c.here, user)
	c.sum ^= sumOf(user)
	c.tell(&c.news.Gone, &c.news.Here, user)
	return true
}

// tell adds to the news, where coming and going cancel each other.
func (c *crowd) tell(to, against *[]string, user string) {
	if c.redis == nil {
		return
	}
	if at := slices.Index(*against, user); at >= 0 {
		*against = slices.Delete(*against, at, at+1)
		return
	}
	*to = append(*to, user)
}

// local reports whether the user has a connection here.
func (c *crowd) local(user string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.here[user] > 0
}

// online reports whether the user has a connection anywhere.
func (c *crowd) online(user string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.here[user] > 0 {
		return true
	}
	for _, p := range c.nodes {
		if _, there := p.users[user]; there {
			return true
		}
	}
	return false
}

// heard are the other nodes that spoke lately.
func (c *crowd) heard(within time.Duration) map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]bool{}
	for name, p := range c.nodes {
		if time.Since(p.heard) <= within {
			all[name] = true
		}
	}
	return all
}

// talk tells the others what is new until ctx ends, then that we are gone.
func (c *crowd) talk(ctx context.Context) {
	ticker := time.NewTicker(newsEvery)
	defer ticker.Stop()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			c.send(note{From: c.self, Left: true})
			return
		case <-ticker.C:
		}
		due := time.Since(last) >= beatEvery
		if now, any := c.due(due); any {
			c.send(now)
			last = time.Now()
		}
		if due {
			c.forget()
		}
	}
}

// due is what is to be told now, if anything.
func (c *crowd) due(beat bool) (now note, any bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !beat && !c.whole && len(c.news.Here)+len(c.news.Gone) == 0 {
		return now, false
	}
	now, c.news = c.news, note{}
	now.From, now.Sum = c.self, c.sum
	if c.whole {
		c.whole = false
		now.Whole, now.Here, now.Gone = true, make([]string, 0, len(c.here)), nil
		for user := range c.here {
			now.Here = append(now.Here, user)
		}
	}
	return now, true
}

func (c *crowd) send(what note) {
	// A note is text and numbers.
	data, _ := json.Marshal(what)
	c.redis.Publish(crowdChannel, data)
}

// forget drops the nodes that have said nothing for too long.
func (c *crowd) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, p := range c.nodes {
		if time.Since(p.heard) > silent {
			delete(c.nodes, name)
		}
	}
}

// hear takes another node's note.
func (c *crowd) hear(data []byte) {
	var told note
	if json.Unmarshal(data, &told) != nil || told.From == c.self {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if told.Left {
		delete(c.nodes, told.From)
		return
	}
	if told.Ask != "" {
		c.whole = c.whole || told.Ask == c.self
		return
	}
	p := c.nodes[told.From]
	if p == nil {
		p = &peer{users: map[string]struct{}{}}
		c.nodes[told.From] = p
	}
	p.take(told)
	if p.sum != told.Sum && time.Since(p.asked) > beatEvery/2 {
		p.asked = time.Now()
		go c.send(note{From: c.self, Ask: told.From})
	}
}

func (p *peer) take(told note) {
	p.heard = time.Now()
	if told.Whole {
		p.users, p.sum = make(map[string]struct{}, len(told.Here)), 0
	}
	for _, user := range told.Here {
		if _, there := p.users[user]; !there {
			p.users[user] = struct{}{}
			p.sum ^= sumOf(user)
		}
	}
	for _, user := range told.Gone {
		if _, there := p.users[user]; there {
			delete(p.users, user)
			p.sum ^= sumOf(user)
		}
	}
}
