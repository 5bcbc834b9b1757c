package bot

import (
	"context"
	"encoding/json"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/flow"
	"everdesk/internal/commit"
	"everdesk/internal/connector"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
)

// What the API shows of flows, by the names of the engine: transport knows no
// parts.
type (
	// Flow is a flow as it is kept.
	Flow = flow.Flow
	// FlowVersion is a published document.
	FlowVersion = flow.Version
	// FlowProblem is something a check found.
	FlowProblem = flow.Problem
)

// FlowRegistry keeps flows for those who write them; flowdb.Store is one.
type FlowRegistry interface {
	FlowStore
	Flows(ctx context.Context, scope access.Scope, request page.Request) (page.Of[flow.Flow], error)
	Flow(ctx context.Context, scope access.Scope, which id.Flow) (flow.Flow, error)
	FlowByKey(ctx context.Context, scope access.Scope, key string) (flow.Flow, error)
	Make(ctx context.Context, scope access.Scope, claim *commit.Claim, draft flow.Flow, at time.Time) (flow.Flow, error)
	Save(ctx context.Context, scope access.Scope, which id.Flow, version int64, draft flow.Flow, at time.Time) (flow.Flow, error)
	Publish(ctx context.Context, scope access.Scope, which id.Flow, version int64, d flow.Doc, note string, at time.Time) (flow.Flow, error)
	RollBack(ctx context.Context, scope access.Scope, which id.Flow, number int64, at time.Time) (flow.Flow, error)
	Withdraw(ctx context.Context, scope access.Scope, which id.Flow, version int64, at time.Time) (flow.Flow, error)
	Delete(ctx context.Context, scope access.Scope, which id.Flow, version int64, at time.Time) error
	Versions(ctx context.Context, scope access.Scope, which id.Flow, request page.Request) (page.Of[flow.Version], error)
	Version(ctx context.Context, scope access.Scope, which id.Flow, number int64) (flow.Version, error)
	Outcomes(ctx context.Context, scope access.Scope, since time.Time) (map[string]map[string]int64, error)
}

// Studio is where flows are written, checked, published and tried out.
type Studio struct {
	FlowRegistry
	books *Flowbooks
	turns *Turns
}

// NewStudio returns a studio.
func NewStudio(registry FlowRegistry, books *Flowbooks, turns *Turns) *Studio {
	return &Studio{registry, books, turns}
}

// draft reads what of a document is needed to keep it, wrong as it may be. Only
// what has no key cannot be kept.
func draft(raw json.RawMessage) (flow.Flow, error) {
	d, problems := flow.Decode(raw)
	if d.Key == "" || len(raw) > flow.MaxDocument {
		refused := flow.ErrMalformed
		for i, p := range problems {
			if i < 10 {
				refused = refused.At("body.document."+p.Path, "malformed", p.Facts["want"])
			}
		}
		return flow.Flow{}, refused
	}
	return flow.Flow{Key: d.Key, Title: d.Title, Draft: raw, DraftHash: d.Hash()}, nil
}

// MakeFlow adds a flow with its first draft.
func (s *Studio) MakeFlow(ctx context.Context, scope access.Scope, claim *commit.Claim, document json.RawMessage, at time.Time) (flow.Flow, error) {
	f, err := draft(document)
	if err != nil {
		return f, err
	}
	return s.Make(ctx, scope, claim, f, at)
}

// SaveFlow keeps a draft.
func (s *Studio) SaveFlow(ctx context.Context, scope access.Scope, which id.Flow, version int64, document json.RawMessage, at time.Time) (flow.Flow, error) {
	f, err := draft(document)
	if err != nil {
		return f, err
	}
	return s.Save(ctx, scope, which, version, f, at)
}

// CheckFlow finds what is wrong with a document.
func (s *Studio) CheckFlow(ctx context.Context, scope access.Scope, document json.RawMessage) ([]flow.Problem, error) {
	_, problems, err := s.check(ctx, scope, document)
	return problems, err
}

func (s *Studio) check(ctx context.Context, scope access.Scope, document json.RawMessage) (flow.Doc, []flow.Problem, error) {
	book, err := s.books.Book(ctx, scope)
	if err != nil {
		return flow.Doc{}, nil, err
	}
	d, problems := flow.Decode(document)
	if len(problems) > 0 {
		return d, problems, nil
	}
	connectors, err := s.Connectors(ctx, scope)
	if err != nil {
		return d, nil, err
	}
	registry := connector.Registry{}
	for _, c := range connectors {
		registry.Register(c.Document)
	}
	world := flow.World{Operations: registry, Flows: map[string]*flow.Program{}}
	// Every text is in the languages the flow's title is in.
	for tag := range d.Title {
		world.Locales = append(world.Locales, tag)
	}
	for key := range s.relatives(book, d) {
		if p, ok := book.Flow(key); ok {
			world.Flows[key] = p
		}
	}
	if book.Err != nil {
		return d, nil, book.Err
	}
	_, problems = flow.Check(document, world)
	return d, problems, nil
}

// relatives are the published flows a check has to look at: those this one
// runs, and those that start with the same intent.
func (s *Studio) relatives(book *Book, d flow.Doc) map[string]bool {
	keys := map[string]bool{}
	add := func(d flow.Doc) (more []string) {
		for _, n := range d.Nodes {
			if n.Type == flow.Run && !keys[n.Flow] {
				keys[n.Flow] = true
				more = append(more, n.Flow)
			}
		}
		return more
	}
	for queue := add(d); len(queue) > 0; queue = queue[1:] {
		if p, ok := book.Flow(queue[0]); ok {
			queue = append(queue, add(p.Doc)...)
		}
	}
	for _, mine := range d.Starts {
		for key, other := range book.shelf.openings {
			for _, theirs := range other.Starts {
				if key != d.Key && mine.Intent != "" && theirs.Intent == mine.Intent {
					keys[key] = true
				}
			}
		}
	}
	delete(keys, d.Key)
	return keys
}

// PublishFlow has customers meet the draft, if it has no errors.
func (s *Studio) PublishFlow(ctx context.Context, scope access.Scope, which id.Flow, version int64, note string, at time.Time) (flow.Flow, []flow.Problem, error) {
	f, err := s.Flow(ctx, scope, which)
	if err != nil {
		return f, nil, err
	}
	d, problems, err := s.check(ctx, scope, f.Draft)
	if err != nil {
		return f, nil, err
	}
	if !flow.Publishable(problems) {
		refused := flow.ErrProblems
		for i, p := range problems {
			if p.Severity == flow.Error && i < 20 {
				refused = refused.At("body.document."+p.Path, p.Code, p.Message("en"))
			}
		}
		return f, problems, refused
	}
	f, err = s.Publish(ctx, scope, which, version, d, note, at)
	return f, problems, err
}

// DeleteFlow removes a flow no published one runs.
func (s *Studio) DeleteFlow(ctx context.Context, scope access.Scope, which id.Flow, version int64, at time.Time) error {
	f, err := s.Flow(ctx, scope, which)
	if err != nil {
		return err
	}
	book, err := s.books.Book(ctx, scope)
	if err != nil {
		return err
	}
	for key := range book.shelf.openings {
		p, ok := book.Flow(key)
		if !ok || key == f.Key {
			continue
		}
		for _, n := range p.Doc.Nodes {
			if n.Type == flow.Run && n.Flow == f.Key {
				return flow.ErrInUse.With("flow", key)
			}
		}
	}
	if book.Err != nil {
		return book.Err
	}
	return s.Delete(ctx, scope, which, version, at)
}

func isMissing(err error) bool { return err != nil && fault.KindOf(err) == fault.NotFound }
