package access

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// TokenKind begins a token's text, so that people and scanners of leaked
// secrets know what they look at.
type TokenKind string

// The kinds of token this package gives out.
const (
	SessionToken    TokenKind = "eds_"
	KeyToken        TokenKind = "edk_"
	InvitationToken TokenKind = "edi_"
	ResetToken      TokenKind = "edr_"
	SetupToken      TokenKind = "edu_"
)

// Token is a secret made once: Text goes to its holder and is never stored,
// Hash is stored and looked up. 256 random bits need no slow hash.
type Token struct{ Text, Hash string }

// NewToken makes a token.
func NewToken(kind TokenKind) Token {
	text := string(kind) + base64.RawURLEncoding.EncodeToString(random(32))
	return Token{text, hash(text)}
}

// Hash returns what a token of the kind is looked up by, or "" for text that
// cannot be one.
func (k TokenKind) Hash(text string) string {
	if !strings.HasPrefix(text, string(k)) || len(text) != len(k)+43 {
		return ""
	}
	return hash(text)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
