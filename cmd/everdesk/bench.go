package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"everdesk/internal/bench"
)

// benches are the measurements.
type benches struct {
	Tickets benchTickets `cmd:"" help:"Make tickets over HTTP, from a second process, and read all of them back."`
}

type benchTickets struct {
	DB       string        `env:"EVERDESK_DB" help:"postgres:// URL of an empty database; without it a temporary embedded one."`
	For      time.Duration `default:"10s" help:"How long to drive the desk."`
	N        int           `help:"Stop after so many tickets."`
	Clients  int           `default:"128" help:"Requests under way at once."`
	Baseline bool          `help:"Also measure one transaction per request, and the ratio."`
	JSON     bool          `name:"json" help:"Print nothing but one JSON object."`
}

// Run measures, and fails if something acknowledged was lost or doubled.
func (c *benchTickets) Run(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	progress := io.Writer(os.Stderr)
	if c.JSON {
		progress = io.Discard
	}
	result, err := bench.Tickets(ctx, bench.Options{
		Binary: self, DB: c.DB, For: c.For, N: c.N, Clients: c.Clients, Baseline: c.Baseline, Progress: progress,
	})
	if err != nil {
		return err
	}
	if err := result.Write(os.Stdout); err != nil {
		return err
	}
	if result.Failed() {
		return fmt.Errorf("%w: %d lost, %d doubled", bench.ErrVerify, result.Lost, result.Doubled)
	}
	return nil
}
