// Package ticketdb keeps tickets: it writes what package ticket decides, in one
// transaction with the conversation each ticket carries.
package ticketdb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/ticket"
)

// Store keeps tickets.
type Store struct {
	db      *store.DB
	ports   Ports
	numbers *numbers
}

// Ports are what tickets need of others; app fills them.
type Ports struct {
	Threads   Threads
	Calendars Calendars
	Audit     Auditor
	Feed      Feed
	// Policy says how soon each priority is answered.
	Policy ticket.Policy
}

// New returns the tickets of a database.
func New(db *store.DB, ports Ports) *Store {
	return &Store{db: db, ports: ports, numbers: newNumbers(db)}
}

const columns = `id, number, subject, priority, status, team_id, assignee_id, customer_id, conversation_id, channel, locale,
	promised_at, basis, breached, due_at, due_action, answered_at, turn_at, created_at, updated_at, resolved_at, version, revision`

func scan(row store.Row) (t ticket.Ticket, err error) {
	var breached int64
	err = row.Scan(&t.ID, &t.Number, &t.Subject, &t.Priority, &t.Status, &t.Team, &t.Assignee, &t.Customer, &t.Conversation,
		&t.Channel, &t.Locale, store.Into(&t.PromisedAt), &t.Basis, &breached, store.Into(&t.DueAt), &t.DueAction,
		store.Into(&t.AnsweredAt), store.Into(&t.TurnAt), store.Into(&t.CreatedAt), store.Into(&t.UpdatedAt), store.Into(&t.ResolvedAt),
		&t.Version, &t.Revision)
	t.Breached = breached == 1
	return t, err
}

func flag(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// insert queues a new ticket's row: nothing can refuse it.
func insert(tx *store.Tx, workspace id.Workspace, t ticket.Ticket) {
	tx.Queue(`INSERT INTO tickets(workspace_id, `+columns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
		workspace, t.ID, t.Number, t.Subject, string(t.Priority), string(t.Status), t.Team, t.Assignee, t.Customer, t.Conversation,
		t.Channel, t.Locale, t.PromisedAt, string(t.Basis), flag(t.Breached), t.DueAt, string(t.DueAction),
		t.AnsweredAt, t.TurnAt, t.CreatedAt, t.UpdatedAt, t.ResolvedAt, t.Version, t.Revision)
}

// update writes a decided ticket over the revision it was decided from, and
// reports whether that was still the present one.
func update(tx *store.Tx, workspace id.Workspace, from int64, t ticket.Ticket) (bool, error) {
	changed, err := tx.Exec(`UPDATE tickets SET subject = $4, priority = $5, status = $6, team_id = $7, assignee_id = $8,
			promised_at = $9, basis = $10, breached = $11, due_at = $12, due_action = $13, answered_at = $14,
			turn_at = $15, updated_at = $16, resolved_at = $17, version = $18, revision = $19
		WHERE workspace_id = $1 AND id = $2 AND revision = $3`,
		workspace, t.ID, from, t.Subject, string(t.Priority), string(t.Status), t.Team, t.Assignee,
		t.PromisedAt, string(t.Basis), flag(t.Breached), t.DueAt, string(t.DueAction), t.AnsweredAt,
		t.TurnAt, t.UpdatedAt, t.ResolvedAt, t.Version, t.Revision)
	return changed == 1, err
}

// terms are what a team's promises are made on.
func (s *Store) terms(ctx context.Context, scope access.Scope, team id.Team, at time.Time) (ticket.Terms, error) {
	hours, err := s.ports.Calendars.TeamHours(ctx, scope, team, at)
	return ticket.Terms{Policy: s.ports.Policy, Hours: hours}, err
}

// decision is a function of package ticket bound to its arguments.
type decision func(t ticket.Ticket, terms ticket.Terms) (ticket.Outcome, error)

// decide reads a ticket the scope may touch, decides, and writes the outcome, in
// the transaction of ctx. If another node changed the ticket in between, it
// decides again.
func (s *Store) decide(ctx context.Context, scope access.Scope, number id.Ticket, at time.Time, do decision) (ticket.Ticket, error) {
	tx := store.Current(ctx)
	for range 3 {
		before, err := s.Ticket(ctx, scope, number)
		if err != nil {
			return before, err
		}
		terms, err := s.terms(ctx, scope, before.Team, at)
		if err != nil {
			return before, err
		}
		outcome, err := do(before, terms)
		if err != nil || outcome.Ticket.Revision == before.Revision {
			return before, err
		}
		written, err := update(tx, scope.Workspace, before.Revision, outcome.Ticket)
		if err != nil {
			return before, err
		}
		if written {
			return outcome.Ticket, s.tell(ctx, scope, before, outcome, at)
		}
	}
	return ticket.Ticket{}, fault.ErrUnavailable.Because(errors.New("the ticket keeps changing"))
}

// tell says what happened to everybody who is to know: the outbox, the audit,
// and after the commit the people who look at it.
func (s *Store) tell(ctx context.Context, scope access.Scope, before ticket.Ticket, outcome ticket.Outcome, at time.Time) error {
	tx := store.Current(ctx)
	tx.Emit(scope.Workspace, at, outcome.Events...)
	after := outcome.Ticket
	tx.AfterCommit(func() { s.ports.Feed.TicketChanged(scope.Workspace, after) })
	if outcome.Action == "" || scope.Kind == access.ActorVisitor {
		return nil
	}
	return s.ports.Audit.Write(ctx, scope, outcome.Action, after.ID.String(), facts(before), facts(after), at)
}

// facts are what the audit keeps of a ticket: nothing a customer wrote.
func facts(t ticket.Ticket) map[string]any {
	if t.Revision == 0 {
		return nil
	}
	return map[string]any{
		"number": t.Number, "priority": t.Priority, "status": t.Status, "team_id": t.Team, "assignee_id": t.Assignee,
		"promised_at": t.PromisedAt, "breached": t.Breached,
	}
}
