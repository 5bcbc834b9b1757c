// Package outbound opens connections to places that people of a workspace have
// written into its settings: mail servers, SMS gateways, webhooks. Those people
// do not run the machine, so nothing inside its network is reached for them.
//
// The check is made on the address that is being connected to, after the name
// was resolved and again for every redirect and every new connection: a name
// that resolves differently the second time gains nothing. Exceptions are the
// operator's alone.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"everdesk/internal/fault"
)

// ErrBlocked says that a target lies inside the operator's network.
var ErrBlocked = fault.New(fault.Forbidden, "outbound.blocked_target")

// Guard opens connections to public addresses, and to its exceptions.
type Guard struct {
	hosts    map[string]bool // "mail.internal:587"
	networks []netip.Prefix
	dialer   net.Dialer
}

// New returns a guard with exceptions, each a "host:port" or a network in CIDR
// form. A host exception holds whatever the host resolves to, for that port.
func New(exceptions []string) (*Guard, error) {
	g := &Guard{hosts: map[string]bool{}, dialer: net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}}
	for _, text := range exceptions {
		if network, err := netip.ParsePrefix(text); err == nil {
			g.networks = append(g.networks, network.Masked())
			continue
		}
		host, port, err := net.SplitHostPort(text)
		if err != nil || host == "" || port == "" {
			return nil, fmt.Errorf("allowed target %q: want HOST:PORT or a network such as 10.0.0.0/8", text)
		}
		g.hosts[strings.ToLower(net.JoinHostPort(host, port))] = true
	}
	return g, nil
}

// DialContext connects to address, "host:port", or returns ErrBlocked. It fits
// where net.Dialer.DialContext does.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := g.dialer
	if !g.hosts[strings.ToLower(address)] {
		// Control sees the address in hand, after the name was resolved.
		dialer.Control = func(_, resolved string, _ syscall.RawConn) error { return g.check(resolved) }
	}
	conn, err := dialer.DialContext(ctx, network, address)
	if blocked := fault.Of(err); blocked != nil {
		return nil, blocked
	}
	return conn, err
}

func (g *Guard) check(resolved string) error {
	at, err := netip.ParseAddrPort(resolved)
	if err != nil {
		return ErrBlocked.Because(err)
	}
	address := at.Addr().Unmap().WithZone("")
	for _, network := range g.networks {
		if network.Contains(address) {
			return nil
		}
	}
	if public(address) {
		return nil
	}
	return ErrBlocked.Because(errors.New(address.String() + " is not a public address"))
}

// special are the networks that no public service is on, beside what netip
// itself tells: shared, protocol, test and reserved space, and the forms of
// IPv6 that carry an IPv4 address or lead through a translator.
var special = func() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
		"2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}()

func public(address netip.Addr) bool {
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.IsLoopback() {
		return false
	}
	for _, network := range special {
		if network.Contains(address) {
			return false
		}
	}
	return true
}

// MaxRedirects is how often an answer may send a request elsewhere.
const MaxRedirects = 3

// Client returns an HTTP client that connects through the guard, redirects
// included, and uses no proxy: a proxy would connect for us, unguarded.
func (g *Guard) Client(timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: g.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: timeout,
			MaxIdleConns: 100, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(next *http.Request, seen []*http.Request) error {
			switch {
			case len(seen) > MaxRedirects:
				return errors.New("too many redirects")
			case seen[0].URL.Scheme == "https" && next.URL.Scheme != "https":
				return errors.New("a redirect leaves TLS")
			}
			return nil
		},
	}
}
