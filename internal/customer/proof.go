package customer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// ProofLasts is the longest a host may vouch for somebody in one token, and
// ClockSkew by how much its clock may be ahead of ours.
const (
	ProofLasts = time.Hour
	ClockSkew  = time.Minute
)

// Proof is what a host says of a visitor it has signed in itself.
type Proof struct {
	// Subject is the host's own name for the customer.
	Subject string
	// Only these, being signed, may set the tier, the mail or the phone.
	Name, Mail, Phone, Tier, Locale string
	// Attributes are the rest of the signed attributes.
	Attributes map[string]string
	IssuedAt   time.Time
	ExpiresAt  time.Time
}

// VerifyProof reads a host's token: a JWT signed with HS256 and the widget's
// secret, with sub, iat, exp at most an hour after iat, and attrs. No other
// algorithm is known here, so none can be chosen by the token.
func VerifyProof(token string, secret []byte, at time.Time) (Proof, error) {
	head, rest, ok := strings.Cut(token, ".")
	body, signature, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || len(secret) == 0 || len(token) > 8192 {
		return Proof{}, ErrProof
	}
	var header struct {
		Alg string `json:"alg"`
		Typ string `json:"typ"`
	}
	if err := decodePart(head, &header); err != nil || header.Alg != "HS256" || header.Typ != "" && !strings.EqualFold(header.Typ, "JWT") {
		return Proof{}, ErrProof
	}
	given, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(given, sign(head+"."+body, secret)) {
		return Proof{}, ErrProof
	}
	var claims struct {
		Sub   string         `json:"sub"`
		Iat   *float64       `json:"iat"`
		Exp   *float64       `json:"exp"`
		Attrs map[string]any `json:"attrs"`
	}
	if err := decodePart(body, &claims); err != nil || claims.Iat == nil || claims.Exp == nil {
		return Proof{}, ErrProof
	}
	proof := Proof{Subject: claims.Sub, IssuedAt: unix(*claims.Iat), ExpiresAt: unix(*claims.Exp)}
	if _, err := Normalize(Host, proof.Subject); err != nil {
		return Proof{}, ErrProof.Because(err)
	}
	switch {
	case !proof.ExpiresAt.After(at):
		return Proof{}, ErrProofStale
	case proof.ExpiresAt.Sub(proof.IssuedAt) > ProofLasts, !proof.ExpiresAt.After(proof.IssuedAt), proof.IssuedAt.After(at.Add(ClockSkew)):
		return Proof{}, ErrProof
	}
	return proof, proof.read(claims.Attrs)
}

// SignProof makes such a token: for the demo shop, and for tests of hosts.
func SignProof(proof Proof, secret []byte) string {
	attrs := map[string]any{}
	for name, value := range map[string]string{"name": proof.Name, "email": proof.Mail, "phone": proof.Phone, "tier": proof.Tier, "locale": proof.Locale} {
		if value != "" {
			attrs[name] = value
		}
	}
	for name, value := range proof.Attributes {
		attrs[name] = value
	}
	// Strings and numbers always marshal.
	body, _ := json.Marshal(map[string]any{
		"sub": proof.Subject, "iat": proof.IssuedAt.Unix(), "exp": proof.ExpiresAt.Unix(), "attrs": attrs,
	})
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign(text, secret))
}

// read takes over the signed attributes. One of the wrong form spoils the
// proof: the host should hear of it rather than see it ignored.
func (p *Proof) read(attrs map[string]any) (err error) {
	p.Attributes = map[string]string{}
	for name, value := range attrs {
		text, ok := value.(string)
		if !ok {
			raw, err := json.Marshal(value)
			if err != nil || len(raw) > 1000 {
				return ErrProof
			}
			text = string(raw)
		}
		switch name {
		case "name":
			p.Name = first(clean(text), 120)
		case "email":
			p.Mail, err = Normalize(Mail, text)
		case "phone":
			p.Phone, err = Normalize(Phone, text)
		case "tier":
			p.Tier = first(clean(text), 60)
		case "locale":
			p.Locale = first(clean(text), 35)
		default:
			p.Attributes[name] = text
		}
		if err != nil {
			return ErrProof.Because(err)
		}
	}
	if code, _ := checkAttributes(p.Attributes); code != "" {
		return ErrProof
	}
	return nil
}

func decodePart(part string, v any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, v)
}

func sign(text string, secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func unix(seconds float64) time.Time {
	if !(seconds > 0 && seconds < 1e11) {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}
