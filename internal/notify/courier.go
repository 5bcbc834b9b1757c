package notify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/ticket"
)

const (
	// patience is how long one attempt may take: less than a job is held.
	patience = 20 * time.Second
	// attempts is how often something is tried, over about six hours.
	attempts = 12
	// firstWait doubles with every attempt, up to lastWait.
	firstWait = 30 * time.Second
	lastWait  = time.Hour
)

// Courier sends deliveries.
type Courier struct {
	deliveries Deliveries
	directory  Directory
	accounts   Accounts
	links      Links
}

// NewCourier returns a courier.
func NewCourier(deliveries Deliveries, directory Directory, accounts Accounts, links Links) *Courier {
	return &Courier{deliveries, directory, accounts, links}
}

// Next sends the first delivery that a conversation has waiting, and returns
// when to come again: at itself if there is more, zero if there is nothing. What
// waits for another try holds up what was said after it.
//
// A crash between sending and settling sends again, under the same id.
func (c *Courier) Next(ctx context.Context, scope access.Scope, conversation id.Conversation, at time.Time) (again time.Time, err error) {
	queued, err := c.deliveries.Queued(ctx, scope, conversation)
	if err != nil || len(queued) == 0 {
		return time.Time{}, err
	}
	first := queued[0]
	if first.NextAt.After(at) {
		return first.NextAt, nil
	}
	receipt, err := c.attempt(ctx, scope, first, at)
	if err != nil {
		return time.Time{}, err
	}
	outcome := judge(receipt, int(first.Attempt)+1, at)
	if err := c.deliveries.Settle(ctx, scope, first.ID, outcome); err != nil {
		return time.Time{}, err
	}
	switch {
	case outcome.State == inbox.DeliveryQueued:
		return outcome.NextAt, nil
	case len(queued) > 1:
		return at, nil
	}
	return time.Time{}, nil
}

// attempt writes and sends one letter. An error is the desk's own; what the
// world answers is a receipt.
func (c *Courier) attempt(ctx context.Context, scope access.Scope, d inbox.Delivery, at time.Time) (channel.Receipt, error) {
	entry, err := c.deliveries.Entry(ctx, scope, d.Conversation, d.Seq)
	if err != nil {
		return channel.Receipt{}, err
	}
	if !entry.RecalledAt.IsZero() {
		return channel.Receipt{State: channel.Failed, Reason: channel.Recalled}, nil
	}
	to, err := c.directory.Recipient(ctx, scope, d.Conversation, d.Identity)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return channel.Receipt{State: channel.Failed, Reason: channel.NoSuchRecipient}, nil
	}
	if err != nil {
		return channel.Receipt{}, err
	}
	kind := channel.Kind(d.Channel.Kind)
	sender, err := c.accounts.Sender(ctx, scope, kind)
	if errors.Is(err, channel.ErrNotConfigured) {
		return channel.Receipt{State: channel.Delayed, Reason: channel.NotConfigured}, nil
	}
	if err != nil {
		return channel.Receipt{}, err
	}
	letter, err := c.write(ctx, scope, d, entry, to, at)
	if err != nil {
		return channel.Receipt{}, err
	}
	message := channel.Outbound{
		ID: d.ID.String(), To: to.Address, Name: to.Name, Thread: d.Conversation.String(),
		Automatic: entry.Author.Kind != inbox.ByStaff, At: at,
	}
	if kind == channel.Email {
		message.Subject, message.Text, message.HTML = letter.Subject(), letter.Text(), letter.HTML()
	} else {
		message.Text = letter.Brief()
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return sender.Send(ctx, message), nil
}

// write gathers what a letter says.
func (c *Courier) write(ctx context.Context, scope access.Scope, d inbox.Delivery, entry inbox.Entry, to Recipient, at time.Time) (Letter, error) {
	from, err := c.directory.Signature(ctx, scope, entry.Author.Staff)
	if err != nil {
		return Letter{}, err
	}
	letter := Letter{Kind: Message, Locale: to.Locale, Body: entry.Body.Plain(), From: from}
	t, err := c.directory.Ticket(ctx, scope, d.Conversation)
	if errors.Is(err, ticket.ErrNotFound) {
		return letter, nil
	}
	if err != nil {
		return Letter{}, err
	}
	letter.Number, letter.About = t.Number, t.Subject
	letter.Link = c.links.TicketLink(scope.Workspace, t.ID, at)
	// A program answers as the desk itself: what tells its words from the desk's
	// own is that the ticket counts as answered.
	switch {
	case entry.CreatedAt.Equal(t.ResolvedAt):
		letter.Kind = Settled
	case entry.Author.Kind == inbox.ByStaff, t.AnsweredAt.Equal(entry.CreatedAt):
		letter.Kind = Replied
	default:
		letter.Kind = Received
	}
	return letter, nil
}

// judge decides what a receipt means after a number of attempts.
func judge(receipt channel.Receipt, attempt int, at time.Time) Outcome {
	outcome := Outcome{At: at, ExternalID: receipt.ExternalID}
	if receipt.Reason != "" {
		outcome.Reason = string(receipt.Reason)
		if receipt.Detail != "" {
			outcome.Reason = fmt.Sprintf("%s: %s", receipt.Reason, receipt.Detail)
		}
	}
	switch {
	case receipt.State == channel.Sent:
		outcome.State = inbox.DeliverySent
	case receipt.State == channel.Failed || attempt >= attempts:
		outcome.State = inbox.DeliveryFailed
	default:
		outcome.State = inbox.DeliveryQueued
		outcome.NextAt = at.Add(max(wait(attempt), receipt.RetryAfter))
	}
	return outcome
}

// wait is how long to wait after an attempt: doubling, and spread so that what
// failed together does not come back together.
func wait(attempt int) time.Duration {
	base := min(firstWait<<min(attempt-1, 10), lastWait)
	return base - base/8 + rand.N(base/4)
}

// Mail sends a letter that belongs to no conversation, for the workspace's
// account: an invitation, a password's reset.
func (c *Courier) Mail(ctx context.Context, scope access.Scope, mail Mail, at time.Time) (channel.Receipt, error) {
	sender, err := c.accounts.Sender(ctx, scope, channel.Email)
	if errors.Is(err, channel.ErrNotConfigured) {
		return channel.Receipt{State: channel.Delayed, Reason: channel.NotConfigured}, nil
	}
	if err != nil {
		return channel.Receipt{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return sender.Send(ctx, channel.Outbound{
		ID: mail.ID, To: mail.To, Subject: mail.Subject, Text: mail.Text, HTML: page(mail.Text, "", ""), Automatic: true, At: at,
	}), nil
}

// Mail is a letter written already.
type Mail struct {
	ID, To, Subject, Text string
}
