// Package fault gives an error a kind and a code.
//
// The kind says what a caller can do next; the code says what happened, in a
// word that clients translate and that never changes once released. Neither
// mentions HTTP: package httpapi owns that translation.
package fault

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind says what a caller can do about an error.
type Kind uint8

// The kinds. An error nobody classified is Internal, so that a forgotten case
// fails closed.
const (
	Internal        Kind = iota // our mistake: log it, show nothing
	Invalid                     // wrong now, wrong on retry
	NotFound                    // no such thing, or none this caller may see
	Conflict                    // right for a state that has passed
	Forbidden                   // known caller, not allowed
	Unauthenticated             // unknown caller
	Exhausted                   // a limit was reached: wait, then retry
	Unavailable                 // a dependency is down, or the outcome is unknown: retry with the same key
)

// Error is a classified error. Declare the fixed ones in one var block of the
// feature and derive from them with At, Because and After.
type Error struct {
	Kind Kind
	// Code is "noun.what_happened".
	Code string
	// Fields names what is wrong with the input; only Invalid has them.
	Fields []Field
	// RetryAfter is how long to wait before the next try; zero says nothing.
	RetryAfter time.Duration
	// Facts fills the placeholders of the localised title: who took the
	// conversation, how large a file may be. Nothing secret goes in here.
	Facts map[string]string

	cause error
}

// Field is one wrong input field.
type Field struct {
	// Path leads to the field: "body.subject", "query.limit", "body.items[2]".
	Path string `json:"path"`
	// Code says what is wrong with it: "required", "too_long", "malformed".
	Code string `json:"code"`
	// Detail says the same in English, without the rejected value.
	Detail string `json:"detail,omitempty"`
}

// New returns an error of the kind with the code.
func New(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// Error returns the code and the cause, for logs.
func (e *Error) Error() string {
	parts := []string{e.Code}
	for _, field := range e.Fields {
		parts = append(parts, field.Path+":"+field.Code)
	}
	text := strings.Join(parts, " ")
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is an Error of the same code, so that a derived
// error is still errors.Is its origin.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// At returns a copy that names a wrong field.
func (e *Error) At(path, code, detail string) *Error {
	c := *e
	c.Fields = append(slices.Clip(c.Fields), Field{path, code, detail})
	return &c
}

// Because returns a copy with a cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// After returns a copy that asks the caller to wait.
func (e *Error) After(wait time.Duration) *Error {
	c := *e
	c.RetryAfter = wait
	return &c
}

// With returns a copy with one more fact for the localised title.
func (e *Error) With(name, value string) *Error {
	c := *e
	c.Facts = make(map[string]string, len(e.Facts)+1)
	maps.Copy(c.Facts, e.Facts)
	c.Facts[name] = value
	return &c
}

// Of returns the first Error in err's chain, or nil.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// KindOf returns the kind of the first Error in err's chain, or Internal.
func KindOf(err error) Kind {
	if e := Of(err); e != nil {
		return e.Kind
	}
	return Internal
}

// The errors every feature shares.
var (
	ErrInvalid     = New(Invalid, "request.invalid")
	ErrNotFound    = New(NotFound, "request.not_found")
	ErrForbidden   = New(Forbidden, "access.forbidden")
	ErrStale       = New(Conflict, "request.stale_version")
	ErrBusy        = New(Exhausted, "server.busy")
	ErrUnavailable = New(Unavailable, "server.unavailable")
	// ErrFull says that nothing was written because there is no room; reading
	// goes on.
	ErrFull = New(Unavailable, "storage.full")
)
