// Package knowledgedb keeps articles, products and imports.
package knowledgedb

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
	"everdesk/internal/page"
	"everdesk/internal/store"
)

// Audit records an operation in the transaction of ctx.
type Audit interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Store keeps the knowledge of all workspaces.
type Store struct {
	db    *store.DB
	audit Audit
}

// New returns the knowledge kept in db.
func New(db *store.DB, audit Audit) *Store { return &Store{db, audit} }

const columns = `id, article_key, kind, locale, title, variants, body, topic, status, version, up, down, answered, created_at, updated_at, updated_by`

func scan(row store.Row) (a *knowledge.Article, err error) {
	a = &knowledge.Article{}
	var variants string
	err = row.Scan(&a.ID, &a.Key, &a.Kind, &a.Locale, &a.Title, &variants, &a.Body, &a.Topic, &a.Status, &a.Version,
		&a.Up, &a.Down, &a.Answered, store.Into(&a.CreatedAt), store.Into(&a.UpdatedAt), &a.UpdatedBy)
	if err == nil {
		err = json.Unmarshal([]byte(variants), &a.Variants)
	}
	return a, err
}

// one turns the lack of a row into what the caller is told.
func one(err error, missing error) error {
	if errors.Is(err, store.ErrNoRows) {
		return missing
	}
	return err
}

// Article returns one article.
func (s *Store) Article(ctx context.Context, scope access.Scope, which id.Article) (*knowledge.Article, error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM articles WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
	found, err := store.All(rows, err, scan)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, knowledge.ErrNoArticle
	}
	return found[0], nil
}

// Articles lists articles, the last changed first.
func (s *Store) Articles(ctx context.Context, scope access.Scope, filter knowledge.Filter, request page.Request) (page.Of[*knowledge.Article], error) {
	after := request.After
	if after.IsZero() {
		after = page.Cursor{Key: 1 << 62, ID: 1 << 62}
	}
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM articles
		WHERE workspace_id = $1 AND (updated_at, id) < ($2, $3)
		AND ($4 = '' OR found LIKE $4 ESCAPE '\') AND ($5 = '' OR locale = $5) AND ($6 = '' OR kind = $6)
		AND ($7 = '' OR status = $7) AND ($8 = '' OR topic = $8)
		ORDER BY updated_at DESC, id DESC LIMIT $9`,
		scope.Workspace, after.Key, after.ID, contains(filter.Text), filter.Locale, string(filter.Kind),
		string(filter.Status), filter.Topic, int64(request.Limit)+1)
	all, err := store.All(rows, err, scan)
	return page.Cut(all, request, func(a *knowledge.Article) page.Cursor {
		return page.Cursor{Key: store.Micros(a.UpdatedAt), ID: a.ID.Int64()}
	}), err
}

// Topics returns the topics in use, by name; at most 500.
func (s *Store) Topics(ctx context.Context, scope access.Scope) ([]knowledge.Topic, error) {
	rows, err := s.db.Query(ctx, `SELECT topic, locale, count(*) FROM articles WHERE workspace_id = $1 AND topic <> ''
		GROUP BY topic, locale ORDER BY topic, locale LIMIT 500`, scope.Workspace)
	return store.All(rows, err, func(row store.Row) (t knowledge.Topic, err error) {
		return t, row.Scan(&t.Name, &t.Locale, &t.Articles)
	})
}

// contains is the LIKE pattern of a text somewhere inside, "" for no text.
func contains(text string) string {
	text = knowledge.Fold(text)
	if text == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// Published returns a language's published articles, in the order they were
// made.
func (s *Store) Published(ctx context.Context, scope access.Scope, locale string) ([]*knowledge.Article, error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM articles
		WHERE workspace_id = $1 AND locale = $2 AND status = 'published' ORDER BY created_at, id`, scope.Workspace, locale)
	return store.All(rows, err, scan)
}

// Revision rises with every change of a shelf: a language's published articles,
// or knowledge.ProductShelf.
func (s *Store) Revision(ctx context.Context, scope access.Scope, shelf string) (revision int64, err error) {
	rows, err := s.db.Query(ctx, `SELECT revision FROM knowledge_revisions WHERE workspace_id = $1 AND shelf = $2`, scope.Workspace, shelf)
	err = one(store.One(rows, err, &revision), nil)
	return revision, err
}

// changed tells every node, once the transaction has committed, that customers
// are answered otherwise from now on.
func changed(tx *store.Tx, scope access.Scope, shelf string, e event.KnowledgeChanged, at time.Time) {
	tx.Queue(`INSERT INTO knowledge_revisions(workspace_id, shelf, revision) VALUES ($1, $2, 1)
		ON CONFLICT (workspace_id, shelf) DO UPDATE SET revision = knowledge_revisions.revision + 1`, scope.Workspace, shelf)
	tx.Emit(scope.Workspace, at, e)
}

// CountAnswer notes that an article answered a customer.
func (s *Store) CountAnswer(ctx context.Context, scope access.Scope, article id.Article) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		store.Current(ctx).Queue(`UPDATE articles SET answered = answered + 1 WHERE workspace_id = $1 AND id = $2`, scope.Workspace, article)
		return nil
	})
}

// CountVerdict notes that customers found articles helpful, or not.
func (s *Store) CountVerdict(ctx context.Context, scope access.Scope, articles []id.Article, helpful bool) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		up, down := int64(0), int64(1)
		if helpful {
			up, down = 1, 0
		}
		for _, article := range articles {
			store.Current(ctx).Queue(`UPDATE articles SET up = up + $3, down = down + $4 WHERE workspace_id = $1 AND id = $2`,
				scope.Workspace, article, up, down)
		}
		return nil
	})
}

// Products lists products by their own numbers.
func (s *Store) Products(ctx context.Context, scope access.Scope, text string, request page.Request) (page.Of[*knowledge.Product], error) {
	rows, err := s.db.Query(ctx, `SELECT id, product_key, details, version, updated_at FROM products
		WHERE workspace_id = $1 AND id > $2 AND ($3 = '' OR found LIKE $3 ESCAPE '\') ORDER BY id LIMIT $4`,
		scope.Workspace, request.After.ID, contains(text), int64(request.Limit)+1)
	all, err := store.All(rows, err, scanProduct)
	return page.Cut(all, request, func(p *knowledge.Product) page.Cursor { return page.Cursor{Key: 1, ID: p.ID.Int64()} }), err
}

// AllProducts returns every product, for the catalogue.
func (s *Store) AllProducts(ctx context.Context, scope access.Scope) ([]*knowledge.Product, error) {
	rows, err := s.db.Query(ctx, `SELECT id, product_key, details, version, updated_at FROM products
		WHERE workspace_id = $1 ORDER BY id`, scope.Workspace)
	return store.All(rows, err, scanProduct)
}

func scanProduct(row store.Row) (p *knowledge.Product, err error) {
	p = &knowledge.Product{}
	var details string
	if err = row.Scan(&p.ID, &p.Key, &details, &p.Version, store.Into(&p.UpdatedAt)); err == nil {
		err = json.Unmarshal([]byte(details), &p.Details)
	}
	return p, err
}

// found is what the search box looks in.
func found(texts ...string) string {
	return knowledge.Fold(strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), "\n"))
}

// stale is what a version that has passed is answered with.
var stale = fault.ErrStale
