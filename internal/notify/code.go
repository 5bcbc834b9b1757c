package notify

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/locale"
)

// CodeLetter carries a one-time code to whom a subject belongs. It is no part
// of the conversation, where whoever asks would read it.
type CodeLetter struct {
	// ID is the same for every attempt.
	ID   string
	Kind channel.Kind
	To   string
	Code string
	// Subject is what the code is about, as the customer named it.
	Subject string
	Locale  string
}

// Code sends a one-time code by the workspace's own account.
func (c *Courier) Code(ctx context.Context, scope access.Scope, l CodeLetter, at time.Time) (channel.Receipt, error) {
	sender, err := c.accounts.Sender(ctx, scope, l.Kind)
	if errors.Is(err, channel.ErrNotConfigured) {
		return channel.Receipt{State: channel.Delayed, Reason: channel.NotConfigured}, nil
	}
	if err != nil {
		return channel.Receipt{}, err
	}
	from, err := c.directory.Signature(ctx, scope, 0)
	if err != nil {
		return channel.Receipt{}, err
	}
	tag := locale.Match(l.Locale)
	if tag == "" {
		tag = locale.Tags[0]
	}
	facts := map[string]string{"code": l.Code, "desk": from.Desk, "subject": l.Subject}
	message := channel.Outbound{ID: l.ID, To: l.To, Automatic: true, At: at}
	if l.Kind == channel.Email {
		message.Subject, message.Text = locale.Text(tag, "flow.code_letter.subject", facts), locale.Text(tag, "flow.code_letter.text", facts)
		message.HTML = page(message.Text, "", "")
	} else {
		message.Text = locale.Text(tag, "flow.code_letter.brief", facts)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return sender.Send(ctx, message), nil
}
