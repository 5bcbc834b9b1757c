package app

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/access/accessdb"
	"everdesk/internal/customer"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/job"
	"everdesk/internal/notify"
	"everdesk/internal/ticket"
	"everdesk/internal/ticket/ticketdb"
)

// outward knows where else than to the widget a message must go: to the mail
// address a customer left, else to the phone.
type outward struct{ customers *customerdb.Store }

// Routes runs in the transaction that writes the message.
func (o outward) Routes(ctx context.Context, c inbox.Conversation) ([]inbox.Delivery, error) {
	who, err := o.customers.Get(ctx, access.System(c.Workspace), c.Customer)
	if err != nil {
		return nil, err
	}
	return routes(who), nil
}

// routes are never nil: a customer without an address has none, and is not
// looked up again.
func routes(who customer.Customer) []inbox.Delivery {
	for _, way := range []struct {
		kind    customer.IdentityKind
		channel inbox.ChannelKind
	}{{customer.Mail, inbox.Email}, {customer.Phone, inbox.SMS}} {
		value := who.Reach(way.kind)
		for _, identity := range who.Identities {
			if value != "" && identity.Kind == way.kind && identity.Value == value {
				return []inbox.Delivery{{Identity: identity.ID, Channel: inbox.Channel{Kind: way.channel}}}
			}
		}
	}
	return []inbox.Delivery{}
}

// post is what the courier asks: deliveries from the inbox, people from the
// customers, tickets from the tickets.
type post struct {
	inbox     *inboxdb.Store
	customers *customerdb.Store
	tickets   *ticketdb.Store
	accounts  *accessdb.Store
	people    *people
}

// Queued returns what of a conversation still has to be sent.
func (p post) Queued(ctx context.Context, scope access.Scope, which id.Conversation) ([]inbox.Delivery, error) {
	return p.inbox.QueuedDeliveries(ctx, scope, which)
}

// Entry returns what a delivery carries.
func (p post) Entry(ctx context.Context, scope access.Scope, which id.Conversation, seq int64) (inbox.Entry, error) {
	found, err := p.inbox.Entries(ctx, scope, which, inbox.Window{After: seq - 1, Forward: true, Limit: 1})
	if err != nil {
		return inbox.Entry{}, err
	}
	if len(found.Items) == 0 || found.Items[0].Seq != seq {
		return inbox.Entry{}, inbox.ErrEntryNotFound
	}
	return found.Items[0], nil
}

// Settle writes what became of an attempt.
func (p post) Settle(ctx context.Context, scope access.Scope, which id.Delivery, o notify.Outcome) error {
	_, err := p.inbox.Settle(ctx, scope, which, inboxdb.Outcome{
		State: o.State, Reason: o.Reason, NextAt: o.NextAt, ExternalID: o.ExternalID, At: o.At,
	})
	return err
}

// Recipient reads an identity and whose it is.
func (p post) Recipient(ctx context.Context, scope access.Scope, which id.Conversation, identity id.Identity) (notify.Recipient, error) {
	known, err := p.customers.Identity(ctx, scope, identity)
	if err != nil {
		return notify.Recipient{}, err
	}
	who, err := p.customers.Get(ctx, scope, known.Customer)
	if err != nil {
		return notify.Recipient{}, err
	}
	c, err := p.inbox.Get(ctx, scope, which)
	if err != nil {
		return notify.Recipient{}, err
	}
	return notify.Recipient{Address: known.Value, Name: who.Name, Locale: c.Locale}, nil
}

// Ticket reads the ticket of a conversation.
func (p post) Ticket(ctx context.Context, scope access.Scope, which id.Conversation) (ticket.Ticket, error) {
	return p.tickets.OfConversation(ctx, scope, which)
}

// Signature is what customers call the desk, and who answered.
func (p post) Signature(ctx context.Context, scope access.Scope, staff id.Staff) (notify.Signature, error) {
	workspace, err := p.accounts.Workspace(ctx, scope)
	if err != nil {
		return notify.Signature{}, err
	}
	names, err := p.people.People(ctx, scope)
	return notify.Signature{Desk: workspace.Name, Agent: names.Staff[staff]}, err
}

// deliver sends the first delivery a conversation has waiting, and comes again
// while there is more.
func (a *App) deliver(ctx context.Context, task job.Task) error {
	var what inboxdb.DeliveryTask
	if err := task.Decode(&what); err != nil {
		return job.ErrDrop
	}
	again, err := a.courier.Next(ctx, access.System(what.Workspace), what.Conversation, task.At)
	if err != nil || again.IsZero() {
		return err
	}
	return a.db.Atomically(ctx, func(ctx context.Context) error {
		job.Set(ctx, what.Workspace, event.Timer{
			Key: inboxdb.DeliveryKind + "/" + what.Conversation.String(), Kind: inboxdb.DeliveryKind, At: again, Payload: what,
		})
		return nil
	})
}

// mailer sends the mails of sign-in through the workspace's mail account.
type mailer struct{ *App }

// Send returns an error for what is worth another try.
func (m mailer) Send(ctx context.Context, mail access.Mail) error {
	// Another try of the same mail has the same id.
	receipt, err := m.courier.Mail(ctx, access.System(mail.Workspace), notify.Mail{
		ID: "account." + m.ring.Index("mail.id", mail.To+"\n"+mail.Text), To: mail.To, Subject: mail.Subject, Text: mail.Text,
	}, m.now())
	switch {
	case err != nil:
		return err
	case receipt.State == "sent":
		return nil
	case receipt.State == "failed":
		return job.ErrDrop
	}
	return fault.ErrUnavailable.With("reason", string(receipt.Reason)).After(time.Minute)
}
