package storetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pair is a PostgreSQL server and its synchronous standby: what the first has
// confirmed, the second has too.
type Pair struct {
	// URL names both; the one that takes writes is to be used.
	URL string

	t       testing.TB
	servers [2]*server
}

type server struct {
	port    int
	process *exec.Cmd
	ended   sync.WaitGroup
}

// NewPair starts a pair with an empty database, and ends it with the test.
func NewPair(t testing.TB) *Pair {
	t.Helper()
	dir, err := os.MkdirTemp("", "everdesk-pair")
	if err != nil {
		t.Fatal(err)
	}
	p := &Pair{t: t}
	t.Cleanup(func() {
		for _, s := range p.servers {
			if s != nil {
				s.kill()
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("removing the pair: %v", err)
		}
	})
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	p.run(dir, "initdb", "-D", first, "-U", "everdesk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	p.servers[0] = p.start(dir, first)
	p.exec(p.servers[0], "CREATE DATABASE desk")
	p.run(dir, "pg_basebackup", "-D", second, "-R", "-X", "stream", "-c", "fast", "--no-sync",
		"-d", fmt.Sprintf("host=127.0.0.1 port=%d user=everdesk application_name=second", p.servers[0].port))
	p.servers[1] = p.start(dir, second)
	p.exec(p.servers[0], "ALTER SYSTEM SET synchronous_standby_names = 'second'")
	p.exec(p.servers[0], "SELECT pg_reload_conf()")
	limit := time.Now().Add(20 * time.Second)
	for !p.synchronous() {
		if time.Now().After(limit) {
			t.Fatal("the standby does not follow synchronously")
		}
	}
	p.URL = fmt.Sprintf("postgres://everdesk@127.0.0.1:%d,127.0.0.1:%d/desk?sslmode=disable", p.servers[0].port, p.servers[1].port)
	return p
}

// Fail kills the first server as a power cut would and makes the standby take
// its place, as a failover manager does when it has noticed. It fails the test
// if the standby was not synchronous: then the drill would prove nothing.
func (p *Pair) Fail(notice time.Duration) {
	p.t.Helper()
	if !p.synchronous() {
		p.t.Fatal("the standby is not synchronous")
	}
	p.servers[0].kill()
	timer := time.NewTimer(notice)
	defer timer.Stop()
	<-timer.C
	p.exec(p.servers[1], "SELECT pg_promote(true, 30)")
}

func (p *Pair) synchronous() (yes bool) {
	p.t.Helper()
	p.with(p.servers[0], func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync')").Scan(&yes)
	})
	return yes
}

// run runs a program of PostgreSQL to its end.
func (p *Pair) run(dir, program string, arguments ...string) {
	p.t.Helper()
	path, err := binary(program)
	if err != nil {
		Missing(p.t, "postgres", err.Error())
	}
	command := exec.Command(path, arguments...)
	if err := unprivileged(command, dir); err != nil {
		p.t.Fatal(err)
	}
	if out, err := command.CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v: %s", program, err, out)
	}
}

func (p *Pair) start(dir, data string) *server {
	p.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	s := &server{port: listener.Addr().(*net.TCPAddr).Port}
	if err := listener.Close(); err != nil {
		p.t.Fatal(err)
	}
	path, err := binary("postgres")
	if err != nil {
		p.t.Fatal(err)
	}
	// Processes are killed here, never the machine: nothing needs the disk.
	s.process = exec.Command(path, "-D", data, "-k", dir, "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "shared_buffers=32MB", "-c", "max_connections=100", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "deadlock_timeout=20ms")
	if err := unprivileged(s.process, dir); err != nil {
		p.t.Fatal(err)
	}
	log, err := s.process.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		p.t.Fatal(err)
	}
	if err := waitReady(log); err != nil {
		p.t.Fatal(err)
	}
	s.ended.Go(func() { _ = s.process.Wait() }) // it will be killed, and say so
	return s
}

func (s *server) url() string {
	return fmt.Sprintf("postgres://everdesk@127.0.0.1:%d/postgres?sslmode=disable", s.port)
}

func (p *Pair) exec(s *server, statement string) {
	p.t.Helper()
	p.with(s, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

// with runs fn on a connection of its own.
func (p *Pair) with(s *server, fn func(ctx context.Context, conn *pgx.Conn) error) {
	p.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.url())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := errors.Join(fn(ctx, conn), conn.Close(ctx)); err != nil {
		p.t.Fatal(err)
	}
}

// kill ends a server and the processes it started, all at once.
func (s *server) kill() {
	if s.process == nil {
		return
	}
	pid := s.process.Process.Pid
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	// Those that are gone already are what is wanted.
	_ = s.process.Process.Kill()
	for child := range strings.FieldsSeq(string(children)) {
		if number, err := strconv.Atoi(child); err == nil {
			_ = syscall.Kill(number, syscall.SIGKILL)
		}
	}
	s.ended.Wait()
	s.process = nil
}
