package drill_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"everdesk/internal/store/storetest"
)

// Behind a real HAProxy, with the settings we ship, both nodes are replaced one
// after the other under load. Nobody sees a failed request.
func TestARollingRestartFailsNoRequest(t *testing.T) {
	c := assemble(t, plan{flags: []string{"--leave-notice", "2s", "--leave-spread", "1s", "--trusted-proxies", "127.0.0.0/8"}})
	front := balance(t, c)
	c.doors = []string{front}
	l := begin(t, c)
	l.pass(warmUp)
	at := time.Now()
	for _, d := range c.nodes {
		d.leave()
		d.run()
		// The balancer takes a node back after two good answers.
		l.pass(1500 * time.Millisecond)
	}
	r := l.end("rolling restart of both nodes behind HAProxy", l.healthy(at, 40*time.Second))
	if r.errors != 0 {
		t.Errorf("%d requests failed (%s)", r.errors, r.kinds)
	}
	r.report(t)
}

// balance runs HAProxy in front of the nodes and returns where it listens.
func balance(t *testing.T, c *cluster) string {
	t.Helper()
	program, err := exec.LookPath("haproxy")
	if err != nil {
		if program = "/usr/sbin/haproxy"; errors.Is(err, exec.ErrNotFound) {
			if _, err = os.Stat(program); err != nil {
				storetest.Missing(t, "haproxy", err.Error())
			}
		}
	}
	address := freeAddress(t)
	log := &tail{}
	front := exec.Command(program, "-db", "-f", "../../deploy/haproxy.cfg")
	front.Env = append(os.Environ(), "EVERDESK_BIND="+address,
		"EVERDESK_NODE1="+strings.TrimPrefix(c.nodes[0].url, "http://"), "EVERDESK_NODE2="+strings.TrimPrefix(c.nodes[1].url, "http://"))
	front.Stdout, front.Stderr = log, log
	front.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, front.Start())
	t.Cleanup(func() {
		if err := front.Process.Kill(); err == nil {
			_ = front.Wait() // it was killed, and says so
		}
	})
	if through := (&desk{t: t, url: "http://" + address}); !within(t.Context(), 10*time.Second, func() bool { return through.ready(t.Context()) }) {
		t.Fatalf("haproxy does not answer\n%s", log)
	}
	return "http://" + address
}
