package bot

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"everdesk/internal/access"
	"everdesk/internal/bot/catalogue"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
)

// Shelves is where the library reads knowledge from.
type Shelves interface {
	// Revision rises with every change of a shelf: a language's published
	// articles, or knowledge.ProductShelf. It is asked before every answer and
	// must be cheap.
	Revision(ctx context.Context, scope access.Scope, shelf string) (int64, error)
	// Published returns a language's published articles.
	Published(ctx context.Context, scope access.Scope, locale string) ([]*knowledge.Article, error)
	// AllProducts returns the products.
	AllProducts(ctx context.Context, scope access.Scope) ([]*knowledge.Product, error)
}

// Library keeps the indexes of this node. An index is built when it is first
// asked for and again whenever its shelf has changed; it is swapped in whole,
// so a search sees one state of the knowledge or the next, never a mixture. It
// is safe for any number of goroutines.
type Library struct {
	shelves Shelves
	log     *slog.Logger

	mu    sync.Mutex
	slots map[place]*slot
	// building is waited for by Close.
	building sync.WaitGroup
}

type place struct {
	workspace id.Workspace
	shelf     string
}

// A slot holds what was built of one shelf.
type slot struct {
	build sync.Mutex // held while building

	mu       sync.Mutex
	revision int64
	built    bool
	index    *knowledge.Index
	products *catalogue.Shop
}

// waitFor is the number of articles up to which a question waits for the new
// index: a few tenths of a second. Larger ones are built behind its back, and it
// is answered from the old.
const waitFor = 200

// NewLibrary returns an empty library over shelves.
func NewLibrary(shelves Shelves, log *slog.Logger) *Library {
	return &Library{shelves: shelves, log: log, slots: map[place]*slot{}}
}

// Index returns the index of a language's published articles.
func (l *Library) Index(ctx context.Context, scope access.Scope, locale string) (*knowledge.Index, error) {
	s, err := l.fresh(ctx, scope, locale)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.index, nil
}

// Catalogue returns the workspace's products.
func (l *Library) Catalogue(ctx context.Context, scope access.Scope) (*catalogue.Shop, error) {
	s, err := l.fresh(ctx, scope, knowledge.ProductShelf)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.products, nil
}

// Refresh builds anew what this node holds of a workspace and has changed: for
// the events that tell of changes, so that no question has to wait.
func (l *Library) Refresh(ctx context.Context, workspace id.Workspace) error {
	l.mu.Lock()
	var held []string
	for at := range l.slots {
		if at.workspace == workspace {
			held = append(held, at.shelf)
		}
	}
	l.mu.Unlock()
	slices.Sort(held)
	for _, shelf := range held {
		if _, err := l.fresh(ctx, access.System(workspace), shelf); err != nil {
			return err
		}
	}
	return nil
}

// Warm builds the indexes of languages before the first question comes.
func (l *Library) Warm(ctx context.Context, workspace id.Workspace, locales []string) error {
	for _, shelf := range append([]string{knowledge.ProductShelf}, locales...) {
		if _, err := l.fresh(ctx, access.System(workspace), shelf); err != nil {
			return err
		}
	}
	return nil
}

// Close waits for indexes being built.
func (l *Library) Close() { l.building.Wait() }

// fresh returns the slot of a shelf as it is now, or, if it is large, as it was
// a moment ago.
func (l *Library) fresh(ctx context.Context, scope access.Scope, shelf string) (*slot, error) {
	revision, err := l.shelves.Revision(ctx, scope, shelf)
	if err != nil {
		return nil, err
	}
	at := place{scope.Workspace, shelf}
	l.mu.Lock()
	s := l.slots[at]
	if s == nil {
		s = &slot{}
		l.slots[at] = s
	}
	l.mu.Unlock()
	s.mu.Lock()
	current, large := s.built && s.revision == revision, s.built && s.index != nil && s.index.Len() > waitFor
	s.mu.Unlock()
	switch {
	case current:
		return s, nil
	case large:
		if s.build.TryLock() {
			behind := context.WithoutCancel(ctx)
			l.building.Go(func() {
				defer s.build.Unlock()
				if err := l.rebuild(behind, scope, shelf, s); err != nil {
					l.log.WarnContext(behind, "an index could not be rebuilt", "workspace", scope.Workspace, "shelf", shelf, "error", err)
				}
			})
		}
		return s, nil
	}
	s.build.Lock()
	defer s.build.Unlock()
	return s, l.rebuild(ctx, scope, shelf, s)
}

// rebuild reads the revision first: what changes while it reads is seen as a
// change once more.
func (l *Library) rebuild(ctx context.Context, scope access.Scope, shelf string, s *slot) error {
	revision, err := l.shelves.Revision(ctx, scope, shelf)
	if err != nil {
		return err
	}
	s.mu.Lock()
	done := s.built && s.revision == revision
	s.mu.Unlock()
	if done {
		return nil
	}
	var index *knowledge.Index
	var shop *catalogue.Shop
	if shelf == knowledge.ProductShelf {
		products, err := l.shelves.AllProducts(ctx, scope)
		if err != nil {
			return err
		}
		shop = catalogue.New(knowledge.NewCatalogue(products))
	} else {
		articles, err := l.shelves.Published(ctx, scope, shelf)
		if err != nil {
			return err
		}
		index = knowledge.NewIndex(articles)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revision, s.built, s.index, s.products = revision, true, index, shop
	return nil
}
