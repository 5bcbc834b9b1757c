// Package seal keeps personal data and secrets unreadable in the database.
//
// A sealed value is AES-256-GCM under a key of the ring and names that key, so
// keys can be rotated: the newest seals, older ones still open. What must be
// found again is looked up by a blind index, a keyed hash that says nothing
// without the ring. The ring lives beside the database, never in it: a copied
// database alone gives away neither addresses nor passwords.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrUnsealable says that a value was not sealed by this ring, or was changed,
// or is not where it was sealed for.
var ErrUnsealable = errors.New("seal: the value does not open")

const scheme = "s1"

// Ring seals with its newest key and opens with all of them. It is immutable
// and safe for concurrent use.
type Ring struct {
	newest  string
	ciphers map[string]cipher.AEAD
	index   []byte
}

// Seal encrypts text for one purpose ("account.mail"). The purpose is bound in:
// a value copied to another column does not open there. The empty text stays
// empty, so that "none" can be told from "something" without the ring.
func (r *Ring) Seal(purpose, text string) string {
	if text == "" {
		return ""
	}
	aead := r.ciphers[r.newest]
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(text)+aead.Overhead())
	rand.Read(nonce)
	sealed := aead.Seal(nonce, nonce, []byte(text), []byte(purpose))
	return scheme + "." + r.newest + "." + base64.RawURLEncoding.EncodeToString(sealed)
}

// Open is the inverse of Seal.
func (r *Ring) Open(purpose, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	key, body, ok := split(sealed)
	if !ok {
		return "", ErrUnsealable
	}
	aead := r.ciphers[key]
	if aead == nil {
		return "", fmt.Errorf("%w: no key %s", ErrUnsealable, key)
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || len(raw) < aead.NonceSize() {
		return "", ErrUnsealable
	}
	text, err := aead.Open(nil, raw[:aead.NonceSize()], raw[aead.NonceSize():], []byte(purpose))
	if err != nil {
		return "", ErrUnsealable
	}
	return string(text), nil
}

// Stale reports whether a value was sealed with an older key than the newest:
// what a re-sealing pass after a rotation looks for.
func (r *Ring) Stale(sealed string) bool {
	key, _, ok := split(sealed)
	return ok && key != r.newest
}

func split(sealed string) (key, body string, ok bool) {
	rest, ok := strings.CutPrefix(sealed, scheme+".")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ".")
}

// Index returns the blind index of a value: equal values of one purpose have
// equal indexes, and nobody without the ring can tell what they are of or test
// a guess. Bring the value to one spelling first. It is also a keyed checksum.
func (r *Ring) Index(purpose, value string) string {
	mac := hmac.New(sha256.New, r.index)
	// The length keeps ("ab", "c") apart from ("a", "bc").
	fmt.Fprintf(mac, "%d.%s.%s", len(purpose), purpose, value)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// newRing builds the ciphers of a key file.
func newRing(file keyFile) (*Ring, error) {
	if len(file.Keys) == 0 {
		return nil, errors.New("seal: no keys")
	}
	if len(file.Index) != keySize {
		return nil, fmt.Errorf("seal: the index key has %d bytes, want %d", len(file.Index), keySize)
	}
	ring := &Ring{ciphers: map[string]cipher.AEAD{}, index: file.Index}
	for _, key := range file.Keys {
		if key.ID == "" || strings.ContainsAny(key.ID, ". \t\n") || ring.ciphers[key.ID] != nil {
			return nil, fmt.Errorf("seal: %q cannot be the id of a key, or is used twice", key.ID)
		}
		if len(key.Secret) != keySize {
			return nil, fmt.Errorf("seal: key %s has %d bytes, want %d", key.ID, len(key.Secret), keySize)
		}
		block, err := aes.NewCipher(key.Secret)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			return nil, err
		}
		ring.ciphers[key.ID], ring.newest = aead, key.ID
	}
	return ring, nil
}
