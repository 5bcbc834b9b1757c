package flow_test

import (
	"encoding/json"
	"io/fs"
	"testing"
	"time"

	"everdesk/internal/bot/flow"
	"everdesk/internal/connector"
	"everdesk/internal/locale"
	"everdesk/packs"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// book keeps programs by key and by hash.
type book struct{ byKey, byHash map[string]*flow.Program }

func (b book) Flow(key string) (*flow.Program, bool)     { p, ok := b.byKey[key]; return p, ok }
func (b book) Version(hash string) (*flow.Program, bool) { p, ok := b.byHash[hash]; return p, ok }

func (b book) add(p *flow.Program) {
	b.byKey[p.Doc.Key], b.byHash[p.Hash] = p, p
}

func newBook() book { return book{map[string]*flow.Program{}, map[string]*flow.Program{}} }

// operations are those of the e-commerce pack's connector.
func operations(t testing.TB) connector.Registry {
	t.Helper()
	raw, err := fs.ReadFile(packs.Ecommerce(), "connectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	registry := connector.Registry{}
	for _, one := range all {
		d, err := connector.Parse(one)
		if err != nil {
			t.Fatal(err)
		}
		registry.Register(d)
	}
	return registry
}

// documents are the e-commerce pack's flows.
func documents(t testing.TB) (all []json.RawMessage) {
	t.Helper()
	raw, err := fs.ReadFile(packs.Ecommerce(), "flows.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// shop is the pack's machine.
func shop(t testing.TB) flow.Machine {
	t.Helper()
	b := newBook()
	for _, raw := range documents(t) {
		d, problems := flow.Decode(raw)
		if len(problems) > 0 {
			t.Fatalf("%s: %+v", d.Key, problems)
		}
		b.add(flow.Load(d))
	}
	return flow.Machine{Book: b, Operations: operations(t)}
}

func world(t testing.TB) flow.World {
	return flow.World{Operations: operations(t), Locales: locale.Tags, Flows: map[string]*flow.Program{}}
}

func TestTheFlowsOfThePackHaveNoProblems(t *testing.T) {
	for _, raw := range documents(t) {
		d, problems := flow.Check(raw, world(t))
		for _, p := range problems {
			t.Errorf("%s: %s %s %s: %s %v", d.Key, p.Severity, p.Code, p.Path, p.Message("en"), p.Trail)
		}
	}
}
