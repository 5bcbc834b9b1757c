package inboxdb

import (
	"context"
	"strconv"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/routing"
	"everdesk/internal/store"
)

// change is one conversation being changed in one transaction: what was
// decided gathers here and is written by finish.
type change struct {
	s   *Store
	ctx context.Context
	tx  *store.Tx
	at  time.Time
	// now is the conversation as it will be, was what it is counted under.
	now    inbox.Conversation
	was    cell
	lines  []line
	update inbox.Update
	isNew  bool
	// promised says that the entry is the answer a ticket promised.
	promised bool
	// clientID is a new conversation's key.
	clientID string
	// spoken says that nothing happened but that somebody said something, so that
	// only what that changes is written.
	spoken bool
	// routes are where entries go besides the widget, if the caller knows.
	routes []inbox.Delivery
}

// line is an entry with what only its row keeps.
type line struct {
	inbox.Entry
	channel    id.Channel
	externalID string
	// previous is the body an edit or a recall replaced: what its row holds.
	previous *inbox.Body
}

// stored is the body of the row.
func (l line) stored() string {
	if l.previous != nil {
		return store.JSON(*l.previous)
	}
	return store.JSON(l.Body)
}

// inTurn changes one conversation. Commands that share a transaction run in the
// order of their conversations, so that two nodes lock rows in the same order.
func (s *Store) inTurn(ctx context.Context, which id.Conversation, fn func(context.Context) error) error {
	return s.db.Do(ctx, store.Change{Subject: int64(which), Run: fn})
}

// begin locks a conversation the scope may see.
func (s *Store) begin(ctx context.Context, scope access.Scope, which id.Conversation, at time.Time) (*change, error) {
	c, err := s.one(ctx, scope, which, s.dialect.lock)
	if err != nil {
		return nil, err
	}
	return &change{s: s, ctx: ctx, tx: store.Current(ctx), at: at, now: c, was: cellOf(c)}, nil
}

// add adds a line and returns its entry with its seq.
func (w *change) add(l line) inbox.Entry {
	w.now.LastSeq++
	if !l.Private {
		w.now.PublicSeq = w.now.LastSeq
	}
	l.ID = id.New[id.Entry](w.tx.IDs())
	l.Conversation, l.Seq, l.CreatedAt = w.now.ID, w.now.LastSeq, w.at
	w.lines = append(w.lines, l)
	w.now.UpdatedAt = w.at
	return l.Entry
}

// move carries out a decided move. Room for a new owner is taken first, because
// it may be refused while nothing is written yet.
func (w *change) move(m inbox.Move, manual bool) error {
	before := w.now
	after := before.After(m)
	var agent routing.Member
	if after.Owner.Kind == inbox.OwnerAgent {
		var err error
		if agent, err = w.occupy(after, manual); err != nil {
			return err
		}
	}
	if before.Owner.Kind == inbox.OwnerAgent {
		w.vacate(before)
	}
	w.now = after
	e := w.add(line{Entry: inbox.Entry{Kind: inbox.KindTransition, Author: m.Actor, Body: body(m, after, agent), Private: m.Happening == inbox.Overdue}})
	w.record(before, m, e.Seq)
	w.tx.Emit(after.Workspace, w.at, event.ConversationMoved{
		Conversation: after.ID, Customer: after.Customer, Happening: string(m.Happening), Epoch: after.OwnerEpoch,
		FromKind: string(m.From.Kind), FromStaff: m.From.Staff, ToKind: string(m.To.Kind), ToStaff: m.To.Staff,
		Team: after.Team, Ticket: after.Ticket, Reason: string(m.Reason.Code), ActorKind: string(m.Actor.Kind),
	})
	w.update.Moved = true
	switch {
	case !after.DueAt.After(w.at) && after.State == inbox.Open:
		w.tx.Signal(DueSignal)
	case after.Owner.Kind == inbox.OwnerQueue, before.Owner.Kind == inbox.OwnerAgent:
		w.tx.Signal(AssignSignal)
	}
	return nil
}

// body is what the transition's entry tells everybody, the customer included:
// no words between colleagues.
func body(m inbox.Move, after inbox.Conversation, agent routing.Member) inbox.Body {
	facts := map[string]string{}
	switch m.To.Kind {
	case inbox.OwnerAgent:
		facts["staff_id"], facts["agent_name"] = m.To.Staff.String(), agent.Name
	case inbox.OwnerTicket:
		facts["ticket_id"], facts["number"] = after.Ticket.String(), decimal(after.TicketNumber)
		facts["promised_at"] = after.PromisedAt.UTC().Format(time.RFC3339)
		facts["reason"] = string(m.Reason.Code)
	}
	return inbox.NewBody(inbox.TypeEvent, &inbox.Event{Event: m.Happening, Facts: facts})
}

// occupy takes one place of the agent's capacity, or refuses. A routed agent
// must be free this very moment; one who takes shows by it that they are there.
func (w *change) occupy(c inbox.Conversation, manual bool) (routing.Member, error) {
	member, err := w.s.options.Roster.Member(w.ctx, access.System(c.Workspace), c.Owner.Staff)
	if err != nil {
		return member, err
	}
	if !member.Active {
		return member, inbox.ErrAgentAway
	}
	column, capacity := loadColumn(c.Lease), member.Capacity.Chat
	if c.Lease == inbox.Async {
		capacity = member.Capacity.Async
	}
	if capacity <= 0 {
		return member, inbox.ErrAgentFull.With("agent", member.Name)
	}
	n, err := w.takePlace(c, column, capacity, manual)
	if err != nil {
		return member, err
	}
	if n == 0 {
		return member, w.whyNot(c, member, column, capacity)
	}
	w.watch(c.Workspace, c.Owner.Staff)
	return member, nil
}

// takePlace counts one more for the agent, below capacity only: the limit is in
// the statement, so two nodes cannot pass it together. Who takes by hand gets
// the lease of a sign of life; with no socket behind it, it lapses by itself.
func (w *change) takePlace(c inbox.Conversation, column string, capacity int64, manual bool) (int64, error) {
	if !manual {
		return w.tx.Exec(`UPDATE staff_presence SET `+column+` = `+column+` + 1, assigned_at = $3
			WHERE workspace_id = $1 AND staff_id = $2 AND `+column+` < $4 AND state = 'online' AND until > $3`,
			c.Workspace, c.Owner.Staff, w.at, capacity)
	}
	chat, async := int64(1), int64(0)
	if c.Lease == inbox.Async {
		chat, async = 0, 1
	}
	return w.tx.Exec(`INSERT INTO staff_presence(workspace_id, staff_id, state, reason, since, until, assigned_at, load_chat, load_async)
		VALUES ($1, $2, 'online', '', $3, $4, $3, $5, $6)
		ON CONFLICT (workspace_id, staff_id) DO UPDATE SET `+column+` = staff_presence.`+column+` + 1, assigned_at = excluded.assigned_at,
			until = `+w.tx.Dialect().Greatest+`(staff_presence.until, excluded.until)
		WHERE staff_presence.`+column+` < $7`,
		c.Workspace, c.Owner.Staff, w.at, w.at.Add(routing.PresenceLease), chat, async, capacity)
}

// whyNot tells a full agent from one who is not there.
func (w *change) whyNot(c inbox.Conversation, member routing.Member, column string, capacity int64) error {
	var load int64
	rows, err := w.tx.Query(`SELECT `+column+` FROM staff_presence WHERE workspace_id = $1 AND staff_id = $2`, c.Workspace, c.Owner.Staff)
	if err := store.One(rows, err, &load); err != nil && !noRows(err) {
		return err
	}
	if load >= capacity {
		return inbox.ErrAgentFull.With("agent", member.Name)
	}
	return inbox.ErrAgentAway.With("agent", member.Name)
}

// vacate gives back the place an agent's conversation took.
func (w *change) vacate(before inbox.Conversation) {
	column := loadColumn(before.Lease)
	w.tx.Queue(`UPDATE staff_presence SET `+column+` = `+column+` - 1 WHERE workspace_id = $1 AND staff_id = $2 AND `+column+` > 0`,
		before.Workspace, before.Owner.Staff)
	w.watch(before.Workspace, before.Owner.Staff)
}

func loadColumn(lease inbox.Lease) string {
	if lease == inbox.Async {
		return "load_async"
	}
	return "load_chat"
}

func (w *change) watch(workspace id.Workspace, staff id.Staff) {
	if watch := w.s.options.Watch; watch != nil {
		w.tx.AfterCommit(func() { watch.Presence(workspace, staff) })
	}
}

// record writes the transition's own row.
func (w *change) record(before inbox.Conversation, m inbox.Move, seq int64) {
	waited := int64(0)
	if !before.WaitingSince.IsZero() {
		waited = w.at.Sub(before.WaitingSince).Microseconds()
	}
	w.tx.Queue(`INSERT INTO transitions(workspace_id, conversation_id, epoch, id, seq, from_owner, to_owner, actor_kind, actor_id,
			happening, reason_code, reason_text, team_id, waited, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		w.now.Workspace, w.now.ID, w.now.OwnerEpoch, w.tx.IDs().Next(), seq, store.JSON(m.From), store.JSON(m.To), m.Actor.Kind, m.Actor.Number(),
		m.Happening, m.Reason.Code, m.Reason.Text, w.now.Team, waited, w.at)
}

// finish queues the writes of the conversation and its new entries, and has the
// feed told after the commit.
func (w *change) finish() {
	told := w.update
	for _, l := range w.lines {
		insertEntry(w.tx, w.now, l)
		told.Entries = append(told.Entries, l.Entry)
	}
	switch {
	case w.isNew:
		insert(w.tx, w.now, w.clientID)
	case w.spoken && !w.update.Moved:
		updateSpoken(w.tx, w.now)
	default:
		update(w.tx, w.now)
	}
	moved(w.tx, w.now.Workspace, w.was, cellOf(w.now))
	w.was = cellOf(w.now)
	if feed := w.s.options.Feed; feed != nil {
		told.Workspace, told.Conversation = w.now.Workspace, w.now
		w.tx.AfterCommit(func() { feed.Changed(told) })
	}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
