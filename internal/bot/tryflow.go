package bot

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/flow"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/connector"
	"everdesk/internal/inbox"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

// FlowTrial is one step of a test chat: nothing of it is kept, so the state goes
// out with the answer and comes back with the next words.
type FlowTrial struct {
	// Document is tried in place of the published flow of its key; empty tries
	// what is published.
	Document json.RawMessage
	State    json.RawMessage
	Text     string
	Locale   string
	// Minutes have passed in silence, if there is no text.
	Minutes int
	// Results are what calls answer, by operation; those that are not given
	// answer with their outputs' names. A text is an error.
	Results map[string]any
}

// FlowTried is what came of it.
type FlowTried struct {
	State json.RawMessage
	// Said are the bot's words, in order.
	Said []inbox.Body
	// Calls were asked for, with their arguments; none was made.
	Calls []TriedCall
	// Commands are how the words were read, Guesses which flows they may want.
	Commands []flow.Command
	Guesses  []flow.Guess
	// Ended says that the conversation went to people: "handover" or "ticket".
	Ended    string
	Outcomes []string
	Troubles []string
	// Code is the one-time code, which in a test goes nowhere else.
	Code string
}

// TriedCall is a call a test chat would have made.
type TriedCall struct {
	Operation string         `json:"operation"`
	Effect    string         `json:"effect"`
	Args      map[string]any `json:"args"`
	Result    any            `json:"result"`
	Error     string         `json:"error,omitempty"`
}

// trialCode is the code of every test chat.
const trialCode = "123456"

// TryFlow takes one step of a test chat. No message is sent, no call made.
func (s *Studio) TryFlow(ctx context.Context, scope access.Scope, trial FlowTrial, at time.Time) (FlowTried, error) {
	book, err := s.books.Book(ctx, scope)
	if err != nil {
		return FlowTried{}, err
	}
	connectors, err := s.Connectors(ctx, scope)
	if err != nil {
		return FlowTried{}, err
	}
	registry := connector.Registry{}
	for _, c := range connectors {
		registry.Register(c.Document)
	}
	bench := &bench{Book: book}
	if len(trial.Document) > 0 {
		d, problems := flow.Decode(trial.Document)
		if len(problems) > 0 {
			return FlowTried{}, flow.ErrMalformed
		}
		bench.draft = flow.Load(d)
	}
	d := flow.Dialogue{ID: "trial", Locale: trial.Locale}
	if len(trial.State) > 0 && string(trial.State) != "null" {
		if json.Unmarshal(trial.State, &d) != nil {
			return FlowTried{}, flow.ErrMalformed.At("body.state", "malformed", "the state of the answer before")
		}
	}
	run := &trialRun{machine: flow.Machine{Book: bench, Operations: registry}, d: d, at: at, results: trial.Results}
	if run.d.Locale == "" {
		run.d.Locale = locale.Tags[0]
	}
	run.step(s.event(bench, run, trial, at))
	if book.Err != nil {
		return FlowTried{}, book.Err
	}
	if run.out.State, err = json.Marshal(run.d); err != nil {
		return FlowTried{}, err
	}
	return run.out, nil
}

// event reads the tester's words as a customer's are read.
func (s *Studio) event(bench *bench, run *trialRun, trial FlowTrial, at time.Time) flow.Event {
	if strings.TrimSpace(trial.Text) == "" && run.d.Wait != nil {
		run.at = at.Add(time.Duration(trial.Minutes) * time.Minute)
		if run.d.Wait.Due.After(run.at) {
			run.at = run.d.Wait.Due
		}
		return flow.Event{Kind: flow.Ticked, Wait: run.d.Wait.ID, Timer: flow.Silence}
	}
	tag := run.d.Locale
	if spoken := nlu.Language(trial.Text); spoken != "" {
		tag = spoken
	}
	run.out.Guesses = bench.guess(trial.Text, tag)
	reader := flow.Reader{Machine: run.machine}
	run.out.Commands = reader.Read(run.d, flow.Message{
		Texts: []string{trial.Text}, Guesses: func(clause string) []flow.Guess { return bench.guess(clause, tag) },
		Find: s.turns.finder(at), Digest: func(code string) string { return "trial " + code }, Person: nlu.WantsPerson(trial.Text),
	})
	return flow.Event{Kind: flow.Heard, Seq: run.d.Cursor + 1, Locale: tag, Commands: run.out.Commands}
}

// bench is a book in which a draft lies on top of what is published.
type bench struct {
	*Book
	draft *flow.Program
}

// Flow finds the draft under its key, else what is published.
func (b *bench) Flow(key string) (*flow.Program, bool) {
	if b.draft != nil && (b.draft.Doc.Key == key || slices.ContainsFunc(b.draft.Doc.Starts, func(s flow.Start) bool { return s.Intent == key && key != "" })) {
		return b.draft, true
	}
	return b.Book.Flow(key)
}

// Version finds the draft by its hash, else any published version.
func (b *bench) Version(hash string) (*flow.Program, bool) {
	if b.draft != nil && b.draft.Hash == hash {
		return b.draft, true
	}
	return b.Book.Version(hash)
}

// guess ranks with the draft's own examples in place of the published ones.
func (b *bench) guess(text, tag string) []flow.Guess {
	if b.draft == nil {
		return b.Guess(text, tag)
	}
	d := b.draft.Doc
	openings := []flow.Opening{{Key: d.Key, Hash: b.draft.Hash, Title: d.Title, Starts: d.Starts}}
	for _, key := range slices.Sorted(maps.Keys(b.shelf.openings)) {
		if key != d.Key && len(openings) < 200 {
			openings = append(openings, b.shelf.openings[key])
		}
	}
	s := &shelf{indexes: map[string]*knowledge.Index{}}
	for _, o := range openings {
		s.order = append(s.order, o.Key)
	}
	for _, known := range locale.Tags {
		s.indexes[known] = index(openings, known)
	}
	guesses, err := (&Flowbooks{}).guess(b.ctx, b.scope, s, text, tag)
	if err != nil {
		b.Err = err
	}
	return guesses
}

// trialRun does a trial's effects without the world.
type trialRun struct {
	machine flow.Machine
	d       flow.Dialogue
	at      time.Time
	results map[string]any
	out     FlowTried
	steps   int
}

func (r *trialRun) step(e flow.Event) {
	if r.steps++; r.steps > 50 {
		return
	}
	d, effects := r.machine.Step(r.d, e, r.at)
	r.d = d
	for _, effect := range effects {
		switch effect.Kind {
		case flow.Speak:
			r.out.Said = append(r.out.Said, effect.Body)
		case flow.SendCode:
			r.out.Code = trialCode
			r.step(flow.Event{Kind: flow.CodeSent, Wait: effect.Wait, Hash: "trial " + trialCode, Masked: "l•••@e•••.com"})
		case flow.Invoke:
			r.invoke(effect)
		case flow.GiveUp:
			r.out.Ended = "handover"
		case flow.MakeTicket:
			r.out.Ended = "ticket"
			r.out.Said = append(r.out.Said, inbox.TextBody(strings.NewReplacer("{number}", "1042", "{promise}", "…").Replace(effect.Text)))
		case flow.Ended:
			r.out.Outcomes = append(r.out.Outcomes, effect.Flow+": "+effect.Outcome)
		case flow.Trouble:
			r.out.Troubles = append(r.out.Troubles, strings.TrimSpace(effect.Reason+" "+effect.Text))
		case flow.SetTimer, flow.Rated:
		}
	}
}

// invoke answers a call with what the tester gave for it.
func (r *trialRun) invoke(effect flow.Effect) {
	op, _ := r.machine.Operations.Operation(effect.Op)
	call := TriedCall{Operation: effect.Op, Effect: string(op.Effect), Args: effect.Args}
	e := flow.Event{Kind: flow.Called, Key: effect.Key}
	switch given := r.results[effect.Op].(type) {
	case string:
		call.Error, e.Code = given, given
	case map[string]any:
		call.Result, e.Data = given, given
	default:
		e.Data = map[string]any{}
		for _, name := range op.Outputs {
			e.Data[name] = name
		}
		call.Result = e.Data
	}
	r.out.Calls = append(r.out.Calls, call)
	r.step(e)
}
