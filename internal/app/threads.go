package app

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/ticket"
	"everdesk/internal/ticket/ticketdb"
)

// threads gives tickets the conversations that carry what is said about them.
// Every call joins the ticket's transaction.
type threads struct {
	inbox     *inboxdb.Store
	customers *customerdb.Store
	people    *people
}

// Thread reads a conversation as a ticket needs it.
func (t threads) Thread(ctx context.Context, scope access.Scope, which id.Conversation) (ticketdb.Thread, error) {
	c, err := t.inbox.Get(ctx, scope, which)
	if err != nil {
		return ticketdb.Thread{}, err
	}
	who, err := t.customers.Get(ctx, access.System(scope.Workspace), c.Customer)
	if err != nil {
		return ticketdb.Thread{}, err
	}
	thread := ticketdb.Thread{
		Conversation: c.ID, Customer: c.Customer, Team: c.Team, Locale: c.Locale, TimeZone: who.TimeZone,
		Channel: string(c.Channel.Kind), Priority: ticket.Priority(c.Priority.String()),
		Carried: c.Owner.Kind == inbox.OwnerTicket, Open: c.State == inbox.Open,
		CustomerSeq: c.CustomerSeq, CustomerWaits: !c.WaitingSince.IsZero(),
	}
	switch {
	case c.Subject != "":
		thread.Asked = c.Subject
	case c.Summary != nil && len(c.Summary.Questions) > 0:
		thread.Asked = c.Summary.Questions[0]
	default:
		thread.Asked, err = t.asked(ctx, scope, c)
	}
	return thread, err
}

// asked is the newest thing the customer wrote.
func (t threads) asked(ctx context.Context, scope access.Scope, c inbox.Conversation) (string, error) {
	if c.CustomerSeq == 0 {
		return "", nil
	}
	found, err := t.inbox.Entries(ctx, scope, c.ID, inbox.Window{Before: c.CustomerSeq + 1, Limit: 1})
	if err != nil || len(found.Items) == 0 {
		return "", err
	}
	return found.Items[0].Body.Plain(), nil
}

// Acquainted finds who has the address of a contact.
func (t threads) Acquainted(ctx context.Context, scope access.Scope, contact ticket.Contact) (ticketdb.Acquaintance, error) {
	kind, value := addressOf(contact)
	if contact.Customer != 0 || contact.Email != "" && contact.Phone != "" {
		return ticketdb.Acquaintance{}, nil // there is something to be written
	}
	who, err := t.customers.Holder(ctx, scope, kind, value)
	if err != nil || who.ID == 0 {
		return ticketdb.Acquaintance{Nobody: err == nil}, err
	}
	return acquaintance(who), nil
}

func acquaintance(who customer.Customer) ticketdb.Acquaintance {
	return ticketdb.Acquaintance{
		Customer: who.ID, About: inbox.About{Name: who.Name, Locale: who.Locale, Tier: who.Tier}, Routes: routes(who),
	}
}

// addressOf is what a customer without a page of ours is known by.
func addressOf(contact ticket.Contact) (customer.IdentityKind, string) {
	if contact.Email != "" {
		return customer.Mail, contact.Email
	}
	return customer.Phone, contact.Phone
}

// Begin starts the conversation of a new ticket.
func (t threads) Begin(ctx context.Context, scope access.Scope, b ticketdb.Beginning, at time.Time) (id.Customer, error) {
	known := b.Known
	if known.Customer == 0 {
		who, err := t.whose(ctx, scope, b, at)
		if err != nil {
			return 0, err
		}
		known = acquaintance(who)
	}
	priority, _ := inbox.ParsePriority(string(b.Priority))
	_, err := t.inbox.OpenTicketed(ctx, scope, inbox.Opening{
		ID: b.Conversation, Customer: known.Customer, About: known.About, Routes: known.Routes,
		Channel: inbox.Channel{Kind: inbox.ChannelKind(b.Channel)}, Subject: b.Subject, Locale: b.Locale,
		Priority: priority, Team: b.Team, Body: inbox.TextBody(b.Text), At: at,
	}, inbox.Promise{Ticket: b.Ticket, Number: b.Number, At: b.PromisedAt}, b.Notice)
	return known.Customer, err
}

// whose finds or makes the customer of a new ticket: the visitor who asks, or
// whoever has the address given.
func (t threads) whose(ctx context.Context, scope access.Scope, b ticketdb.Beginning, at time.Time) (customer.Customer, error) {
	contact := b.Contact
	if contact.Customer == 0 {
		kind, value := addressOf(contact)
		who, err := t.customers.ByAddress(ctx, scope, customerdb.Known{Kind: kind, Value: value, Name: contact.Name, Locale: b.Locale, Unclaimed: b.Known.Nobody}, at)
		if err != nil || kind == customer.Phone || contact.Phone == "" {
			return who, err
		}
		contact = ticket.Contact{Customer: who.ID, Phone: contact.Phone}
	}
	if err := leaveContact(ctx, t.customers, scope, contact.Customer, contact.Name, contact.Email, contact.Phone, at); err != nil {
		return customer.Customer{}, err
	}
	return t.customers.Get(ctx, scope, contact.Customer)
}

// leaveContact keeps the addresses a customer gave.
func leaveContact(ctx context.Context, store *customerdb.Store, scope access.Scope, who id.Customer, name, mail, phone string, at time.Time) error {
	for kind, value := range map[customer.IdentityKind]string{customer.Mail: mail, customer.Phone: phone} {
		if value == "" {
			continue
		}
		if _, err := store.LeaveContact(ctx, scope, who, kind, value, name, at); err != nil {
			return err
		}
	}
	return nil
}

// Carry has a ticket carry an open conversation, reopening a resolved one.
func (t threads) Carry(ctx context.Context, scope access.Scope, carried ticketdb.Carried, at time.Time) error {
	c, err := t.inbox.Get(ctx, scope, carried.Conversation)
	if err != nil {
		return err
	}
	if c.State == inbox.Resolved {
		if _, err := t.inbox.Reopen(ctx, scope, c.ID, at); err != nil {
			return err
		}
	}
	promise := inbox.Promise{Ticket: carried.Ticket, Number: carried.Number, At: carried.PromisedAt}
	if _, err := t.inbox.ToTicket(ctx, scope, c.ID, promise, inbox.Reason{Code: inbox.ReasonCode(carried.Reason)}, at); err != nil {
		return err
	}
	if carried.Notice == "" {
		return nil
	}
	_, err = t.inbox.Post(ctx, access.System(scope.Workspace), c.ID, inbox.Posting{
		Kind: inbox.KindMessage, Body: inbox.TextBody(carried.Notice), At: at,
	})
	return err
}

// Post adds a message to a ticket's conversation.
func (t threads) Post(ctx context.Context, scope access.Scope, which id.Conversation, message ticketdb.Message, at time.Time) (ticketdb.Posted, error) {
	posted, err := t.inbox.Post(ctx, scope, which, inbox.Posting{
		Kind: inbox.KindMessage, Body: inbox.TextBody(message.Text), ClientID: message.ClientID, At: at,
	})
	return ticketdb.Posted{Seq: posted.Entry.Seq, Again: posted.Replayed}, err
}

// Entrust gives a ticket's conversation to another team. The ticket has decided
// who may: a member may see it without seeing the conversation.
func (t threads) Entrust(ctx context.Context, scope access.Scope, which id.Conversation, team id.Team, at time.Time) error {
	return t.inbox.Entrust(ctx, access.System(scope.Workspace), which, team, at)
}

// Resolve ends a ticket's conversation, unless the customer wrote after seenSeq.
func (t threads) Resolve(ctx context.Context, scope access.Scope, which id.Conversation, seenSeq int64, at time.Time) error {
	_, err := t.inbox.Resolve(ctx, scope, which, seenSeq, at)
	return err
}

// promiser makes tickets of conversations that nobody takes in time.
type promiser struct{ tickets *ticketdb.Store }

// Promise runs in the transaction of the reconciler's decision.
func (p *promiser) Promise(ctx context.Context, workspace id.Workspace, which id.Conversation, reason inbox.ReasonCode, at time.Time) error {
	_, err := p.tickets.Make(ctx, access.System(workspace), which, ticket.Making{Reason: string(reason)}, at)
	return err
}
