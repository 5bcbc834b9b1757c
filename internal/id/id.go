// Package id gives everything Everdesk keeps a number of its own type.
//
// A number is made by the application, not by the database: 42 bits of
// milliseconds since 2025, 9 bits of leased node number, 12 bits of counter.
// Numbers of one node rise; numbers of two nodes say nothing about order, so
// lists are ordered by sequence, position or (time, id), never by id alone.
package id

import (
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Kind is implemented by the marker types of this package and by no others.
type Kind interface{ prefix() string }

// ID is the number of one thing of kind K. Zero means none.
//
// Outside the process it is text: the kind's three letters, an underscore and
// thirteen letters of Crockford's base32. Text of another kind does not parse,
// so a ticket's number cannot be used where a conversation's is wanted.
type ID[K Kind] int64

// ErrMalformed says that a text is not an id of the kind asked for.
var ErrMalformed = errors.New("malformed id")

var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// String returns the public form, or "" for zero.
func (n ID[K]) String() string {
	if n == 0 {
		return ""
	}
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], uint64(n))
	var kind K
	return kind.prefix() + "_" + encoding.EncodeToString(raw[:])
}

// Parse reads the public form. The empty text is zero.
func Parse[K Kind](text string) (ID[K], error) {
	if text == "" {
		return 0, nil
	}
	var kind K
	body, ok := strings.CutPrefix(text, kind.prefix()+"_")
	if !ok || len(body) != 13 {
		return 0, fmt.Errorf("%w: want %s_ and 13 letters", ErrMalformed, kind.prefix())
	}
	raw, err := encoding.DecodeString(body)
	if err != nil {
		return 0, fmt.Errorf("%w: %s", ErrMalformed, kind.prefix())
	}
	number := ID[K](binary.BigEndian.Uint64(raw))
	// The last letter carries one unused bit: only the canonical text is an id.
	if number <= 0 || number.String() != text {
		return 0, fmt.Errorf("%w: %s", ErrMalformed, kind.prefix())
	}
	return number, nil
}

// MarshalText returns the public form.
func (n ID[K]) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText accepts what Parse accepts.
func (n *ID[K]) UnmarshalText(text []byte) error {
	parsed, err := Parse[K](string(text))
	if err != nil {
		return err
	}
	*n = parsed
	return nil
}

// Int64 returns the bare number, for storage.
func (n ID[K]) Int64() int64 { return int64(n) }
