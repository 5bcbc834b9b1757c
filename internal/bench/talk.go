package bench

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// said is what a message of the bench is like. Its number and when it was to be
// sent are in it, so that whoever hears it knows how long it took.
const said = "Thank you. The parcel was to arrive on Monday, and the tracking page has not moved since. Could you have a look?"

// writing is who writes to whom.
type writing uint8

const (
	// asking is visitors writing to agents.
	asking writing = 1 << iota
	// replying is agents writing to visitors.
	replying
)

// chatter drives the talks of a cast and counts what arrives at whom.
type chatter struct {
	cast *cast
	next atomic.Int64

	asked, replied ear
}

// ear collects how long messages took to reach one side.
type ear struct {
	// of says whose messages count: people also hear their own.
	of    string
	mu    sync.Mutex
	took  []time.Duration
	heard map[int]bool
}

// mark stands in each message before its number.
const mark = "bench-"

// hear takes a frame. Only the entry itself counts, once; rows of lists hold a
// preview of it too.
func (e *ear) hear(frame []byte, at time.Time) {
	if !bytes.Contains(frame, []byte(`"type":"entry"`)) || !bytes.Contains(frame, []byte(`"author":{"kind":"`+e.of)) {
		return
	}
	_, rest, found := bytes.Cut(frame, []byte(`"text":"`+mark))
	if !found {
		return
	}
	number, rest := leading(rest)
	sent, _ := leading(rest[min(1, len(rest)):])
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.heard == nil {
		e.heard = map[int]bool{}
	}
	if !e.heard[number] {
		e.heard[number] = true
		e.took = append(e.took, at.Sub(time.Unix(0, int64(sent))))
	}
}

func leading(text []byte) (int, []byte) {
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(string(text[:end])) // digits
	return n, text[end:]
}

// count is how many messages have arrived.
func (e *ear) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.took)
}

// quantile returns the q-th quantile in milliseconds.
func (e *ear) quantile(q float64) float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return quantile(e.took, q)
}

func newChatter(people *cast) *chatter {
	return &chatter{cast: people, asked: ear{of: "customer"}, replied: ear{of: "staff"}}
}

// drive has clients write until the time is up: one after another if perSecond
// is 0, else at that rate in all, whether the desk keeps up or not. Each client
// has talks of its own, so what it sends to one is in order.
func (c *chatter) drive(ctx context.Context, clients, perSecond int, until time.Time, who writing) outcome {
	clients = min(clients, len(c.cast.talks))
	started := time.Now()
	var mu sync.Mutex
	var all outcome
	var group sync.WaitGroup
	for client := range clients {
		group.Go(func() {
			own := c.client(ctx, client, clients, perSecond, until, who)
			mu.Lock()
			defer mu.Unlock()
			all.took = append(all.took, own.took...)
			all.failed += own.failed
			if all.firstError == nil {
				all.firstError = own.firstError
			}
		})
	}
	group.Wait()
	all.elapsed = time.Since(started)
	return all
}

func (c *chatter) client(ctx context.Context, client, clients, perSecond int, until time.Time, who writing) outcome {
	var own outcome
	w := wire{addr: c.cast.desk.addrs()[client%len(c.cast.desk.addrs())]}
	defer w.close()
	due := time.Now()
	var every time.Duration
	if perSecond > 0 {
		every = time.Second * time.Duration(clients) / time.Duration(perSecond)
		due = due.Add(every * time.Duration(client) / time.Duration(clients))
	}
	for turn := 0; ; turn++ {
		if every > 0 {
			time.Sleep(time.Until(due))
		} else {
			due = time.Now()
		}
		if !time.Now().Before(until) || ctx.Err() != nil {
			return own
		}
		mine := c.cast.talks[(client+turn*clients)%(len(c.cast.talks)/clients*clients)]
		if err := c.post(ctx, &w, mine, due, who == replying || who == asking|replying && turn/(len(c.cast.talks)/clients)%2 == 1); err != nil {
			own.failed++
			if own.firstError == nil {
				own.firstError = err
			}
		} else {
			own.took = append(own.took, time.Since(due))
		}
		due = due.Add(every)
	}
}

// post writes one message and notes its acknowledgement.
func (c *chatter) post(ctx context.Context, w *wire, t *talk, due time.Time, reply bool) error {
	number := int(c.next.Add(1))
	path, headers := "/api/v1/client/conversations/"+t.id+"/entries", t.visitor.headers
	if reply {
		path, headers = "/api/v1/conversations/"+t.id+"/entries", t.agent.headers
	}
	answer, err := w.do(ctx, http.MethodPost, path, headers,
		fmt.Appendf(nil, `{"client_id":"%s%d","body":{"type":"text","text":"%s%d %d %s"}}`, mark, number, mark, number, due.UnixNano(), said))
	if err != nil {
		return err
	}
	_, rest, found := bytes.Cut(answer, []byte(`"seq":`))
	if !found {
		return fmt.Errorf("an answer without a seq: %s", answer)
	}
	seq, _ := leading(rest)
	t.posts = append(t.posts, post{number, int64(seq)})
	return nil
}

// settle waits until so many have arrived at an ear, or nothing more comes.
func settle(e *ear, want int) {
	for last, since := -1, time.Now(); ; time.Sleep(10 * time.Millisecond) {
		now := e.count()
		if now >= want {
			return
		}
		if now != last {
			last, since = now, time.Now()
		} else if time.Since(since) > 2*time.Second {
			return
		}
	}
}

// verdict is what reading back has shown.
type verdict struct {
	acknowledged, lost, doubled, disordered int
}

// readBack reads every talk and looks for each message that was acknowledged.
func (c *chatter) readBack(ctx context.Context) (verdict, error) {
	verdicts := make([]verdict, len(c.cast.talks))
	err := inParallel(ctx, 8, len(c.cast.talks), func(ctx context.Context, _, n int) (err error) {
		verdicts[n], err = c.cast.talks[n].readBack(ctx, c.cast.desk)
		return err
	})
	var all verdict
	for _, v := range verdicts {
		all.acknowledged += v.acknowledged
		all.lost += v.lost
		all.doubled += v.doubled
		all.disordered += v.disordered
	}
	return all, err
}

func (t *talk) readBack(ctx context.Context, d *desk) (verdict, error) {
	found := map[int][]int64{}
	last := int64(0)
	v := verdict{acknowledged: len(t.posts)}
	for more := true; more; {
		var page struct {
			Items []struct {
				Seq      int64  `json:"seq"`
				ClientID string `json:"client_id"`
			} `json:"items"`
			HasMore bool `json:"has_more"`
		}
		if err := d.call(ctx, http.MethodGet, fmt.Sprintf("/conversations/%s/entries?after=%d&limit=200", t.id, last), nil, nil, &page); err != nil {
			return v, err
		}
		for _, entry := range page.Items {
			if entry.Seq != last+1 {
				v.disordered++ // a hole: clients would ask for it for ever
			}
			last = entry.Seq
			if number, ok := bytes.CutPrefix([]byte(entry.ClientID), []byte(mark)); ok {
				n, _ := leading(number)
				found[n] = append(found[n], entry.Seq)
			}
		}
		more = page.HasMore
	}
	for _, p := range t.posts {
		switch seqs := found[p.number]; {
		case !slices.Contains(seqs, p.seq):
			v.lost++
		case len(seqs) > 1:
			v.doubled++
		}
	}
	if !slices.IsSortedFunc(t.posts, func(a, b post) int { return int(a.seq - b.seq) }) {
		v.disordered++
	}
	return v, nil
}
