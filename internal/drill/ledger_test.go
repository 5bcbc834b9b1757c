package drill_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// ledger takes down what clients were told, and when.
type ledger struct {
	mu     sync.Mutex
	acks   []time.Time
	errors map[string]int
}

// acknowledged notes that the desk said yes to a message.
func (l *ledger) acknowledged() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acks = append(l.acks, time.Now())
}

// failed notes a request that got no good answer.
func (l *ledger) failed(err error) {
	if l == nil {
		return
	}
	kind := "no answer"
	if r, ok := err.(refused); ok { //nolint:errorlint // ask returns it bare
		kind = fmt.Sprint(r.status)
		if r.status == http.StatusTooManyRequests {
			return // an answer like any other: slower, please
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.errors == nil {
		l.errors = map[string]int{}
	}
	l.errors[kind]++
}

// count is how many messages were acknowledged.
func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acks)
}

// gap is the longest time in which nobody was told yes.
func (l *ledger) gap() (longest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.SortFunc(l.acks, time.Time.Compare)
	for i := 1; i < len(l.acks); i++ {
		longest = max(longest, l.acks[i].Sub(l.acks[i-1]))
	}
	return longest
}

func (l *ledger) errorText() (count int, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var kinds []string
	for kind, n := range l.errors {
		count += n
		kinds = append(kinds, fmt.Sprintf("%s: %d", kind, n))
	}
	slices.Sort(kinds)
	return count, strings.Join(kinds, ", ")
}

// row is what a drill has to say.
type row struct {
	name                               string
	gap, healthy                       time.Duration
	errors                             int
	kinds                              string
	acknowledged                       int
	lost, doubled, stranded, deafAfter int
}

var (
	rowsMu sync.Mutex
	rows   []row
)

// report keeps a row for the table and fails the drill if it shows harm.
func (r row) report(t *testing.T) {
	t.Helper()
	rowsMu.Lock()
	rows = append(rows, r)
	rowsMu.Unlock()
	t.Logf("%+v", r)
	if r.lost != 0 || r.doubled != 0 || r.stranded != 0 {
		t.Errorf("%d messages lost, %d doubled, %d conversations stranded", r.lost, r.doubled, r.stranded)
	}
	if r.deafAfter != 0 {
		t.Errorf("%d visitors did not hear the answer that came when all was over", r.deafAfter)
	}
	if r.acknowledged == 0 {
		t.Error("nothing was acknowledged: this proved nothing")
	}
}

// reported prints the table after the drills.
type reported struct{ m *testing.M }

// Run runs the drills.
func (r reported) Run() int {
	code := r.m.Run()
	if len(rows) == 0 {
		return code
	}
	var table strings.Builder
	table.WriteString("| drill | longest gap | healthy after | acknowledged | lost | doubled | stranded | errors clients saw |\n")
	table.WriteString("| ---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		kinds := ""
		if r.kinds != "" {
			kinds = " (" + r.kinds + ")"
		}
		fmt.Fprintf(&table, "| %s | %.2f s | %.1f s | %d | %d | %d | %d | %d%s |\n",
			r.name, r.gap.Seconds(), r.healthy.Seconds(), r.acknowledged, r.lost, r.doubled, r.stranded, r.errors, kinds)
	}
	if _, err := os.Stdout.WriteString(table.String()); err != nil {
		return 1
	}
	return code
}
