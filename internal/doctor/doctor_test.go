package doctor_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/channel"
	"everdesk/internal/channel/channeldb"
	"everdesk/internal/config"
	"everdesk/internal/doctor"
	"everdesk/internal/id"
	"everdesk/internal/seal"
	"everdesk/internal/store"
	"everdesk/internal/store/sqlite"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// examine returns the worst state of each check, and what was said.
func examine(t *testing.T, node config.Node) (map[string]doctor.State, string, int) {
	t.Helper()
	worst, said := map[string]doctor.State{}, strings.Builder{}
	failed := doctor.Examine(t.Context(), doctor.Options{Node: node, Now: time.Now}, func(f doctor.Finding) {
		if worst[f.Check] == "" || worst[f.Check] == doctor.OK || f.State == doctor.Fail {
			worst[f.Check] = f.State
		}
		fmt.Fprintf(&said, "%s %s: %s\n", f.State, f.Check, f.Found)
		if f.State != doctor.OK && f.Do == "" {
			t.Errorf("%s says nothing about what to do", f.Check)
		}
	})
	return worst, said.String(), failed
}

// desk makes an installation in which nothing is wrong but that it has no mail.
func desk(t *testing.T, url string) (config.Node, id.Workspace) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	node := config.Node{Addr: "127.0.0.1:8080", PublicURL: "http://127.0.0.1:8080", Data: data, DB: url, LogLevel: "error"}
	must(t, os.MkdirAll(data, 0o700))
	a, err := app.New(t.Context(), node, "test", node.Addr)
	must(t, err)
	workspace, err := a.AddUser(t.Context(), app.NewUser{
		NewWorkspace: "Lanmo", Mail: "owner@lanmo.test", Name: "Lin", Password: "correct horse battery", Locale: "en", TimeZone: "UTC",
	})
	must(t, errors.Join(err, a.Close()))
	return node, workspace
}

func TestASoundDeskHasNothingThatFails(t *testing.T) {
	for engine, url := range map[string]func() string{
		"sqlite": func() string { return "" }, "postgres": func() string { return storetest.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			node, _ := desk(t, url())
			worst, said, failed := examine(t, node)
			if failed != 0 {
				t.Errorf("%d checks failed:\n%s", failed, said)
			}
			for _, check := range []string{"configuration", "data directory", "keys", "database", "schema", "writing", "sealed values", "uploads", "work"} {
				if worst[check] != doctor.OK {
					t.Errorf("%s is %q:\n%s", check, worst[check], said)
				}
			}
			if engine == "postgres" && (worst["clock"] != doctor.OK || worst["replication"] != doctor.Warn) {
				t.Errorf("clock %q, replication %q:\n%s", worst["clock"], worst["replication"], said)
			}
		})
	}
}

func TestWhatIsBrokenIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		harm  func(t *testing.T, node *config.Node)
		check string
		want  doctor.State
	}{
		"a data directory that is not there": {func(_ *testing.T, n *config.Node) { n.Data += "/elsewhere" }, "data directory", doctor.Fail},
		"a data directory others can read":   {func(t *testing.T, n *config.Node) { must(t, os.Chmod(n.Data, 0o755)) }, "data directory", doctor.Warn},
		"keys that are gone":                 {func(t *testing.T, n *config.Node) { must(t, os.Remove(n.Data+"/keys.json")) }, "keys", doctor.Fail},
		"keys others can read":               {func(t *testing.T, n *config.Node) { must(t, os.Chmod(n.Data+"/keys.json", 0o644)) }, "keys", doctor.Fail},
		"keys of another desk": {func(t *testing.T, n *config.Node) {
			must(t, os.Remove(n.Data+"/keys.json"))
			_, err := seal.Load(n.Data + "/keys.json")
			must(t, err)
		}, "sealed values", doctor.Fail},
		"no database": {func(t *testing.T, n *config.Node) { must(t, os.Remove(n.Database())) }, "database", doctor.Fail},
		"a damaged database": {func(t *testing.T, n *config.Node) {
			fold(t, n)
			file, err := os.OpenFile(n.Database(), os.O_RDWR, 0)
			must(t, err)
			for page := int64(8); page < 24; page++ {
				_, err = file.WriteAt([]byte(strings.Repeat("damage", 600)), page*4096)
				must(t, err)
			}
			must(t, file.Close())
		}, "database", doctor.Fail},
		"a server that does not answer": {func(_ *testing.T, n *config.Node) { n.DB = "postgres://desk@127.0.0.1:1/desk" }, "database", doctor.Fail},
		"a schema from the future":      {execute(`INSERT INTO schema_migrations(version, name, at) VALUES (99999, 'later', 0)`), "schema", doctor.Fail},
		"a schema from the past":        {execute(`DELETE FROM schema_migrations WHERE version = 42`), "schema", doctor.Warn},
		"jobs nobody does": {execute(`INSERT INTO jobs(id, kind, workspace_id, payload, run_at) VALUES (1, 'x', 1, '{}', 1)`),
			"work", doctor.Warn},
		"jobs that were given up": {execute(`INSERT INTO jobs(id, kind, workspace_id, payload, run_at, state) VALUES (1, 'x', 1, '{}', 1, 1)`),
			"work", doctor.Warn},
		"a Redis that does not answer": {func(_ *testing.T, n *config.Node) { n.Redis = "redis://127.0.0.1:1" }, "redis", doctor.Warn},
		"uploads that cannot be kept": {func(t *testing.T, n *config.Node) {
			must(t, os.RemoveAll(n.Data+"/files"))
			must(t, os.WriteFile(n.Data+"/files", nil, 0o600))
		}, "uploads", doctor.Fail},
		"proxies that are everybody":      {func(_ *testing.T, n *config.Node) { n.TrustedProxies = []string{"0.0.0.0/0"} }, "configuration", doctor.Warn},
		"proxies that are no network":     {func(_ *testing.T, n *config.Node) { n.TrustedProxies = []string{"proxy"} }, "configuration", doctor.Fail},
		"no TLS for the world":            {func(_ *testing.T, n *config.Node) { n.Addr = "0.0.0.0:80" }, "configuration", doctor.Warn},
		"a certificate that has ended":    {certificate("127.0.0.1", -time.Hour), "certificate", doctor.Fail},
		"a certificate that ends soon":    {certificate("127.0.0.1", 72*time.Hour), "certificate", doctor.Warn},
		"a certificate for somebody else": {certificate("10.1.1.1", 1000*time.Hour), "certificate", doctor.Fail},
		"a certificate that will do":      {certificate("127.0.0.1", 1000*time.Hour), "certificate", doctor.OK},
		"a certificate that is none": {func(t *testing.T, n *config.Node) {
			n.Cert, n.Key = n.Data+"/keys.json", n.Data+"/keys.json"
		}, "certificate", doctor.Fail},
		"an https address nobody answers at": {func(_ *testing.T, n *config.Node) { n.PublicURL = "https://127.0.0.1:1" }, "certificate", doctor.Warn},
	} {
		t.Run(name, func(t *testing.T) {
			node, _ := desk(t, "")
			c.harm(t, &node)
			worst, said, failed := examine(t, node)
			if worst[c.check] != c.want || c.want == doctor.Fail && failed == 0 {
				t.Errorf("%s is %q, want %q; %d failed:\n%s", c.check, worst[c.check], c.want, failed, said)
			}
		})
	}
}

// execute harms the embedded database by a statement.
func execute(statement string) func(*testing.T, *config.Node) {
	return func(t *testing.T, node *config.Node) {
		engine, err := sqlite.Open(t.Context(), node.Database(), sqlite.Options{Volatile: true})
		must(t, err)
		run(t, engine, statement)
	}
}

func run(t *testing.T, engine store.Engine, statement string) {
	t.Helper()
	tx, err := engine.Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), nil, statement, nil)
	must(t, errors.Join(err, tx.Commit(t.Context()), engine.Close()))
}

// fold moves what the log has into the file.
func fold(t *testing.T, node *config.Node) {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), node.Database(), sqlite.Options{})
	must(t, err)
	must(t, errors.Join(engine.Fold(t.Context()), engine.Close()))
}

// certificate gives the node one for an address.
func certificate(address string, left time.Duration) func(*testing.T, *config.Node) {
	return func(t *testing.T, node *config.Node) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(t, err)
		about := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "desk"}, IPAddresses: []net.IP{netip.MustParseAddr(address).AsSlice()},
			NotBefore: time.Now().Add(-100 * time.Hour), NotAfter: time.Now().Add(left),
		}
		made, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
		must(t, err)
		private, err := x509.MarshalPKCS8PrivateKey(key)
		must(t, err)
		node.Cert, node.Key = filepath.Join(node.Data, "cert.pem"), filepath.Join(node.Data, "key.pem")
		must(t, os.WriteFile(node.Cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600))
		must(t, os.WriteFile(node.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
		node.PublicURL = "https://127.0.0.1:8443"
	}
}

func TestADatabaseThatOnlyReadsFails(t *testing.T) {
	node, _ := desk(t, storetest.PostgresURL(t))
	node.DB += "&target_session_attrs=any&default_transaction_read_only=on"
	if worst, said, failed := examine(t, node); worst["writing"] != doctor.Fail || failed == 0 {
		t.Errorf("writing is %q:\n%s", worst["writing"], said)
	}
}

// mailServer greets, and takes the sign-in or refuses it.
func mailServer(t *testing.T, accepts bool) (host string, port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go talk(conn, accepts)
		}
	}()
	address := listener.Addr().(*net.TCPAddr)
	return "127.0.0.1", address.Port
}

func talk(conn net.Conn, accepts bool) {
	defer conn.Close()
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	say("220 mail.test ESMTP")
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		switch command := strings.ToUpper(lines.Text()); {
		case strings.HasPrefix(command, "EHLO"):
			say("250-mail.test\r\n250 AUTH PLAIN LOGIN")
		case strings.HasPrefix(command, "AUTH") && accepts:
			say("235 2.7.0 welcome")
		case strings.HasPrefix(command, "AUTH"):
			say("535 5.7.8 who are you?")
		case strings.HasPrefix(command, "QUIT"):
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func TestTheMailServerIsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		accepts, allowed, gone bool
		want                   doctor.State
		says                   string
	}{
		"a server that takes the sign-in": {accepts: true, allowed: true, want: doctor.OK},
		"a server that refuses it":        {allowed: true, want: doctor.Fail, says: string(channel.LoginRefused)},
		"a server nobody allowed":         {accepts: true, want: doctor.Fail, says: string(channel.BlockedTarget)},
		"a server that is gone":           {allowed: true, gone: true, want: doctor.Fail, says: string(channel.Unreachable)},
	} {
		t.Run(name, func(t *testing.T) {
			node, workspace := desk(t, "")
			host, port := mailServer(t, c.accepts)
			if c.gone {
				port = 1
			}
			if c.allowed {
				node.AllowTargets = []string{fmt.Sprintf("%s:%d", host, port)}
			}
			configure(t, node, workspace, channel.EmailSettings{
				Host: host, Port: port, Security: channel.None, Username: "desk", Password: "secret", From: "Desk <desk@lanmo.test>",
			})
			worst, said, _ := examine(t, node)
			if worst["mail"] != c.want || !strings.Contains(said, c.says) || strings.Contains(said, "secret") {
				t.Errorf("mail is %q, want %q and %q:\n%s", worst["mail"], c.want, c.says, said)
			}
		})
	}
}

// unwatched writes no audit rows.
type unwatched struct{}

func (unwatched) Write(context.Context, access.Scope, string, string, any, any, time.Time) error {
	return nil
}

func configure(t *testing.T, node config.Node, workspace id.Workspace, settings channel.EmailSettings) {
	t.Helper()
	ring, err := seal.Load(node.Data + "/keys.json")
	must(t, err)
	engine, err := sqlite.Open(t.Context(), node.Database(), sqlite.Options{Volatile: true})
	must(t, err)
	db := store.Open(engine, store.Options{})
	_, err = channeldb.New(db, ring, unwatched{}).SetEmail(t.Context(), access.System(workspace), 0, settings, time.Now())
	must(t, errors.Join(err, db.Close()))
}
