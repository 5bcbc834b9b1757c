package config_test

import (
	"strings"
	"testing"

	"everdesk/internal/config"
)

// acme is a directory that could be one.
const acme = "https://acme.test/directory"

func TestSettingsThatCannotBeMeantAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		node config.Node
		says string // "" for what is right
	}{
		"nothing":                             {config.Node{}, ""},
		"a database of another kind":          {config.Node{DB: "mysql://desk"}, "--db"},
		"a public URL without a host":         {config.Node{PublicURL: "desk"}, "--public-url"},
		"a proxy as an address":               {config.Node{TrustedProxies: []string{"10.1.2.3", "::1"}}, ""},
		"a proxy as a name":                   {config.Node{TrustedProxies: []string{"proxy"}}, "--trusted-proxies"},
		"a bucket":                            {config.Node{Blobs: "s3://uploads?endpoint=https://host"}, ""},
		"a bucket of another kind":            {config.Node{Blobs: "gs://uploads"}, "--blobs"},
		"a certificate without a key":         {config.Node{TLS: config.TLS{Cert: "c.pem"}}, "--tls-key"},
		"a key without a certificate":         {config.Node{TLS: config.TLS{Key: "k.pem"}}, "--tls-cert"},
		"a certificate and its key":           {config.Node{TLS: config.TLS{Cert: "c.pem", Key: "k.pem"}}, ""},
		"files and automatic certificates":    {config.Node{TLS: config.TLS{Cert: "c.pem", Key: "k.pem", Auto: []string{"desk.test"}, Directory: acme}}, "either"},
		"an automatic certificate":            {config.Node{TLS: config.TLS{Auto: []string{"desk.test"}, Directory: acme}}, ""},
		"one for a URL":                       {config.Node{TLS: config.TLS{Auto: []string{"https://desk.test"}, Directory: acme}}, "--tls-auto"},
		"one for a machine without a domain":  {config.Node{TLS: config.TLS{Auto: []string{"desk"}, Directory: acme}}, "--tls-auto"},
		"one for all names":                   {config.Node{TLS: config.TLS{Auto: []string{"*.desk.test"}, Directory: acme}}, "--tls-auto"},
		"one by a directory without TLS":      {config.Node{TLS: config.TLS{Auto: []string{"desk.test"}, Directory: "http://acme.test"}}, "--tls-directory"},
		"plain HTTP sent on to nowhere":       {config.Node{TLS: config.TLS{Plain: ":80"}}, "--http-addr"},
		"no plain HTTP where there is no TLS": {config.Node{TLS: config.TLS{Plain: "-"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.node.Validate()
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

func TestTheDeskKnowsItsOwnAddress(t *testing.T) {
	files := config.TLS{Cert: "c.pem", Key: "k.pem"}
	for name, c := range map[string]struct {
		node          config.Node
		listening     string
		public, plain string
	}{
		"plain":                       {config.Node{}, "127.0.0.1:8080", "http://127.0.0.1:8080", ""},
		"behind a proxy":              {config.Node{PublicURL: "https://desk.test/"}, "127.0.0.1:8080", "https://desk.test", ""},
		"with files":                  {config.Node{TLS: files}, "192.0.2.1:443", "https://192.0.2.1", "192.0.2.1:80"},
		"with files at another port":  {config.Node{TLS: files}, "[2001:db8::1]:8443", "https://[2001:db8::1]:8443", ""},
		"by itself, with two names":   {config.Node{TLS: config.TLS{Auto: []string{"desk.test", "help.test"}}}, "[::]:443", "https://desk.test", "[::]:80"},
		"by itself, not on plain":     {config.Node{TLS: config.TLS{Auto: []string{"desk.test"}, Plain: "-"}}, "[::]:443", "https://desk.test", ""},
		"with plain somewhere else":   {config.Node{TLS: config.TLS{Cert: "c.pem", Key: "k.pem", Plain: ":8081"}}, "0.0.0.0:8443", "https://0.0.0.0:8443", ":8081"},
		"plain, whatever is asked of": {config.Node{TLS: config.TLS{Plain: ":8081"}}, "0.0.0.0:8080", "http://0.0.0.0:8080", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.node.Public(c.listening); got != c.public {
				t.Errorf("public is %q, want %q", got, c.public)
			}
			if got := c.node.PlainFor(c.listening); got != c.plain {
				t.Errorf("plain HTTP at %q, want %q", got, c.plain)
			}
		})
	}
}
