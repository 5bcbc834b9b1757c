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
	"strconv"
	"strings"
	"syscall"
	"time"
)

// desk is a server under measurement, in a process of its own.
type desk struct {
	binary string
	serve  []string // arguments
	url    string
	key    string
	dir    string
	server *exec.Cmd
	lines  chan *line
}

var listening = regexp.MustCompile(`listening on (http://[^\s"]+)`)

// start makes a store with one workspace and an API key, and serves it.
func start(ctx context.Context, options Options, ungrouped bool) (d *desk, err error) {
	dir, err := os.MkdirTemp("", "everdesk-bench")
	if err != nil {
		return nil, err
	}
	d = &desk{dir: dir, binary: options.Binary, lines: make(chan *line, max(options.Clients, 1))}
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
	if ungrouped {
		d.serve = append(d.serve, "--ungrouped")
	}
	return d, d.run()
}

// run starts the server and waits until it listens.
func (d *desk) run() error {
	d.server = exec.Command(d.binary, d.serve...)
	d.server.Stderr = os.Stderr
	output, err := d.server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := d.server.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			d.url = found[1]
			go func() { _, _ = io.Copy(io.Discard, output) }() // keep the pipe empty
			return nil
		}
	}
	return errors.New("the server ended before it listened")
}

// restart ends the server and starts it on the same store.
func (d *desk) restart() error {
	if err := d.end(); err != nil {
		return err
	}
	return d.run()
}

// end ends the server and leaves the store.
func (d *desk) end() error {
	if d.server == nil || d.server.Process == nil {
		return nil
	}
	err := d.server.Process.Signal(syscall.SIGTERM)
	if waited := d.server.Wait(); err == nil {
		err = waited
	}
	return err
}

// stop ends the server and removes its store.
func (d *desk) stop() error {
	d.hangUp()
	return errors.Join(d.end(), os.RemoveAll(d.dir))
}

// addrs are the addresses of the desk's nodes.
func (d *desk) addrs() []string { return []string{strings.TrimPrefix(d.url, "http://")} }

// rss is the server's resident memory in MiB.
func (d *desk) rss() float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.server.Process.Pid))
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

// cpu is the processor time the server has used so far.
func (d *desk) cpu() time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.server.Process.Pid))
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
