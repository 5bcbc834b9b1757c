package event

import "everdesk/internal/id"

// TicketOpened tells of a new ticket.
type TicketOpened struct {
	Ticket       id.Ticket       `json:"ticket"`
	Number       int64           `json:"number"`
	Conversation id.Conversation `json:"conversation"`
	Team         id.Team         `json:"team"`
	Priority     string          `json:"priority"`
}

// Kind names the event.
func (TicketOpened) Kind() string { return "ticket.opened" }

// TicketChanged tells that staff edited a ticket.
type TicketChanged struct {
	Ticket       id.Ticket       `json:"ticket"`
	Conversation id.Conversation `json:"conversation"`
}

// Kind names the event.
func (TicketChanged) Kind() string { return "ticket.changed" }

// TicketAssigned tells who has a ticket now; no staff means its team.
type TicketAssigned struct {
	Ticket       id.Ticket       `json:"ticket"`
	Conversation id.Conversation `json:"conversation"`
	Staff        id.Staff        `json:"staff"`
	Team         id.Team         `json:"team"`
}

// Kind names the event.
func (TicketAssigned) Kind() string { return "ticket.assigned" }

// TicketReturned tells that an assignee lost a ticket to its team.
type TicketReturned struct {
	Ticket       id.Ticket       `json:"ticket"`
	Conversation id.Conversation `json:"conversation"`
	Team         id.Team         `json:"team"`
	From         id.Staff        `json:"from_staff"`
}

// Kind names the event.
func (TicketReturned) Kind() string { return "ticket.returned" }

// TicketAnswered tells that staff answered the customer of a ticket.
type TicketAnswered struct {
	Ticket       id.Ticket       `json:"ticket"`
	Conversation id.Conversation `json:"conversation"`
}

// Kind names the event.
func (TicketAnswered) Kind() string { return "ticket.answered" }

// TicketPromiseBroken alerts: the promised time has passed without an answer.
type TicketPromiseBroken struct {
	Ticket       id.Ticket       `json:"ticket"`
	Number       int64           `json:"number"`
	Conversation id.Conversation `json:"conversation"`
	Team         id.Team         `json:"team"`
	Staff        id.Staff        `json:"staff"`
	// Again says that it was told of before.
	Again bool `json:"again"`
}

// Kind names the event.
func (TicketPromiseBroken) Kind() string { return "ticket.promise_broken" }

// TicketResolved tells that a ticket is settled.
type TicketResolved struct {
	Ticket       id.Ticket       `json:"ticket"`
	Conversation id.Conversation `json:"conversation"`
}

// Kind names the event.
func (TicketResolved) Kind() string { return "ticket.resolved" }

// TicketReopened tells that a settled ticket is owed an answer again.
type TicketReopened struct {
	Ticket       id.Ticket       `json:"ticket"`
	Conversation id.Conversation `json:"conversation"`
	ByCustomer   bool            `json:"by_customer"`
}

// Kind names the event.
func (TicketReopened) Kind() string { return "ticket.reopened" }
