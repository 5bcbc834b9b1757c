package ticketdb

import (
	"context"
	"strconv"
	"strings"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
	"everdesk/internal/ticket"
)

// where builds a condition with numbered arguments.
type where struct {
	text string
	args []any
}

func (w *where) arg(value any) string {
	w.args = append(w.args, value)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) and(condition string) { w.text += " AND " + condition }

// visible begins a condition with what the scope may see: a visitor their own
// tickets, staff those within their reach. A ticket of no team is everybody's.
func visible(scope access.Scope, dialect store.Dialect) *where {
	w := &where{}
	w.text = "workspace_id = " + w.arg(scope.Workspace)
	switch {
	case scope.Kind == access.ActorVisitor:
		w.and("customer_id = " + w.arg(scope.Customer))
	case scope.Reach == access.ReachAll:
	case scope.Reach == access.ReachTeam:
		teams := make([]int64, 1, len(scope.Teams)+1)
		for _, team := range scope.Teams {
			teams = append(teams, team.Int64())
		}
		w.and("(assignee_id = " + w.arg(scope.Staff) + " OR " + dialect.Among("team_id", w.arg(store.JSON(teams))) + ")")
	default:
		w.and("assignee_id = " + w.arg(scope.Staff))
	}
	return w
}

// Ticket reads one ticket.
func (s *Store) Ticket(ctx context.Context, scope access.Scope, number id.Ticket) (ticket.Ticket, error) {
	w := visible(scope, s.db.Dialect())
	w.and("id = " + w.arg(number))
	return s.one(ctx, w)
}

// OfConversation reads the ticket that carries or carried a conversation.
func (s *Store) OfConversation(ctx context.Context, scope access.Scope, conversation id.Conversation) (ticket.Ticket, error) {
	w := visible(scope, s.db.Dialect())
	w.and("conversation_id = " + w.arg(conversation))
	return s.one(ctx, w)
}

func (s *Store) one(ctx context.Context, w *where) (ticket.Ticket, error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM tickets WHERE `+w.text, w.args...)
	all, err := store.All(rows, err, scan)
	if err == nil && len(all) == 0 {
		err = ticket.ErrNotFound
	}
	if err != nil {
		return ticket.Ticket{}, err
	}
	return all[0], nil
}

// order is how a view is sorted: by one time column, then by id.
type order struct {
	column     string
	descending bool
	key        func(ticket.Ticket) int64
}

var (
	byPromise = order{"promised_at", false, func(t ticket.Ticket) int64 { return store.Micros(t.PromisedAt) }}
	bySettled = order{"resolved_at", true, func(t ticket.Ticket) int64 { return store.Micros(t.ResolvedAt) }}
	byMade    = order{"created_at", true, func(t ticket.Ticket) int64 { return store.Micros(t.CreatedAt) }}
)

func (o order) sql() string {
	direction := ""
	if o.descending {
		direction = " DESC"
	}
	return " ORDER BY " + o.column + direction + ", id" + direction
}

func (o order) after(w *where, cursor page.Cursor) {
	if cursor.IsZero() {
		return
	}
	sign := ">"
	if o.descending {
		sign = "<"
	}
	w.and("(" + o.column + ", id) " + sign + " (" + w.arg(cursor.Key) + ", " + w.arg(cursor.ID) + ")")
}

// Tickets lists a page of a view.
func (s *Store) Tickets(ctx context.Context, scope access.Scope, query ticket.Query) (page.Of[ticket.Ticket], error) {
	w := visible(scope, s.db.Dialect())
	by := byPromise
	const unsettled = "status IN ('open', 'waiting')"
	switch query.View {
	case ticket.ViewMine:
		w.and(unsettled)
		w.and("assignee_id > 0 AND assignee_id = " + w.arg(scope.Staff))
	case ticket.ViewBreached:
		w.and(unsettled)
		w.and("status = 'open' AND breached = 1")
	case ticket.ViewResolved:
		w.and("resolved_at > 0")
		by = bySettled
	case ticket.ViewAll:
		by = byMade
	default:
		w.and(unsettled)
	}
	w.search(query.Text)
	by.after(w, query.Page.After)
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM tickets WHERE `+w.text+by.sql()+` LIMIT `+w.arg(query.Page.Limit+1), w.args...)
	all, err := store.All(rows, err, scan)
	return page.Cut(all, query.Page, func(t ticket.Ticket) page.Cursor {
		return page.Cursor{Key: by.key(t), ID: t.ID.Int64()}
	}), err
}

func (w *where) search(text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	if number, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64); err == nil {
		w.and("number = " + w.arg(number))
		return
	}
	pattern := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(text)) + "%"
	w.and("LOWER(subject) LIKE " + w.arg(pattern) + ` ESCAPE '\'`)
}
