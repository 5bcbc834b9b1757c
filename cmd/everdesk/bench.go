package main

import (
	"context"
	"io"
	"os"
	"time"

	"everdesk/internal/bench"
)

// benches are the measurements.
type benches struct {
	Tickets  benchTickets  `cmd:"" help:"Make tickets over HTTP, from a second process, and read all of them back."`
	Messages benchMessages `cmd:"" help:"Send messages over HTTP, hear them over sockets, and read all of them back."`
	Start    benchStart    `cmd:"" help:"Time from start to ready, memory of an idle desk, and size of the binary."`

	Connections benchConnections `cmd:"" help:"Hold many sockets open, send messages among them, and cut all at once."`
	Soak        benchSoak        `cmd:"" help:"Keep up a mixed load for long and fail if memory or goroutines grow."`

	Hold benchHold `cmd:"" hidden:"" help:"Hold sockets for another measurement."`

	Inbox  benchInbox  `cmd:"" help:"Ask for a console's lists on a desk with a backlog."`
	Search benchSearch `cmd:"" help:"Search a desk with a backlog, in Chinese and English."`
}

// measured is what every measurement takes.
type measured struct {
	DB    string   `env:"EVERDESK_DB" help:"postgres:// URL of an empty database; without it a temporary embedded one."`
	Serve []string `sep:"none" help:"One more argument for the server, such as --pprof=127.0.0.1:6060. Repeatable."`
	JSON  bool     `name:"json" help:"Print nothing but one JSON object."`
}

// report is what a measurement returns.
type report interface {
	Write(w io.Writer) error
	Failed() bool
}

// measure runs, prints, and fails if what must hold does not.
func measure[R report](ctx context.Context, m measured, options bench.Options, run func(context.Context, bench.Options) (R, error)) (err error) {
	if options.Binary, err = os.Executable(); err != nil {
		return err
	}
	options.DB, options.Serve, options.Progress = m.DB, m.Serve, os.Stderr
	if m.JSON {
		options.Progress = io.Discard
	}
	result, err := run(ctx, options)
	if err != nil {
		return err
	}
	if err := result.Write(os.Stdout); err != nil {
		return err
	}
	if result.Failed() {
		return bench.ErrFailed
	}
	return nil
}

type benchTickets struct {
	measured
	For      time.Duration `default:"10s" help:"How long to drive the desk."`
	N        int           `help:"Stop after so many tickets."`
	Clients  int           `default:"128" help:"Requests under way at once."`
	Baseline bool          `help:"Also measure one transaction per request, and the ratio."`
}

// Run measures making tickets.
func (c *benchTickets) Run(ctx context.Context) error {
	return measure(ctx, c.measured, bench.Options{For: c.For, N: c.N, Clients: c.Clients, Baseline: c.Baseline}, bench.Tickets)
}

type benchMessages struct {
	measured
	For         time.Duration `default:"10s" help:"How long visitors write."`
	Clients     int           `default:"128" help:"Requests under way at once."`
	Connections int           `default:"10000" help:"Visitors with an open socket."`
	Baseline    bool          `help:"Also measure one transaction per request, and the ratio."`
}

// Run measures messages.
func (c *benchMessages) Run(ctx context.Context) error {
	return measure(ctx, c.measured, bench.Options{For: c.For, Clients: c.Clients, Connections: c.Connections, Baseline: c.Baseline}, bench.Messages)
}

type benchConnections struct {
	measured
	Connections int           `default:"18000" help:"Visitors with an open socket."`
	Rate        int           `default:"3000" help:"Messages a second, half of them from agents."`
	For         time.Duration `default:"8s" help:"How long they write."`
	Nodes       int           `default:"1" help:"Processes the desk is made of; more than one need --db and --redis."`
	Redis       string        `env:"EVERDESK_REDIS" help:"redis:// URL."`
}

// Run measures sockets.
func (c *benchConnections) Run(ctx context.Context) error {
	return measure(ctx, c.measured, bench.Options{For: c.For, Connections: c.Connections, Rate: c.Rate, Nodes: c.Nodes, Redis: c.Redis}, bench.Connections)
}

type benchSoak struct {
	measured
	For  time.Duration `default:"10m" help:"How long."`
	Rate int           `default:"40" help:"Messages a second; the rest of the load does not depend on it."`
}

// Run soaks the desk.
func (c *benchSoak) Run(ctx context.Context) error {
	return measure(ctx, c.measured, bench.Options{For: c.For, Rate: c.Rate}, bench.Soak)
}

// benchHold is the process that holds what is too much for one.
type benchHold struct{}

// Run takes its orders from standard input.
func (c *benchHold) Run(ctx context.Context) error { return bench.Hold(ctx, os.Stdin, os.Stdout) }
