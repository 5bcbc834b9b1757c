package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"everdesk/internal/app"
	"everdesk/internal/config"
)

// selfSigned writes a certificate for 127.0.0.1.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{netip.MustParseAddr("127.0.0.1").AsSlice()},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	made, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	must(t, err)
	sealed, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: sealed}), 0o600))
	return cert, key
}

// A whole node with a certificate: browsers are sent from HTTP to HTTPS, told to
// come back that way, and their sockets come through.
func TestANodeSpeaksHTTPSByItself(t *testing.T) {
	cert, key := selfSigned(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	spare, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	plain := spare.Addr().String()
	must(t, spare.Close())
	url := "https://" + listener.Addr().String()
	a, err := app.New(t.Context(), config.Node{
		Data: t.TempDir(), LogLevel: "error", Addr: listener.Addr().String(), PublicURL: url,
		TLS: config.TLS{Cert: cert, Key: key, Plain: plain},
	}, "test", listener.Addr().String())
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Serve(ctx, listener) }()
	roots := x509.NewCertPool()
	text, err := os.ReadFile(cert)
	must(t, err)
	roots.AppendCertsFromPEM(text)
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots}}}

	answer, err := client.Get(url + "/api/v1/session")
	must(t, err)
	must(t, answer.Body.Close())
	if answer.Header.Get("Strict-Transport-Security") == "" {
		t.Error("browsers are not told to come back over TLS")
	}
	answer, err = client.Get("http://" + plain + "/healthz") // follows
	must(t, err)
	must(t, answer.Body.Close())
	if got := answer.Request.URL.String(); got != url+"/healthz" || answer.ProtoMajor != 2 || answer.StatusCode != http.StatusOK {
		t.Errorf("ended at %s over %s with %d", got, answer.Proto, answer.StatusCode)
	}
	if got := upgrade(t, roots, listener.Addr().String(), url); !strings.HasPrefix(got, "HTTP/1.1 101 ") {
		t.Errorf("a socket was answered with %q", got)
	}
	client.CloseIdleConnections()
	stop()
	must(t, errors.Join(<-ended, a.Close()))
	if conn, err := net.Dial("tcp", plain); err == nil {
		t.Error("the plain address is still answered", conn.Close())
	}
}

// upgrade asks for a socket as a browser does, and returns how the answer begins.
func upgrade(t *testing.T, roots *x509.CertPool, address, origin string) string {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots, NextProtos: []string{"http/1.1"}})
	must(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("GET /api/v1/live HTTP/1.1\r\nHost: " + address + "\r\nOrigin: " + origin +
		"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
	must(t, err)
	head := make([]byte, 32)
	_, err = conn.Read(head)
	must(t, err)
	return string(head)
}
