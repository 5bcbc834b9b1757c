package ticketdb

import (
	"context"
	"strconv"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/locale"
	"everdesk/internal/store"
	"everdesk/internal/ticket"
)

// Create makes a ticket and its conversation, and tells the customer the number
// and the promised time. Everything is one command that mostly queues.
func (s *Store) Create(ctx context.Context, scope access.Scope, draft ticket.Draft, at time.Time, claim *commit.Claim) (ticket.Ticket, error) {
	if err := ticket.CheckDraft(draft.Subject, draft.Text, draft.Priority); err != nil {
		return ticket.Ticket{}, err
	}
	if c := draft.Contact; c.Customer == 0 && c.Email == "" && c.Phone == "" {
		return ticket.Ticket{}, ticket.ErrInvalid.At("body.customer", "required", "an email address or a phone number to answer to")
	}
	terms, zone, err := s.promising(ctx, scope, draft.Team, "", at)
	if err != nil {
		return ticket.Ticket{}, err
	}
	s.numbers.ready(ctx, scope.Workspace)
	made, err := s.create(ctx, scope, draft, terms, zone, at, claim)
	if s.db.Duplicate(err) {
		// Two first tickets of one customer at once: the second finds the first.
		made, err = s.create(ctx, scope, draft, terms, zone, at, claim)
	}
	if err == nil && claim != nil && claim.Replayed {
		return s.Ticket(ctx, scope, id.Ticket(claim.Result))
	}
	return made, err
}

func (s *Store) create(ctx context.Context, scope access.Scope, draft ticket.Draft, terms ticket.Terms, zone *time.Location, at time.Time, claim *commit.Claim) (made ticket.Ticket, err error) {
	known, err := s.ports.Threads.Acquainted(ctx, scope, draft.Contact)
	if err != nil {
		return ticket.Ticket{}, err
	}
	err = s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		number, err := s.numbers.take(ctx, scope.Workspace)
		if err != nil {
			return err
		}
		outcome := ticket.Begin(ticket.Ticket{
			ID: id.New[id.Ticket](tx.IDs()), Number: number, Subject: draft.Subject, Priority: draft.Priority, Team: draft.Team,
			Conversation: id.New[id.Conversation](tx.IDs()), Channel: draft.Channel, Locale: draft.Locale,
		}, terms, at)
		made = outcome.Ticket
		made.Customer, err = s.ports.Threads.Begin(ctx, scope, Beginning{
			Conversation: made.Conversation, Ticket: made.ID, Number: number, PromisedAt: made.PromisedAt, Contact: draft.Contact, Known: known,
			Team: made.Team, Priority: made.Priority, Locale: made.Locale, Channel: made.Channel, Subject: made.Subject,
			Text: draft.Text, Notice: notice(made, zone, at),
		}, at)
		if err != nil {
			return err
		}
		insert(tx, scope.Workspace, made)
		tx.Remember(made.ID.Int64())
		outcome.Ticket = made
		return s.tell(ctx, scope, ticket.Ticket{}, outcome, at)
	}})
	return made, err
}

// promising returns a team's terms and the clock its promises are told by: the
// customer's own if it is known.
func (s *Store) promising(ctx context.Context, scope access.Scope, team id.Team, own string, at time.Time) (ticket.Terms, *time.Location, error) {
	hours, err := s.ports.Calendars.TeamHours(ctx, scope, team, at)
	if err != nil {
		return ticket.Terms{}, nil, err
	}
	zone := hours.Zone()
	if own != "" && own != "Local" {
		// A zone this build does not know is told in the desk's.
		if known, err := time.LoadLocation(own); err == nil {
			zone = known
		}
	}
	return ticket.Terms{Policy: s.ports.Policy, Hours: hours}, zone, nil
}

// notice tells a customer the number and the promised time.
func notice(t ticket.Ticket, zone *time.Location, at time.Time) string {
	return say(t.Locale, "ticket.notice", map[string]string{
		"number": strconv.FormatInt(t.Number, 10), "promised": locale.Promise(tagOf(t.Locale), t.PromisedAt.In(zone), at.In(zone)),
	})
}

// worded is what the customer is told: in the words of who makes the ticket, if
// they have any.
func worded(making ticket.Making, t ticket.Ticket, zone *time.Location, at time.Time) string {
	if making.Notice == "" {
		return notice(t, zone, at)
	}
	return strings.NewReplacer(
		"{number}", strconv.FormatInt(t.Number, 10), "{promise}", locale.Moment(tagOf(t.Locale), t.PromisedAt.In(zone), at.In(zone)),
	).Replace(making.Notice)
}

func say(spoken, code string, facts map[string]string) string {
	return locale.Text(tagOf(spoken), code, facts)
}

// tagOf is the product's language for the one spoken with a customer.
func tagOf(spoken string) string {
	if tag := locale.Match(spoken); tag != "" {
		return tag
	}
	return locale.Tags[0]
}

// Make makes an open conversation a ticket that carries it, or gives the ticket
// it has a new promise, and tells the customer. It joins the transaction of ctx,
// if there is one.
func (s *Store) Make(ctx context.Context, scope access.Scope, conversation id.Conversation, making ticket.Making, at time.Time) (made ticket.Ticket, err error) {
	err = s.db.Do(ctx, store.Change{Subject: conversation.Int64(), Run: func(ctx context.Context) error {
		thread, err := s.ports.Threads.Thread(ctx, scope, conversation)
		if err != nil {
			return err
		}
		made, err = s.OfConversation(ctx, access.System(scope.Workspace), conversation)
		switch {
		case err == nil:
			made, err = s.renew(ctx, scope, made, thread, making, at)
		case fault.Of(err) != nil && fault.Of(err).Code == ticket.ErrNotFound.Code:
			made, err = s.open(ctx, scope, thread, making, at)
		}
		return err
	}})
	return made, err
}

func (s *Store) open(ctx context.Context, scope access.Scope, thread Thread, making ticket.Making, at time.Time) (ticket.Ticket, error) {
	terms, zone, err := s.promising(ctx, scope, thread.Team, thread.TimeZone, at)
	if err != nil {
		return ticket.Ticket{}, err
	}
	tx := store.Current(ctx)
	number, err := s.numbers.take(ctx, scope.Workspace)
	if err != nil {
		return ticket.Ticket{}, err
	}
	t := ticket.Ticket{
		ID: id.New[id.Ticket](tx.IDs()), Number: number, Subject: making.Subject, Priority: making.Priority, Team: thread.Team,
		Customer: thread.Customer, Conversation: thread.Conversation, Channel: thread.Channel, Locale: thread.Locale,
	}
	if t.Subject == "" {
		t.Subject = ticket.SubjectOf(thread.Asked)
	}
	if t.Priority == "" {
		t.Priority = thread.Priority
	}
	outcome := ticket.Begin(t, terms, at)
	insert(tx, scope.Workspace, outcome.Ticket)
	if err := s.tell(ctx, scope, ticket.Ticket{}, outcome, at); err != nil {
		return ticket.Ticket{}, err
	}
	return outcome.Ticket, s.carry(ctx, scope, outcome.Ticket, making.Reason, worded(making, outcome.Ticket, zone, at), at)
}

// renew has the ticket of a conversation carry it again. What the customer was
// promised and is still owed stays as it was.
func (s *Store) renew(ctx context.Context, scope access.Scope, t ticket.Ticket, thread Thread, making ticket.Making, at time.Time) (ticket.Ticket, error) {
	_, zone, err := s.promising(ctx, scope, t.Team, thread.TimeZone, at)
	if err != nil {
		return t, err
	}
	owed := t.PromisedAt
	renewed, err := s.decide(ctx, access.System(scope.Workspace), t.ID, at, func(t ticket.Ticket, terms ticket.Terms) (ticket.Outcome, error) {
		return t.CustomerWrote(terms, at), nil
	})
	if err != nil {
		return t, err
	}
	text := ""
	if !thread.Carried || !renewed.PromisedAt.Equal(owed) {
		text = worded(making, renewed, zone, at)
	}
	return renewed, s.carry(ctx, scope, renewed, making.Reason, text, at)
}

func (s *Store) carry(ctx context.Context, scope access.Scope, t ticket.Ticket, reason, text string, at time.Time) error {
	return s.ports.Threads.Carry(ctx, scope, Carried{
		Conversation: t.Conversation, Ticket: t.ID, Number: t.Number, PromisedAt: t.PromisedAt, Reason: reason, Notice: text,
	}, at)
}
