package channel

import (
	"net/mail"
	"net/netip"
	"net/url"
	"strings"

	"everdesk/internal/fault"
)

// Security is how a connection to a mail server is protected.
type Security string

// The securities. None is for a server on the same machine only.
const (
	StartTLS Security = "starttls"
	TLS      Security = "tls"
	None     Security = "none"
)

// EmailSettings say how mail goes out.
type EmailSettings struct {
	Host     string   `json:"host"`
	Port     int      `json:"port"`
	Security Security `json:"security"`
	Username string   `json:"username"`
	// Password is kept sealed and never shown.
	Password string `json:"-"`
	// From is the sender, "Support <support@shop.example>".
	From string `json:"from"`
}

// Check names what is wrong with the settings.
func (s EmailSettings) Check() error {
	var w wrongs
	w.host("body.host", s.Host)
	if s.Port < 1 || s.Port > 65535 {
		w.add("body.port", "out_of_range", "1 to 65535")
	}
	switch s.Security {
	case StartTLS, TLS:
	case None:
		if !loopback(s.Host) {
			w.add("body.security", "not_allowed", "an unprotected connection is allowed on the same machine only")
		}
	default:
		w.add("body.security", "not_allowed", "starttls, tls or none")
	}
	if from, err := mail.ParseAddress(s.From); err != nil || !strings.Contains(from.Address, "@") {
		w.add("body.from", "malformed", "a mail address, with or without a name")
	}
	if s.Username != "" && s.Password == "" {
		w.add("body.password", "required", "a user name needs a password")
	}
	w.long("body.username", s.Username, 200)
	w.long("body.password", s.Password, 500)
	w.long("body.from", s.From, 300)
	return w.err()
}

// SMSSettings say how text messages go out: as signed HTTP requests to a gateway.
type SMSSettings struct {
	URL string `json:"url"`
	// Secret signs the requests; it is kept sealed and never shown.
	Secret string `json:"-"`
	// From is the sender's name or number, as the gateway knows it.
	From string `json:"from"`
}

// Check names what is wrong with the settings.
func (s SMSSettings) Check() error {
	var w wrongs
	at, err := url.Parse(s.URL)
	switch {
	case err != nil || at.Host == "" || at.User != nil || at.Fragment != "":
		w.add("body.url", "malformed", "an https address without user and fragment")
	case at.Scheme == "http" && !loopback(at.Hostname()), at.Scheme != "http" && at.Scheme != "https":
		w.add("body.url", "not_allowed", "https; plain http is allowed on the same machine only")
	}
	if len(s.Secret) < 16 {
		w.add("body.secret", "too_short", "at least 16 characters")
	}
	w.long("body.url", s.URL, 1000)
	w.long("body.secret", s.Secret, 500)
	w.long("body.from", s.From, 50)
	return w.err()
}

// wrongs collects what is wrong.
type wrongs struct{ found *fault.Error }

func (w *wrongs) add(path, code, detail string) {
	if w.found == nil {
		w.found = ErrInvalid
	}
	w.found = w.found.At(path, code, detail)
}

func (w *wrongs) long(path, text string, most int) {
	if len(text) > most {
		w.add(path, "too_long", "")
	}
}

func (w *wrongs) host(path, host string) {
	switch {
	case host == "":
		w.add(path, "required", "")
	case len(host) > 253 || strings.ContainsAny(host, " /@[]\r\n\t"):
		w.add(path, "malformed", "a host name or an address")
	}
}

func (w *wrongs) err() error {
	if w.found == nil {
		return nil
	}
	return w.found
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	at, err := netip.ParseAddr(host)
	return err == nil && at.IsLoopback()
}
