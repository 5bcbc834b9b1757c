package bot

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/answer"
	"everdesk/internal/bot/flow"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/locale"
)

// DialogueStore keeps the state of dialogues; flowdb.Store is one.
type DialogueStore interface {
	Dialogue(ctx context.Context, scope access.Scope, which id.Conversation) (flow.Dialogue, int64, error)
}

// Digests hashes one-time codes, keyed, so that the state of a dialogue gives
// none away.
type Digests interface {
	Index(purpose, value string) string
}

// FinderAt finds values in a text at a time.
type FinderAt func(text string, at time.Time) []flow.Found

// Turns takes dialogues a step further: it reads what is needed, has the
// machine decide, and returns a plan. It writes nothing.
type Turns struct {
	responder *Responder
	books     *Flowbooks
	dialogues DialogueStore
	digests   Digests
	find      FinderAt
}

// NewTurns returns turns. A nil find uses flow.Find.
func NewTurns(responder *Responder, books *Flowbooks, dialogues DialogueStore, digests Digests, find FinderAt) *Turns {
	return &Turns{responder, books, dialogues, digests, find}
}

func (t *Turns) finder(at time.Time) flow.Finder {
	if t.find == nil {
		return nil
	}
	return func(text string) []flow.Found { return t.find(text, at) }
}

// Plan is a step that was decided, to be done in one transaction.
type Plan struct {
	Conversation inbox.Conversation
	Dialogue     flow.Dialogue
	// Version is what the dialogue was before.
	Version int64
	Effects []flow.Effect
	// ReplyTo is the customer's message that is answered.
	ReplyTo int64
	// Summary goes with a hand-over.
	Summary *inbox.Summary
	Trace   Trace
	// Act is what to do where no flow has anything to do with the message.
	Act Act
	// Late says that the bot no longer has the conversation: nothing may be said.
	Late bool
}

// Trace tells why a turn went as it went. It holds no values a customer told.
type Trace struct {
	Event    string   `json:"event"`
	Seq      int64    `json:"seq,omitempty"`
	Commands []string `json:"commands,omitempty"`
	Guesses  []string `json:"guesses,omitempty"`
	Waiting  string   `json:"waiting,omitempty"`
	Flows    []string `json:"flows,omitempty"`
	Effects  []string `json:"effects,omitempty"`
	Code     string   `json:"code,omitempty"`
}

// codePurpose binds a digest to what it is for.
const codePurpose = "flow.code"

// CodeDigest hashes a one-time code for the subject of a conversation.
func CodeDigest(digests Digests, which id.Conversation, subject, code string) string {
	return digests.Index(codePurpose, which.String()+"\n"+subject+"\n"+code)
}

// Hear plans the turn of a customer's message: with a flow if one runs or is
// wanted, else as the responder decides.
func (t *Turns) Hear(ctx context.Context, scope access.Scope, q Question, at time.Time) (Plan, error) {
	c, err := t.responder.conversations.Context(ctx, scope, q.Conversation)
	if err != nil || c.Conversation.Owner.Kind != inbox.OwnerBot || c.Conversation.State != inbox.Open {
		return Plan{}, err
	}
	book, err := t.books.Book(ctx, scope)
	if err != nil {
		return Plan{}, err
	}
	d, version, err := t.dialogues.Dialogue(ctx, scope, q.Conversation)
	if err != nil {
		return Plan{}, err
	}
	if !d.Active() && !book.Any() {
		return t.plain(ctx, scope, q, at)
	}
	thread := Read(c, q.Seq)
	if thread.Newer || q.Seq <= d.Cursor {
		return Plan{}, nil // that message has a turn of its own, or had it
	}
	p := Plan{Conversation: c.Conversation, Version: version, ReplyTo: q.Seq}
	machine := book.Machine()
	// Somebody else had the conversation since: what was open is put aside.
	if d.Epoch != 0 && d.Epoch != c.Conversation.OwnerEpoch && d.Active() {
		d, _ = machine.Step(d, flow.Event{Kind: flow.Taken}, at)
	}
	u := Understand(thread)
	findings, err := t.responder.lookUp(ctx, scope, thread, u, at)
	if err != nil {
		return Plan{}, err
	}
	d.Locale = cmp.Or(u.Language, d.Locale)
	m := t.message(book, c, d, u, findings, q, at)
	commands := flow.Reader{Machine: machine}.Read(d, m)
	if !d.Active() && !wantsFlow(commands) {
		if book.Err != nil {
			return Plan{}, book.Err
		}
		return t.plain(ctx, scope, q, at)
	}
	event := flow.Event{
		Kind: flow.Heard, Seq: q.Seq, Locale: d.Locale, Commands: commands,
		Customer: map[string]any{"name": c.Conversation.About.Name, "tier": c.Conversation.About.Tier},
		Conv:     map[string]any{"channel": string(c.Conversation.Channel.Kind), "locale": d.Locale},
	}
	p.Trace = traceOf(event, book.Guess(u.Text, d.Locale))
	return t.step(book, p, d, event, thread, u, at)
}

// plain is the turn of a message no flow has to do with.
func (t *Turns) plain(ctx context.Context, scope access.Scope, q Question, at time.Time) (Plan, error) {
	act, err := t.responder.Decide(ctx, scope, q, at)
	return Plan{Act: act}, err
}

func wantsFlow(commands []flow.Command) bool {
	for _, c := range commands {
		if c.Kind == flow.DoStart || c.Kind == flow.DoClarify {
			return true
		}
	}
	return false
}

// message gathers what is known of the customer's words for the reader.
func (t *Turns) message(book *Book, c inbox.Context, d flow.Dialogue, u Understanding, f Findings, q Question, at time.Time) flow.Message {
	m := flow.Message{
		Guesses: func(clause string) []flow.Guess { return book.Guess(clause, d.Locale) },
		Find:    t.finder(at), Person: u.Person,
	}
	if d.Wait != nil {
		subject := d.Wait.Subject
		m.Digest = func(code string) string { return CodeDigest(t.digests, q.Conversation, subject, code) }
	}
	for _, e := range c.Entries {
		if e.Kind != inbox.KindMessage || e.Author.Kind != inbox.ByCustomer || e.Seq <= d.Cursor || e.Seq > q.Seq || !e.RecalledAt.IsZero() {
			continue
		}
		if media, ok := e.Body.Content.(*inbox.Media); ok {
			m.File = map[string]any{"file": media.File.ID.String(), "text": media.File.Name}
			if media.Caption != "" {
				m.Texts = append(m.Texts, media.Caption)
			}
			continue
		}
		if text := strings.TrimSpace(e.Body.Plain()); text != "" {
			m.Texts = append(m.Texts, text)
		}
	}
	if body, p := inlineAnswer(u, f, q.Seq); p > 0 {
		m.Answer, m.AnswerP = &body, p
	}
	return m
}

// inlineAnswer is what the knowledge, the catalogue or good manners say to a
// message, and how probably it is what was asked.
func inlineAnswer(u Understanding, f Findings, seq int64) (inbox.Body, float64) {
	switch {
	case f.Picked != nil:
		return u.answered(f.Picked).Body, 1
	case f.Product != nil && f.Product.Sure:
		return f.Product.reply().Body, 0.9
	case f.Decision.Kind == answer.Answer:
		return u.answered(f.Decision.Choices[0].Article).Body, f.Decision.P
	case u.Talk == nlu.Thanks || u.Talk == nlu.Greeting || u.Talk == nlu.Identity || u.Talk == nlu.Wellness || u.Talk == nlu.Praise:
		return inbox.TextBody(phrase(u.Language, "bot."+string(u.Talk), seq)), 0.8
	}
	return inbox.Body{}, 0
}

// Advance plans a step nobody said anything for: a call that came back, a code
// that was sent, a timer, a hand-back.
func (t *Turns) Advance(ctx context.Context, scope access.Scope, which id.Conversation, event flow.Event, at time.Time) (Plan, error) {
	c, err := t.responder.conversations.Context(ctx, scope, which)
	if err != nil {
		return Plan{}, err
	}
	d, version, err := t.dialogues.Dialogue(ctx, scope, which)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Conversation: c.Conversation, Dialogue: d, Version: version, ReplyTo: max(d.Cursor, c.Conversation.CustomerSeq)}
	if c.Conversation.Owner.Kind != inbox.OwnerBot || c.Conversation.State != inbox.Open {
		p.Late = true
		return p, nil
	}
	if event.Kind != flow.Returned && (version == 0 || d.Epoch != c.Conversation.OwnerEpoch) {
		p.Late = true
		return p, nil
	}
	// What the customer has written since still has its turn.
	if d.Cursor > 0 && event.Kind != flow.Returned {
		p.ReplyTo = d.Cursor
	}
	book, err := t.books.Book(ctx, scope)
	if err != nil {
		return Plan{}, err
	}
	if event.Kind == flow.Returned {
		if d.Locale == "" {
			d.Locale = cmp.Or(locale.Match(c.Conversation.Locale), locale.Tags[0])
		}
		if d.Active() {
			d, _ = book.Machine().Step(d, flow.Event{Kind: flow.Taken}, at)
		}
	}
	p.Trace = traceOf(event, nil)
	thread := Read(c, c.Conversation.LastSeq)
	return t.step(book, p, d, event, thread, Understand(thread), at)
}

func (t *Turns) step(book *Book, p Plan, d flow.Dialogue, event flow.Event, thread Thread, u Understanding, at time.Time) (Plan, error) {
	d.Epoch = p.Conversation.OwnerEpoch
	p.Dialogue, p.Effects = book.Machine().Step(d, event, at)
	if book.Err != nil {
		return Plan{}, book.Err
	}
	for _, e := range p.Effects {
		p.Trace.Effects = append(p.Trace.Effects, strings.TrimSpace(string(e.Kind)+" "+e.Op+e.Timer+e.Outcome+e.Reason))
		if e.Kind == flow.GiveUp {
			reason := inbox.ReasonBotMissed
			if e.Reason == "asked_for_person" {
				reason = inbox.ReasonAskedForPerson
			}
			p.Summary = thread.summary(u.Language, e.Title, reason, at)
			p.Summary.Told = e.Fields
		}
	}
	for _, f := range p.Dialogue.Frames {
		p.Trace.Flows = append(p.Trace.Flows, f.Flow+"."+f.Node)
	}
	if w := p.Dialogue.Wait; w != nil {
		p.Trace.Waiting = strings.TrimSpace(w.Kind + " " + w.Slot)
	}
	return p, nil
}

func traceOf(e flow.Event, guesses []flow.Guess) Trace {
	trace := Trace{Event: string(e.Kind), Seq: e.Seq, Code: e.Code}
	for _, c := range e.Commands {
		trace.Commands = append(trace.Commands, strings.TrimSpace(string(c.Kind)+" "+cmp.Or(c.Flow, c.Slot, c.Type)))
	}
	for _, g := range guesses {
		trace.Guesses = append(trace.Guesses, g.Label+" "+strconv.FormatFloat(g.P, 'f', 2, 64))
	}
	return trace
}
