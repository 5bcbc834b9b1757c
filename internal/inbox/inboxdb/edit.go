package inboxdb

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// Edit replaces the words of an entry by its author. What it said before stays
// in its history. The answer is the edit's own entry.
func (s *Store) Edit(ctx context.Context, scope access.Scope, which id.Conversation, target int64, clientID string, to inbox.Body, at time.Time) (inbox.Posted, error) {
	return s.alter(ctx, scope, which, target, clientID, inbox.KindEdit, to, at)
}

// Recall takes an entry back: by its author, or by those who may assign for
// what the desk said. What it said stays in its history, for staff alone.
func (s *Store) Recall(ctx context.Context, scope access.Scope, which id.Conversation, target int64, clientID string, at time.Time) (inbox.Posted, error) {
	return s.alter(ctx, scope, which, target, clientID, inbox.KindRecall, inbox.RecalledBody, at)
}

func (s *Store) alter(ctx context.Context, scope access.Scope, which id.Conversation, target int64, clientID string, kind inbox.EntryKind, to inbox.Body, at time.Time) (posted inbox.Posted, err error) {
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, earlier, err := s.beginPost(ctx, scope, which, clientID, at)
		if err != nil {
			return err
		}
		if earlier != nil {
			posted = inbox.Posted{Conversation: w.now, Entry: *earlier, Replayed: true}
			return nil
		}
		old, err := s.bySeq(ctx, w.now, target)
		if err != nil {
			return err
		}
		if err := mayAlter(scope, w.now, old, kind, to); err != nil {
			return err
		}
		recalled := kind == inbox.KindRecall
		column := "edited_at"
		if recalled {
			column = "recalled_at"
		}
		w.tx.Queue(`UPDATE entries SET body = $4, `+column+` = $5 WHERE workspace_id = $1 AND conversation_id = $2 AND seq = $3`,
			w.now.Workspace, w.now.ID, target, store.JSON(to), at)
		entry := w.add(line{
			Entry:    inbox.Entry{Kind: kind, Author: author(scope), Body: to, Private: old.Private, ClientID: clientID, Target: target},
			previous: &old.Body,
		})
		if w.now.Last.Seq == target {
			w.now.Last.Text = to.Short(140)
		}
		w.tx.Emit(w.now.Workspace, at, event.EntryChanged{
			Conversation: w.now.ID, Seq: entry.Seq, Target: target, Recalled: recalled, AuthorKind: string(entry.Author.Kind),
		})
		w.finish()
		posted = inbox.Posted{Conversation: w.now, Entry: entry}
		// The words themselves are in the entry's history.
		return w.audit(scope, "entry."+map[bool]string{false: "edited", true: "recalled"}[recalled], nil, map[string]int64{"seq": target})
	})
	return posted, err
}

// mayAlter says whether an entry can still be changed, and by whom. What a
// channel has carried away cannot be taken back, only what our own widget shows.
func mayAlter(scope access.Scope, c inbox.Conversation, old inbox.Entry, kind inbox.EntryKind, to inbox.Body) error {
	who := author(scope)
	if old.Private && who.Kind == inbox.ByCustomer {
		return inbox.ErrEntryNotFound
	}
	own := old.Author == who && scope.Kind != access.ActorKey
	if kind == inbox.KindRecall && commands(scope) && old.Author.Kind != inbox.ByCustomer {
		own = true
	}
	said := old.Kind == inbox.KindMessage || old.Kind == inbox.KindNote
	switch {
	case !old.RecalledAt.IsZero():
		return inbox.ErrRecalled
	case !own || !said || !c.Channel.Kind.Live() && !old.Private:
		return inbox.ErrNotEditable
	case kind == inbox.KindRecall:
		return nil
	case !old.Body.Type.Editable() || old.Body.Type != to.Type:
		return inbox.ErrNotEditable
	}
	return to.Check()
}

// History returns every body an entry has had, the first first.
func (s *Store) History(ctx context.Context, scope access.Scope, which id.Conversation, seq int64) ([]inbox.Version, error) {
	c, err := s.Get(ctx, scope, which)
	if err != nil {
		return nil, err
	}
	entry, err := s.bySeq(ctx, c, seq)
	if err != nil {
		return nil, err
	}
	if scope.Kind == access.ActorVisitor && (entry.Private || !entry.RecalledAt.IsZero()) {
		return nil, inbox.ErrEntryNotFound
	}
	rows, err := s.db.Query(ctx, `SELECT seq, author_kind, author_id, body, created_at FROM entries
		WHERE workspace_id = $1 AND conversation_id = $2 AND target = $3 AND target <> 0 ORDER BY seq`, c.Workspace, c.ID, seq)
	changes, err := store.All(rows, err, func(row store.Row) (inbox.Version, error) {
		var v inbox.Version
		var kind inbox.AuthorKind
		var number int64
		var body string
		if err := row.Scan(&v.Seq, &kind, &number, &body, store.Into(&v.At)); err != nil {
			return v, err
		}
		v.By = inbox.AuthorOf(kind, number)
		return v, json.Unmarshal([]byte(body), &v.Body)
	})
	if err != nil {
		return nil, err
	}
	// Each change keeps the body it replaced, which its predecessor wrote.
	by, at := entry.Author, entry.CreatedAt
	versions := slices.Clone(changes)
	for i := range versions {
		versions[i].By, by = by, versions[i].By
		versions[i].At, at = at, versions[i].At
	}
	return append(versions, inbox.Version{Body: entry.Body, By: by, At: at}), nil
}
