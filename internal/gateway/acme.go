package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// ErrNoCertificates says that a file of authorities holds none.
var ErrNoCertificates = errors.New("there is no certificate in PEM")

// Authority says where certificates come from.
type Authority struct {
	// Hosts are the names certificates are asked for, and no others.
	Hosts []string
	// Directory is the authority's ACME directory, Contact the address it writes
	// to; empty for none.
	Directory, Contact string
	// Roots is a file of authorities believed besides the system's, or "".
	Roots string
	// Cache keeps certificates and the account, for all nodes.
	Cache autocert.Cache
	Log   *slog.Logger
}

// Automatic gets and renews certificates by itself, 30 days before their end.
type Automatic struct {
	manager *autocert.Manager
	hosts   []string
	log     *slog.Logger

	mu     sync.Mutex
	expiry map[string]time.Time
}

// NewAutomatic asks nobody yet: the first connection to a host gets its
// certificate.
func NewAutomatic(from Authority) (*Automatic, error) {
	client := &acme.Client{DirectoryURL: from.Directory, UserAgent: "everdesk"}
	if from.Roots != "" {
		text, err := os.ReadFile(from.Roots)
		if err != nil {
			return nil, err
		}
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s: %w", from.Roots, ErrNoCertificates)
		}
		client.HTTPClient = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		}}
	}
	return &Automatic{
		manager: &autocert.Manager{
			Prompt: autocert.AcceptTOS, Cache: from.Cache, HostPolicy: autocert.HostWhitelist(from.Hosts...), Email: from.Contact, Client: client,
		},
		hosts: from.Hosts, log: from.Log, expiry: map[string]time.Time{},
	}, nil
}

// Config is the encryption with the certificates, and the door for the
// authority's own check over TLS.
func (a *Automatic) Config() *tls.Config { return encryption(a.certificate, acme.ALPNProto) }

func (a *Automatic) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	pair, err := a.manager.GetCertificate(hello)
	switch {
	case err == nil && pair.Leaf != nil:
		a.mu.Lock()
		a.expiry[hello.ServerName] = pair.Leaf.NotAfter
		a.mu.Unlock()
	case err != nil && slices.Contains(a.hosts, hello.ServerName):
		// The handshake fails, which the server mentions only when it is debugged.
		a.log.ErrorContext(context.Background(), "there is no certificate; the next connection asks again", "host", hello.ServerName, "error", err)
	}
	return pair, err
}

// Plain answers the authority's check over plain HTTP; all else goes to next.
func (a *Automatic) Plain(next http.Handler) http.Handler {
	checks := a.manager.HTTPHandler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/.well-known/acme-challenge/") {
			next.ServeHTTP(w, r)
			return
		}
		// The hosts are known by name, whatever port the request came to.
		named := *r
		if host, _, err := net.SplitHostPort(r.Host); err == nil {
			named.Host = host
		}
		checks.ServeHTTP(w, &named)
	})
}

// Begin gets what is missing, so that the first visitor need not wait. What
// fails is logged, and asked for again by the next connection.
func (a *Automatic) Begin() {
	for _, host := range a.hosts {
		// What a browser of today would say.
		_, _ = a.certificate(&tls.ClientHelloInfo{
			ServerName: host, SupportedVersions: []uint16{tls.VersionTLS13},
			CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
			SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, SupportedCurves: []tls.CurveID{tls.CurveP256},
		})
	}
}

// Expiry is when the first of the certificates in use ends; the zero time while
// there is none.
func (a *Automatic) Expiry() (first time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, at := range a.expiry {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}
