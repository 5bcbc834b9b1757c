package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"everdesk/internal/config"
	inspect "everdesk/internal/doctor"
)

// doctor looks for what is wrong.
type doctor struct {
	config.Node
	JSON bool `name:"json" help:"Print nothing but one JSON object."`
}

// Run examines, and fails if a check does.
func (c *doctor) Run(ctx context.Context) error {
	findings := []inspect.Finding{}
	failed := inspect.Examine(ctx, inspect.Options{Node: c.Node, Now: time.Now, Keys: os.Getenv("EVERDESK_KEYS")}, func(f inspect.Finding) {
		findings = append(findings, f)
		if c.JSON {
			return
		}
		fmt.Printf("%-4s  %-14s  %s\n", f.State, f.Check, f.Found)
		if f.Do != "" {
			fmt.Printf("      %-14s  -> %s\n", "", f.Do)
		}
	})
	if c.JSON {
		printer := json.NewEncoder(os.Stdout)
		printer.SetIndent("", "  ")
		if err := printer.Encode(map[string]any{"failed": failed, "findings": findings}); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d checks failed", failed)
	}
	return nil
}
