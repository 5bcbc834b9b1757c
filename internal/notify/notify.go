// Package notify brings what was said to people who are not here to read it:
// it writes the letter for a delivery, has a channel send it, and decides what
// its receipt means.
package notify

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/ticket"
)

// Deliveries keeps what has to be sent.
type Deliveries interface {
	// Queued returns what of a conversation still has to be sent, in order.
	Queued(ctx context.Context, scope access.Scope, conversation id.Conversation) ([]inbox.Delivery, error)
	// Entry returns what a delivery carries.
	Entry(ctx context.Context, scope access.Scope, conversation id.Conversation, seq int64) (inbox.Entry, error)
	// Settle writes what became of an attempt.
	Settle(ctx context.Context, scope access.Scope, delivery id.Delivery, outcome Outcome) error
}

// Directory knows whom letters are for and from.
type Directory interface {
	// Recipient reads the address of an identity and whose it is.
	Recipient(ctx context.Context, scope access.Scope, conversation id.Conversation, identity id.Identity) (Recipient, error)
	// Ticket reads the ticket of a conversation; none is ticket.ErrNotFound.
	Ticket(ctx context.Context, scope access.Scope, conversation id.Conversation) (ticket.Ticket, error)
	// Signature is what customers call this desk, and the member of staff if
	// there is one.
	Signature(ctx context.Context, scope access.Scope, staff id.Staff) (Signature, error)
}

// Accounts opens the channels of a workspace.
type Accounts interface {
	// Sender returns the sender of a channel, or channel.ErrNotConfigured.
	Sender(ctx context.Context, scope access.Scope, kind channel.Kind) (channel.Sender, error)
}

// Links makes the address at which a customer sees their ticket.
type Links interface {
	TicketLink(workspace id.Workspace, t id.Ticket, at time.Time) string
}

// Recipient is whom a letter is for.
type Recipient struct {
	Address string
	Name    string
	// Locale is the language they are spoken with.
	Locale string
}

// Signature is whom a letter is from.
type Signature struct {
	Desk  string
	Agent string
}

// Outcome is what became of one attempt.
type Outcome struct {
	State inbox.DeliveryState
	// Reason is a channel.Reason, and what the other side said.
	Reason string
	// NextAt is when to try again what stays queued.
	NextAt     time.Time
	ExternalID string
	At         time.Time
}
