package observe

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// hidden is what a secret reads as in the log.
const hidden = "[hidden]"

// secretWords in an attribute's key hide its value whatever it is.
var secretWords = []string{
	"password", "passphrase", "secret", "token", "authorization", "cookie", "credential", "private_key", "api_key", "dsn",
	"email", "mail_address", "phone",
}

// secretText is what a secret looks like inside a text, whatever its key: our
// own keys and tokens, bearer headers, signed tokens, and passwords in URLs.
var secretText = regexp.MustCompile(`\bed[kv]_[A-Za-z0-9_-]{8,}|(?i:bearer)\s+\S+|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|(://[^\s:/@]*:)[^\s@]+@`)

// NewLog returns a logger that writes to w, as JSON lines or for a person to
// read. Values that are secret by their key or by their look are hidden, also
// inside errors; that is a net under the rule that nobody logs them, not a
// licence to.
func NewLog(w io.Writer, level slog.Leveler, json bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	if json {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// redact is the handler's ReplaceAttr.
func redact(_ []string, attr slog.Attr) slog.Attr {
	if secretKey(attr.Key) {
		return slog.String(attr.Key, hidden)
	}
	switch attr.Value.Kind() {
	case slog.KindString:
		return slog.String(attr.Key, Redact(attr.Value.String()))
	case slog.KindAny:
		if err, ok := attr.Value.Any().(error); ok {
			return slog.String(attr.Key, Redact(err.Error()))
		}
	}
	return attr
}

func secretKey(key string) bool {
	key = strings.ToLower(key)
	for _, word := range secretWords {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}

// Redact returns text without the parts that look like secrets.
func Redact(text string) string {
	return secretText.ReplaceAllStringFunc(text, func(found string) string {
		if i := strings.Index(found, "://"); i >= 0 { // keep whose password it was
			user, _, _ := strings.Cut(found[i+3:], ":")
			return found[:i+3] + user + ":" + hidden + "@"
		}
		return hidden
	})
}
