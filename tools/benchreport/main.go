// Benchreport writes docs/benchmarks.md from what the measurements printed:
// benchreport DIRECTORY PROCESSORS, where the directory holds files named
// bench.engine.run.json. NOTE in the environment is what else readers should know
// of this session. Of several runs it shows the median of each figure.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// result is one run's figures; what is no number is left out.
type result map[string]float64

// results are the runs by measurement and engine.
type results map[string]map[string][]result

// engines in the order of the columns.
var engines = []string{"sqlite", "postgres"}

var engineNames = map[string]string{"sqlite": "SQLite", "postgres": "PostgreSQL"}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: benchreport DIRECTORY PROCESSORS")
		os.Exit(2)
	}
	found, err := read(os.Args[1])
	if err == nil {
		err = write(os.Stdout, found, os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchreport:", err)
		os.Exit(1)
	}
}

func read(dir string) (results, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	found := results{}
	for _, file := range files {
		parts := strings.Split(filepath.Base(file), ".")
		if len(parts) != 4 {
			return nil, fmt.Errorf("%s: want bench.engine.run.json", file)
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		figures, err := figures(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if found[parts[0]] == nil {
			found[parts[0]] = map[string][]result{}
		}
		found[parts[0]][parts[1]] = append(found[parts[0]][parts[1]], figures)
	}
	return found, nil
}

// figures takes the numbers of an object, those of objects within under both
// names.
func figures(raw []byte) (result, error) {
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	flat := result{}
	gather(flat, "", object)
	return flat, nil
}

func gather(into result, prefix string, value any) {
	switch v := value.(type) {
	case float64:
		into[prefix] = v
	case map[string]any:
		for name, inner := range v {
			gather(into, strings.TrimPrefix(prefix+" "+name, " "), inner)
		}
	case []any:
		for _, inner := range v {
			name := ""
			if object, ok := inner.(map[string]any); ok {
				name, _ = object["name"].(string)
			}
			if name != "" {
				gather(into, strings.TrimPrefix(prefix+" "+name, " "), inner)
			}
		}
	}
}

// median of the runs that have the figure.
func median(runs []result, name string) (float64, bool) {
	var all []float64
	for _, run := range runs {
		if value, ok := run[name]; ok {
			all = append(all, value)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	return all[len(all)/2], true
}

// shown is a figure to three digits, without more than it is worth.
func shown(value float64) string {
	if value == math.Trunc(value) && math.Abs(value) < 1e6 {
		return fmt.Sprintf("%.0f", value)
	}
	if math.Abs(value) >= 100 {
		digits := math.Pow(10, math.Floor(math.Log10(math.Abs(value)))-2)
		return fmt.Sprintf("%.0f", math.Round(value/digits)*digits)
	}
	return fmt.Sprintf("%.3g", value)
}

func write(w io.Writer, found results, processors string) error {
	var out strings.Builder
	fmt.Fprintf(&out, head, processors)
	if note := os.Getenv("NOTE"); note != "" {
		fmt.Fprintf(&out, "\n%s\n", note)
	}
	for _, section := range sections {
		runs, measured := found[section.bench]
		if !measured {
			continue
		}
		fmt.Fprintf(&out, "\n## %s\n\n%s\n\n", section.title, section.method)
		table(&out, section.rows, runs)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func table(out *strings.Builder, rows []row, runs map[string][]result) {
	var columns []string
	for _, engine := range engines {
		if len(runs[engine]) > 0 {
			columns = append(columns, engine)
		}
	}
	out.WriteString("| |")
	for _, engine := range columns {
		fmt.Fprintf(out, " %s |", engineNames[engine])
	}
	out.WriteString("\n|---|" + strings.Repeat("---:|", len(columns)) + "\n")
	if rows == nil {
		rows = everyFigure(runs)
	}
	for _, row := range rows {
		line, any := "| "+row.label+" |", false
		for _, engine := range columns {
			value, ok := median(runs[engine], row.name)
			any = any || ok
			if !ok {
				line += " |"
				continue
			}
			line += " " + shown(value) + " |"
		}
		if any {
			out.WriteString(line + "\n")
		}
	}
}

// everyFigure are the rows of a measurement nobody has chosen rows for.
func everyFigure(runs map[string][]result) []row {
	names := map[string]bool{}
	for _, all := range runs {
		for _, one := range all {
			for name := range one {
				names[name] = true
			}
		}
	}
	var rows []row
	for name := range names {
		rows = append(rows, row{name, strings.ReplaceAll(name, "_", " ")})
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.name, b.name) })
	return rows
}
