package knowledgedb

import (
	"context"
	"reflect"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
	"everdesk/internal/store"
)

// Make writes a new article, as a draft.
func (s *Store) Make(ctx context.Context, scope access.Scope, claim *commit.Claim, content knowledge.Content, at time.Time) (made *knowledge.Article, err error) {
	if content, err = content.Check("body"); err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		made = &knowledge.Article{Status: knowledge.Draft, Version: 1, CreatedAt: at, ID: id.New[id.Article](tx.IDs())}
		set(made, content, scope, at)
		if err := s.freeKey(ctx, scope, made); err != nil {
			return err
		}
		insert(tx, scope, made)
		tx.Remember(made.ID.Int64())
		return s.audit.Write(ctx, scope, "article.made", made.ID.String(), nil, made.Content(), at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.Article(ctx, scope, id.Article(claim.Result))
	}
	return made, err
}

// Change writes an article anew, if it still has the version given. A published
// one answers with the new words from the next question on. Without a key it
// keeps the one it has.
func (s *Store) Change(ctx context.Context, scope access.Scope, which id.Article, version int64, content knowledge.Content, at time.Time) (now *knowledge.Article, err error) {
	if content, err = content.Check("body"); err != nil {
		return nil, err
	}
	return s.alter(ctx, scope, which, version, "article.changed", func(a *knowledge.Article) {
		if content.Key == "" {
			content.Key = a.Key
		}
		set(a, content, scope, at)
	}, at)
}

// SetStatus publishes an article, archives it, or makes it a draft again. With
// version 0 it does so whatever the version. Doing it twice is doing it once.
func (s *Store) SetStatus(ctx context.Context, scope access.Scope, which id.Article, version int64, status knowledge.Status, at time.Time) (*knowledge.Article, error) {
	return s.alter(ctx, scope, which, version, "article."+string(status), func(a *knowledge.Article) {
		if a.Status != status {
			a.Status, a.UpdatedAt, a.UpdatedBy = status, at, scope.Staff
		}
	}, at)
}

// alter changes an article by fn and tells whom it concerns.
func (s *Store) alter(ctx context.Context, scope access.Scope, which id.Article, version int64, action string, fn func(*knowledge.Article), at time.Time) (now *knowledge.Article, err error) {
	err = s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Article(ctx, scope, which)
		if err != nil {
			return err
		}
		if version != 0 && before.Version != version {
			return stale
		}
		after := *before
		now = &after
		fn(now)
		if reflect.DeepEqual(*before, after) {
			return nil
		}
		if now.Key != before.Key || now.Locale != before.Locale {
			if err := s.freeKey(ctx, scope, now); err != nil {
				return err
			}
		}
		tx := store.Current(ctx)
		err = tx.Returning([]any{&now.Version}, `UPDATE articles SET article_key = $4, kind = $5, locale = $6, title = $7, variants = $8,
			body = $9, topic = $10, status = $11, found = $12, updated_at = $13, updated_by = $14, version = version + 1
			WHERE workspace_id = $1 AND id = $2 AND version = $3 RETURNING version`,
			scope.Workspace, which, before.Version, now.Key, string(now.Kind), now.Locale, now.Title, store.JSON(orEmpty(now.Variants)),
			now.Body, now.Topic, string(now.Status), foundIn(now), now.UpdatedAt, now.UpdatedBy)
		if err != nil {
			return one(err, stale)
		}
		tell(tx, scope, before, now, at)
		return s.audit.Write(ctx, scope, action, which.String(), shown(before), shown(now), at)
	}})
	return now, err
}

// Delete removes an article for good, if it still has the version given.
func (s *Store) Delete(ctx context.Context, scope access.Scope, which id.Article, version int64, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Article(ctx, scope, which)
		if err != nil {
			return err
		}
		if version != 0 && before.Version != version {
			return stale
		}
		tx := store.Current(ctx)
		tx.Queue(`DELETE FROM articles WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
		tell(tx, scope, before, nil, at)
		return s.audit.Write(ctx, scope, "article.deleted", which.String(), shown(before), nil, at)
	}})
}

func set(a *knowledge.Article, c knowledge.Content, scope access.Scope, at time.Time) {
	a.Key, a.Kind, a.Locale, a.Title, a.Variants, a.Body, a.Topic = c.Key, c.Kind, c.Locale, c.Title, c.Variants, c.Body, c.Topic
	a.UpdatedAt, a.UpdatedBy = at, scope.Staff
}

func insert(tx *store.Tx, scope access.Scope, a *knowledge.Article) {
	tx.Queue(`INSERT INTO articles(workspace_id, id, article_key, kind, locale, title, variants, body, topic, status, found, created_at, updated_at, updated_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		scope.Workspace, a.ID, a.Key, string(a.Kind), a.Locale, a.Title, store.JSON(orEmpty(a.Variants)), a.Body, a.Topic,
		string(a.Status), foundIn(a), a.CreatedAt, a.UpdatedAt, a.UpdatedBy)
}

// freeKey refuses a key that another article of the language has.
func (s *Store) freeKey(ctx context.Context, scope access.Scope, a *knowledge.Article) error {
	if a.Key == "" {
		return nil
	}
	var other int64
	rows, err := s.db.Query(ctx, `SELECT id FROM articles WHERE workspace_id = $1 AND locale = $2 AND article_key = $3 AND id <> $4`,
		scope.Workspace, a.Locale, a.Key, a.ID)
	err = store.One(rows, err, &other)
	if err == nil {
		return knowledge.ErrKeyTaken.At("body.key", "taken", "another article has this key")
	}
	return one(err, nil)
}

// tell bumps the shelves a change shows on: only published words are read to
// customers.
func tell(tx *store.Tx, scope access.Scope, before, after *knowledge.Article, at time.Time) {
	told := ""
	for _, a := range []*knowledge.Article{before, after} {
		if a == nil || a.Status != knowledge.Published || a.Locale == told {
			continue
		}
		told = a.Locale
		changed(tx, scope, a.Locale, event.KnowledgeChanged{Locale: a.Locale, Articles: []id.Article{a.ID}}, at)
	}
}

// shown is what the audit record keeps of an article.
func shown(a *knowledge.Article) any {
	return struct {
		knowledge.Content
		Status knowledge.Status `json:"status"`
	}{a.Content(), a.Status}
}

func foundIn(a *knowledge.Article) string {
	return found(append([]string{a.Title}, a.Variants...)...)
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
