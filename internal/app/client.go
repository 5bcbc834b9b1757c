package app

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/customer"
	"everdesk/internal/fault"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/job"
	"everdesk/internal/locale"
	"everdesk/internal/staff"
)

// client is what visitors may do.
type client struct{ *App }

// Start opens a conversation with what a form before the chat asked for.
func (c client) Start(ctx context.Context, scope access.Scope, opening inbox.Opening, details httpapi.Details) (posted inbox.Posted, err error) {
	err = c.db.Atomically(ctx, func(ctx context.Context) error {
		if opening.Channel.Account, err = c.customers.Channel(ctx, scope); err != nil {
			return err
		}
		if err := leaveContact(ctx, c.customers, scope, scope.Customer, details.Name, details.Email, details.Phone, opening.At); err != nil {
			return err
		}
		posted, err = c.inbox.Start(ctx, scope, opening)
		return err
	})
	return posted, err
}

// HandOver asks for a person, with a summary of what was said so far.
func (c client) HandOver(ctx context.Context, scope access.Scope, which id.Conversation, at time.Time) (inbox.Conversation, error) {
	if _, err := c.inbox.Get(ctx, scope, which); err != nil {
		return inbox.Conversation{}, err
	}
	said, err := c.inbox.Context(ctx, access.Bot(scope.Workspace), which)
	if err != nil {
		return inbox.Conversation{}, err
	}
	return c.inbox.HandOver(ctx, scope, which, inbox.Handover{
		Reason:  inbox.Reason{Code: inbox.ReasonAskedForPerson},
		Summary: bot.Summarise(said, inbox.ReasonAskedForPerson, at), At: at,
	})
}

// Rate keeps the customer's verdict.
func (c client) Rate(ctx context.Context, scope access.Scope, which id.Conversation, rating inbox.Rating, at time.Time) (inbox.Conversation, error) {
	return c.inbox.Rate(ctx, scope, which, rating, at)
}

// Judge says whether a bot's answer helped.
func (c client) Judge(ctx context.Context, scope access.Scope, which id.Conversation, seq int64, value string, at time.Time) error {
	return c.db.Atomically(ctx, func(ctx context.Context) error {
		if err := c.inbox.Judge(ctx, scope, which, seq, value, at); err != nil {
			return err
		}
		found, err := c.inbox.Entries(ctx, scope, which, inbox.Window{After: seq - 1, Forward: true, Limit: 1})
		if err != nil {
			return err
		}
		var articles []id.Article
		for _, entry := range found.Items {
			if answer, ok := entry.Body.Content.(*inbox.Answer); ok {
				for _, source := range answer.Sources {
					articles = append(articles, source.Article)
				}
			}
		}
		if value == "down" {
			job.Enqueue(ctx, job.Job{
				Kind: feedbackKind, Key: feedbackKind + "/" + which.String() + "/" + itoa(seq), Workspace: scope.Workspace, At: at,
				Payload: feedbackTask{scope.Workspace, which, seq},
			})
		}
		return c.knowledge.CountVerdict(ctx, scope, articles, value == "up")
	})
}

// Places are where waiting conversations stand.
func (c client) Places(ctx context.Context, scope access.Scope, all []inbox.Conversation, at time.Time) (map[id.Conversation]inbox.Place, error) {
	return c.inbox.Places(ctx, scope, all, at)
}

// LeaveContact keeps an address to answer to. What a ticket carries is then
// confirmed to that address, in words the customer also sees here.
func (c client) LeaveContact(ctx context.Context, scope access.Scope, which id.Conversation, details httpapi.Details, at time.Time) (now inbox.Conversation, err error) {
	if details.Email == "" && details.Phone == "" {
		return now, fault.ErrInvalid.At("body.email", "required", "a mail address or a phone number")
	}
	err = c.db.Atomically(ctx, func(ctx context.Context) error {
		if now, err = c.inbox.Get(ctx, scope, which); err != nil {
			return err
		}
		if err := leaveContact(ctx, c.customers, scope, scope.Customer, details.Name, details.Email, details.Phone, at); err != nil {
			return err
		}
		if now.Owner.Kind != inbox.OwnerTicket {
			return nil
		}
		who, err := c.customers.Get(ctx, scope, scope.Customer)
		if err != nil {
			return err
		}
		hours, err := teamHours{c.staff, c.calendars}.TeamHours(ctx, access.System(scope.Workspace), now.Team, at)
		if err != nil {
			return err
		}
		posted, err := c.inbox.Post(ctx, access.System(scope.Workspace), which, inbox.Posting{
			Kind: inbox.KindMessage, Body: inbox.TextBody(confirmation(now, who, hours.Zone(), at)), At: at,
		})
		now = posted.Conversation
		return err
	})
	return now, err
}

// confirmation says where and by when the answer comes, in the customer's time
// or, where that is not known, in the desk's, as the ticket's own notice does.
func confirmation(conversation inbox.Conversation, who customer.Customer, zone *time.Location, at time.Time) string {
	tag := locale.Match(conversation.Locale)
	if tag == "" {
		tag = locale.Tags[0]
	}
	if known, err := time.LoadLocation(who.TimeZone); err == nil && who.TimeZone != "" {
		zone = known
	}
	to := ""
	for _, identity := range who.Identities {
		if identity.Value == who.Reach(customer.Mail) || to == "" && identity.Value == who.Reach(customer.Phone) {
			to = identity.Masked()
		}
	}
	return locale.Text(tag, "contact.kept", map[string]string{
		"to": to, "number": itoa(conversation.TicketNumber), "promised": locale.Promise(tag, conversation.PromisedAt.In(zone), at.In(zone)),
	})
}

// presences shows the staff list who is here.
type presences struct{ inbox *inboxdb.Store }

// Presences returns the presence and load of members.
func (p presences) Presences(ctx context.Context, scope access.Scope, members []id.Staff, at time.Time) (map[id.Staff]staff.Presence, error) {
	all, err := p.inbox.Presence(ctx, scope)
	if err != nil {
		return nil, err
	}
	shown := make(map[id.Staff]staff.Presence, len(members))
	for _, one := range all {
		shown[one.Staff] = staff.Presence{
			State: string(one.Shown(at)), Reason: one.Reason, Since: one.Since,
			Load: staff.Capacity{Chat: int(one.Load.Chat), Async: int(one.Load.Async)},
		}
	}
	return shown, nil
}
