package gateway_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"everdesk/internal/gateway"
	"everdesk/internal/seal"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// authority is Pebble, the test server of Let's Encrypt: it checks hosts as a
// real one does, over plain HTTP and over TLS.
type authority struct {
	directory, roots string
	stop             func()
}

func free(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { must(t, listener.Close()) }()
	return listener.Addr().(*net.TCPAddr).Port
}

func startAuthority(t *testing.T, plain, encrypted int) authority {
	t.Helper()
	for _, name := range []string{"pebble", "pebble-challtestsrv"} {
		if _, err := exec.LookPath(name); err != nil {
			storetest.Missing(t, "acme", err.Error())
		}
	}
	folder := t.TempDir()
	names, port, management := free(t), free(t), free(t)
	// Every name leads to this machine.
	run(t, exec.Command("pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "",
		"-dns01", fmt.Sprintf("127.0.0.1:%d", names), "-management", fmt.Sprintf("127.0.0.1:%d", free(t))))
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": fmt.Sprintf("127.0.0.1:%d", port), "managementListenAddress": fmt.Sprintf("127.0.0.1:%d", management),
		"certificate": filepath.Join(folder, "cert.pem"), "privateKey": filepath.Join(folder, "key.pem"),
		"httpPort": plain, "tlsPort": encrypted,
	}})
	must(t, err)
	own(t, folder)
	must(t, os.WriteFile(filepath.Join(folder, "config.json"), settings, 0o600))
	server := exec.Command("pebble", "-config", filepath.Join(folder, "config.json"), "-dnsserver", fmt.Sprintf("127.0.0.1:%d", names))
	server.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	stop := run(t, server)
	a := authority{fmt.Sprintf("https://127.0.0.1:%d/dir", port), filepath.Join(folder, "cert.pem"), stop}
	a.wait(t)
	return a
}

// own writes the authority's own certificate.
func own(t *testing.T, folder string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{netip.MustParseAddr("127.0.0.1").AsSlice()}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	made, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600))
	must(t, os.WriteFile(filepath.Join(folder, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}

func run(t *testing.T, command *exec.Cmd) (stop func()) {
	t.Helper()
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, command.Start())
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = command.Process.Kill()
		_ = command.Wait()
	}
	t.Cleanup(stop)
	return stop
}

func (a authority) wait(t *testing.T) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: time.Second}
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for range 500 {
		if answer, err := client.Get(a.directory); err == nil {
			must(t, answer.Body.Close())
			return
		}
		<-ticks.C
	}
	t.Fatal("the authority does not answer")
}

// node is a desk's door on an address.
func node(t *testing.T, from gateway.Authority, plain, encrypted int) {
	t.Helper()
	automatic, err := gateway.NewAutomatic(from)
	must(t, err)
	quiet := slog.New(slog.DiscardHandler)
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("desk")) })
	for port, server := range map[int]*http.Server{
		encrypted: gateway.Server(page, automatic.Config(), gateway.Standard, quiet),
		plain:     gateway.Server(automatic.Plain(gateway.Onward("https://desk.test")), nil, gateway.Standard, quiet),
	} {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		must(t, err)
		go func() { _ = server.Serve(gateway.Listen(listener, server.TLSConfig)) }()
		t.Cleanup(func() { must(t, server.Close()) })
	}
}

// shown connects as a browser would, and returns who issued the certificate.
func shown(ctx context.Context, port int, host string) (string, error) {
	dialer := tls.Dialer{Config: &tls.Config{ServerName: host, InsecureSkipVerify: true, NextProtos: []string{"h2"}}}
	conn, err := dialer.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return "", err
	}
	leaf := conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
	return leaf.Issuer.CommonName, errors.Join(leaf.VerifyHostname(host), conn.Close())
}

// A certificate is asked for once, checked by the authority over TLS or over
// plain HTTP, and kept where every node finds it.
func TestACertificateIsGotOnceForAllNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
		must(t, err)
		for name, over := range map[string]struct{ plain, encrypted bool }{
			"checked over TLS": {encrypted: true}, "checked over plain HTTP": {plain: true},
		} {
			t.Run(name, func(t *testing.T) {
				plain, encrypted := free(t), free(t)
				asked := map[bool]int{true: plain, false: free(t)}[over.plain]
				from := startAuthority(t, asked, map[bool]int{true: encrypted, false: free(t)}[over.encrypted])
				host := strings.ReplaceAll(strings.ToLower(t.Name()[len("TestACertificateIsGotOnceForAllNodes/"):]), "/", "-")
				host = strings.ReplaceAll(host, "_", "-") + ".test"
				asks := gateway.Authority{
					Hosts: []string{host}, Directory: from.directory, Roots: from.roots, Contact: "ops@desk.test",
					Cache: gateway.NewCache(db, ring, time.Now), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
				}
				node(t, asks, plain, encrypted)
				issuer, err := shown(t.Context(), encrypted, host)
				if err != nil || !strings.HasPrefix(issuer, "Pebble") {
					t.Fatalf("issued by %q: %v", issuer, err)
				}
				if _, err := shown(t.Context(), encrypted, "other.test"); err == nil {
					t.Error("a certificate was got for a host nobody named")
				}
				from.stop()
				other := free(t)
				node(t, asks, free(t), other)
				if issuer, err := shown(t.Context(), other, host); err != nil || !strings.HasPrefix(issuer, "Pebble") {
					t.Errorf("another node, while the authority is down: issued by %q: %v", issuer, err)
				}
			})
		}
	})
}

func TestTheCacheIsSealedAndForgets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
		must(t, err)
		cache := gateway.NewCache(db, ring, time.Now)
		if _, err := cache.Get(t.Context(), "desk.test"); !errors.Is(err, autocert.ErrCacheMiss) {
			t.Errorf("what is not there: %v", err)
		}
		for _, secret := range []string{"first private key", "second \x00\xff private key"} {
			must(t, cache.Put(t.Context(), "desk.test", []byte(secret)))
			kept, err := cache.Get(t.Context(), "desk.test")
			if err != nil || string(kept) != secret {
				t.Errorf("kept %q: %v", kept, err)
			}
		}
		var text string
		rows, err := db.Query(t.Context(), `SELECT value FROM gateway_cache`)
		must(t, store.One(rows, err, &text))
		if strings.Contains(text, "private key") {
			t.Error("a private key lies open in the database")
		}
		must(t, errors.Join(cache.Delete(t.Context(), "desk.test"), cache.Delete(t.Context(), "desk.test")))
		if _, err := cache.Get(t.Context(), "desk.test"); !errors.Is(err, autocert.ErrCacheMiss) {
			t.Errorf("what was deleted: %v", err)
		}
	})
}
