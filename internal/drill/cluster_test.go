package drill_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"everdesk/internal/redis/redistest"
	"everdesk/internal/store/storetest"
)

// cluster is nodes of the real binary on one PostgreSQL and one Redis.
type cluster struct {
	t     *testing.T
	nodes []*desk
	redis *redistest.Server
	key   string // of the widget
	owner *person
	// doors are where clients knock; the nodes themselves unless something
	// stands in between.
	doors []string
}

// plan says what is special about a cluster.
type plan struct {
	// database is the URL all nodes use; a fresh database without one.
	database string
	// second changes what the second node is given.
	second func(d *desk, database, redis string) (databaseURL, redisURL string)
	// flags go to all nodes.
	flags []string
	// roles are one node's each; without any there are two nodes that do all.
	roles []string
}

// assemble starts a cluster with a desk set up in it.
func assemble(t *testing.T, p plan) *cluster {
	t.Helper()
	if binary() == "" {
		storetest.Missing(t, "binary", "EVERDESK_BIN names none; run make drills")
	}
	if p.database == "" {
		p.database = storetest.PostgresURL(t)
	}
	c := &cluster{t: t, redis: redistest.Start(t)}
	var keys string
	if p.roles == nil {
		p.roles = []string{"edge,worker", "edge,worker"}
	}
	for i, roles := range p.roles {
		address := freeAddress(t)
		d := &desk{t: t, url: "http://" + address, db: p.database}
		database, redis := p.database, c.redis.URL
		if i > 0 {
			// As on another machine: no directory is shared, the keys are given.
			d.env = append(d.env, "EVERDESK_KEYS="+keys)
			if i == 1 && p.second != nil {
				database, redis = p.second(d, database, redis)
			}
		}
		data := t.TempDir()
		d.args = append([]string{"serve", "--addr", address, "--data", data, "--db", database, "--redis", redis, "--roles", roles}, p.flags...)
		d.run()
		t.Cleanup(func() {
			if d.process != nil {
				d.thaw()
				d.kill()
			}
		})
		if i == 0 {
			text, err := os.ReadFile(filepath.Join(data, "keys.json"))
			must(t, err)
			keys = string(text)
			c.key = d.setUp()
		}
		c.nodes = append(c.nodes, d)
		if strings.Contains(roles, "edge") {
			c.doors = append(c.doors, d.url)
		}
	}
	c.owner = c.signIn("owner@drill.example", "a drill, not a desk")
	return c
}

// freeAddress is an address of this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, listener.Close())
	return listener.Addr().String()
}

// freeze stops the process where it stands; it does not notice.
func (d *desk) freeze() { must(d.t, d.process.Process.Signal(syscall.SIGSTOP)) }

// thaw lets it go on.
func (d *desk) thaw() { must(d.t, d.process.Process.Signal(syscall.SIGCONT)) }

// leave asks the process to stop and waits until it has.
func (d *desk) leave() {
	d.t.Helper()
	must(d.t, d.process.Process.Signal(syscall.SIGTERM))
	if err := <-d.ended; err != nil {
		d.t.Errorf("the desk did not leave in order: %v\n%s", err, d.log)
	}
	d.process = nil
}

// ready reports whether the node would be given work.
func (d *desk) ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	return err == nil && response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// figure reads one of the node's metrics.
func (d *desk) figure(name string) (value float64, err error) {
	response, err := http.Get(d.url + "/metrics")
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, name+" "); found {
			_, err := fmt.Sscan(rest, &value)
			return value, err
		}
	}
	return 0, fmt.Errorf("no metric %s", name)
}

// person is a member of staff at a browser.
type person struct {
	visitor // for its requests
	cookie  string
	mail    string
}

// signIn signs somebody in, at any node.
func (c *cluster) signIn(mail, password string) *person {
	c.t.Helper()
	p := &person{mail: mail}
	p.visitor = visitor{client: patient(), base: c.doors[0] + "/api/v1", roads: c.roads("/api/v1")}
	body := strings.NewReader(fmt.Sprintf(`{"email":%q,"password":%q}`, mail, password))
	response, err := http.Post(c.doors[0]+"/api/v1/session", "application/json", body)
	must(c.t, err)
	answer, err := io.ReadAll(response.Body)
	must(c.t, errors.Join(err, response.Body.Close()))
	if len(response.Cookies()) == 0 {
		c.t.Fatalf("signing in answered %d %s", response.StatusCode, answer)
	}
	cookie := response.Cookies()[0]
	p.cookie = cookie.Name + "=" + cookie.Value
	p.visitor.cookie = p.cookie
	return p
}

// roads are the ways to the desk, each node's door.
func (c *cluster) roads(path string) []string {
	roads := make([]string, len(c.doors))
	for i, door := range c.doors {
		roads[i] = door + path
	}
	return roads
}

// patient is a client that waits for an answer like a page does.
func patient() *http.Client {
	dialer := &net.Dialer{Timeout: 2 * time.Second}
	return &http.Client{Timeout: 4 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 2}}
}

// hire makes members of staff and puts them into the team, all online.
func (c *cluster) hire(count int) []*person {
	c.t.Helper()
	ctx := c.t.Context()
	var hired []*person
	for i := range count {
		mail := fmt.Sprintf("agent%d@drill.example", i+1)
		add := exec.Command(binary(), "user", "add", mail, "--name", fmt.Sprintf("Agent %d", i+1), "--role", "agent",
			"--workspace", c.slug(), "--password-stdin", "--db", c.nodes[0].db, "--data", c.t.TempDir())
		add.Env = append(os.Environ(), c.nodes[1].env...)
		add.Stdin = strings.NewReader("a drill, not a desk\n")
		if out, err := add.CombinedOutput(); err != nil {
			c.t.Fatalf("hiring: %v %s", err, out)
		}
		hired = append(hired, c.signIn(mail, "a drill, not a desk"))
	}
	var members, teams struct {
		Items []struct {
			ID      string `json:"id"`
			Version int64  `json:"version"`
		} `json:"items"`
	}
	must(c.t, c.owner.insist(ctx, http.MethodGet, "/staff", nil, &members))
	must(c.t, c.owner.insist(ctx, http.MethodGet, "/teams", nil, &teams))
	var ids []string
	for _, m := range members.Items {
		ids = append(ids, m.ID)
	}
	team := teams.Items[0]
	c.owner.match = fmt.Sprintf(`"%d"`, team.Version)
	must(c.t, c.owner.ask(ctx, http.MethodPatch, "/teams/"+team.ID, map[string]any{"members": ids}, &json.RawMessage{}))
	c.owner.match = ""
	return hired
}

// slug is the workspace's.
func (c *cluster) slug() string {
	var session struct {
		Workspace struct {
			Slug string `json:"slug"`
		} `json:"workspace"`
	}
	must(c.t, c.owner.insist(c.t.Context(), http.MethodGet, "/session", nil, &session))
	return session.Workspace.Slug
}
