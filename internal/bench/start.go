package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"
)

// What a start, a quiet desk and the binary may come to.
const (
	mostStartMS   = 300
	mostIdleMiB   = 60
	mostBinaryMiB = 40
)

// Starting is what it takes to have a desk at all.
type Starting struct {
	Bench  string `json:"bench"`
	Engine string `json:"engine"`
	// First is the start that makes the database, Start the median of those that
	// find one; both end when /readyz says yes.
	First float64 `json:"first_start_ms"`
	Start float64 `json:"start_ms"`
	// Idle is the resident memory of a desk nobody uses, some seconds after it
	// began.
	Idle   float64 `json:"idle_mib"`
	Binary float64 `json:"binary_mib"`
	// Aims are what these may come to.
	Aims struct {
		Start  float64 `json:"start_ms"`
		Idle   float64 `json:"idle_mib"`
		Binary float64 `json:"binary_mib"`
	} `json:"aims"`
}

// Failed reports whether one of them is more than it may be.
func (s Starting) Failed() bool {
	return s.Start > s.Aims.Start || s.Idle > s.Aims.Idle || s.Binary > s.Aims.Binary
}

// Write prints the figures as one JSON object.
func (s Starting) Write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(s)
}

// settles is how long a desk is left alone before its memory is looked at.
const settles = 5 * time.Second

// Start starts the desk again and again, options.N times, and leaves the last
// one alone for a while.
func Start(ctx context.Context, options Options) (s Starting, err error) {
	s.Bench, s.Engine = "start", "sqlite"
	if options.DB != "" {
		s.Engine = "postgres"
	}
	s.Aims.Start, s.Aims.Idle, s.Aims.Binary = mostStartMS, mostIdleMiB, mostBinaryMiB
	info, err := os.Stat(options.Binary)
	if err != nil {
		return s, err
	}
	s.Binary = float64(info.Size()) / (1 << 20)
	dir, err := os.MkdirTemp("", "everdesk-bench")
	if err != nil {
		return s, err
	}
	d := &desk{dir: dir, binary: options.Binary, lines: make(chan *line, 1)}
	defer func() { err = errors.Join(err, d.stop()) }()
	d.serve = append([]string{"serve", "--addr", "127.0.0.1:0", "--log-level", "error", "--data", dir + "/data"}, options.Serve...)
	if options.DB != "" {
		d.serve = append(d.serve, "--db", options.DB)
	}
	if s.First, err = d.begin(ctx); err != nil {
		return s, err
	}
	var took []float64
	for range max(options.N, 1) {
		if err := d.end(); err != nil {
			return s, err
		}
		once, err := d.begin(ctx)
		if err != nil {
			return s, err
		}
		took = append(took, once)
	}
	slices.Sort(took)
	s.Start = took[len(took)/2]
	options.say("started %d times; waiting %s", len(took)+1, settles)
	pause := time.NewTimer(settles)
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return s, ctx.Err()
	case <-pause.C:
	}
	s.Idle = d.rss()
	return s, nil
}

// begin starts the server and returns the milliseconds until it is ready.
func (d *desk) begin(ctx context.Context) (float64, error) {
	started := time.Now()
	if err := d.run(); err != nil {
		return 0, err
	}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+"/readyz", http.NoBody)
		if err != nil {
			return 0, err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			err = answer.Body.Close()
		}
		switch {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case err == nil && answer.StatusCode == http.StatusOK:
			http.DefaultClient.CloseIdleConnections()
			return float64(time.Since(started).Microseconds()) / 1000, nil
		case time.Since(started) > time.Minute:
			return 0, fmt.Errorf("not ready after a minute: %w", err)
		}
	}
}
