// Package config holds the settings of a node. Each is a flag and an
// EVERDESK_* variable of the same name; the flag wins.
package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Node is what `everdesk serve` and `everdesk demo` take.
type Node struct {
	Addr           string        `default:"127.0.0.1:8080" env:"EVERDESK_ADDR" help:"Address to listen on."`
	Data           string        `default:"data" env:"EVERDESK_DATA" type:"path" help:"Directory of the embedded database, the keys and the uploads."`
	DB             string        `env:"EVERDESK_DB" help:"postgres:// URL; without it the embedded database is used."`
	Redis          string        `env:"EVERDESK_REDIS" help:"redis:// URL, by which several nodes hint to each other and share rates; with one node it is not needed."`
	Roles          []string      `default:"edge,worker" enum:"edge,worker" env:"EVERDESK_ROLES" help:"What this node does: edge answers browsers and programs, worker does everything else."`
	Blobs          string        `env:"EVERDESK_BLOBS" help:"Where uploads are kept instead of the data directory: s3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION, with EVERDESK_S3_KEY and EVERDESK_S3_SECRET."`
	PublicURL      string        `name:"public-url" env:"EVERDESK_PUBLIC_URL" help:"URL people reach this desk at, for links in mail. Default: http:// and the address."`
	TrustedProxies []string      `name:"trusted-proxies" env:"EVERDESK_TRUSTED_PROXIES" help:"Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed."`
	AllowTargets   []string      `name:"allow-targets" env:"EVERDESK_ALLOW_TARGETS" help:"Private HOST:PORT or CIDR that mail servers and SMS gateways set in the console may be at."`
	LogLevel       string        `name:"log-level" default:"info" enum:"debug,info,warn,error" env:"EVERDESK_LOG_LEVEL" help:"Least level logged: ${enum}."`
	RatePerKey     float64       `name:"rate-per-key" default:"200" env:"EVERDESK_RATE_PER_KEY" help:"Requests a second one API key may make; 0 for no limit."`
	Pprof          string        `env:"EVERDESK_PPROF" help:"Address to serve Go profiles on, such as 127.0.0.1:6060; off by default."`
	ClockOffset    time.Duration `name:"clock-offset" hidden:"" env:"EVERDESK_CLOCK_OFFSET" help:"Pretend that this machine's clock is off by so much: for drills."`
	Ungrouped      bool          `hidden:"" help:"Commit every request alone: what benchmarks compare group commit with."`
	LeaveNotice    time.Duration `name:"leave-notice" env:"EVERDESK_LEAVE_NOTICE" help:"When told to stop, go on answering for so long with /readyz failing, so that load balancers turn away first."`
	LeaveSpread    time.Duration `name:"leave-spread" default:"3s" env:"EVERDESK_LEAVE_SPREAD" help:"When told to stop, move sockets to other nodes over so long."`
	LogJSON        bool          `name:"log-json" env:"EVERDESK_LOG_JSON" help:"Log as JSON lines."`

	TLS `embed:""`
}

// Edge reports whether the node answers browsers and programs.
func (n Node) Edge() bool { return len(n.Roles) == 0 || slices.Contains(n.Roles, "edge") }

// Worker reports whether the node does jobs, routes and reconciles.
func (n Node) Worker() bool { return len(n.Roles) == 0 || slices.Contains(n.Roles, "worker") }

// Database is the embedded database's file, or "" for PostgreSQL.
func (n Node) Database() string {
	if n.DB != "" {
		return ""
	}
	return filepath.Join(n.Data, "everdesk.db")
}

// Public is the URL of the desk without a slash at the end.
func (n Node) Public(listening string) string {
	if n.PublicURL != "" {
		return strings.TrimSuffix(n.PublicURL, "/")
	}
	if !n.On() {
		return "http://" + listening
	}
	host, port, err := net.SplitHostPort(listening)
	if len(n.Auto) > 0 && err == nil {
		host = n.Auto[0]
	}
	if err == nil && port == "443" {
		return "https://" + host
	}
	return "https://" + net.JoinHostPort(host, port)
}

// Proxies parses TrustedProxies.
func (n Node) Proxies() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range n.TrustedProxies {
		prefix, err := netip.ParsePrefix(text)
		if one, alone := netip.ParseAddr(text); alone == nil {
			prefix, err = one.Unmap().Prefix(one.Unmap().BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies %q: want an address, or a network such as 10.0.0.0/8", text)
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

// Validate checks what the flag parser cannot.
func (n Node) Validate() error {
	if n.DB != "" && !strings.HasPrefix(n.DB, "postgres://") && !strings.HasPrefix(n.DB, "postgresql://") {
		return fmt.Errorf("--db: want a postgres:// URL, or nothing for the embedded database")
	}
	if n.Redis != "" && !slices.ContainsFunc([]string{"redis://", "rediss://", "unix://"}, func(scheme string) bool { return strings.HasPrefix(n.Redis, scheme) }) {
		return fmt.Errorf("--redis: want a redis://, rediss:// or unix:// URL, or nothing")
	}
	if n.Redis != "" && n.DB == "" {
		return fmt.Errorf("--redis is for several nodes, and those need --db postgres://")
	}
	if (!n.Edge() || !n.Worker()) && n.DB == "" {
		return fmt.Errorf("--roles: a node on the embedded database stands alone and has every role")
	}
	if n.PublicURL != "" {
		if u, err := url.Parse(n.PublicURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("--public-url: want http(s)://host")
		}
	}
	if n.Blobs != "" && !strings.HasPrefix(n.Blobs, "s3://") {
		return fmt.Errorf("--blobs: want s3://BUCKET/PREFIX?endpoint=https://HOST, or nothing for the data directory")
	}
	if _, err := n.Proxies(); err != nil {
		return err
	}
	return n.validate()
}
