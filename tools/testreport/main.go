// Command testreport reads what go test -json prints and says it shortly: one
// line a package, the tables it printed, the output of what failed, the counts,
// and which suites were not run because what they test against is not on this
// machine.
//
//	go test -json ./... | go -C tools run ./testreport
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// notRun is how storetest.Missing begins the reason of a suite it leaves out.
const notRun = "suite not run, "

type line struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Elapsed    float64
	Output     string
}

// key names a test, or a package where the test is empty.
type key struct{ pkg, test string }

type report struct {
	out                      io.Writer
	output                   map[key][]string
	failed                   map[key]bool
	packages, passed, broken int
	missing                  map[string][]string // reason -> tests
}

func newReport(out io.Writer) *report {
	return &report{out: out, output: map[key][]string{}, failed: map[key]bool{}, missing: map[string][]string{}}
}

func main() {
	r := newReport(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			// Not a test's: the go command itself has something to say.
			r.say("%s\n", lines.Text())
			continue
		}
		r.take(l)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	if !r.end() {
		os.Exit(1)
	}
}

// say prints. Where standard output is gone there is nobody left to tell.
func (r *report) say(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format, args...) }

func (r *report) take(l line) {
	k := key{l.Package, l.Test}
	switch l.Action {
	case "output":
		r.output[k] = append(r.output[k], l.Output)
		if l.Test == "" && strings.HasPrefix(l.Output, "| ") {
			r.say("%s", l.Output)
		}
	case "build-output":
		r.say("%s", l.Output)
	case "build-fail":
		r.broken++
	case "skip":
		r.skip(k)
		delete(r.output, k)
	case "pass":
		if l.Test != "" {
			r.passed++
		} else {
			r.packages++
			r.say("ok    %-45s %6.1f s\n", l.Package, l.Elapsed)
		}
		delete(r.output, k)
	case "fail":
		r.failed[k] = true
		r.broken++
		r.say("FAIL  %s %s\n%s", l.Package, l.Test, strings.Join(r.output[k], ""))
		delete(r.output, k)
	}
}

func (r *report) skip(k key) {
	if k.test == "" { // a package without tests
		return
	}
	for _, text := range r.output[k] {
		if _, reason, found := strings.Cut(text, notRun); found {
			reason = strings.TrimSpace(reason)
			r.missing[reason] = append(r.missing[reason], k.pkg+" "+k.test)
		}
	}
}

// end prints the sum and reports whether all is well.
func (r *report) end() bool {
	failed := 0
	for k := range r.failed {
		if k.test != "" {
			failed++
		}
	}
	r.say("\n%d tests passed, %d failed, %d packages\n", r.passed, failed, r.packages)
	reasons := make([]string, 0, len(r.missing))
	for reason := range r.missing {
		reasons = append(reasons, reason)
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		r.say("not run, %s: %d suites\n", reason, len(r.missing[reason]))
		for _, test := range r.missing[reason] {
			r.say("      %s\n", test)
		}
	}
	return r.broken == 0
}
