// Package redistest runs a real Redis that tests can take away and give back.
package redistest

import (
	"bufio"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"everdesk/internal/store/storetest"
)

// Server is a redis-server of the test's own, on a port that stays its own
// however often it is killed.
type Server struct {
	// URL is where clients find it.
	URL string

	t       testing.TB
	binary  string
	port    string
	process *exec.Cmd
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		storetest.Missing(t, "redis", err.Error())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	hang := listener.Close()
	if hang != nil {
		t.Fatal(hang)
	}
	s := &Server{URL: "redis://127.0.0.1:" + port, t: t, binary: binary, port: port}
	s.Run()
	t.Cleanup(func() {
		if s.process != nil {
			s.Kill()
		}
	})
	return s
}

// Run starts the server again after Kill.
func (s *Server) Run() {
	s.t.Helper()
	s.process = exec.Command(s.binary, "--port", s.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.t.TempDir())
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := s.process.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	ready := false
	lines := bufio.NewScanner(out)
	for !ready && lines.Scan() {
		ready = strings.Contains(lines.Text(), "Ready to accept connections")
	}
	if !ready {
		s.t.Fatal("redis-server did not start")
	}
	go func() {
		for lines.Scan() { // else it would wait for a reader of its log
		}
	}()
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() {
	s.t.Helper()
	if err := s.process.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	// It was killed, and says so.
	_ = s.process.Wait()
	s.process = nil
}

// Freeze has the server answer nothing, without ending a connection.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw undoes Freeze.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}
