package notify

import (
	"context"
	"strconv"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/locale"
)

// Try sends a few words to see whether a channel works. A channel that is not
// set up is channel.ErrNotConfigured; what the world answers is a receipt.
func (c *Courier) Try(ctx context.Context, scope access.Scope, kind channel.Kind, to, language string, at time.Time) (channel.Receipt, error) {
	sender, err := c.accounts.Sender(ctx, scope, kind)
	if err != nil {
		return channel.Receipt{}, err
	}
	from, err := c.directory.Signature(ctx, scope, 0)
	if err != nil {
		return channel.Receipt{}, err
	}
	tag := locale.Match(language)
	if tag == "" {
		tag = locale.Tags[0]
	}
	facts := map[string]string{"desk": from.Desk}
	text := locale.Text(tag, "letter.trial.text", facts)
	message := channel.Outbound{ID: "trial." + strconv.FormatInt(at.UnixMicro(), 10), To: to, Text: text, Automatic: true, At: at}
	if kind == channel.Email {
		message.Subject, message.HTML = locale.Text(tag, "letter.trial.subject", facts), page(text, "", "")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return sender.Send(ctx, message), nil
}
