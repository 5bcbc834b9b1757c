package inboxdb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// columns are read from conversations c joined with its customer u.
const columns = `c.id, c.workspace_id, c.customer_id, c.channel_kind, c.channel_id, c.subject, c.locale, c.priority, c.tags,
	c.state, c.owner_kind, c.owner_staff, c.owner_ticket, c.lease, c.owner_epoch, c.due_at, c.due_action, c.reason_code, c.reason_text,
	c.team_id, c.attention, c.last_staff, c.avoid_staff, c.ticket_id, c.ticket_number, c.promised_at, c.waiting_since,
	c.last_seq, c.public_seq, c.customer_seq, c.customer_at, c.customer_read_seq, c.staff_read_seq, c.version, c.last_entry, c.rating, c.summary,
	c.created_at, c.updated_at, c.resolved_at, u.name, u.locale, u.tier`

const from = ` FROM conversations c JOIN customers u ON u.workspace_id = c.workspace_id AND u.id = c.customer_id `

func scan(row store.Row) (inbox.Conversation, error) {
	var c inbox.Conversation
	var tags, last, summary string
	var attention int64
	err := row.Scan(&c.ID, &c.Workspace, &c.Customer, &c.Channel.Kind, &c.Channel.Account, &c.Subject, &c.Locale, &c.Priority, &tags,
		&c.State, &c.Owner.Kind, &c.Owner.Staff, &c.Owner.Ticket, &c.Lease, &c.OwnerEpoch, store.Into(&c.DueAt), &c.DueAction, &c.Reason.Code, &c.Reason.Text,
		&c.Team, &attention, &c.LastStaff, &c.Avoid, &c.Ticket, &c.TicketNumber, store.Into(&c.PromisedAt), store.Into(&c.WaitingSince),
		&c.LastSeq, &c.PublicSeq, &c.CustomerSeq, store.Into(&c.CustomerAt), &c.CustomerReadSeq, &c.StaffReadSeq, &c.Version, &last, &c.Rating, &summary,
		store.Into(&c.CreatedAt), store.Into(&c.UpdatedAt), store.Into(&c.ResolvedAt), &c.About.Name, &c.About.Locale, &c.About.Tier)
	if err != nil {
		return c, err
	}
	c.Attention = time.Duration(attention) * time.Microsecond
	if c.Owner.Kind == inbox.OwnerQueue {
		c.Owner.Team = c.Team
	}
	if c.Tags = []string{}; tags != "[]" { // most have none
		if err := json.Unmarshal([]byte(tags), &c.Tags); err != nil {
			return c, err
		}
	}
	if summary != "" {
		if err := json.Unmarshal([]byte(summary), &c.Summary); err != nil {
			return c, err
		}
	}
	return c, json.Unmarshal([]byte(last), &c.Last)
}

func summaryText(c inbox.Conversation) string {
	if c.Summary == nil {
		return ""
	}
	return store.JSON(c.Summary)
}

// insert adds a new conversation.
func insert(tx *store.Tx, c inbox.Conversation, clientID string) {
	tx.Queue(`INSERT INTO conversations(workspace_id, id, customer_id, origin_id, channel_kind, channel_id, client_id, subject, locale, priority, tags,
			state, owner_kind, owner_staff, owner_ticket, lease, owner_epoch, due_at, due_action, reason_code, reason_text,
			team_id, attention, last_staff, avoid_staff, ticket_id, ticket_number, promised_at, waiting_since,
			last_seq, public_seq, customer_seq, customer_at, customer_read_seq, staff_read_seq, version, last_entry, rating, summary, created_at, updated_at, resolved_at)
		VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
			$29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41)`,
		c.Workspace, c.ID, c.Customer, c.Channel.Kind, c.Channel.Account, clientID, c.Subject, c.Locale, c.Priority, store.JSON(c.Tags),
		c.State, c.Owner.Kind, c.Owner.Staff, c.Owner.Ticket, c.Lease, c.OwnerEpoch, c.DueAt, c.DueAction, c.Reason.Code, c.Reason.Text,
		c.Team, c.Attention.Microseconds(), c.LastStaff, c.Avoid, c.Ticket, c.TicketNumber, c.PromisedAt, c.WaitingSince,
		c.LastSeq, c.PublicSeq, c.CustomerSeq, c.CustomerAt, c.CustomerReadSeq, c.StaffReadSeq, c.Version, store.JSON(c.Last), c.Rating, summaryText(c),
		c.CreatedAt, c.UpdatedAt, c.ResolvedAt)
}

// insertEntry adds a line to a conversation.
func insertEntry(tx *store.Tx, c inbox.Conversation, l line) {
	tx.Queue(`INSERT INTO entries(workspace_id, conversation_id, seq, id, kind, author_kind, author_id, body, private, client_id,
			channel_id, external_id, reply_to, target, created_at, edited_at, recalled_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0)`,
		c.Workspace, c.ID, l.Seq, l.ID, l.Kind, l.Author.Kind, l.Author.Number(), l.stored(), l.Private, l.ClientID,
		l.channel, l.externalID, l.ReplyTo, l.Target, l.CreatedAt)
}

// update saves everything of a locked conversation that may have changed.
func update(tx *store.Tx, c inbox.Conversation) {
	tx.Queue(`UPDATE conversations SET subject = $3, priority = $4, tags = $5, state = $6, owner_kind = $7, owner_staff = $8, owner_ticket = $9,
			lease = $10, owner_epoch = $11, due_at = $12, due_action = $13, reason_code = $14, reason_text = $15, team_id = $16, attention = $17,
			last_staff = $18, avoid_staff = $19, ticket_id = $20, ticket_number = $21, promised_at = $22, waiting_since = $23,
			last_seq = $24, public_seq = $25, customer_seq = $26, customer_at = $27, customer_read_seq = $28, staff_read_seq = $29, version = $30,
			last_entry = $31, rating = $32, summary = $33, updated_at = $34, resolved_at = $35
		WHERE workspace_id = $1 AND id = $2`,
		c.Workspace, c.ID, c.Subject, c.Priority, store.JSON(c.Tags), c.State, c.Owner.Kind, c.Owner.Staff, c.Owner.Ticket,
		c.Lease, c.OwnerEpoch, c.DueAt, c.DueAction, c.Reason.Code, c.Reason.Text, c.Team, c.Attention.Microseconds(),
		c.LastStaff, c.Avoid, c.Ticket, c.TicketNumber, c.PromisedAt, c.WaitingSince,
		c.LastSeq, c.PublicSeq, c.CustomerSeq, c.CustomerAt, c.CustomerReadSeq, c.StaffReadSeq, c.Version,
		store.JSON(c.Last), c.Rating, summaryText(c), c.UpdatedAt, c.ResolvedAt)
}

// updateSpoken saves what a message changes and nothing else: most writes are
// one, and each column not named here spares the indexes it is in.
func updateSpoken(tx *store.Tx, c inbox.Conversation) {
	tx.Queue(`UPDATE conversations SET due_at = $3, due_action = $4, waiting_since = $5, last_seq = $6, public_seq = $7, customer_seq = $8,
			customer_at = $9, staff_read_seq = $10, last_entry = $11, updated_at = $12
		WHERE workspace_id = $1 AND id = $2`,
		c.Workspace, c.ID, c.DueAt, c.DueAction, c.WaitingSince, c.LastSeq, c.PublicSeq, c.CustomerSeq,
		c.CustomerAt, c.StaffReadSeq, store.JSON(c.Last), c.UpdatedAt)
}

// arguments gathers the arguments of a query made in parts.
type arguments []any

// add takes one more and returns its placeholder.
func (a *arguments) add(v any) string {
	*a = append(*a, v)
	return fmt.Sprintf("$%d", len(*a))
}

// sees is the condition a scope puts on conversations c: its workspace, a
// visitor's own, a member's reach.
func (s *Store) sees(scope access.Scope, args *arguments) string {
	condition := "c.workspace_id = " + args.add(scope.Workspace)
	if scope.Kind == access.ActorVisitor {
		return condition + " AND c.customer_id = " + args.add(scope.Customer)
	}
	switch {
	case scope.Kind == access.ActorStaff && scope.Reach == access.ReachTeam:
		return condition + " AND (c.owner_staff = " + args.add(scope.Staff) + " OR c.team_id = 0 OR " +
			s.db.Dialect().Among("c.team_id", args.add(store.JSON(teamNumbers(scope)))) + ")"
	case scope.Kind == access.ActorStaff && scope.Reach != access.ReachAll:
		me := args.add(scope.Staff)
		return condition + " AND (c.owner_staff = " + me + " OR c.last_staff = " + me + ")"
	}
	return condition
}

func teamNumbers(scope access.Scope) []int64 {
	all := make([]int64, len(scope.Teams))
	for i, team := range scope.Teams {
		all[i] = int64(team)
	}
	return all
}

// Get returns a conversation the scope may see, or inbox.ErrNotFound.
func (s *Store) Get(ctx context.Context, scope access.Scope, which id.Conversation) (inbox.Conversation, error) {
	return s.one(ctx, scope, which, "")
}

func (s *Store) one(ctx context.Context, scope access.Scope, which id.Conversation, lock string) (inbox.Conversation, error) {
	var args arguments
	where := "WHERE " + s.sees(scope, &args) + " AND c.id = " + args.add(which)
	rows, err := s.db.Query(ctx, "SELECT "+columns+from+where+lock, args...)
	all, err := store.All(rows, err, scan)
	if err != nil {
		return inbox.Conversation{}, err
	}
	if len(all) == 0 {
		return inbox.Conversation{}, inbox.ErrNotFound
	}
	return all[0], nil
}
