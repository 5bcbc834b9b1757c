package ticket

import (
	"everdesk/internal/id"
	"everdesk/internal/page"
)

// Contact is how the customer of a new ticket is known and reached. A visitor's
// own ticket has Customer set.
type Contact struct {
	Customer id.Customer
	Name     string
	Email    string
	Phone    string
}

// Draft is a ticket about to be made.
type Draft struct {
	Subject  string
	Text     string
	Contact  Contact
	Priority Priority
	Team     id.Team
	Locale   string
	// Channel is the kind of door: "form" for a customer's own, "api" for
	// programs and staff.
	Channel string
}

// Making says of what and why a conversation becomes a ticket.
type Making struct {
	// Subject replaces what the customer asked; Priority the conversation's.
	Subject  string
	Priority Priority
	// Reason is one of the inbox's reason codes.
	Reason string
	// Notice replaces what the customer is told; {number} and {promise} stand for
	// the ticket's.
	Notice string
}

// Reply is what somebody adds to a ticket.
type Reply struct {
	// ClientID makes it exactly once in its conversation.
	ClientID string
	Text     string
	// KeepOpen says that staff owe the next word too.
	KeepOpen bool
}

// View is a list of tickets.
type View string

// The views. Unsettled tickets come by promised time, the next one first;
// settled ones and all by their newest first.
const (
	ViewOpen     View = "open"
	ViewMine     View = "mine"
	ViewBreached View = "breached"
	ViewResolved View = "resolved"
	ViewAll      View = "all"
)

// Query asks for one page of a view.
type Query struct {
	View View
	// Text is a ticket's number, with or without "#", or part of its subject.
	Text string
	Page page.Request
}
