package ticket_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"everdesk/internal/ticket"
)

// key marks with HMAC-SHA256, as the ring of a desk does.
type key string

func (k key) Index(purpose, value string) string {
	mac := hmac.New(sha256.New, []byte(k))
	mac.Write([]byte(purpose + "." + value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestALinkOpensItsTicketUntilItExpires(t *testing.T) {
	link := ticket.NewLink(7, 42, friday)
	token := link.Token(key("ours"))
	got, err := ticket.ParseLink(token, key("ours"), friday.Add(ticket.LinkLasts-time.Hour))
	if err != nil || got.Workspace != 7 || got.Ticket != 42 {
		t.Errorf("opened %+v, %v", got, err)
	}
	if _, err := ticket.ParseLink(token, key("ours"), friday.Add(ticket.LinkLasts)); !errors.Is(err, ticket.ErrLink) {
		t.Errorf("it never ends: %v", err)
	}
	if _, err := ticket.ParseLink(token, key("theirs"), friday); !errors.Is(err, ticket.ErrLink) {
		t.Errorf("another desk opened it: %v", err)
	}
	if len(token) != 49 || strings.ContainsAny(token, "+/=") {
		t.Errorf("token %q", token)
	}
}

func TestAChangedLinkOpensNothing(t *testing.T) {
	token := ticket.NewLink(7, 42, friday).Token(key("ours"))
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="
	for i := range token {
		for _, letter := range letters {
			changed := token[:i] + string(letter) + token[i+1:]
			if _, err := ticket.ParseLink(changed, key("ours"), friday); changed != token && err == nil {
				t.Fatalf("%q was opened", changed)
			}
		}
	}
}

func FuzzNoTokenIsAccepted(f *testing.F) {
	f.Add(ticket.NewLink(7, 42, friday).Token(key("theirs")))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if link, err := ticket.ParseLink(token, key("ours"), friday); err == nil {
			t.Errorf("%q opened %+v", token, link)
		}
	})
}
