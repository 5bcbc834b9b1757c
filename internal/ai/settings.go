package ai

import (
	"net/netip"
	"net/url"
	"strings"
)

// Settings are a workspace's provider.
type Settings struct {
	Enabled bool `json:"enabled"`
	// URL is where the interface begins: "https://models.example/v1".
	URL   string `json:"url"`
	Model string `json:"model"`
	// EmbeddingModel and VisionModel may be empty: then there is none.
	EmbeddingModel string `json:"embedding_model"`
	VisionModel    string `json:"vision_model"`
	// Key is kept sealed and never shown. A provider on the same machine may
	// need none.
	Key string `json:"-"`
	// MonthlyTokens is what may be spent in a calendar month (UTC), PerMinute how
	// many calls a minute each node makes. Zero allows nothing.
	MonthlyTokens int64 `json:"monthly_tokens"`
	PerMinute     int   `json:"per_minute"`
}

// Bounds of settings.
const (
	MaxURL       = 500
	MaxModel     = 120
	MaxKey       = 500
	MaxTokens    = 1_000_000_000_000
	MaxPerMinute = 10_000
)

// Check names what is wrong with the settings.
func (s Settings) Check() error {
	problem := ErrInvalid
	add := func(field, code, detail string) { problem = problem.At("body."+field, code, detail) }
	at, err := url.Parse(s.URL)
	switch {
	case err != nil || at.Host == "" || at.User != nil || at.Fragment != "" || at.RawQuery != "" || len(s.URL) > MaxURL:
		add("url", "malformed", "an https address without user, query and fragment")
	case at.Scheme == "http" && !loopback(at.Hostname()), at.Scheme != "http" && at.Scheme != "https":
		add("url", "not_allowed", "https; plain http is allowed on the same machine only")
	}
	if s.Enabled && s.Model == "" {
		add("model", "required", "")
	}
	for field, name := range map[string]string{"model": s.Model, "embedding_model": s.EmbeddingModel, "vision_model": s.VisionModel} {
		if len(name) > MaxModel || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
			add(field, "malformed", "")
		}
	}
	if len(s.Key) > MaxKey || strings.ContainsFunc(s.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		add("key", "malformed", "")
	}
	if s.MonthlyTokens < 0 || s.MonthlyTokens > MaxTokens {
		add("monthly_tokens", "out_of_range", "")
	}
	if s.PerMinute < 0 || s.PerMinute > MaxPerMinute {
		add("per_minute", "out_of_range", "")
	}
	if len(problem.Fields) > 0 {
		return problem
	}
	return nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// Spent is what a workspace has used of its provider in a month.
type Spent struct {
	Calls, Failures, Tokens int64
}
