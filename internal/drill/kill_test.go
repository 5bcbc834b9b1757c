package drill_test

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	visitors = 200
	messages = 5000
)

var questions = map[string][]string{
	"en":    {"How long does delivery take?", "Can I return an item?", "Which payment methods do you take?", "zxqv blorp?", "I want to talk to a person"},
	"zh-CN": {"多久能到货？", "可以退货吗？", "支持哪些付款方式？", "呱唧呱唧咕咚？", "转人工"},
}

// Customers write while the desk is killed three times and their connections
// are cut at random. What was acknowledged is there once and in order, and soon
// after the last start every question is in somebody's hands.
func TestADeskKilledUnderLoadLosesNothingAndForgetsNobody(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			d := start(t, engine)
			key := d.setUp()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			crowd := make([]*visitor, visitors)
			var acknowledged atomic.Int64
			var talking sync.WaitGroup
			for i := range crowd {
				locale := []string{"en", "zh-CN"}[i%2]
				v := &visitor{client: flaky(uint64(i)), base: d.url + "/api/v1/client"}
				crowd[i] = v
				talking.Go(func() {
					if err := v.arrive(ctx, key, locale); err != nil {
						t.Errorf("visitor %d did not get in: %v", i, err)
						return
					}
					for n := range messages / visitors {
						if err := v.say(ctx, locale, questions[locale][(i+n)%len(questions[locale])]); err != nil {
							t.Errorf("visitor %d, message %d: %v", i, n, err)
							return
						}
						acknowledged.Add(1)
					}
				})
			}
			for _, at := range []int64{messages / 5, messages / 2, messages * 4 / 5} {
				if !within(ctx, 3*time.Minute, func() bool { return acknowledged.Load() >= at || t.Failed() }) {
					t.Fatalf("stuck at %d of %d messages\n%s", acknowledged.Load(), messages, d.log)
				}
				d.kill()
				d.run()
			}
			back := time.Now()
			talking.Wait()
			if t.Failed() {
				t.Fatalf("the desk's log ends with\n%s", d.log)
			}
			repeats := 0
			for i, v := range crowd {
				entries, err := v.read(ctx)
				must(t, err)
				check(t, i, v.sent, entries)
				repeats += v.repeats
			}
			for i, v := range crowd {
				var who string
				if !within(ctx, time.Until(back.Add(30*time.Second)), func() bool {
					var err error
					who, err = v.attended(ctx)
					return err == nil && who != ""
				}) {
					t.Errorf("visitor %d waits for an answer and nobody has the conversation", i)
				}
			}
			t.Logf("%s: %d messages acknowledged, %d requests repeated, 3 kills", engine, acknowledged.Load(), repeats)
		})
	}
}

// check compares what a visitor was acknowledged with what the desk has.
func check(t *testing.T, visitor int, sent []string, entries []entry) {
	t.Helper()
	var kept []string
	last := int64(0)
	for _, e := range entries {
		if e.Seq <= last {
			t.Errorf("visitor %d: entry %d comes after %d", visitor, e.Seq, last)
		}
		last = e.Seq
		if e.Kind == "message" && e.Author.Kind == "customer" {
			kept = append(kept, e.ClientID)
		}
	}
	for i, id := range sent {
		if i >= len(kept) || kept[i] != id {
			t.Errorf("visitor %d: message %d is not where it should be; sent %d, kept %d", visitor, i, len(sent), len(kept))
			return
		}
	}
	if len(kept) != len(sent) {
		t.Errorf("visitor %d: sent %d messages, the desk has %d", visitor, len(sent), len(kept))
	}
}

// flaky returns a client whose connections end at random, before, within or
// after an answer.
func flaky(seed uint64) *http.Client {
	random := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	dialer := &net.Dialer{Timeout: 2 * time.Second}
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		MaxIdleConnsPerHost: 1,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			mu.Lock()
			defer mu.Unlock()
			return &doomed{Conn: conn, left: 2000 + random.IntN(20000)}, nil
		},
	}}
}

// doomed is a connection that ends after so many bytes either way.
type doomed struct {
	net.Conn
	mu   sync.Mutex
	left int
}

func (d *doomed) spend(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left -= n; d.left <= 0 {
		// The next read or write says what happened.
		_ = d.Conn.Close()
	}
}

// Read implements net.Conn.
func (d *doomed) Read(p []byte) (int, error) {
	n, err := d.Conn.Read(p)
	d.spend(n)
	return n, err
}

// Write implements net.Conn.
func (d *doomed) Write(p []byte) (int, error) {
	n, err := d.Conn.Write(p)
	d.spend(n)
	return n, err
}
