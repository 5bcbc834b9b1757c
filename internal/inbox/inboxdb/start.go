package inboxdb

import (
	"context"
	"encoding/json"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/job"
	"everdesk/internal/store"
)

// Start opens a conversation with a customer's first message, exactly once per
// customer and client id.
func (s *Store) Start(ctx context.Context, scope access.Scope, o inbox.Opening) (posted inbox.Posted, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		posted, err = s.started(ctx, scope, o)
		if err != nil || posted.Replayed {
			return err
		}
		posted, err = s.start(ctx, scope, o)
		return err
	})
	return posted, err
}

// started finds what an earlier call made.
func (s *Store) started(ctx context.Context, scope access.Scope, o inbox.Opening) (inbox.Posted, error) {
	if o.ClientID == "" {
		return inbox.Posted{}, nil
	}
	rows, err := s.db.Query(ctx, `SELECT `+columns+from+`WHERE c.workspace_id = $1 AND c.customer_id = $2 AND c.client_id = $3 AND c.client_id <> ''`,
		scope.Workspace, o.Customer, o.ClientID)
	found, err := store.All(rows, err, scan)
	if err != nil || len(found) == 0 {
		return inbox.Posted{}, err
	}
	entry, err := s.byClientID(ctx, found[0], o.ClientID)
	if err != nil {
		return inbox.Posted{}, err
	}
	return inbox.Posted{Conversation: found[0], Entry: entry, Replayed: true}, sameBody(entry, o.Body)
}

func (s *Store) start(ctx context.Context, scope access.Scope, o inbox.Opening) (inbox.Posted, error) {
	content, err := s.complete(ctx, scope, o.Body, inbox.ByCustomer)
	if err != nil {
		return inbox.Posted{}, err
	}
	about, err := s.about(ctx, scope, o.Customer)
	if err != nil {
		return inbox.Posted{}, err
	}
	_, team, err := s.policyOf(ctx, scope.Workspace, o.Team)
	if err != nil {
		return inbox.Posted{}, err
	}
	policy, queue := s.policy, inbox.Queue{}
	if !o.ToBot {
		if policy, queue, err = s.queueOf(ctx, scope.Workspace, team.ID, o.At); err != nil {
			return inbox.Posted{}, err
		}
	}
	tx := store.Current(ctx)
	w := &change{s: s, ctx: ctx, tx: tx, at: o.At, isNew: true, clientID: o.ClientID, now: inbox.Conversation{
		ID: id.New[id.Conversation](tx.IDs()), Workspace: scope.Workspace, Customer: o.Customer, Channel: o.Channel,
		Subject: o.Subject, Locale: o.Locale, Priority: o.Priority, Tags: []string{}, State: inbox.Open,
		Owner: inbox.Owner{Kind: inbox.OwnerNone}, Team: team.ID, Version: 1, CreatedAt: o.At, UpdatedAt: o.At, About: about,
	}}
	if err := w.move(w.now.Begin(o.ToBot, o.At, queue, policy), false); err != nil {
		return inbox.Posted{}, err
	}
	entry := w.heard(content, inbox.Posting{ClientID: o.ClientID, ExternalID: o.ExternalID})
	w.finish()
	return inbox.Posted{Conversation: w.now, Entry: entry}, nil
}

// about reads the little of a customer that lists show.
func (s *Store) about(ctx context.Context, scope access.Scope, who id.Customer) (about inbox.About, err error) {
	rows, err := s.db.Query(ctx, `SELECT name, locale, tier FROM customers WHERE workspace_id = $1 AND id = $2`, scope.Workspace, who)
	err = store.One(rows, err, &about.Name, &about.Locale, &about.Tier)
	if noRows(err) {
		return about, inbox.ErrNotFound
	}
	return about, err
}

// heard adds a customer's message and sets the clock of whoever must answer.
func (w *change) heard(content inbox.Body, p inbox.Posting) inbox.Entry {
	w.now = w.now.With(w.now.Heard(w.at, w.s.policy))
	entry := w.say(line{
		Entry:   inbox.Entry{Kind: inbox.KindMessage, Author: inbox.Asker(w.now.Customer), Body: content, ClientID: p.ClientID, ReplyTo: p.ReplyTo},
		channel: w.now.Channel.Account, externalID: p.ExternalID,
	})
	w.now.CustomerSeq, w.now.CustomerAt = entry.Seq, w.at
	if w.now.Owner.Kind == inbox.OwnerBot {
		w.askBot()
	}
	return entry
}

// BotTurn is the payload of the job that answers a customer's message.
type BotTurn struct {
	Workspace    id.Workspace    `json:"workspace"`
	Conversation id.Conversation `json:"conversation"`
	Seq          int64           `json:"seq"`
	OwnerEpoch   int64           `json:"owner_epoch"`
}

// BotTurnKind is that job's kind.
const BotTurnKind = "bot.turn"

// Key names the turn's job: one for each message and owner.
func (t BotTurn) Key() string {
	return BotTurnKind + "/" + t.Conversation.String() + "/" + decimal(t.Seq) + "/" + decimal(t.OwnerEpoch)
}

// askBot enqueues the bot's turn for the customer's newest message.
func (w *change) askBot() {
	turn := BotTurn{w.now.Workspace, w.now.ID, w.now.CustomerSeq, w.now.OwnerEpoch}
	job.Enqueue(w.ctx, job.Job{Kind: BotTurnKind, Key: turn.Key(), Workspace: w.now.Workspace, At: w.at, Payload: turn})
}

// say adds what somebody wrote, public or private.
func (w *change) say(l line) inbox.Entry {
	entry := w.add(l)
	if !entry.Private {
		w.now.Last = inbox.Preview{
			Seq: entry.Seq, Kind: entry.Kind, Author: entry.Author.Kind, Staff: entry.Author.Staff, Text: entry.Body.Short(140), At: w.at,
		}
	}
	w.tx.Emit(w.now.Workspace, w.at, event.EntryPosted{
		Conversation: w.now.ID, Customer: w.now.Customer, Seq: entry.Seq, EntryKind: string(entry.Kind),
		AuthorKind: string(entry.Author.Kind), Staff: entry.Author.Staff, Private: entry.Private,
		Opening: w.isNew,
	})
	return entry
}

// sameBody refuses a key that was used for other words. What has been edited or
// recalled since can no longer be compared.
func sameBody(entry inbox.Entry, body inbox.Body) error {
	if !entry.EditedAt.IsZero() || !entry.RecalledAt.IsZero() || entry.Body.Type != body.Type {
		if entry.EditedAt.IsZero() && entry.RecalledAt.IsZero() {
			return inbox.ErrKeyReused
		}
		return nil
	}
	if body.FileID() != entry.Body.FileID() {
		return inbox.ErrKeyReused
	}
	if body.FileID() != 0 {
		return nil
	}
	one, err := json.Marshal(entry.Body)
	if err != nil {
		return err
	}
	other, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if string(one) != string(other) {
		return inbox.ErrKeyReused
	}
	return nil
}
