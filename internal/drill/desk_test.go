// Package drill breaks a running desk on purpose, the way it will be broken in
// production, and looks at what its customers see.
package drill_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(reported{m}) }

// desk is the real binary serving on one address and one database, however often
// it dies.
type desk struct {
	t    *testing.T
	url  string
	db   string
	args []string
	env  []string

	process *exec.Cmd
	ended   chan error
	log     *tail
}

// start runs the binary that make built on an empty database of the engine.
func start(t *testing.T, engine string) *desk {
	t.Helper()
	if binary() == "" {
		storetest.Missing(t, "binary", "EVERDESK_BIN names none; run make drills")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	must(t, listener.Close())
	d := &desk{t: t, url: "http://" + address, args: []string{"serve", "--addr", address, "--data", t.TempDir()}}
	if engine == "postgres" {
		d.args = append(d.args, "--db", storetest.PostgresURL(t))
	}
	d.run()
	t.Cleanup(func() {
		if d.process != nil {
			d.kill()
		}
	})
	return d
}

func binary() string { return os.Getenv("EVERDESK_BIN") }

// run starts the process and waits until it is ready.
func (d *desk) run() {
	d.t.Helper()
	d.log = &tail{}
	d.process = exec.Command(binary(), d.args...)
	d.process.Stdout, d.process.Stderr = d.log, d.log
	d.process.Env = append(os.Environ(), d.env...)
	d.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(d.t, d.process.Start())
	d.ended = make(chan error, 1)
	go func(process *exec.Cmd, ended chan error) { ended <- process.Wait() }(d.process, d.ended)
	if !within(d.t.Context(), time.Minute, func() bool {
		select {
		case err := <-d.ended:
			d.t.Fatalf("the desk ended: %v\n%s", err, d.log)
		default:
		}
		response, err := http.Get(d.url + "/readyz")
		if err != nil {
			return false
		}
		return response.Body.Close() == nil && response.StatusCode == http.StatusOK
	}) {
		d.t.Fatalf("the desk was not ready in a minute\n%s", d.log)
	}
}

// kill ends the process as a power cut would.
func (d *desk) kill() {
	d.t.Helper()
	if err := d.process.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		d.t.Fatal(err)
	}
	if err := <-d.ended; err == nil {
		d.t.Errorf("the desk ended by itself before it was killed\n%s", d.log)
	}
	d.process = nil
}

// setUp goes through the first run, by the link the desk printed, and returns the
// key of the widget that the new workspace has.
func (d *desk) setUp() string {
	d.t.Helper()
	var link []string
	if !within(d.t.Context(), 5*time.Second, func() bool {
		link = regexp.MustCompile(`/setup#(\S+)\n`).FindStringSubmatch(d.log.kept())
		return link != nil
	}) {
		d.t.Fatalf("the desk printed no link to its first run\n%s", d.log)
	}
	body, err := json.Marshal(map[string]string{
		"token": link[1], "email": "owner@drill.example", "name": "Robin", "password": "a drill, not a desk",
		"workspace_name": "Drill", "time_zone": "Asia/Shanghai", "locale": "en",
	})
	must(d.t, err)
	response, err := http.Post(d.url+"/api/v1/setup", "application/json", bytes.NewReader(body))
	must(d.t, err)
	answer, err := io.ReadAll(response.Body)
	must(d.t, errors.Join(err, response.Body.Close()))
	if response.StatusCode != http.StatusCreated || len(response.Cookies()) == 0 {
		d.t.Fatalf("the first run answered %d %s", response.StatusCode, answer)
	}
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, d.url+"/api/v1/channels/widget", nil)
	must(d.t, err)
	session := response.Cookies()[0]
	request.Header.Set("Cookie", session.Name+"="+session.Value)
	response, err = http.DefaultClient.Do(request)
	must(d.t, err)
	var widget struct {
		Key string `json:"key"`
	}
	must(d.t, errors.Join(json.NewDecoder(response.Body).Decode(&widget), response.Body.Close()))
	if widget.Key == "" {
		d.t.Fatalf("the widget has no key: %d", response.StatusCode)
	}
	return widget.Key
}

// within asks until the answer is yes or the time has passed.
func within(ctx context.Context, limit time.Duration, yes func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !yes() {
		select {
		case <-ctx.Done():
			return false
		case <-again.C:
		}
	}
	return true
}

// tail keeps the end of a process's output.
type tail struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.text.Len() > 1<<20 {
		t.text.Next(1 << 19)
	}
	return t.text.Write(p)
}

func (t *tail) kept() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// String returns the last lines.
func (t *tail) String() string {
	lines := strings.Split(strings.TrimSpace(t.kept()), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused is an answer that is no success.
type refused struct {
	status int
	after  time.Duration
	body   string
}

func (r refused) Error() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// later reports whether an error is one a client retries with the same id: no
// answer, or one that asks to wait.
func later(err error) (time.Duration, bool) {
	if r, ok := errors.AsType[refused](err); ok {
		return max(r.after, 100*time.Millisecond), r.status == http.StatusTooManyRequests || r.status >= 500
	}
	return 100 * time.Millisecond, err != nil
}
