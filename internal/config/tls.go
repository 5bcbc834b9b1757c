package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// TLS is how a node speaks HTTPS by itself. Without it a proxy in front does.
type TLS struct {
	Cert      string   `name:"tls-cert" env:"EVERDESK_TLS_CERT" type:"path" help:"Certificate chain as PEM for HTTPS; read again when it changes."`
	Key       string   `name:"tls-key" env:"EVERDESK_TLS_KEY" type:"path" help:"Its private key as PEM."`
	Auto      []string `name:"tls-auto" env:"EVERDESK_TLS_AUTO" help:"Host names to get and renew certificates for by itself, by ACME. They must lead to this desk, at port 443 or at port 80 for --http-addr."`
	Directory string   `name:"tls-directory" default:"https://acme-v02.api.letsencrypt.org/directory" env:"EVERDESK_TLS_DIRECTORY" help:"ACME directory of the authority that --tls-auto asks; using it accepts the authority's terms."`
	Roots     string   `name:"tls-directory-ca" env:"EVERDESK_TLS_DIRECTORY_CA" type:"path" help:"Certificate authorities as PEM that the directory's own certificate may come from; for an authority of your own."`
	Contact   string   `name:"tls-contact" env:"EVERDESK_TLS_CONTACT" help:"Mail address that the authority writes to."`
	Plain     string   `name:"http-addr" env:"EVERDESK_HTTP_ADDR" help:"Address that sends plain HTTP on to HTTPS. Default: port 80 beside port 443, else none; - for none."`
}

// On reports whether the node speaks HTTPS.
func (t TLS) On() bool { return t.Cert != "" || len(t.Auto) > 0 }

// PlainFor is the address for plain HTTP beside an address for HTTPS, or "".
func (t TLS) PlainFor(addr string) string {
	switch {
	case !t.On() || t.Plain == "-":
		return ""
	case t.Plain != "":
		return t.Plain
	}
	if host, port, err := net.SplitHostPort(addr); err == nil && (port == "443" || port == "https") {
		return net.JoinHostPort(host, "80")
	}
	return ""
}

// validate checks what the flag parser cannot.
func (t TLS) validate() error {
	switch {
	case (t.Cert == "") != (t.Key == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case t.Cert != "" && len(t.Auto) > 0:
		return errors.New("give either --tls-cert and --tls-key, or --tls-auto")
	case !t.On() && t.Plain != "" && t.Plain != "-":
		return errors.New("--http-addr sends people on to HTTPS: give --tls-cert and --tls-key, or --tls-auto")
	}
	for _, name := range t.Auto {
		if !strings.Contains(name, ".") || strings.ContainsAny(name, "/:* ") {
			return fmt.Errorf("--tls-auto %q: want a host name such as desk.example.com", name)
		}
	}
	if u, err := url.Parse(t.Directory); len(t.Auto) > 0 && (err != nil || u.Scheme != "https") {
		return fmt.Errorf("--tls-directory: want an https:// URL")
	}
	return nil
}
