// Package bench measures the desk from outside: it starts the binary's own
// server on a temporary store, drives it from this second process over the wire
// through the public API, and then reads back what was acknowledged, to see
// that all of it exists exactly once.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Options say what to run.
type Options struct {
	// Binary is the program to serve with, usually this one.
	Binary string
	// DB is a postgres:// URL, or "" for the embedded database.
	DB string
	// For is how long to drive; N ends it earlier after so many requests.
	For time.Duration
	N   int
	// Clients is how many requests are under way at once.
	Clients int
	// Baseline also measures one transaction per request, and the ratio.
	Baseline bool
	// Connections is how many sockets are open, where sockets are measured.
	Connections int
	// Nodes is how many processes the desk is; more than one need DB and Redis.
	Nodes int
	// Redis is a redis:// URL.
	Redis string
	// Rate is how many messages a second are sent, where that is given.
	Rate int
	// Serve are more arguments for the server.
	Serve []string
	// Progress takes a line now and then.
	Progress io.Writer
}

// Result is what a benchmark prints.
type Result struct {
	Bench        string  `json:"bench"`
	Engine       string  `json:"engine"`
	Seconds      float64 `json:"seconds"`
	Clients      int     `json:"clients"`
	PerSecond    float64 `json:"per_second"`
	P50          float64 `json:"p50_ms"`
	P99          float64 `json:"p99_ms"`
	Errors       int     `json:"errors"`
	Acknowledged int     `json:"acknowledged"`
	Lost         int     `json:"lost"`
	Doubled      int     `json:"doubled"`
	RSS          float64 `json:"rss_mib"`
	// CPU is the server's processor time for each request, in microseconds: the
	// figure that depends least on what else the machine does.
	CPU      float64 `json:"cpu_us,omitempty"`
	Baseline float64 `json:"baseline_per_second,omitempty"`
	Ratio    float64 `json:"ratio,omitempty"`

	// Of messages: how many reached the other side's socket by themselves, and
	// how long that took from the moment they were to be sent.
	Delivered   int     `json:"delivered,omitempty"`
	DeliveryP50 float64 `json:"delivery_p50_ms,omitempty"`
	DeliveryP99 float64 `json:"delivery_p99_ms,omitempty"`
	// Replies go from agents to visitors, at a fixed rate, with all sockets open.
	Connections int     `json:"connections,omitempty"`
	ReplyRate   int     `json:"replies_per_second,omitempty"`
	ReplyP50    float64 `json:"reply_delivery_p50_ms,omitempty"`
	ReplyP99    float64 `json:"reply_delivery_p99_ms,omitempty"`

	// Nodes is how many processes the desk was, if more than one.
	Nodes int `json:"nodes,omitempty"`
	// What each socket costs the desk: quiet, and after the messages.
	KiBPerConnection float64 `json:"kib_per_connection,omitempty"`
	KiBBusy          float64 `json:"kib_per_connection_busy,omitempty"`
	ConnectSeconds   float64 `json:"connect_seconds,omitempty"`
	ConnectErrors    int     `json:"connect_errors,omitempty"`
	// Cut is how many sockets ended without being told to.
	Cut int `json:"connections_cut,omitempty"`
	// A storm is all sockets coming back at once: until all are, and how many
	// tries failed on the way.
	StormSeconds float64 `json:"storm_seconds,omitempty"`
	StormErrors  int     `json:"storm_errors,omitempty"`
}

// Failed reports whether the run shows a fault of the desk, not of speed.
func (r Result) Failed() bool { return r.Lost > 0 || r.Doubled > 0 }

// Write prints the result as one JSON object.
func (r Result) Write(w io.Writer) error { return write(w, r) }

func write(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// ErrFailed says that a run shows a fault: something acknowledged is not there
// exactly once and in its place, or the desk grows.
var ErrFailed = errors.New("what must hold does not, see the result")

// load drives one request function from many clients at once.
type load struct {
	clients int
	n       int
	until   time.Time
}

type outcome struct {
	took         []time.Duration
	acknowledged []string
	failed       int
	elapsed      time.Duration
	firstError   error
}

// run calls request until time or count is up. Each call gets its number and
// returns the id the desk acknowledged.
func (l load) run(ctx context.Context, request func(ctx context.Context, n int) (string, error)) outcome {
	started := time.Now()
	var mu sync.Mutex
	var next int
	var all outcome
	take := func() int {
		mu.Lock()
		defer mu.Unlock()
		if l.n > 0 && next >= l.n {
			return -1
		}
		next++
		return next
	}
	var clients sync.WaitGroup
	for range l.clients {
		clients.Go(func() {
			var own outcome
			for time.Now().Before(l.until) && ctx.Err() == nil {
				n := take()
				if n < 0 {
					break
				}
				from := time.Now()
				acknowledged, err := request(ctx, n)
				if err != nil {
					own.failed++
					if own.firstError == nil {
						own.firstError = err
					}
					continue
				}
				own.took = append(own.took, time.Since(from))
				own.acknowledged = append(own.acknowledged, acknowledged)
			}
			mu.Lock()
			defer mu.Unlock()
			all.took = append(all.took, own.took...)
			all.acknowledged = append(all.acknowledged, own.acknowledged...)
			all.failed += own.failed
			if all.firstError == nil {
				all.firstError = own.firstError
			}
		})
	}
	clients.Wait()
	all.elapsed = time.Since(started)
	return all
}

// each is what every request took of a processor time, in microseconds.
func (o outcome) each(cpu time.Duration) float64 {
	return float64(cpu.Microseconds()) / float64(max(1, len(o.took)))
}

func (o outcome) perSecond() float64 { return float64(len(o.took)) / o.elapsed.Seconds() }

// quantile returns the q-th quantile in milliseconds.
func (o outcome) quantile(q float64) float64 { return quantile(o.took, q) }

func quantile(took []time.Duration, q float64) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return float64(took[min(int(q*float64(len(took))), len(took)-1)].Microseconds()) / 1000
}

func (options Options) say(format string, args ...any) {
	if options.Progress != nil {
		// Progress is a courtesy.
		_, _ = fmt.Fprintf(options.Progress, format+"\n", args...)
	}
}
