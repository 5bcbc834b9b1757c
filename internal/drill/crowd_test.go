package drill_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	customers = 12 // four agents have room for sixteen
	agents    = 4
	// talkEvery is how often a customer writes.
	talkEvery = 250 * time.Millisecond
	// warmUp is how long all is well before the fault.
	warmUp = 1500 * time.Millisecond
	// goOn is how long the load lasts after everything is healthy again.
	goOn = time.Second
)

// shopper is a customer with a page open.
type shopper struct {
	visitor
	ear   ear
	heard atomic.Int64 // highest seq heard from staff by the socket
	last  atomic.Int64 // when, in unix nanoseconds
	acked atomic.Int64 // unix nanoseconds of the newest acknowledgement
}

// load is a crowd of customers and the agents who answer them.
type load struct {
	t        *testing.T
	c        *cluster
	book     *ledger
	shoppers []*shopper
	agents   []*agent
	mu       sync.Mutex
	ctx      context.Context // of the listening
	talk     context.Context // of the talking
	talking  sync.WaitGroup
	quiet    context.CancelFunc // ends the talking
	listen   sync.WaitGroup
	hangUp   context.CancelFunc // ends the listening
}

// begin has everybody come in and talk.
func begin(t *testing.T, c *cluster) *load {
	t.Helper()
	l := &load{t: t, c: c, book: &ledger{}}
	ctx, hangUp := context.WithCancel(t.Context())
	talk, quiet := context.WithCancel(ctx)
	l.quiet, l.hangUp = quiet, hangUp
	for i, who := range c.hire(agents) {
		a := newAgent(c, who, i)
		a.book = l.book
		l.agents = append(l.agents, a)
		l.listen.Go(func() { a.ear.listen(ctx) })
	}
	if !within(ctx, 20*time.Second, func() bool { return l.connected() }) {
		t.Fatal("the agents' sockets did not connect")
	}
	for _, a := range l.agents {
		l.talking.Go(func() { a.work(talk) })
	}
	l.ctx, l.talk = ctx, talk
	var came sync.WaitGroup
	for range customers {
		came.Go(func() { l.arrive() })
	}
	came.Wait()
	if t.Failed() {
		t.FailNow()
	}
	if !within(ctx, 20*time.Second, func() bool { return l.connected() && l.served(ctx) }) {
		t.Fatalf("not every customer came to an agent\n%s", c.nodes[0].log)
	}
	return l
}

// arrive brings one more customer, who asks for a person and goes on talking.
func (l *load) arrive() *shopper {
	s := &shopper{}
	l.mu.Lock()
	which := len(l.shoppers)
	l.shoppers = append(l.shoppers, s)
	l.mu.Unlock()
	turned := func(roads []string) []string {
		at := which % len(roads)
		return append(roads[at:len(roads):len(roads)], roads[:at]...)
	}
	s.visitor = visitor{client: patient(), roads: turned(l.c.roads("/api/v1/client")), book: l.book}
	s.base = s.roads[0]
	if err := s.arrive(l.ctx, l.c.key, "en"); err != nil {
		l.t.Errorf("customer %d did not get in: %v", which, err)
		return s
	}
	s.ear = ear{
		roads: turned(l.c.roads("/api/v1")), hello: `{"id":1,"connect":{"token":"` + s.token + `"}}`, head: http.Header{}, heard: s.hear,
	}
	l.listen.Go(func() { s.ear.listen(l.ctx) })
	if err := s.say(l.ctx, "en", "I want to talk to a person"); err != nil {
		l.t.Errorf("customer %d could not begin: %v", which, err)
	}
	l.talking.Go(func() { s.chat(l.talk, l.t, which) })
	return s
}

// chat writes at a person's pace until ctx ends. The last message is insisted
// on: whoever stops in the middle would not know whether it was kept.
func (s *shopper) chat(ctx context.Context, t *testing.T, which int) {
	// Not all in the same moment: the longest gap is to be seen.
	apart := time.NewTimer(talkEvery * time.Duration(which) / customers)
	<-apart.C
	again := time.NewTicker(talkEvery)
	defer again.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		err := s.say(last, "en", fmt.Sprintf("And another thing, number %d", n))
		cancel()
		if err != nil {
			t.Errorf("customer %d, message %d: %v", which, n, err)
			return
		}
		s.acked.Store(time.Now().UnixNano())
	}
}

// hear notes what staff wrote.
func (s *shopper) hear(data json.RawMessage) {
	var told struct {
		Type  string `json:"type"`
		Entry entry  `json:"entry"`
	}
	if json.Unmarshal(data, &told) == nil && told.Type == "entry" && told.Entry.Author.Kind == "staff" {
		s.heard.Store(max(s.heard.Load(), told.Entry.Seq))
		s.last.Store(time.Now().UnixNano())
	}
}

// connected reports whether everybody's socket stands.
func (l *load) connected() bool {
	for _, a := range l.agents {
		if !a.ear.connected.Load() {
			return false
		}
	}
	for _, s := range l.shoppers {
		if !s.ear.connected.Load() {
			return false
		}
	}
	return true
}

// served reports whether every customer has been answered by a person.
func (l *load) served(ctx context.Context) bool {
	var mine struct {
		Items []json.RawMessage `json:"items"`
	}
	if l.c.owner.ask(ctx, http.MethodGet, "/conversations?view=queue&limit=100", nil, &mine) != nil || len(mine.Items) > 0 {
		return false
	}
	for _, s := range l.shoppers {
		if s.heard.Load() == 0 {
			return false
		}
	}
	return true
}

// hearing reports whether every customer has heard an agent after since.
func (l *load) hearing(since time.Time) bool {
	for _, s := range l.shoppers {
		if s.last.Load() < since.UnixNano() {
			return false
		}
	}
	return true
}

// healthy waits until all nodes are ready, every customer was acknowledged
// after since, and every socket stands, and returns how long that took.
func (l *load) healthy(since time.Time, limit time.Duration) time.Duration {
	l.t.Helper()
	if !within(l.t.Context(), limit, func() bool {
		for _, s := range l.shoppers {
			if s.acked.Load() < since.UnixNano() {
				return false
			}
		}
		for _, d := range l.c.nodes {
			if d.process == nil || !d.ready(l.t.Context()) {
				return false
			}
		}
		return l.connected()
	}) {
		for i, d := range l.c.nodes {
			l.t.Logf("node %d ends with\n%s", i+1, d.log)
		}
		l.t.Fatalf("not healthy within %v; sockets %v", limit, l.connected())
	}
	return time.Since(since)
}

// end lets the load go on for a moment, ends it and says what became of it all.
func (l *load) end(name string, healthy time.Duration) row {
	l.t.Helper()
	pause := time.NewTimer(goOn)
	<-pause.C
	l.quiet()
	l.talking.Wait()
	r := row{name: name, healthy: healthy, acknowledged: l.book.count(), gap: l.book.gap()}
	r.errors, r.kinds = l.book.errorText()
	r.deafAfter = l.farewell()
	l.hangUp()
	l.listen.Wait()
	for i, s := range l.shoppers {
		lost, doubled := l.compare(i, s)
		r.lost += lost
		r.doubled += doubled
	}
	r.stranded = l.stranded()
	return r
}

// farewell has every agent say one last thing to each customer they have, and
// counts the customers whose sockets do not carry it.
func (l *load) farewell() (unheard int) {
	ctx, cancel := context.WithTimeout(l.t.Context(), 15*time.Second)
	defer cancel()
	last := map[string]int64{}
	for _, a := range l.agents {
		var mine struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
		}
		if err := a.insist(ctx, http.MethodGet, "/conversations?view=mine&limit=100", nil, &mine); err != nil {
			l.t.Errorf("%s cannot see their conversations: %v", a.mail, err)
			continue
		}
		for _, one := range mine.Items {
			if a.reply(ctx, one.ID, "Goodbye") {
				var shown struct {
					LastSeq int64 `json:"last_seq"`
				}
				if err := a.insist(ctx, http.MethodGet, "/conversations/"+one.ID, nil, &shown); err == nil {
					last[one.ID] = shown.LastSeq
				}
			}
		}
	}
	if len(last) == 0 {
		l.t.Error("no agent had a customer at the end")
	}
	within(ctx, 5*time.Second, func() bool {
		unheard = 0
		for _, s := range l.shoppers {
			if seq := last[s.talk]; seq > s.heard.Load() {
				unheard++
			}
		}
		return unheard == 0
	})
	return unheard
}

// compare reads a conversation back and counts what is missing or there twice,
// of the customer's words and of the agents'.
func (l *load) compare(which int, s *shopper) (lost, doubled int) {
	l.t.Helper()
	var all []entry
	for more := true; more; {
		var page struct {
			Items   []entry `json:"items"`
			HasMore bool    `json:"has_more"`
		}
		after := int64(0)
		if len(all) > 0 {
			after = all[len(all)-1].Seq
		}
		path := fmt.Sprintf("/conversations/%s/entries?after=%d&limit=200", s.talk, after)
		must(l.t, l.c.owner.insist(l.t.Context(), http.MethodGet, path, nil, &page))
		all = append(all, page.Items...)
		more = page.HasMore
	}
	kept := map[string]int{}
	for i, e := range all {
		if e.Seq != int64(i)+1 {
			l.t.Errorf("customer %d: entry %d stands at place %d", which, e.Seq, i+1)
		}
		if e.Kind == "message" && e.ClientID != "" {
			kept[e.ClientID]++
		}
	}
	sent := append([]string(nil), s.sent...)
	for _, a := range l.agents {
		sent = append(sent, a.told[s.talk]...)
	}
	for _, id := range sent {
		if kept[id] == 0 {
			lost++
		}
	}
	for _, n := range kept {
		doubled += n - 1
	}
	// A page shows the order in which it was acknowledged.
	check(l.t, which, s.sent, all)
	return lost, doubled
}

// stranded counts the conversations nobody cares for, by asking for each and by
// what the desk says of itself.
func (l *load) stranded() (count int) {
	ctx := l.t.Context()
	for i, s := range l.shoppers {
		var who string
		if !within(ctx, 35*time.Second, func() bool {
			var err error
			who, err = s.attended(ctx)
			return err == nil && who != ""
		}) {
			l.t.Logf("customer %d waits and nobody has the conversation", i)
			count++
		}
	}
	most := 0.0
	within(ctx, 5*time.Second, func() bool {
		most = 0
		for _, d := range l.c.nodes {
			if d.process == nil {
				continue
			}
			figure, err := d.figure("everdesk_stranded_items")
			if err != nil {
				return false
			}
			most = max(most, figure)
		}
		return most == 0
	})
	return count + int(most)
}
