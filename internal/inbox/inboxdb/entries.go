package inboxdb

import (
	"context"
	"encoding/json"
	"slices"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// an edit or a recall shows what its target shows now; its own row keeps what
// the target was before.
const entryColumns = `e.id, e.conversation_id, e.seq, e.kind, e.author_kind, e.author_id, COALESCE(t.body, e.body), e.private, e.client_id,
	e.reply_to, e.target, e.created_at, e.edited_at, e.recalled_at`

const entryFrom = ` FROM entries e LEFT JOIN entries t
	ON t.workspace_id = e.workspace_id AND t.conversation_id = e.conversation_id AND e.target <> 0 AND t.seq = e.target `

func scanEntry(row store.Row) (inbox.Entry, error) {
	var e inbox.Entry
	var kind inbox.AuthorKind
	var number int64
	var body string
	err := row.Scan(&e.ID, &e.Conversation, &e.Seq, &e.Kind, &kind, &number, &body, &e.Private, &e.ClientID,
		&e.ReplyTo, &e.Target, store.Into(&e.CreatedAt), store.Into(&e.EditedAt), store.Into(&e.RecalledAt))
	if err != nil {
		return e, err
	}
	e.Author = inbox.AuthorOf(kind, number)
	return e, json.Unmarshal([]byte(body), &e.Body)
}

// Entries returns part of a conversation. A visitor gets no private ones.
func (s *Store) Entries(ctx context.Context, scope access.Scope, which id.Conversation, w inbox.Window) (inbox.Stretch, error) {
	c, err := s.Get(ctx, scope, which)
	if err != nil {
		return inbox.Stretch{}, err
	}
	stretch, err := s.entriesFor(ctx, c, w, scope.Kind == access.ActorVisitor)
	return stretch, err
}

func (s *Store) entries(ctx context.Context, c inbox.Conversation, w inbox.Window) (inbox.Stretch, error) {
	return s.entriesFor(ctx, c, w, false)
}

func (s *Store) entriesFor(ctx context.Context, c inbox.Conversation, w inbox.Window, public bool) (inbox.Stretch, error) {
	condition, order, bound := `e.seq < $3`, `DESC`, w.Before
	switch {
	case w.Forward:
		condition, order, bound = `e.seq > $3`, `ASC`, w.After
	case w.Before == 0:
		bound = 1 << 62
	}
	if public {
		condition += ` AND NOT e.private`
	}
	rows, err := s.db.Query(ctx, `SELECT `+entryColumns+entryFrom+`WHERE e.workspace_id = $1 AND e.conversation_id = $2 AND `+condition+`
		ORDER BY e.seq `+order+` LIMIT $4`, c.Workspace, c.ID, bound, int64(w.Limit+1))
	items, err := store.All(rows, err, scanEntry)
	if err != nil {
		return inbox.Stretch{}, err
	}
	more := len(items) > w.Limit
	if more {
		items = items[:w.Limit]
	}
	if !w.Forward {
		slices.Reverse(items)
	}
	last := c.LastSeq
	if public {
		last = c.PublicSeq
	}
	return inbox.Stretch{Items: items, LastSeq: last, HasMore: more}, s.withDeliveries(ctx, c, items)
}

// withDeliveries adds to each entry the delivery that has come least far.
func (s *Store) withDeliveries(ctx context.Context, c inbox.Conversation, items []inbox.Entry) error {
	sent := slices.ContainsFunc(items, func(e inbox.Entry) bool {
		return e.Kind == inbox.KindMessage && e.Author.Kind != inbox.ByCustomer
	})
	if !sent {
		return nil
	}
	rows, err := s.db.Query(ctx, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE workspace_id = $1 AND conversation_id = $2 AND seq >= $3 AND seq <= $4 ORDER BY id`,
		c.Workspace, c.ID, items[0].Seq, items[len(items)-1].Seq)
	all, err := store.All(rows, err, scanDelivery)
	if err != nil {
		return err
	}
	for _, d := range all {
		i, found := slices.BinarySearchFunc(items, d.Seq, func(e inbox.Entry, seq int64) int { return int(e.Seq - seq) })
		if found && (items[i].Delivery == nil || behind(d.State) < behind(items[i].Delivery.State)) {
			items[i].Delivery = &d
		}
	}
	return nil
}

// behind orders the states, the most worrying first.
func behind(state inbox.DeliveryState) int {
	return slices.Index([]inbox.DeliveryState{
		inbox.DeliveryFailed, inbox.DeliveryQueued, inbox.DeliverySent, inbox.DeliveryDelivered, inbox.DeliveryRead,
	}, state)
}

func (s *Store) bySeq(ctx context.Context, c inbox.Conversation, seq int64) (inbox.Entry, error) {
	return s.entryWhere(ctx, c, `e.seq = $3`, seq)
}

func (s *Store) byClientID(ctx context.Context, c inbox.Conversation, clientID string) (inbox.Entry, error) {
	return s.entryWhere(ctx, c, `e.client_id <> '' AND e.client_id = $3`, clientID)
}

func (s *Store) entryWhere(ctx context.Context, c inbox.Conversation, condition string, key any) (inbox.Entry, error) {
	rows, err := s.db.Query(ctx, `SELECT `+entryColumns+entryFrom+`WHERE e.workspace_id = $1 AND e.conversation_id = $2 AND `+condition, c.Workspace, c.ID, key)
	found, err := store.All(rows, err, scanEntry)
	if err != nil {
		return inbox.Entry{}, err
	}
	if len(found) == 0 {
		return inbox.Entry{}, inbox.ErrEntryNotFound
	}
	return found[0], s.withDeliveries(ctx, c, found)
}

// Transitions returns every change of owner, in order.
func (s *Store) Transitions(ctx context.Context, scope access.Scope, which id.Conversation) ([]inbox.Transition, error) {
	c, err := s.Get(ctx, scope, which)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, `SELECT id, seq, epoch, from_owner, to_owner, actor_kind, actor_id, happening, reason_code, reason_text, at
		FROM transitions WHERE workspace_id = $1 AND conversation_id = $2 ORDER BY epoch`, c.Workspace, c.ID)
	return store.All(rows, err, func(row store.Row) (inbox.Transition, error) {
		var t inbox.Transition
		var before, after string
		var kind inbox.AuthorKind
		var number int64
		err := row.Scan(&t.ID, &t.Seq, &t.Epoch, &before, &after, &kind, &number, &t.Happening, &t.Reason.Code, &t.Reason.Text, store.Into(&t.At))
		if err != nil {
			return t, err
		}
		t.Actor = inbox.AuthorOf(kind, number)
		if err := json.Unmarshal([]byte(before), &t.From); err != nil {
			return t, err
		}
		return t, json.Unmarshal([]byte(after), &t.To)
	})
}
