package ticketdb

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/calendar"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/ticket"
)

// Threads keeps the conversations of tickets. Every call joins the transaction
// of ctx.
type Threads interface {
	// Thread reads what becomes a ticket.
	Thread(ctx context.Context, scope access.Scope, conversation id.Conversation) (Thread, error)
	// Acquainted finds who has the address of a contact, and how they are reached,
	// outside any transaction. Nobody is the zero Acquaintance.
	Acquainted(ctx context.Context, scope access.Scope, contact ticket.Contact) (Acquaintance, error)
	// Begin starts the conversation of a new ticket: finds or makes its
	// customer, has the ticket carry it, and writes the customer's words. It
	// returns the customer.
	Begin(ctx context.Context, scope access.Scope, beginning Beginning, at time.Time) (id.Customer, error)
	// Carry has a ticket carry an open conversation, reopening a resolved one. A
	// carried conversation with the same promise stays as it is.
	Carry(ctx context.Context, scope access.Scope, carried Carried, at time.Time) error
	// Post adds a message to a conversation and delivers it to the customer's
	// address, if there is one. The same ClientID is posted once.
	Post(ctx context.Context, scope access.Scope, conversation id.Conversation, message Message, at time.Time) (Posted, error)
	// Entrust gives a conversation that a ticket carries to the ticket's team, so
	// that whoever sees the one sees the other.
	Entrust(ctx context.Context, scope access.Scope, conversation id.Conversation, team id.Team, at time.Time) error
	// Resolve ends a conversation unless the customer wrote after seenSeq.
	Resolve(ctx context.Context, scope access.Scope, conversation id.Conversation, seenSeq int64, at time.Time) error
}

// Calendars gives the hours in which a team answers.
type Calendars interface {
	// TeamHours returns a team's hours, the workspace's default for none. The
	// answer may be a few seconds old.
	TeamHours(ctx context.Context, scope access.Scope, team id.Team, at time.Time) (*calendar.Hours, error)
}

// Auditor writes an audit row in the transaction of ctx.
type Auditor interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Feed is told of what has been committed. It must not block.
type Feed interface {
	TicketChanged(workspace id.Workspace, changed ticket.Ticket)
}

// Thread is a conversation as a ticket needs to know it.
type Thread struct {
	Conversation id.Conversation
	Customer     id.Customer
	Team         id.Team
	Locale       string
	// TimeZone is the customer's, or empty.
	TimeZone string
	// Channel is the kind of door it came through.
	Channel  string
	Priority ticket.Priority
	// Asked is what the customer last asked: it makes the subject.
	Asked string
	// Carried says that a ticket carries it now.
	Carried bool
	Open    bool
	// CustomerSeq is the newest entry the customer wrote.
	CustomerSeq int64
	// CustomerWaits says that nobody has answered it.
	CustomerWaits bool
}

// Acquaintance is a customer whom a new ticket's address led to, looked up
// beforehand so that the transaction need not read.
type Acquaintance struct {
	Customer id.Customer
	// Nobody says that nobody had the address a moment ago.
	Nobody bool
	About  inbox.About
	Routes []inbox.Delivery
}

// Beginning is a conversation that begins as a ticket.
type Beginning struct {
	Conversation id.Conversation
	Ticket       id.Ticket
	Number       int64
	PromisedAt   time.Time
	Contact      ticket.Contact
	// Known is who has the contact's address, if somebody did a moment ago.
	Known    Acquaintance
	Team     id.Team
	Priority ticket.Priority
	Locale   string
	Channel  string
	Subject  string
	// Text is what the customer wrote, or what staff wrote down for them.
	Text string
	// Notice is what the customer is told: the number and the promised time. It
	// is posted after Text as the desk's own words and delivered to them.
	Notice string
}

// Carried is a promise as the conversation keeps it.
type Carried struct {
	Conversation id.Conversation
	Ticket       id.Ticket
	Number       int64
	PromisedAt   time.Time
	// Reason is one of the inbox's reason codes.
	Reason string
	// Notice is posted and delivered like that of a Beginning, if not empty.
	Notice string
}

// Message is words for the customer, by the scope's actor; by the system's they
// are the desk's own.
type Message struct {
	ClientID string
	Text     string
}

// Posted tells where a message stands.
type Posted struct {
	Seq int64
	// Again says that it had been posted before.
	Again bool
}
