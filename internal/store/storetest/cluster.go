package storetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
)

// cluster is a PostgreSQL server on a socket in a directory of its own.
type cluster struct {
	dir    string
	server *exec.Cmd
	count  atomic.Int64
	mu     sync.Mutex // CREATE DATABASE copies a template one at a time
}

var (
	startOnce sync.Once
	running   *cluster
	startErr  error
)

// binary finds a PostgreSQL program, also where Debian hides it.
func binary(name string) (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) > 0 {
		slices.Sort(found)
		return found[len(found)-1], nil
	}
	return exec.LookPath(name)
}

// unprivileged makes a command run as somebody PostgreSQL accepts: it refuses
// to be run by root.
func unprivileged(command *exec.Cmd, dir string) error {
	command.Dir = dir
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		return nil
	}
	who, err := user.Lookup("nobody")
	if err != nil {
		return err
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return err
	}
	command.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(dir, int(uid), int(gid))
}

func startCluster() (*cluster, error) {
	initdb, err := binary("initdb")
	if err != nil {
		return nil, err
	}
	server, err := binary("postgres")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "everdesk-pg")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir}
	create := exec.Command(initdb, "-D", filepath.Join(dir, "data"), "-U", "everdesk", "-A", "trust",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	if err := unprivileged(create, dir); err != nil {
		return c, err
	}
	if out, err := create.CombinedOutput(); err != nil {
		return c, fmt.Errorf("initdb: %w: %s", err, out)
	}
	arguments := []string{
		"-D", filepath.Join(dir, "data"), "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=200",
		"-c", "shared_buffers=64MB", "-c", "deadlock_timeout=20ms",
	}
	// Tests kill clients, never the server's machine. Benchmarks want the truth.
	if os.Getenv("EVERDESK_TEST_DURABLE") == "" {
		arguments = append(arguments, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	c.server = exec.Command(server, arguments...)
	if err := unprivileged(c.server, dir); err != nil {
		return c, err
	}
	log, err := c.server.StderrPipe()
	if err != nil {
		return c, err
	}
	if err := c.server.Start(); err != nil {
		return c, err
	}
	if err := waitReady(log); err != nil {
		return c, err
	}
	return c, c.template()
}

// waitReady reads the server's log until it accepts connections, and keeps
// emptying it afterwards.
func waitReady(log interface{ Read([]byte) (int, error) }) error {
	var seen strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(seen.String(), "ready to accept ") { // "connections", or a standby's "read-only connections"
		n, err := log.Read(buffer)
		seen.Write(buffer[:n])
		if err != nil {
			return fmt.Errorf("the server ended: %s", seen.String())
		}
	}
	go func() {
		for {
			if _, err := log.Read(buffer); err != nil {
				return
			}
		}
	}()
	return nil
}

func (c *cluster) url(database string) string {
	return "postgres:///" + database + "?host=" + c.dir + "&user=everdesk"
}

func (c *cluster) admin(statement string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	if end := conn.Close(ctx); err == nil {
		err = end
	}
	return err
}

func (c *cluster) template() error {
	if err := c.admin("CREATE DATABASE migrated"); err != nil {
		return err
	}
	engine, err := postgres.Open(context.Background(), c.url("migrated"))
	if err != nil {
		return err
	}
	_, err = store.Migrate(context.Background(), engine)
	if end := engine.Close(); err == nil {
		err = end
	}
	return err
}

func freshDatabase(t testing.TB, template string) string {
	t.Helper()
	startOnce.Do(func() { running, startErr = startCluster() })
	if startErr != nil {
		Missing(t, "postgres", startErr.Error())
	}
	c := running
	name := fmt.Sprintf("test%d", c.count.Add(1))
	c.mu.Lock()
	err := c.admin("CREATE DATABASE " + name + " TEMPLATE " + template)
	c.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("dropping %s: %v", name, err)
		}
	})
	return c.url(name)
}

func stopCluster() {
	if running == nil {
		return
	}
	if running.server != nil && running.server.Process != nil {
		// Immediate shutdown: the data is thrown away next.
		if err := running.server.Process.Signal(syscall.SIGQUIT); err == nil {
			if _, err := running.server.Process.Wait(); err != nil {
				fmt.Fprintln(os.Stderr, "waiting for postgres:", err)
			}
		}
	}
	if err := os.RemoveAll(running.dir); err != nil {
		fmt.Fprintln(os.Stderr, "removing the cluster:", err)
	}
}
