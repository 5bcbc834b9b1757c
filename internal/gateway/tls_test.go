package gateway_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"everdesk/internal/gateway"
)

// write puts a certificate of a number into two files.
func write(t *testing.T, folder string, number int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	about := &x509.Certificate{
		SerialNumber: big.NewInt(number), DNSNames: []string{"desk.test"},
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	made, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	must(t, err)
	sealed, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: sealed}), 0o600))
	return cert, key
}

func number(t *testing.T, config *tls.Config) int64 {
	t.Helper()
	pair, err := config.GetCertificate(nil)
	must(t, err)
	return pair.Leaf.SerialNumber.Int64()
}

func TestARenewedCertificateIsReadAgainAndHalfARenewalIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		cert, key := write(t, folder, 1)
		files, err := gateway.NewFiles(cert, key, slog.New(slog.DiscardHandler))
		must(t, err)
		config := files.Config()
		if got := number(t, config); got != 1 {
			t.Errorf("certificate %d, want 1", got)
		}
		write(t, folder, 2)
		if got := number(t, config); got != 1 {
			t.Errorf("the files are looked at for each connection: %d", got)
		}
		time.Sleep(6 * time.Second)
		if got := number(t, config); got != 2 {
			t.Errorf("certificate %d, want the renewed 2", got)
		}
		must(t, os.WriteFile(key, []byte("half"), 0o600))
		time.Sleep(6 * time.Second)
		if got := number(t, config); got != 2 {
			t.Errorf("certificate %d while the key is half written", got)
		}
		write(t, folder, 3)
		time.Sleep(6 * time.Second)
		if got := number(t, config); got != 3 {
			t.Errorf("certificate %d, want the whole 3", got)
		}
	})
}

func TestOnlyTLS13IsSpokenAndHTTP2WithIt(t *testing.T) {
	cert, key := write(t, t.TempDir(), 1)
	files, err := gateway.NewFiles(cert, key, slog.New(slog.DiscardHandler))
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := gateway.Server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %d", r.Proto, len(body))
	}), files.Config(), gateway.Standard, slog.New(slog.DiscardHandler))
	go func() { _ = server.Serve(gateway.Listen(listener, files.Config())) }()
	t.Cleanup(func() { must(t, server.Close()) })
	for name, c := range map[string]struct {
		highest uint16
		next    bool
		want    string
	}{
		"HTTP/2 over TLS 1.3":   {tls.VersionTLS13, true, "HTTP/2.0 300000"},
		"HTTP/1.1 over TLS 1.3": {tls.VersionTLS13, false, "HTTP/1.1 300000"},
		"TLS 1.2":               {tls.VersionTLS12, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := http.Client{Transport: &http.Transport{
				ForceAttemptHTTP2: c.next, TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12, MaxVersion: c.highest},
			}}
			request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, "https://"+listener.Addr().String(), bytesOf(300_000))
			must(t, err)
			answer, err := client.Do(request)
			if c.want == "" {
				if err == nil {
					t.Error("it was spoken")
				}
				return
			}
			must(t, err)
			text, err := io.ReadAll(answer.Body)
			must(t, err)
			if string(text) != c.want {
				t.Errorf("got %q, want %q", text, c.want)
			}
			client.CloseIdleConnections()
		})
	}
}

// Over HTTP/2 a slow body ends its stream and not the connection it shares.
func TestASlowBodyOverHTTP2EndsItsStream(t *testing.T) {
	cert, key := write(t, t.TempDir(), 1)
	files, err := gateway.NewFiles(cert, key, slog.New(slog.DiscardHandler))
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := gateway.Server(http.HandlerFunc(reads), files.Config(), hasty, slog.New(slog.DiscardHandler))
	go func() { _ = server.Serve(gateway.Listen(listener, files.Config())) }()
	t.Cleanup(func() { must(t, server.Close()) })
	client := http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	slow, drip := io.Pipe()
	go func() {
		ticks := time.NewTicker(50 * time.Millisecond)
		defer ticks.Stop()
		for range ticks.C {
			if _, err := drip.Write([]byte("b")); err != nil {
				return
			}
		}
	}()
	started := time.Now()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+listener.Addr().String(), slow)
	must(t, err)
	answer, err := client.Do(request)
	if err == nil {
		must(t, answer.Body.Close())
		if answer.StatusCode != http.StatusRequestTimeout {
			t.Errorf("a body that drips was answered with %s", answer.Status)
		}
	}
	if took := time.Since(started); took > 3*time.Second {
		t.Errorf("it held its stream for %s", took)
	}
	must(t, slow.Close())
	client.CloseIdleConnections()
}

func bytesOf(n int64) io.Reader { return io.LimitReader(rand.Reader, n) }

func TestPlainHTTPIsSentOn(t *testing.T) {
	for name, c := range map[string]struct{ public, host, path, want string }{
		"to the host asked for":             {"https://desk.test", "desk.test", "/a?b=c", "https://desk.test/a?b=c"},
		"to the port of the desk":           {"https://desk.test:8443", "desk.test:8080", "/", "https://desk.test:8443/"},
		"to an address":                     {"https://desk.test", "[2001:db8::1]:80", "/", "https://[2001:db8::1]/"},
		"to the desk, if the host is none":  {"https://desk.test", "a@b\\c", "/", "https://desk.test/"},
		"to the desk, if there is no host":  {"https://desk.test:8443", "", "/", "https://desk.test:8443/"},
		"not elsewhere by two slashes":      {"https://desk.test", "desk.test", "//evil.test/x", "https://desk.test//evil.test/x"},
		"to the desk at an address of IPv6": {"https://[::1]:8443", "", "/", "https://[::1]:8443/"},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodPost, "http://desk.test"+c.path, http.NoBody)
			request.Host = c.host
			answer := httptest.NewRecorder()
			gateway.Onward(c.public).ServeHTTP(answer, request)
			if got := answer.Header().Get("Location"); answer.Code != http.StatusPermanentRedirect || got != c.want {
				t.Errorf("%d to %q, want %q", answer.Code, got, c.want)
			}
		})
	}
}
