// Package commit holds what a caller of storage may say about a transaction
// without knowing storage: that several changes belong together, and that a
// change is to happen once per idempotency key.
package commit

import (
	"context"
	"time"

	"everdesk/internal/id"
)

// Unit runs a function in one transaction, which every storage call made with
// the ctx it is given joins. The function may run more than once and must not
// do anything but such calls.
type Unit interface {
	Atomically(ctx context.Context, fn func(context.Context) error) error
}

// Claim makes a change happen once per idempotency key. The same key with the
// same request answers with what the first one made; with another request it is
// refused. A refused change leaves no claim, so its key may be used again.
type Claim struct {
	Workspace id.Workspace
	// Actor is who asks ("stf_..."): a key never answers another actor.
	Actor string
	// Route is what is asked ("POST /api/v1/tickets").
	Route string
	// Key is the client's own, at most 200 bytes.
	Key string
	// Request is the request's body in any stable form; only its hash is kept.
	Request []byte
	At      time.Time

	// Replayed says that the change had happened before and did not run now.
	Replayed bool
	// Result is what the first run remembered, after a replay.
	Result int64
}
