package ticket

import (
	"time"

	"everdesk/internal/event"
	"everdesk/internal/id"
)

// Begin makes the first promise of a new ticket.
func Begin(t Ticket, terms Terms, at time.Time) Outcome {
	t.Status, t.Version, t.CreatedAt, t.TurnAt = Open, 1, at, at
	if !t.Priority.Valid() {
		t.Priority = Normal
	}
	t.promise(terms, at)
	return t.outcome("ticket.opened", at, event.TicketOpened{
		Ticket: t.ID, Number: t.Number, Conversation: t.Conversation, Team: t.Team, Priority: string(t.Priority),
	})
}

// promise gives a fresh promise.
func (t *Ticket) promise(terms Terms, at time.Time) {
	t.PromisedAt, t.Basis = terms.Promise(t.Priority, at)
	t.Breached, t.AnsweredAt = false, time.Time{}
	t.DueAt, t.DueAction = t.PromisedAt, TellOfBreach
}

func (t Ticket) outcome(action string, at time.Time, events ...event.Event) Outcome {
	t.UpdatedAt = at
	t.Revision++
	return Outcome{Ticket: t, Events: events, Action: action}
}

// unchanged is the outcome of a repeated decision.
func (t Ticket) unchanged() Outcome { return Outcome{Ticket: t} }

// CustomerWrote opens the ticket for what the customer wrote. A promise that is
// still owed stays as it was given; otherwise a new one begins.
func (t Ticket) CustomerWrote(terms Terms, at time.Time) Outcome {
	t.TurnAt = at
	if t.Status == Open && t.AnsweredAt.IsZero() {
		return t.outcome("", at)
	}
	reopened := t.Status.Settled()
	t.Status, t.ResolvedAt = Open, time.Time{}
	t.promise(terms, at)
	if reopened {
		return t.outcome("ticket.reopened", at, event.TicketReopened{Ticket: t.ID, Conversation: t.Conversation, ByCustomer: true})
	}
	return t.outcome("", at)
}

// Answer notes that staff answered. The ticket then waits for the customer,
// unless it is kept open: then staff owe the next word, on the same terms.
func (t Ticket) Answer(terms Terms, keepOpen bool, at time.Time) (Outcome, error) {
	if t.Status.Settled() {
		return Outcome{}, ErrSettled
	}
	if keepOpen {
		t.Status = Open
		t.promise(terms, at)
	} else {
		t.wait(terms, at)
	}
	t.AnsweredAt, t.TurnAt = at, at
	return t.outcome("", at, event.TicketAnswered{Ticket: t.ID, Conversation: t.Conversation}), nil
}

func (t *Ticket) wait(terms Terms, at time.Time) {
	t.Status = Waiting
	t.DueAt, t.DueAction = at.Add(terms.Policy.Silence), ResolveSilent
}

// Resolve settles the ticket. To resolve a settled one changes nothing.
func (t Ticket) Resolve(at time.Time) Outcome {
	if t.Status.Settled() {
		return t.unchanged()
	}
	t.settle(Resolved, at)
	return t.outcome("ticket.resolved", at, event.TicketResolved{Ticket: t.ID, Conversation: t.Conversation})
}

func (t *Ticket) settle(status Status, at time.Time) {
	t.Status, t.ResolvedAt, t.TurnAt = status, at, at
	t.DueAt, t.DueAction = time.Time{}, ""
}

// Reopen takes a settled ticket up again, with a new promise.
func (t Ticket) Reopen(terms Terms, at time.Time) Outcome {
	if !t.Status.Settled() {
		return t.unchanged()
	}
	t.Status, t.ResolvedAt, t.TurnAt = Open, time.Time{}, at
	t.promise(terms, at)
	return t.outcome("ticket.reopened", at, event.TicketReopened{Ticket: t.ID, Conversation: t.Conversation})
}

// Edit is what staff change; nil leaves a thing as it is.
type Edit struct {
	Subject  *string
	Priority *Priority
	Assignee *id.Staff
	Team     *id.Team
	// Status is Open, Waiting or Closed; resolving needs to say what was seen.
	Status *Status
}

// Change applies an edit. A higher priority may bring the promise forward;
// nothing puts off what the customer was told.
func (t Ticket) Change(edit Edit, terms Terms, at time.Time) (Outcome, error) {
	if err := edit.check(); err != nil {
		return Outcome{}, err
	}
	var events []event.Event
	if edit.Subject != nil {
		t.Subject = *edit.Subject
	}
	if edit.Priority != nil {
		t.Priority = *edit.Priority
	}
	if edit.Team != nil {
		t.Team = *edit.Team
	}
	if edit.Assignee != nil && *edit.Assignee != t.Assignee {
		t.Assignee = *edit.Assignee
		events = append(events, event.TicketAssigned{Ticket: t.ID, Conversation: t.Conversation, Staff: t.Assignee, Team: t.Team})
	}
	if edit.Status != nil {
		if err := t.turn(*edit.Status, terms, at); err != nil {
			return Outcome{}, err
		}
	}
	if (edit.Priority != nil || edit.Team != nil) && t.Status == Open && !t.Breached {
		if by, basis := terms.Promise(t.Priority, at); by.Before(t.PromisedAt) {
			t.PromisedAt, t.Basis, t.DueAt = by, basis, by
		}
	}
	t.Version++
	return t.outcome("ticket.changed", at, append(events, event.TicketChanged{Ticket: t.ID, Conversation: t.Conversation})...), nil
}

// turn is a status set by hand.
func (t *Ticket) turn(to Status, terms Terms, at time.Time) error {
	switch {
	case to == t.Status:
	case to == Closed:
		if !t.Status.Settled() {
			return ErrOpen
		}
		t.Status = Closed
	case t.Status.Settled():
		return ErrSettled
	case to == Waiting:
		t.wait(terms, at)
	case to == Open:
		t.Status = Open
		t.promise(terms, at)
	}
	return nil
}

// Release takes the ticket from an assignee who is gone.
func (t Ticket) Release(from id.Staff, at time.Time) Outcome {
	if t.Assignee != from || from == 0 || t.Status.Settled() {
		return t.unchanged()
	}
	t.Assignee = 0
	return t.outcome("ticket.returned", at, event.TicketReturned{Ticket: t.ID, Conversation: t.Conversation, Team: t.Team, From: from})
}

// Due does what was to happen if nobody acted in time. A broken promise is
// marked and told of; when it stays broken, the assignee loses the ticket to
// their team, and the team is told again and again.
func (t Ticket) Due(terms Terms, at time.Time) Outcome {
	if t.Status.Settled() || t.DueAt.After(at) {
		return t.unchanged()
	}
	switch t.DueAction {
	case ResolveSilent:
		return t.Resolve(at)
	case ReturnToTeam:
		return t.overdue(terms, at)
	case TellOfBreach:
	default:
		// Nothing writes such a ticket; if one is there, it is owed again.
		t.promise(terms, at)
		return t.outcome("ticket.repaired", at)
	}
	t.Breached = true
	t.again(terms, at)
	return t.outcome("ticket.promise_broken", at, event.TicketPromiseBroken{
		Ticket: t.ID, Number: t.Number, Conversation: t.Conversation, Team: t.Team, Staff: t.Assignee,
	})
}

func (t Ticket) overdue(terms Terms, at time.Time) Outcome {
	from := t.Assignee
	t.Assignee, t.Breached = 0, true
	t.again(terms, at)
	told := event.TicketPromiseBroken{
		Ticket: t.ID, Number: t.Number, Conversation: t.Conversation, Team: t.Team, Staff: from, Again: true,
	}
	if from == 0 {
		return t.outcome("", at, told)
	}
	return t.outcome("ticket.returned", at, told, event.TicketReturned{Ticket: t.ID, Conversation: t.Conversation, Team: t.Team, From: from})
}

func (t *Ticket) again(terms Terms, at time.Time) {
	t.DueAt, _ = terms.after(at, terms.Policy.Again)
	t.DueAction = ReturnToTeam
}
