package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// desk is a server under measurement, in a process of its own, or several nodes
// of one desk.
type desk struct {
	binary string
	serve  []string // arguments
	nodes  int
	url    string // of the first node
	urls   []string
	key    string
	dir    string

	servers []*exec.Cmd
	lines   chan *line
}

var listening = regexp.MustCompile(`listening on (http://[^\s"]+)`)

// start makes a store with one workspace and an API key, and serves it.
func start(ctx context.Context, options Options, ungrouped bool) (d *desk, err error) {
	dir, err := os.MkdirTemp("", "everdesk-bench")
	if err != nil {
		return nil, err
	}
	d = &desk{dir: dir, nodes: max(options.Nodes, 1), binary: options.Binary, lines: make(chan *line, max(options.Clients, 1))}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.stop())
		}
	}()
	store := []string{"--data", filepath.Join(dir, "data")}
	if options.DB != "" {
		store = append(store, "--db", options.DB)
	}
	add := exec.CommandContext(ctx, options.Binary, append([]string{"apikey", "add", "--new-workspace", "bench " + strings.ToLower(rand.Text()[:8]), "--role", "admin"}, store...)...)
	add.Stderr = os.Stderr
	key, err := add.Output()
	if err != nil {
		return d, fmt.Errorf("making an API key: %w", err)
	}
	d.key = strings.TrimSpace(string(key))
	d.serve = append([]string{"serve", "--addr", "127.0.0.1:0", "--log-level", "error", "--rate-per-key", "0", "--trusted-proxies", "127.0.0.0/8"}, store...)
	d.serve = append(d.serve, options.Serve...)
	if options.Redis != "" {
		d.serve = append(d.serve, "--redis", options.Redis)
	}
	if ungrouped {
		d.serve = append(d.serve, "--ungrouped")
	}
	return d, d.run()
}

// run starts the nodes and waits until they listen. The first does everything,
// the others hold sockets and answer requests.
func (d *desk) run() error {
	d.servers, d.urls = nil, nil
	for n := range d.nodes {
		arguments := d.serve
		if n > 0 {
			arguments = append(slices.Clone(arguments), "--roles", "edge")
		}
		if err := d.runNode(arguments); err != nil {
			return err
		}
	}
	d.url = d.urls[0]
	return nil
}

func (d *desk) runNode(arguments []string) error {
	server := exec.Command(d.binary, arguments...)
	server.Stderr = os.Stderr
	output, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	d.servers = append(d.servers, server)
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			d.urls = append(d.urls, found[1])
			go func() { _, _ = io.Copy(io.Discard, output) }() // keep the pipe empty
			return nil
		}
	}
	return errors.New("the server ended before it listened")
}

// restart ends the nodes and starts them on the same store.
func (d *desk) restart() error {
	d.hangUp()
	if err := d.end(); err != nil {
		return err
	}
	return d.run()
}

// end ends the nodes and leaves the store.
func (d *desk) end() error {
	var errs []error
	for _, server := range d.servers {
		errs = append(errs, server.Process.Signal(syscall.SIGTERM))
	}
	for _, server := range d.servers {
		errs = append(errs, server.Wait())
	}
	d.servers = nil
	return errors.Join(errs...)
}

// stop ends the server and removes its store.
func (d *desk) stop() error {
	d.hangUp()
	return errors.Join(d.end(), os.RemoveAll(d.dir))
}

// addrs are the addresses of the desk's nodes.
func (d *desk) addrs() []string {
	all := make([]string, len(d.urls))
	for i, url := range d.urls {
		all[i] = strings.TrimPrefix(url, "http://")
	}
	return all
}

// rss is the resident memory of all nodes in MiB.
func (d *desk) rss() (all float64) {
	for _, server := range d.servers {
		all += resident(server.Process.Pid)
	}
	return all
}

func resident(process int) float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			if err == nil {
				return kib / 1024
			}
		}
	}
	return 0
}

// cpu is the processor time all nodes have used so far.
func (d *desk) cpu() (all time.Duration) {
	for _, server := range d.servers {
		all += used(server.Process.Pid)
	}
	return all
}

func used(process int) time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		return 0
	}
	// The name, in brackets, may have spaces in it.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100) // USER_HZ
}
