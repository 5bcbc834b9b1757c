// Package page cuts lists into pages by keyset: a cursor names the last row
// seen, so pages stay right while rows come and go.
package page

import (
	"encoding/base64"
	"encoding/binary"

	"everdesk/internal/fault"
)

// ErrCursor says that a cursor is not one of ours.
var ErrCursor = fault.New(fault.Invalid, "request.invalid_cursor")

// Cursor is the sort key of the last row seen: a number (mostly microseconds)
// and the row's id. Zero is the beginning.
type Cursor struct{ Key, ID int64 }

// IsZero reports whether c is the beginning.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// String is the public form, "" for the beginning.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	raw := binary.AppendVarint(nil, c.Key)
	return base64.RawURLEncoding.EncodeToString(binary.AppendVarint(raw, c.ID))
}

// Parse reads the public form.
func Parse(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return Cursor{}, ErrCursor.At("query.cursor", "malformed", "not a cursor of this list")
	}
	key, n := binary.Varint(raw)
	if n <= 0 {
		return Cursor{}, ErrCursor.At("query.cursor", "malformed", "not a cursor of this list")
	}
	number, m := binary.Varint(raw[n:])
	if m <= 0 || n+m != len(raw) {
		return Cursor{}, ErrCursor.At("query.cursor", "malformed", "not a cursor of this list")
	}
	return Cursor{key, number}, nil
}

// Request asks for one page.
type Request struct {
	// Limit is 1 to 100.
	Limit int
	After Cursor
}

// Of is one page. Next is zero on the last one.
type Of[T any] struct {
	Items []T
	Next  Cursor
}

// Cut makes a page of rows read with LIMIT Limit+1: the one too many only says
// that there is a next page.
func Cut[T any](rows []T, request Request, key func(T) Cursor) Of[T] {
	if len(rows) <= request.Limit {
		return Of[T]{Items: rows}
	}
	rows = rows[:request.Limit]
	return Of[T]{Items: rows, Next: key(rows[len(rows)-1])}
}
