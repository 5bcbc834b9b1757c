package doctor

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/channel"
	"everdesk/internal/channel/channeldb"
	"everdesk/internal/channel/email"
	"everdesk/internal/id"
	"everdesk/internal/outbound"
	"everdesk/internal/redis"
	"everdesk/internal/store"
)

// blobs keeps an upload, reads it and deletes it again.
func (e *examination) blobs(ctx context.Context) {
	const check = "uploads"
	if e.engine == nil {
		return // the folder would be made in a wrong place
	}
	const do = "give the desk's user the right to write there, or correct --blobs and its key"
	blobs, err := app.OpenBlobs(e.Node)
	if err != nil {
		e.fail(check, do, "%v", err)
		return
	}
	name := "doctor_" + strings.ToLower(rand.Text())
	_, err = blobs.Put(ctx, name, strings.NewReader(name), 1<<10)
	if err == nil {
		var content io.ReadSeekCloser
		if content, err = blobs.Open(ctx, name); err == nil {
			var text []byte
			text, err = io.ReadAll(content)
			if err = errors.Join(err, content.Close()); err == nil && string(text) != name {
				err = errors.New("what was kept reads back differently")
			}
		}
		err = errors.Join(err, blobs.Delete(ctx, name))
	}
	if err != nil {
		e.fail(check, do, "%v", err)
		return
	}
	e.ok(check, "kept, read and deleted one")
}

// redis asks the server that nodes hint to each other by.
func (e *examination) redis(ctx context.Context) {
	if e.Node.Redis == "" {
		return
	}
	const check = "redis"
	client, err := redis.Open(e.Node.Redis, "everdesk:doctor:", slog.New(slog.DiscardHandler))
	if err != nil {
		e.fail(check, "correct --redis", "%v", err)
		return
	}
	defer client.Close()
	started := time.Now()
	ticks := time.NewTicker(50 * time.Millisecond)
	defer ticks.Stop()
	for err = client.Ping(ctx); err != nil && time.Since(started) < 3*time.Second; err = client.Ping(ctx) {
		<-ticks.C // it connects in the background
	}
	if err != nil {
		e.warn(check, "see that the server runs and that address and password are right; until then clients poll, and rates hold for each node alone", "%v", err)
		return
	}
	e.ok(check, "the server answers")
}

// lateWork is how long a job that is due may wait before nobody seems to do it.
const lateWork = time.Minute

// work looks at jobs, and whether some node does them.
func (e *examination) work(ctx context.Context) {
	if !e.current {
		return
	}
	const check = "work"
	var dead, late, nodes int64
	now := e.Now()
	clock := e.engine.Dialect().Clock
	err := e.one(ctx, []any{&dead}, `SELECT COUNT(*) FROM jobs WHERE state = 1`)
	if err == nil {
		err = e.one(ctx, []any{&late}, `SELECT COUNT(*) FROM jobs WHERE state = 0 AND run_at < $1 AND claimed_until < `+clock, store.Micros(now.Add(-lateWork)))
	}
	if err == nil {
		err = e.one(ctx, []any{&nodes}, `SELECT COUNT(*) FROM leases WHERE name LIKE 'node/%' AND expires > `+clock)
	}
	switch {
	case err != nil:
		e.fail(check, "look at the database's log", "%v", err)
	case late > 0 && nodes == 0:
		e.warn(check, "start the desk", "%d jobs wait and no node runs", late)
	case late > 0:
		e.fail(check, "look at the nodes' logs and processors", "%d jobs are more than a minute late, with %d nodes running", late, nodes)
	case dead > 0:
		e.warn(check, "read their reasons in the table jobs, state 1", "%d jobs were given up", dead)
	default:
		e.ok(check, "%d nodes run, nothing is late", nodes)
	}
}

const (
	// soon is when a certificate that nobody renews begins to worry, soonAuto one
	// that is renewed by itself 30 days before its end.
	soon     = 21 * 24 * time.Hour
	soonAuto = 14 * 24 * time.Hour
)

// certificate looks at what people's browsers will.
func (e *examination) certificate(ctx context.Context) {
	const check = "certificate"
	switch {
	case e.Node.Cert != "":
		pair, err := tls.LoadX509KeyPair(e.Node.Cert, e.Node.Key)
		if err != nil {
			e.fail(check, "give a chain and the key that belongs to it: docs/runbooks/certificate.md", "%v", err)
			return
		}
		e.expiry(check, pair.Leaf, e.host(), soon)
	case len(e.Node.Auto) > 0 || strings.HasPrefix(e.Node.PublicURL, "https://"):
		e.shown(ctx, check)
	}
}

// host is the name people reach the desk by, or "".
func (e *examination) host() string {
	public, err := url.Parse(e.Node.Public(e.Node.Addr))
	if err != nil || e.Node.PublicURL == "" && len(e.Node.Auto) == 0 {
		return ""
	}
	return public.Hostname()
}

// shown asks the public address for its certificate, whoever terminates TLS.
func (e *examination) shown(ctx context.Context, check string) {
	public, err := url.Parse(e.Node.Public(e.Node.Addr))
	if err != nil {
		return
	}
	address := public.Host
	if public.Port() == "" {
		address = net.JoinHostPort(public.Hostname(), "443")
	}
	// What is wrong with it shall be said, so it is looked at before it is judged.
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: 5 * time.Second}, Config: &tls.Config{InsecureSkipVerify: true, ServerName: public.Hostname()}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		e.warn(check, "start the desk or its proxy; or the name does not lead here: docs/runbooks/certificate.md", "%s cannot be asked: %v", address, err)
		return
	}
	chain := conn.(*tls.Conn).ConnectionState().PeerCertificates
	if err := conn.Close(); err != nil || len(chain) == 0 {
		e.warn(check, "ask again", "%s showed none", address)
		return
	}
	early := soon
	if len(e.Node.Auto) > 0 {
		early = soonAuto
	}
	e.expiry(check, chain[0], public.Hostname(), early)
}

func (e *examination) expiry(check string, leaf *x509.Certificate, host string, early time.Duration) {
	const do = "renew it: docs/runbooks/certificate.md"
	left := leaf.NotAfter.Sub(e.Now())
	days := int(left.Hours() / 24)
	switch {
	case left <= 0:
		e.fail(check, do, "it ended on %s", leaf.NotAfter.Format(time.DateOnly))
	case e.Now().Before(leaf.NotBefore):
		e.fail(check, "wait, or set the clock", "it begins on %s", leaf.NotBefore.Format(time.DateOnly))
	case host != "" && leaf.VerifyHostname(host) != nil:
		e.fail(check, "get one for "+host, "it is for %s, not for %s", strings.Join(leaf.DNSNames, ", "), host)
	case left < early:
		e.warn(check, do, "%d days are left", days)
	default:
		e.ok(check, "%d days are left", days)
	}
}

// mail signs in at each workspace's mail server.
func (e *examination) mail(ctx context.Context) {
	if !e.current || e.ring == nil {
		return
	}
	const check = "mail"
	rows, err := e.db.Query(ctx, `SELECT workspace_id FROM channels WHERE kind = $1 ORDER BY workspace_id`, string(channel.Email))
	workspaces, err := store.All(rows, err, func(row store.Row) (w id.Workspace, err error) { return w, row.Scan(&w) })
	if err != nil {
		e.fail(check, "look at the database's log", "%v", err)
		return
	}
	guard, err := outbound.New(e.Node.AllowTargets)
	if err != nil {
		return // said with the configuration
	}
	channels := channeldb.New(e.db, e.ring, nil)
	good := 0
	for _, workspace := range workspaces {
		settings, _, err := channels.Email(ctx, access.System(workspace))
		if err != nil {
			e.fail(check, "enter the mail account again in the console", "workspace %s: %v", workspace, err)
			continue
		}
		receipt := email.New(settings, email.Options{Dial: guard.DialContext, Hello: "everdesk"}).Check(ctx)
		if receipt.State != channel.Sent {
			e.fail(check, advice(receipt.Reason), "workspace %s, %s: %s %s", workspace, net.JoinHostPort(settings.Host, fmt.Sprint(settings.Port)), receipt.Reason, receipt.Detail)
			continue
		}
		good++
	}
	switch {
	case len(workspaces) == 0:
		e.warn(check, "enter a mail account in the console: without one, answers to tickets reach nobody by mail", "no workspace has a mail account")
	case good == len(workspaces):
		e.ok(check, "%d servers took the sign-in", good)
	}
}

func advice(reason channel.Reason) string {
	switch reason {
	case channel.BlockedTarget:
		return "the server is inside the network: name it with --allow-targets"
	case channel.LoginRefused:
		return "correct user name and password in the console"
	case channel.TLSFailed:
		return "correct the kind of encryption in the console, or the server's certificate"
	}
	return "see that the server runs and can be reached from here"
}
