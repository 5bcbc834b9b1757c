package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"everdesk/internal/app"
	"everdesk/internal/config"
)

// backup writes a desk into a file.
type backup struct {
	config.Node
	To   string `arg:"" type:"path" help:"File to write; a directory gets one named by the time."`
	JSON bool   `name:"json" help:"Print nothing but one JSON object."`
}

// Run backs up and says what is needed besides.
func (c *backup) Run(ctx context.Context) error {
	if err := c.Validate(); err != nil {
		return err
	}
	started := time.Now()
	kept, err := app.Backup(ctx, c.Node, version, c.To, progress(c.JSON))
	if err != nil {
		return err
	}
	if err := show(c.JSON, "wrote and verified", kept, started); err != nil || c.JSON {
		return err
	}
	fmt.Println("The keys are not in it: keep keys.json or EVERDESK_KEYS too, and apart from it. Without them nothing sealed can be read.")
	return nil
}

// restore fills a place from a file.
type restore struct {
	config.Node
	From        string `arg:"" type:"existingfile" help:"File that everdesk backup wrote."`
	Check       bool   `help:"Only read it from its beginning to its end and say what is in it."`
	WithoutKeys bool   `name:"without-keys" help:"Restore although the keys are not here yet. Put them here before the first start."`
	JSON        bool   `name:"json" help:"Print nothing but one JSON object."`
}

// Run restores.
func (c *restore) Run(ctx context.Context) error {
	if err := c.Validate(); err != nil {
		return err
	}
	started := time.Now()
	if c.Check {
		kept, err := app.CheckBackup(ctx, c.From, progress(c.JSON))
		if err != nil {
			return err
		}
		return show(c.JSON, "is whole:", kept, started)
	}
	kept, err := app.Restore(ctx, c.Node, c.From, c.WithoutKeys, progress(c.JSON))
	if err != nil {
		return err
	}
	return show(c.JSON, "restored and verified", kept, started)
}

// kept is what programs read of a backup.
type kept struct {
	Path    string         `json:"path"`
	Size    int64          `json:"size"`
	Seconds float64        `json:"seconds"`
	TakenAt time.Time      `json:"taken_at"`
	Engine  string         `json:"engine"`
	Version string         `json:"version"`
	Rows    int64          `json:"rows"`
	Tables  []app.TableSum `json:"tables"`
	Files   int            `json:"files"`
	Bytes   int64          `json:"file_bytes"`
	Missing []string       `json:"missing_files"`
}

func show(asJSON bool, did string, k app.Kept, started time.Time) error {
	seconds := time.Since(started).Seconds()
	if asJSON {
		printer := json.NewEncoder(os.Stdout)
		printer.SetIndent("", "  ")
		return printer.Encode(kept{
			k.Path, k.Size, seconds, k.TakenAt, k.Engine, k.Version, k.Rows(), k.Tables, len(k.Files), k.Bytes(), append([]string{}, k.Missing...),
		})
	}
	fmt.Printf("%s %s\n", did, k.Path)
	fmt.Printf("  %d rows of %d tables, %d uploads (%.1f MiB) as of %s, from %s; %.1f MiB in %.1f s\n",
		k.Rows(), len(k.Tables), len(k.Files), float64(k.Bytes())/(1<<20), k.TakenAt.Format(time.RFC3339), k.Engine, float64(k.Size)/(1<<20), seconds)
	if len(k.Missing) > 0 {
		fmt.Printf("  warning: %d uploads that the database mentions were not in the store, the first is %s\n", len(k.Missing), k.Missing[0])
	}
	return nil
}

// progress tells on standard error what long work is at, every second at most.
func progress(quiet bool) func(app.Progress) {
	to := io.Writer(os.Stderr)
	if quiet {
		to = io.Discard
	}
	said := time.Now()
	return func(p app.Progress) {
		if time.Since(said) < time.Second {
			return
		}
		said = time.Now()
		// Nobody may be listening; the work goes on.
		_, _ = fmt.Fprintf(to, "%s %s: %d\n", p.Doing, p.What, p.Done)
	}
}
