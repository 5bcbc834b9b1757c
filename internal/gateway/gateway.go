// Package gateway is the outermost door of a node: TLS with certificates from
// files or from an authority, HTTP/2, plain HTTP sent on to HTTPS, and time
// limits that cut off who is slow on purpose but not who has a slow line.
package gateway

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

// Server returns an HTTP server with the gateway's limits around handler. With a
// nil encryption it speaks plain HTTP.
func Server(handler http.Handler, encryption *tls.Config, limits Limits, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: limits.Guard(handler), TLSConfig: encryption,
		ReadHeaderTimeout: limits.Header, IdleTimeout: limits.Idle, MaxHeaderBytes: 64 << 10,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 250,
			SendPingTimeout:      limits.Idle / 2, PingTimeout: limits.Header, WriteByteTimeout: limits.Stall,
		},
		// Handshakes that fail and clients that leave are everyday life.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// Listen puts TLS over a listener if there is an encryption.
func Listen(listener net.Listener, encryption *tls.Config) net.Listener {
	if encryption == nil {
		return listener
	}
	return tls.NewListener(listener, encryption)
}

// encryption returns what all certificates are used with: TLS 1.3 and nothing
// older. protocols come before HTTP/2 and HTTP/1.1.
func encryption(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error), protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, GetCertificate: certificate, NextProtos: append([]string{"h2", "http/1.1"}, protocols...),
	}
}

// Onward sends plain HTTP on to HTTPS at the port of public, an https:// URL
// without a path. A request for another host than an IP address or a name goes
// to public itself.
func Onward(public string) http.Handler {
	port := ""
	if at := strings.LastIndexByte(public, ':'); at > len("https:") && !strings.HasSuffix(public, "]") {
		port = public[at:]
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := public
		if host := hostOf(r.Host); host != "" {
			target = "https://" + host + port
		}
		w.Header().Set("Connection", "close")
		// The method and the body are sent again.
		http.Redirect(w, r, target+r.URL.RequestURI(), http.StatusPermanentRedirect)
	})
}

// hostOf returns the host of a Host header if it could be one.
func hostOf(given string) string {
	host := given
	if name, _, err := net.SplitHostPort(given); err == nil {
		host = name
	}
	if host == "" || strings.ContainsFunc(host, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '-' && r != ':'
	}) {
		return ""
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// Standard are the limits of production.
var Standard = Limits{
	Header: 10 * time.Second, Idle: 2 * time.Minute, Grace: 30 * time.Second, Stall: 30 * time.Second, Rate: 4 << 10,
}
