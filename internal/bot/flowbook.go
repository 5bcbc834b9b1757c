package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"

	"everdesk/internal/access"
	"everdesk/internal/bot/answer"
	"everdesk/internal/bot/flow"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/connector"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

// FlowStore keeps flows; flowdb.Store is one.
type FlowStore interface {
	Revision(ctx context.Context, scope access.Scope) (int64, error)
	Openings(ctx context.Context, scope access.Scope) ([]flow.Opening, error)
	Document(ctx context.Context, scope access.Scope, hash string) (json.RawMessage, error)
	Connectors(ctx context.Context, scope access.Scope) ([]connector.Connector, error)
}

// Guesser guesses which intents a message has; Intents is one. What it knows is
// added to what the examples of the published flows say, which are searched like
// articles. An intent is a flow's if the flow starts with it, or has its key.
type Guesser interface {
	Guess(ctx context.Context, scope access.Scope, text, locale string) ([]nlu.Guess, int64, error)
}

// Flowbooks holds what the nodes need of the published flows of each workspace:
// how they are found, and the programs of those that are walked. A thousand
// flows cost their examples' index; documents are read when they are needed.
type Flowbooks struct {
	store   FlowStore
	guesser Guesser

	mu       sync.Mutex
	shelves  map[id.Workspace]*shelf
	programs generations
}

// NewFlowbooks returns the flows of a store. A nil guesser searches examples.
func NewFlowbooks(store FlowStore, guesser Guesser) *Flowbooks {
	return &Flowbooks{store: store, guesser: guesser, shelves: map[id.Workspace]*shelf{}, programs: newGenerations(512)}
}

// shelf is a workspace's published flows at a revision.
type shelf struct {
	revision   int64
	openings   map[string]flow.Opening
	intents    map[string]string
	order      []string
	operations connector.Registry
	indexes    map[string]*knowledge.Index
}

// fresh returns the shelf of a workspace as it is now.
func (f *Flowbooks) fresh(ctx context.Context, scope access.Scope) (*shelf, error) {
	revision, err := f.store.Revision(ctx, scope)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	s := f.shelves[scope.Workspace]
	f.mu.Unlock()
	if s != nil && s.revision == revision {
		return s, nil
	}
	if revision == 0 {
		return &shelf{openings: map[string]flow.Opening{}, operations: connector.Registry{}}, nil
	}
	if s, err = f.build(ctx, scope, revision); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.shelves[scope.Workspace] = s
	f.mu.Unlock()
	return s, nil
}

func (f *Flowbooks) build(ctx context.Context, scope access.Scope, revision int64) (*shelf, error) {
	openings, err := f.store.Openings(ctx, scope)
	if err != nil {
		return nil, err
	}
	connectors, err := f.store.Connectors(ctx, scope)
	if err != nil {
		return nil, err
	}
	s := &shelf{
		revision: revision, openings: map[string]flow.Opening{}, intents: map[string]string{}, operations: connector.Registry{}, indexes: map[string]*knowledge.Index{},
	}
	for _, c := range connectors {
		s.operations.Register(c.Document)
	}
	for _, o := range openings {
		s.openings[o.Key] = o
		s.order = append(s.order, o.Key)
		for _, start := range o.Starts {
			if start.Intent != "" && s.intents[start.Intent] == "" {
				s.intents[start.Intent] = o.Key
			}
		}
	}
	for _, tag := range locale.Tags {
		s.indexes[tag] = index(openings, tag)
	}
	return s, nil
}

// index makes the examples of flows findable like the wordings of questions.
func index(openings []flow.Opening, tag string) *knowledge.Index {
	articles := make([]*knowledge.Article, 0, len(openings))
	for i, o := range openings {
		a := &knowledge.Article{ID: id.Article(i + 1), Title: o.Title.In(tag)}
		for _, start := range o.Starts {
			for _, spoken := range []string{tag, tag[:2]} {
				a.Variants = append(a.Variants, start.Examples[spoken]...)
			}
		}
		articles = append(articles, a)
	}
	return knowledge.NewIndex(articles)
}

// guess ranks flows for a text.
func (f *Flowbooks) guess(ctx context.Context, scope access.Scope, s *shelf, text, tag string) ([]flow.Guess, error) {
	if len(s.order) == 0 {
		return nil, nil
	}
	index := s.indexes[locale.Match(tag)]
	if index == nil {
		index = s.indexes[locale.Tags[0]]
	}
	found := index.Search(text, answer.Search)
	d := answer.Decide(found)
	var guesses []flow.Guess
	for i, c := range found.Candidates {
		p := d.P
		if i > 0 {
			p = min(0.59, d.P*float64(c.Score)/max(0.01, d.Score)) // only the first can be sure
		}
		guesses = append(guesses, flow.Guess{Label: s.order[int(c.Article.ID)-1], P: p})
	}
	return f.learned(ctx, scope, s, text, tag, guesses)
}

// learned adds what the workspace's classifier makes of a text: of two guesses
// at one flow the surer one stays.
func (f *Flowbooks) learned(ctx context.Context, scope access.Scope, s *shelf, text, tag string, guesses []flow.Guess) ([]flow.Guess, error) {
	if f.guesser == nil {
		return guesses, nil
	}
	intents, _, err := f.guesser.Guess(ctx, scope, text, tag)
	if err != nil {
		return nil, err
	}
	for _, intent := range intents {
		key := cmp.Or(s.intents[intent.Label], s.openings[intent.Label].Key)
		at := slices.IndexFunc(guesses, func(g flow.Guess) bool { return g.Label == key })
		switch {
		case key == "":
		case at < 0:
			guesses = append(guesses, flow.Guess{Label: key, P: intent.Probability})
		default:
			guesses[at].P = max(guesses[at].P, intent.Probability)
		}
	}
	slices.SortStableFunc(guesses, func(a, b flow.Guess) int { return cmp.Compare(b.P, a.P) })
	return guesses, nil
}

// Book opens the flows of a workspace for one turn.
func (f *Flowbooks) Book(ctx context.Context, scope access.Scope) (*Book, error) {
	s, err := f.fresh(ctx, scope)
	if err != nil {
		return nil, err
	}
	return &Book{ctx: ctx, scope: scope, all: f, shelf: s}, nil
}

// Book finds flows during one turn. What the database could not tell is kept in
// Err: a turn that met it is not over and has to be taken again.
type Book struct {
	// The turn's own; a Book does not outlive it.
	ctx   context.Context //nolint:containedctx // flow.Book is asked by a reducer, which has none
	scope access.Scope
	all   *Flowbooks
	shelf *shelf
	Err   error
}

// Flow finds a published flow by its key, or by an intent it starts with.
func (b *Book) Flow(key string) (*flow.Program, bool) {
	o, ok := b.shelf.openings[key]
	if !ok {
		if o, ok = b.shelf.openings[b.shelf.intents[key]]; !ok {
			return nil, false
		}
	}
	return b.Version(o.Hash)
}

// Version finds any version that was ever published.
func (b *Book) Version(hash string) (*flow.Program, bool) {
	key := b.scope.Workspace.String() + "/" + hash
	b.all.mu.Lock()
	p := b.all.programs.get(key)
	b.all.mu.Unlock()
	if p != nil {
		return p, true
	}
	raw, err := b.all.store.Document(b.ctx, b.scope, hash)
	if err != nil {
		if !isMissing(err) {
			b.Err = err
		}
		return nil, false
	}
	d, problems := flow.Decode(raw)
	if len(problems) > 0 {
		return nil, false
	}
	p = flow.Load(d)
	b.all.mu.Lock()
	b.all.programs.put(key, p)
	b.all.mu.Unlock()
	return p, true
}

// Machine walks dialogues with the flows of the book.
func (b *Book) Machine() flow.Machine {
	return flow.Machine{Book: b, Operations: b.shelf.operations}
}

// Any reports whether the workspace has a flow.
func (b *Book) Any() bool { return len(b.shelf.openings) > 0 }

// Guess ranks flows for a text, best first.
func (b *Book) Guess(text, tag string) []flow.Guess {
	guesses, err := b.all.guess(b.ctx, b.scope, b.shelf, text, tag)
	if err != nil {
		b.Err = err
	}
	return guesses
}

// generations keeps what was used lately: two maps, of which the older one is
// dropped when the younger is full.
type generations struct {
	limit      int
	young, old map[string]*flow.Program
}

func newGenerations(limit int) generations {
	return generations{limit: limit, young: map[string]*flow.Program{}, old: map[string]*flow.Program{}}
}

func (g *generations) get(key string) *flow.Program {
	p := g.young[key]
	if p == nil {
		if p = g.old[key]; p != nil {
			g.put(key, p)
		}
	}
	return p
}

func (g *generations) put(key string, p *flow.Program) {
	if len(g.young) >= g.limit {
		g.old, g.young = g.young, map[string]*flow.Program{}
	}
	g.young[key] = p
}
