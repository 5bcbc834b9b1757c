package customer

import (
	"net/mail"
	"strings"
	"time"
	"unicode"

	"everdesk/internal/id"
)

// IdentityKind says what kind of address or name an identity is.
type IdentityKind string

// The kinds. Host is the name a host's own system knows the customer by.
const (
	Mail  IdentityKind = "email"
	Phone IdentityKind = "phone"
	Host  IdentityKind = "host"
)

// Identity is one thing a customer is known or reached by. Any number of
// customers may claim a value; it is verified for at most one.
type Identity struct {
	ID       id.Identity
	Customer id.Customer
	Kind     IdentityKind
	// Account is the channel account the value is of, where values of several
	// accounts are apart (a host's user ids); else zero.
	Account   id.Channel
	Value     string
	Verified  bool
	CreatedAt time.Time
}

// Sealer keeps contact values unreadable at rest and findable by equality. The
// purpose is bound into the value.
type Sealer interface {
	Seal(purpose, text string) string
	Open(purpose, sealed string) (string, error)
	Index(purpose, value string) string
}

// Normalize brings a value to the one spelling it is stored and found by, or
// returns ErrIdentity.
func Normalize(kind IdentityKind, value string) (string, error) {
	value = strings.TrimSpace(value)
	switch kind {
	case Mail:
		address, err := mail.ParseAddress(value)
		if err != nil || address.Name != "" || len(value) > 254 || strings.ContainsAny(value, "<>\r\n ") {
			return "", ErrIdentity.At("body.email", "malformed", "not a mail address")
		}
		return strings.ToLower(address.Address), nil
	case Phone:
		return normalizePhone(value)
	case Host:
		if value == "" || len(value) > 200 || hasControl(value) {
			return "", ErrIdentity.At("body.sub", "malformed", "1 to 200 characters")
		}
		return value, nil
	}
	return "", ErrIdentity.At("body.kind", "unknown", "no such kind of identity")
}

// normalizePhone keeps digits and a leading plus: "+86 138-0000-0000" is
// "+8613800000000".
func normalizePhone(value string) (string, error) {
	var kept strings.Builder
	for i, r := range value {
		switch {
		case r >= '0' && r <= '9':
			kept.WriteRune(r)
		case r == '+' && i == 0:
			kept.WriteRune(r)
		case strings.ContainsRune(" -().", r):
		default:
			return "", ErrIdentity.At("body.phone", "malformed", "not a phone number")
		}
	}
	digits := strings.TrimPrefix(kept.String(), "+")
	if len(digits) < 5 || len(digits) > 15 {
		return "", ErrIdentity.At("body.phone", "malformed", "want 5 to 15 digits")
	}
	return kept.String(), nil
}

// Masked is the value as those see it who may not see contact data whole.
func (i Identity) Masked() string {
	switch i.Kind {
	case Mail:
		name, host, _ := strings.Cut(i.Value, "@")
		return first(name, 1) + "***@" + host
	case Phone:
		if len(i.Value) < 8 {
			return "***" + i.Value[max(0, len(i.Value)-2):]
		}
		return i.Value[:3] + "****" + i.Value[len(i.Value)-4:]
	}
	return first(i.Value, 3) + "***"
}

func first(text string, n int) string {
	runes := []rune(text)
	return string(runes[:min(n, len(runes))])
}

// clean trims a line of text and drops control characters.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text))
}

func hasControl(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }
