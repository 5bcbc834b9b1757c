package main

import (
	"context"

	"everdesk/internal/bench"
)

type benchStart struct {
	measured
	N int `default:"9" help:"Starts to take the median of."`
}

// Run measures starting, and fails if it comes to more than it may.
func (c *benchStart) Run(ctx context.Context) error {
	return measure(ctx, c.measured, bench.Options{N: c.N}, bench.Start)
}
