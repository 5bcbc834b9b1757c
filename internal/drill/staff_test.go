package drill_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ear is a realtime connection that comes back, by whichever road is open.
type ear struct {
	roads []string
	hello string
	head  http.Header
	// heard is given what is published; up is called with each connection.
	heard func(data json.RawMessage)
	up    func()

	connected atomic.Bool
	cuts      atomic.Int64
}

// listen keeps the connection until ctx ends.
func (e *ear) listen(ctx context.Context) {
	for turn := 0; ctx.Err() == nil; turn++ {
		e.once(ctx, e.roads[turn%len(e.roads)])
		pause := time.NewTimer(300 * time.Millisecond)
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
	}
}

func (e *ear) once(ctx context.Context, road string) {
	s, err := dialSocket(road+"/live", e.head)
	if err != nil {
		return
	}
	defer s.close()
	defer context.AfterFunc(ctx, s.close)()
	if s.say(e.hello) != nil {
		return
	}
	defer func() {
		if e.connected.Swap(false) {
			e.cuts.Add(1)
		}
	}()
	for {
		text, err := s.next()
		if err != nil {
			return
		}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line == "{}" {
				if s.say("{}") != nil {
					return
				}
				continue
			}
			var frame struct {
				Connect json.RawMessage `json:"connect"`
				Push    struct {
					Pub struct {
						Data json.RawMessage `json:"data"`
					} `json:"pub"`
				} `json:"push"`
			}
			if json.Unmarshal([]byte(line), &frame) != nil {
				continue
			}
			switch {
			case frame.Connect != nil:
				e.connected.Store(true)
				if e.up != nil {
					e.up()
				}
			case frame.Push.Pub.Data != nil:
				e.heard(frame.Push.Pub.Data)
			}
		}
	}
}

// agent answers every customer they have, as soon as they know of it.
type agent struct {
	*person
	ear ear
	// wake is signalled by hints.
	wake chan struct{}

	mu       sync.Mutex
	answered map[string]int64    // customer_seq answered, by conversation
	told     map[string][]string // client ids acknowledged, by conversation
}

func newAgent(c *cluster, who *person, at int) *agent {
	a := &agent{person: who, wake: make(chan struct{}, 1), answered: map[string]int64{}, told: map[string][]string{}}
	roads := c.roads("/api/v1")
	a.roads = append(roads[at%len(roads):], roads[:at%len(roads)]...)
	a.base = a.roads[0]
	nudge := func() {
		select {
		case a.wake <- struct{}{}:
		default:
		}
	}
	a.ear = ear{
		roads: a.roads, hello: `{"id":1,"connect":{}}`, head: http.Header{"Cookie": {who.cookie}},
		heard: func(json.RawMessage) { nudge() }, up: nudge,
	}
	return a
}

// work answers until ctx ends. Hints say when to look; without any the agent
// looks every two seconds, as the console does when its line is down.
func (a *agent) work(ctx context.Context) {
	poll := time.NewTicker(2 * time.Second)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.wake:
		case <-poll.C:
		}
		a.look(ctx)
	}
}

// look answers what waits.
func (a *agent) look(ctx context.Context) {
	var mine struct {
		Items []struct {
			ID          string `json:"id"`
			CustomerSeq int64  `json:"customer_seq"`
		} `json:"items"`
	}
	if a.insist(ctx, http.MethodGet, "/conversations?view=mine&limit=100", nil, &mine) != nil {
		return
	}
	for _, one := range mine.Items {
		if one.CustomerSeq > a.answered[one.ID] && a.reply(ctx, one.ID, fmt.Sprintf("About your words up to %d", one.CustomerSeq)) {
			a.answered[one.ID] = one.CustomerSeq
		}
	}
}

// reply sends a message and repeats it until it is acknowledged. One that is
// refused, because the conversation is somebody else's by now, was not sent.
func (a *agent) reply(ctx context.Context, talk, text string) bool {
	id := fmt.Sprintf("%s-%s-%d", a.mail, talk, len(a.told[talk]))
	if err := a.insist(ctx, http.MethodPost, "/conversations/"+talk+"/entries", map[string]any{
		"client_id": id, "body": map[string]any{"type": "text", "text": text},
	}, &entry{}); err != nil {
		return false
	}
	a.book.acknowledged()
	a.mu.Lock()
	a.told[talk] = append(a.told[talk], id)
	a.mu.Unlock()
	return true
}
