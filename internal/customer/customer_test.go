package customer_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/customer"
)

var (
	at     = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	secret = []byte("a host's secret")
)

func proof() customer.Proof {
	return customer.Proof{
		Subject: "user-81", Name: "林晓", Mail: "lin@shop.example", Phone: "+8613800004417", Tier: "gold", Locale: "zh-CN",
		Attributes: map[string]string{"plan": "pro"}, IssuedAt: at, ExpiresAt: at.Add(time.Hour),
	}
}

func TestAHostsProofIsReadBack(t *testing.T) {
	got, err := customer.VerifyProof(customer.SignProof(proof(), secret), secret, at.Add(time.Minute))
	if diff := cmp.Diff(proof(), got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func forge(header, claims string, key []byte) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestOtherProofsAreRefused(t *testing.T) {
	const hs256 = `{"alg":"HS256","typ":"JWT"}`
	good := customer.SignProof(proof(), secret)
	parts := strings.Split(good, ".")
	for name, test := range map[string]struct {
		token string
		at    time.Time
		want  error
	}{
		"signed with another secret":  {token: customer.SignProof(proof(), []byte("guess")), want: customer.ErrProof},
		"not signed":                  {token: forge(`{"alg":"none"}`, `{"sub":"a","iat":1795165200,"exp":1795165260}`, secret), want: customer.ErrProof},
		"another algorithm":           {token: forge(`{"alg":"HS512"}`, `{"sub":"a","iat":1795165200,"exp":1795165260}`, secret), want: customer.ErrProof},
		"the body changed":            {token: parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"admin"}`)) + "." + parts[2], want: customer.ErrProof},
		"expired":                     {token: good, at: at.Add(time.Hour), want: customer.ErrProofStale},
		"issued in the future":        {token: good, at: at.Add(-2 * time.Minute), want: customer.ErrProof},
		"lasting longer than an hour": {token: forge(hs256, `{"sub":"a","iat":1795165200,"exp":1795168801}`, secret), want: customer.ErrProof},
		"without an end":              {token: forge(hs256, `{"sub":"a","iat":1795165200}`, secret), want: customer.ErrProof},
		"without a beginning":         {token: forge(hs256, `{"sub":"a","exp":1795168700}`, secret), want: customer.ErrProof},
		"without a subject":           {token: forge(hs256, `{"iat":1795165200,"exp":1795165260}`, secret), want: customer.ErrProof},
		"with a mail that is none":    {token: forge(hs256, `{"sub":"a","iat":1795165200,"exp":1795165260,"attrs":{"email":"x"}}`, secret), want: customer.ErrProof},
		"not a token":                 {token: "abc", want: customer.ErrProof},
		"of three empty parts":        {token: "..", want: customer.ErrProof},
	} {
		t.Run(name, func(t *testing.T) {
			now := at
			if !test.at.IsZero() {
				now = test.at
			}
			if _, err := customer.VerifyProof(test.token, secret, now); !errors.Is(err, test.want) {
				t.Errorf("answered %v, want %v", err, test.want)
			}
		})
	}
	if _, err := customer.VerifyProof(good, nil, at); err == nil {
		t.Error("a widget without a secret believed a proof")
	}
}

func FuzzVerifyProof(f *testing.F) {
	f.Add(customer.SignProof(proof(), secret))
	f.Add("e30.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		if got, err := customer.VerifyProof(token, secret, at); err == nil && got.Subject == "" {
			t.Errorf("%q was believed without a subject", token)
		}
	})
}

func TestIdentitiesHaveOneSpelling(t *testing.T) {
	for name, test := range map[string]struct {
		kind        customer.IdentityKind
		value, want string
	}{
		"a mail address in capitals": {customer.Mail, " Lin.Xiao@Shop.Example ", "lin.xiao@shop.example"},
		"a phone number with blanks": {customer.Phone, "+86 138-0000 (4417)", "+8613800004417"},
		"a host's name is kept":      {customer.Host, "User-81", "User-81"},
		"a mail with a display name": {customer.Mail, "Lin <lin@shop.example>", ""},
		"a mail without a host":      {customer.Mail, "lin", ""},
		"a header in a mail address": {customer.Mail, "lin@shop.example\r\nBcc: x@y.example", ""},
		"letters in a phone number":  {customer.Phone, "call me", ""},
		"too short a phone number":   {customer.Phone, "911", ""},
		"an empty host name":         {customer.Host, "", ""},
		"another kind":               {"fax", "1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := customer.Normalize(test.kind, test.value)
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestMaskedValuesKeepLittle(t *testing.T) {
	for want, identity := range map[string]customer.Identity{
		"l***@shop.example": {Kind: customer.Mail, Value: "lin@shop.example"},
		"+86****4417":       {Kind: customer.Phone, Value: "+8613800004417"},
		"***45":             {Kind: customer.Phone, Value: "12345"},
		"use***":            {Kind: customer.Host, Value: "user-81"},
	} {
		if got := identity.Masked(); got != want {
			t.Errorf("%q is shown as %q, want %q", identity.Value, got, want)
		}
	}
}

func TestGeneratedNamesAreSpreadAndSteady(t *testing.T) {
	for _, locale := range []string{"zh-CN", "en"} {
		seen := map[string]bool{}
		for n := range int64(500) {
			name := customer.GenerateName(locale, 1<<50+n<<12)
			if name != customer.GenerateName(locale, 1<<50+n<<12) {
				t.Fatal("the same number has two names")
			}
			seen[name] = true
		}
		if len(seen) < 350 {
			t.Errorf("%s: only %d names among 500 visitors", locale, len(seen))
		}
	}
}

func TestAPatchNamesEveryWrongField(t *testing.T) {
	empty, long := " ", strings.Repeat("x", 61)
	_, err := customer.Patch{Name: &empty, Tier: &long}.Apply(customer.Customer{})
	if err == nil || err.Error() != "customer.invalid body.name:required body.tier:too_long" {
		t.Errorf("refused as %v", err)
	}
}
