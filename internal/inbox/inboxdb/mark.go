package inboxdb

import (
	"context"
	"slices"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// MarkRead notes how far a side has read. On the desk's side only the owner's
// reading counts, and anybody's where no agent owns it. Marks never go back.
func (s *Store) MarkRead(ctx context.Context, scope access.Scope, which id.Conversation, seq int64, at time.Time) (now inbox.Conversation, err error) {
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil {
			return err
		}
		now = w.now
		seq := min(seq, w.now.LastSeq)
		switch {
		case scope.Kind == access.ActorVisitor:
			if seq <= w.now.CustomerReadSeq {
				return nil
			}
			w.now.CustomerReadSeq, w.update.Read = seq, inbox.ByCustomer
			w.tx.Queue(`UPDATE deliveries SET state = 'read', updated_at = $4 WHERE workspace_id = $1 AND conversation_id = $2 AND seq <= $3
				AND identity_id = 0 AND state IN ('sent', 'delivered')`, w.now.Workspace, which, seq, at)
		case seq <= w.now.StaffReadSeq, w.now.Owner.Kind == inbox.OwnerAgent && w.now.Owner.Staff != scope.Staff:
			return nil
		default:
			w.now.StaffReadSeq, w.update.Read = seq, inbox.ByStaff
		}
		w.finish()
		now = w.now
		return nil
	})
	return now, err
}

// Delivered notes that the customer's widget has everything up to seq.
func (s *Store) Delivered(ctx context.Context, scope access.Scope, which id.Conversation, seq int64, at time.Time) error {
	var waiting int64
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM deliveries WHERE workspace_id = $1 AND conversation_id = $2 AND seq <= $3
		AND identity_id = 0 AND state = 'sent'`, scope.Workspace, which, seq)
	if err := store.One(rows, err, &waiting); err != nil || waiting == 0 {
		return err
	}
	return s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil {
			return err
		}
		w.tx.Queue(`UPDATE deliveries SET state = 'delivered', updated_at = $4 WHERE workspace_id = $1 AND conversation_id = $2 AND seq <= $3
			AND identity_id = 0 AND state = 'sent'`, w.now.Workspace, which, seq, at)
		w.tell(inbox.Delivery{Workspace: w.now.Workspace, Conversation: which, Seq: min(seq, w.now.LastSeq), State: inbox.DeliveryDelivered})
		return nil
	})
}

// tell has the feed told of a delivery after the commit, where nothing else of
// the conversation changed.
func (w *change) tell(d inbox.Delivery) {
	if feed := w.s.options.Feed; feed != nil {
		told := inbox.Update{Workspace: w.now.Workspace, Conversation: w.now, Delivery: &d}
		w.tx.AfterCommit(func() { feed.Changed(told) })
	}
}

// Rate notes the customer's verdict. Rating again replaces it; rating the same
// again changes nothing.
func (s *Store) Rate(ctx context.Context, scope access.Scope, which id.Conversation, rating inbox.Rating, at time.Time) (now inbox.Conversation, err error) {
	content := inbox.NewBody(inbox.TypeRating, &rating)
	if err := content.Check(); err != nil {
		return now, err
	}
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil {
			return err
		}
		now = w.now
		if w.now.State != inbox.Resolved && w.now.LastStaff == 0 {
			return inbox.ErrNotRatable
		}
		if w.now.Rating == rating.Score && rating.Comment == "" {
			return nil
		}
		w.now.Rating = rating.Score
		w.add(line{Entry: inbox.Entry{Kind: inbox.KindRating, Author: author(scope), Body: content}})
		w.tx.Emit(w.now.Workspace, at, event.ConversationRated{
			Conversation: w.now.ID, Customer: w.now.Customer, Staff: w.now.LastStaff, Score: rating.Score,
		})
		w.finish()
		now = w.now
		return nil
	})
	return now, err
}

// Judge notes whether an answer helped: value is "up" or "down".
func (s *Store) Judge(ctx context.Context, scope access.Scope, which id.Conversation, seq int64, value string, at time.Time) error {
	return s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil {
			return err
		}
		entry, err := s.bySeq(ctx, w.now, seq)
		if err != nil {
			return err
		}
		answer, ok := entry.Body.Content.(*inbox.Answer)
		if !ok {
			return inbox.ErrNotEditable
		}
		if answer.Feedback == value {
			return nil
		}
		answer.Feedback = value
		if err := entry.Body.Check(); err != nil {
			return err
		}
		w.tx.Queue(`UPDATE entries SET body = $4 WHERE workspace_id = $1 AND conversation_id = $2 AND seq = $3`, w.now.Workspace, which, seq, store.JSON(entry.Body))
		judged := event.AnswerJudged{Conversation: which, Seq: seq, Helpful: value == "up"}
		for _, source := range answer.Sources {
			judged.Articles = append(judged.Articles, source.Article)
		}
		w.tx.Emit(w.now.Workspace, at, judged)
		return nil
	})
}

// maxTags is how many tags a conversation may have.
const maxTags = 30

// Tag adds and removes tags. Tags are compared in lower case.
func (s *Store) Tag(ctx context.Context, scope access.Scope, which id.Conversation, add, remove []string, at time.Time) (now inbox.Conversation, err error) {
	add, remove = lower(add), lower(remove)
	for _, tag := range add {
		if code, detail := inbox.CheckText(tag, 50); code != "" || tag == "" || strings.ContainsAny(tag, "\r\n\t") {
			return now, fault.ErrInvalid.At("body.add", "malformed", "1 to 50 characters"+detail)
		}
	}
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil {
			return err
		}
		tags := slices.Concat(w.now.Tags, add)
		slices.Sort(tags)
		tags = slices.DeleteFunc(slices.Compact(tags), func(tag string) bool { return slices.Contains(remove, tag) })
		if len(tags) > maxTags {
			return fault.ErrInvalid.At("body.add", "too_many", "at most 30 tags")
		}
		for _, tag := range remove {
			w.tx.Queue(`DELETE FROM conversation_tags WHERE workspace_id = $1 AND conversation_id = $2 AND tag = $3`, w.now.Workspace, which, tag)
		}
		for _, tag := range tags {
			w.tx.Queue(`INSERT INTO conversation_tags(workspace_id, conversation_id, tag) VALUES ($1, $2, $3)
				ON CONFLICT (workspace_id, conversation_id, tag) DO NOTHING`, w.now.Workspace, which, tag)
		}
		before := w.now.Tags
		if w.now.Tags = tags; tags == nil {
			w.now.Tags = []string{}
		}
		w.tx.Emit(w.now.Workspace, at, event.ConversationChanged{Conversation: which})
		w.finish()
		now = w.now
		return w.audit(scope, "conversation.tagged", before, now.Tags)
	})
	return now, err
}

func lower(tags []string) []string {
	all := make([]string, len(tags))
	for i, tag := range tags {
		all[i] = strings.ToLower(strings.TrimSpace(tag))
	}
	return all
}

// Change edits a conversation whose version the caller has seen.
func (s *Store) Change(ctx context.Context, scope access.Scope, which id.Conversation, version int64, to inbox.Attributes, at time.Time) (now inbox.Conversation, err error) {
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil {
			return err
		}
		if w.now.Version != version {
			return fault.ErrStale
		}
		before := described{w.now.Subject, w.now.Priority.String()}
		if to.Subject != nil {
			if code, detail := inbox.CheckText(*to.Subject, 200); code != "" {
				return fault.ErrInvalid.At("body.subject", code, detail)
			}
			w.now.Subject = strings.TrimSpace(*to.Subject)
		}
		if to.Priority != nil {
			w.now.Priority = *to.Priority
		}
		w.now.Version++
		w.tx.Emit(w.now.Workspace, at, event.ConversationChanged{Conversation: which})
		w.finish()
		now = w.now
		return w.audit(scope, "conversation.changed", before, described{now.Subject, now.Priority.String()})
	})
	return now, err
}

// described is what the record of operations keeps of an edit.
type described struct {
	Subject  string `json:"subject"`
	Priority string `json:"priority"`
}

// Summarize stores what the next owner should know.
func (s *Store) Summarize(ctx context.Context, scope access.Scope, which id.Conversation, summary inbox.Summary, at time.Time) error {
	return s.inTurn(ctx, which, func(ctx context.Context) error {
		w, err := s.begin(ctx, scope, which, at)
		if err != nil {
			return err
		}
		w.now.Summary = &summary
		w.finish()
		return nil
	})
}

// FollowMerge moves a merged customer's conversations to whoever it turned out
// to be, and with from zero gives into's own back to it.
func (s *Store) FollowMerge(ctx context.Context, scope access.Scope, from, into id.Customer) error {
	tx := store.Current(ctx)
	if from == 0 {
		tx.Queue(`UPDATE conversations SET customer_id = $2 WHERE workspace_id = $1 AND origin_id = $2 AND customer_id <> origin_id`, scope.Workspace, into)
		return nil
	}
	tx.Queue(`UPDATE conversations SET customer_id = $3 WHERE workspace_id = $1 AND customer_id = $2`, scope.Workspace, from, into)
	return nil
}
