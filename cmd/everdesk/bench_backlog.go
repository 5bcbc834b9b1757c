package main

import (
	"context"
	"io"
	"os"
	"time"

	"everdesk/internal/bench"
)

// backlogged is what measurements of a desk with a backlog take.
type backlogged struct {
	measured
	N     int           `default:"3000" help:"Conversations, of twenty messages each."`
	For   time.Duration `default:"700ms" help:"How long to ask for each kind of answer."`
	Keep  bool          `help:"Leave the filled store behind and say where, for --reuse."`
	Reuse string        `type:"path" help:"A store that --keep left behind; with --db also give that."`
}

func (c backlogged) ask(ctx context.Context, measure func(context.Context, bench.Backlog) (bench.BacklogResult, error)) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	progress := io.Writer(os.Stderr)
	if c.JSON {
		progress = io.Discard
	}
	result, err := measure(ctx, bench.Backlog{
		Options:       bench.Options{Binary: self, DB: c.DB, For: c.For, Clients: 8, Serve: c.Serve, Progress: progress},
		Conversations: c.N, Keep: c.Keep, Reuse: c.Reuse,
	})
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

type benchInbox struct{ backlogged }

// Run measures the lists of a console.
func (c *benchInbox) Run(ctx context.Context) error { return c.ask(ctx, bench.Inbox) }

type benchSearch struct{ backlogged }

// Run measures searching.
func (c *benchSearch) Run(ctx context.Context) error { return c.ask(ctx, bench.Search) }
