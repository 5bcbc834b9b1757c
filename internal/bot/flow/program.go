package flow

import (
	"strings"
	"sync"
	"time"
)

// Program is a version of a flow, ready to be walked. Expressions and templates
// are compiled when they are first used, so that a thousand published flows
// cost what their documents weigh. It is safe for concurrent use.
type Program struct {
	Doc  Doc
	Hash string

	mu        sync.Mutex
	exprs     map[string]*Expr
	broken    map[string]error
	templates map[string]*Template
}

// Load makes a program of a document that was decoded without problems.
func Load(d Doc) *Program {
	return &Program{Doc: d, Hash: d.Hash(), exprs: map[string]*Expr{}, broken: map[string]error{}, templates: map[string]*Template{}}
}

// Expr compiles an expression of the flow, once.
func (p *Program) Expr(source string) (*Expr, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.exprs[source]; e != nil {
		return e, nil
	}
	if err := p.broken[source]; err != nil {
		return nil, err
	}
	e, err := Compile(source)
	if err != nil {
		p.broken[source] = err
		return nil, err
	}
	p.exprs[source] = e
	return e, nil
}

// template parses a template of the flow, once. Published ones parse; one that
// does not is said as it stands.
func (p *Program) template(text string) *Template {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.templates[text]
	if t == nil {
		var err error
		if t, err = ParseTemplate(text); err != nil {
			t = &Template{parts: []part{{text: text}}}
		}
		p.templates[text] = t
	}
	return t
}

// eval computes an expression in a scene.
func (p *Program) eval(source string, scene Scene) (any, error) {
	e, err := p.Expr(source)
	if err != nil {
		return nil, err
	}
	return e.Eval(scene)
}

// render words a text of the flow.
func (p *Program) render(text Text, scene Scene, tag string) string {
	return p.template(text.In(tag)).Render(scene, tag)
}

// usualSilence is how long a flow waits for the customer before it asks again.
const usualSilence = 10 * time.Minute

func (p *Program) silence() time.Duration { return duration(p.Doc.Silence, usualSilence) }

func (p *Program) digress() string {
	if p.Doc.Digress == "" {
		return Free
	}
	return p.Doc.Digress
}

func (p *Program) resume() string {
	if p.Doc.Resume == "" {
		return Auto
	}
	return p.Doc.Resume
}

// connectors are those the flow calls, in the order of its nodes' names.
func (p *Program) connectors() []string {
	var keys []string
	for _, name := range sorted(p.Doc.Nodes) {
		if n := p.Doc.Nodes[name]; n.Type == Call {
			key, _, _ := strings.Cut(n.Do, ".")
			keys = append(keys, key)
		}
	}
	return keys
}

// slotReads are the slots an expression looks at, and all its paths shortened
// to two words: "slots.order", "data.order".
func (p *Program) origin(source string) []string {
	e, err := p.Expr(source)
	if err != nil {
		return nil
	}
	return shorten(e.Reads)
}

func shorten(paths []string) []string {
	var all []string
	seen := map[string]bool{}
	for _, path := range paths {
		root, rest, _ := strings.Cut(path, ".")
		name, _, _ := strings.Cut(rest, ".")
		short := root + "." + name
		if (root == "slots" || root == "data") && !seen[short] {
			seen[short] = true
			all = append(all, short)
		}
	}
	return all
}

// Book finds flows: those that can be started by their key, and any version
// ever published by its hash.
type Book interface {
	Flow(key string) (*Program, bool)
	Version(hash string) (*Program, bool)
}
