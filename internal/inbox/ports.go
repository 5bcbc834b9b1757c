package inbox

import (
	"context"
	"time"

	"everdesk/internal/id"
)

// Promiser makes tickets of conversations that nobody takes in time. The app
// binds it to the ticket feature.
type Promiser interface {
	// Promise gives the conversation a ticket with a promised time, or its
	// present ticket a new one, and has the ticket carry it (inboxdb.ToTicket).
	// It runs in the transaction of ctx.
	Promise(ctx context.Context, workspace id.Workspace, conversation id.Conversation, reason ReasonCode, at time.Time) error
}

// Outward knows where a message to a customer must go besides the widget: to a
// mail address, to a phone. It is asked for what is not live, in the
// transaction of ctx, and answers with identity and channel.
type Outward interface {
	Routes(ctx context.Context, conversation Conversation) ([]Delivery, error)
}

// Feed is told of what has been committed, so that it can be shown at once. It
// must not block: what it loses is fetched by sequence number.
type Feed interface {
	Changed(Update)
}

// Update is one committed change.
type Update struct {
	Workspace    id.Workspace
	Conversation Conversation
	// Entries are the new ones, in order.
	Entries []Entry
	// Moved is the new owner's move, if it moved.
	Moved bool
	// Read is whose read mark moved, if one did.
	Read AuthorKind
	// Delivery is set when only a delivery's state changed.
	Delivery *Delivery
}

// Watch is told of presence and load.
type Watch interface {
	Presence(workspace id.Workspace, staff id.Staff)
}

// Connected says who sits at a widget right now.
type Connected interface {
	Customer(workspace id.Workspace, customer id.Customer) bool
}
