package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// perProcess is how many sockets one process holds: what it may have open files
// for, less what it needs for itself.
func perProcess() (int, error) {
	var limit syscall.Rlimit
	// Go has raised the soft limit to the hard one already.
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	return int(min(limit.Max, 1<<20)) - ownFiles, nil
}

// room checks that the desk's nodes may have as many sockets.
func room(connections, nodes int) error {
	each, err := perProcess()
	if err == nil && connections > each*nodes {
		err = fmt.Errorf("a process here may have %d open files, which is too few for %d sockets on %d nodes: ask for fewer, or for more --nodes", each+ownFiles, connections, nodes)
	}
	return err
}

// throng is a crowd that may be too many for one process: those who take part in
// conversations are here, the rest in processes of their own.
type throng struct {
	own     *crowd
	helpers []*helper
}

// helper is a process that holds sockets.
type helper struct {
	command *exec.Cmd
	in      io.WriteCloser
	orders  *json.Encoder
	reports *json.Decoder
}

// holding says what a helper is to hold.
type holding struct {
	Addrs  []string
	Tokens []string
	// First is the number of its first socket among all, for its address.
	First int
}

// report is what a helper answers to each order.
type holdingReport struct {
	Took   time.Duration
	Failed int
	First  string
	Error  string
	Lost   int64
}

// gatherThrong divides the guests among processes.
func gatherThrong(ctx context.Context, binary string, addrs []string, guests []guest) (*throng, error) {
	each, err := perProcess()
	if err != nil {
		return nil, err
	}
	here := min(len(guests), each)
	t := &throng{own: newCrowd(addrs, guests[:here])}
	for first := here; first < len(guests); first += each {
		h := holding{Addrs: addrs, First: first}
		for _, g := range guests[first:min(first+each, len(guests))] {
			h.Tokens = append(h.Tokens, g.token)
		}
		one, err := startHelper(ctx, binary, h)
		if err != nil {
			return nil, errors.Join(err, t.leave())
		}
		t.helpers = append(t.helpers, one)
	}
	return t, nil
}

func startHelper(ctx context.Context, binary string, h holding) (*helper, error) {
	one := &helper{command: exec.CommandContext(ctx, binary, "bench", "hold")}
	one.command.Stderr = os.Stderr
	in, err := one.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := one.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	one.in, one.orders, one.reports = in, json.NewEncoder(in), json.NewDecoder(out)
	if err := one.command.Start(); err != nil {
		return nil, err
	}
	return one, one.orders.Encode(h)
}

// order gives a helper an order and waits for its report.
func (h *helper) order(atOnce int) (arrival, error) {
	if err := h.orders.Encode(atOnce); err != nil {
		return arrival{}, err
	}
	var r holdingReport
	if err := h.reports.Decode(&r); err != nil {
		return arrival{}, err
	}
	a := arrival{took: r.Took, failed: r.Failed}
	if r.First != "" {
		a.first = errors.New(r.First)
	}
	if r.Error != "" {
		return a, errors.New(r.Error)
	}
	return a, nil
}

// arrive has everybody come, at most so many at a time in each process; again
// cuts those who are there before.
func (t *throng) arrive(ctx context.Context, atOnce int, again bool) (arrival, error) {
	started := time.Now()
	arrivals, errs := make([]arrival, 1+len(t.helpers)), make([]error, 1+len(t.helpers))
	var group sync.WaitGroup
	for i, h := range t.helpers {
		group.Go(func() { arrivals[i+1], errs[i+1] = h.order(atOnce) })
	}
	if again {
		t.own.scatter()
	}
	arrivals[0], errs[0] = t.own.arrive(ctx, atOnce)
	group.Wait()
	all := arrival{took: time.Since(started)}
	for _, one := range arrivals {
		all.failed += one.failed
		if all.first == nil {
			all.first = one.first
		}
	}
	return all, errors.Join(errs...)
}

// leave ends all sockets and helpers.
func (t *throng) leave() error {
	t.own.scatter()
	var errs []error
	for _, h := range t.helpers {
		errs = append(errs, h.in.Close(), h.command.Wait())
	}
	return errors.Join(errs...)
}

// Hold is the other end of a helper: it reads what to hold and then, with each
// order, cuts what it holds and has everybody come anew.
func Hold(ctx context.Context, in io.Reader, out io.Writer) error {
	orders, reports := json.NewDecoder(in), json.NewEncoder(out)
	var h holding
	if err := orders.Decode(&h); err != nil {
		return err
	}
	guests := make([]guest, len(h.Tokens))
	for i, token := range h.Tokens {
		guests[i].token = token
	}
	own := newCrowd(h.Addrs, guests)
	own.offset = h.First
	defer own.scatter()
	for {
		var atOnce int
		if err := orders.Decode(&atOnce); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		lost := own.lost.Load()
		own.scatter()
		a, err := own.arrive(ctx, atOnce)
		r := holdingReport{Took: a.took, Failed: a.failed, Lost: lost}
		if a.first != nil {
			r.First = a.first.Error()
		}
		if err != nil {
			r.Error = err.Error()
		}
		if err := reports.Encode(r); err != nil {
			return err
		}
	}
}
