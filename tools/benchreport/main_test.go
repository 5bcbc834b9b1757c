package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheReportShowsTheMedianOfEachFigure(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tickets.sqlite.1.json":   `{"bench":"tickets","per_second":9000.4,"p99_ms":31.26,"lost":0}`,
		"tickets.sqlite.2.json":   `{"bench":"tickets","per_second":12345.6,"p99_ms":20.2,"lost":0}`,
		"tickets.sqlite.3.json":   `{"bench":"tickets","per_second":11111,"p99_ms":25.5,"lost":0}`,
		"tickets.postgres.1.json": `{"bench":"tickets","per_second":8000,"lost":0}`,
		"search.sqlite.1.json":    `{"cases":[{"name":"rare word","p99_ms":3.14159}]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	var report strings.Builder
	if err := write(&report, found, "2"); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"| | SQLite | PostgreSQL |",
		"| acknowledged per second | 11111 | 8000 |",
		"| p99, ms | 25.5 | |",
		"| lost | 0 | 0 |",
		"| cases rare word p99 ms | 3.14 |",
	} {
		if !strings.Contains(report.String(), line+"\n") {
			t.Errorf("no line %q in\n%s", line, report.String())
		}
	}
}
