package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/bot/flow"
	"everdesk/internal/bot/flow/flowdb"
	"everdesk/internal/channel"
	"everdesk/internal/connector"
	"everdesk/internal/connector/rest"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/job"
	"everdesk/internal/locale"
	"everdesk/internal/notify"
	"everdesk/internal/ticket"
)

// The jobs of dialogues.
const (
	flowCallKind   = "flow.call"
	flowCodeKind   = "flow.code"
	flowTimerKind  = "flow.timer"
	flowLetterKind = "flow.letter"
)

// flowTask is the payload of all of them.
type flowTask struct {
	Workspace    id.Workspace    `json:"workspace"`
	Conversation id.Conversation `json:"conversation"`
	Epoch        int64           `json:"epoch,omitempty"`
	// Key is a call's; Wait, Level, Subject and Operation are a code's.
	Key       string `json:"key,omitempty"`
	Wait      string `json:"wait,omitempty"`
	Timer     string `json:"timer,omitempty"`
	Level     string `json:"level,omitempty"`
	Subject   string `json:"subject,omitempty"`
	Operation string `json:"operation,omitempty"`
	// To and Code are sealed.
	Channel channel.Kind `json:"channel,omitempty"`
	To      string       `json:"to,omitempty"`
	Code    string       `json:"code,omitempty"`
	Locale  string       `json:"locale,omitempty"`
}

// flows are the parts of the desk that walk dialogues.
type flows struct {
	store    *flowdb.Store
	books    *bot.Flowbooks
	turns    *bot.Turns
	studio   *bot.Studio
	breakers *rest.Breakers
}

func (a *App) buildFlows() error {
	find, err := findValues()
	if err != nil {
		return err
	}
	a.flows.store = flowdb.New(a.db, a.ring, a.audit)
	a.flows.books = bot.NewFlowbooks(a.flows.store, a.intents)
	a.flows.turns = bot.NewTurns(a.bot, a.flows.books, a.flows.store, a.ring, find)
	a.flows.studio = bot.NewStudio(a.flows.store, a.flows.books, a.flows.turns)
	a.flows.breakers = rest.NewBreakers(a.now)
	a.runner.Handle(flowCallKind, a.takeCall)
	a.runner.Handle(flowCodeKind, a.takeCode)
	a.runner.Handle(flowTimerKind, a.takeTimer)
	a.runner.Handle(flowLetterKind, a.takeLetter)
	return nil
}

// stales is how often a step is decided anew because the dialogue moved on
// while it was being decided.
const stales = 5

// carryOut has plan decide and does what was decided, as one transaction with
// the end of the job. A dialogue that has moved on meanwhile is looked at anew.
func (a *App) carryOut(ctx context.Context, task job.Task, workspace id.Workspace, plan func() (bot.Plan, error), also func(ctx context.Context, p bot.Plan) error) error {
	scope := access.Bot(workspace)
	for n := 1; ; n++ {
		p, err := plan()
		if err != nil {
			return err
		}
		err = a.db.Atomically(ctx, func(ctx context.Context) error {
			if err := a.perform(ctx, scope, p, task.At); err != nil {
				return err
			}
			if also != nil {
				if err := also(ctx, p); err != nil {
					return err
				}
			}
			return task.Done(ctx)
		})
		switch {
		case errors.Is(err, fault.ErrStale) && n < stales:
			continue
		case errors.Is(err, inbox.ErrMoved) && n < stales:
			continue // the next look finds whose it is
		case errors.Is(err, inbox.ErrMoved), errors.Is(err, inbox.ErrResolved):
			return nil
		}
		return err
	}
}

// perform does a plan's effects, in the transaction of ctx.
func (a *App) perform(ctx context.Context, scope access.Scope, p bot.Plan, at time.Time) error {
	if p.Conversation.ID == 0 || p.Late {
		return nil
	}
	which, store := p.Conversation.ID, a.flows.store
	if err := store.SaveDialogue(ctx, scope, which, p.Dialogue, p.Version, at); err != nil {
		return err
	}
	store.KeepTrace(ctx, scope, which, p.Dialogue.Turn, p.Trace, at)
	base := flowTask{Workspace: scope.Workspace, Conversation: which, Epoch: p.Conversation.OwnerEpoch, Locale: p.Dialogue.Locale}
	for i, e := range p.Effects {
		if err := a.effect(ctx, scope, p, e, i, base, at); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) effect(ctx context.Context, scope access.Scope, p bot.Plan, e flow.Effect, i int, base flowTask, at time.Time) error {
	which, store := p.Conversation.ID, a.flows.store
	switch e.Kind {
	case flow.Speak:
		_, err := a.inbox.PostBot(ctx, scope, which, inbox.BotReply{
			OwnerEpoch: p.Conversation.OwnerEpoch, InReplyTo: p.ReplyTo, Body: e.Body, At: at,
			ClientID: "flow/" + itoa(p.Dialogue.Turn) + "/" + strconv.Itoa(i),
		})
		return err
	case flow.Invoke:
		store.Order(ctx, scope, which, e, at)
		base.Key, base.Operation = e.Key, e.Op
		job.Enqueue(ctx, job.Job{Kind: flowCallKind, Key: flowCallKind + "/" + which.String() + "/" + e.Key, Workspace: scope.Workspace, At: at, Payload: base})
	case flow.SendCode:
		base.Wait, base.Level, base.Subject, base.Operation = e.Wait, e.Level, e.Subject, e.Op
		job.Enqueue(ctx, job.Job{Kind: flowCodeKind, Key: flowCodeKind + "/" + which.String() + "/" + e.Wait, Workspace: scope.Workspace, At: at, Payload: base})
	case flow.SetTimer:
		base.Wait, base.Timer = e.Wait, e.Timer
		job.Set(ctx, scope.Workspace, event.Timer{Key: flowTimerKind + "/" + which.String(), Kind: flowTimerKind, At: e.At, Payload: base})
	case flow.MakeTicket:
		store.CancelCalls(ctx, scope, which, at)
		_, err := a.tickets.Make(ctx, access.System(scope.Workspace), which, ticket.Making{
			Subject: subjectOf(e), Reason: string(inbox.ReasonTicketMade), Notice: e.Text,
		}, at)
		return err
	case flow.GiveUp:
		store.CancelCalls(ctx, scope, which, at)
		reason := inbox.Reason{Code: inbox.ReasonCode(p.Summary.Reason)}
		_, err := a.inbox.HandOver(ctx, scope, which, inbox.Handover{OwnerEpoch: p.Conversation.OwnerEpoch, Reason: reason, Summary: p.Summary, At: at})
		return err
	case flow.Ended, flow.Rated:
		store.Ended(ctx, scope, which, e, at)
	case flow.Trouble:
		a.log.WarnContext(ctx, "a flow met what it should not", "what", e.Reason, "detail", e.Text, "flow", e.Flow, "node", e.Node, "conversation", which)
	}
	return nil
}

// subjectOf is what a flow's ticket is called.
func subjectOf(e flow.Effect) string {
	subject := e.Title
	if order := e.Fields["order"]; order != "" {
		subject += ": " + order
	}
	return subject
}

// takeTimer wakes a dialogue.
func (a *App) takeTimer(ctx context.Context, task job.Task) error {
	var what flowTask
	if err := task.Decode(&what); err != nil {
		return job.ErrDrop
	}
	return a.carryOut(ctx, task, what.Workspace, func() (bot.Plan, error) {
		return a.flows.turns.Advance(ctx, access.Bot(what.Workspace), what.Conversation, flow.Event{Kind: flow.Ticked, Wait: what.Wait, Timer: what.Timer}, task.At)
	}, nil)
}

// takeCall makes a call, unless the bot has lost the conversation by now.
func (a *App) takeCall(ctx context.Context, task job.Task) error {
	var what flowTask
	if err := task.Decode(&what); err != nil {
		return job.ErrDrop
	}
	scope := access.Bot(what.Workspace)
	c, err := a.inbox.Get(ctx, scope, what.Conversation)
	if err != nil {
		return err
	}
	if c.Owner.Kind != inbox.OwnerBot || c.OwnerEpoch != what.Epoch || c.State != inbox.Open {
		return a.db.Atomically(ctx, func(ctx context.Context) error {
			a.flows.store.CancelCalls(ctx, scope, what.Conversation, task.At)
			return task.Done(ctx)
		})
	}
	call, again, send, err := a.flows.store.Sending(ctx, scope, what.Conversation, what.Epoch, what.Key, task.At)
	if err != nil || !send {
		return err
	}
	e := flow.Event{Kind: flow.Called, Key: what.Key}
	result, err := a.invoke(ctx, scope, call, again)
	e.Data = result.Data
	failure, failed := errors.AsType[*connector.Failure](err)
	switch {
	case failed:
		e.Code = failure.Code
		a.log.InfoContext(ctx, "a call failed", "operation", call.Operation, "code", failure.Code, "detail", failure.Detail, "conversation", what.Conversation)
	case err != nil:
		return err
	}
	return a.carryOut(ctx, task, what.Workspace, func() (bot.Plan, error) {
		return a.flows.turns.Advance(ctx, scope, what.Conversation, e, a.now())
	}, func(ctx context.Context, p bot.Plan) error {
		a.flows.store.CameBack(ctx, scope, what.Key, e.Code, task.At)
		if !p.Late {
			return nil
		}
		return a.lateNote(ctx, scope, p, call, e)
	})
}

// lateNote tells people of a write that was on its way when they took over.
func (a *App) lateNote(ctx context.Context, scope access.Scope, p bot.Plan, call connector.Call, e flow.Event) error {
	d, _, err := a.callee(ctx, scope, call.Operation)
	if err != nil || d.Operations[strings.TrimPrefix(call.Operation, d.Key+".")].Effect != connector.Write {
		return err
	}
	code := "flow.late_done"
	if e.Code != "" {
		code = "flow.late_failed"
	}
	tag := locale.Match(p.Conversation.Locale)
	if tag == "" {
		tag = locale.Tags[0]
	}
	text := locale.Text(tag, code, map[string]string{"operation": call.Operation, "code": e.Code})
	_, err = a.inbox.Post(ctx, access.System(scope.Workspace), p.Conversation.ID, inbox.Posting{
		Kind: inbox.KindNote, Body: inbox.TextBody(text), ClientID: "late/" + call.Key, At: a.now(),
	})
	return err
}

// callee finds the connector of an operation.
func (a *App) callee(ctx context.Context, scope access.Scope, operation string) (connector.Document, *rest.Client, error) {
	key, _, _ := strings.Cut(operation, ".")
	c, err := a.flows.store.ConnectorByKey(ctx, scope, key)
	if err != nil {
		return connector.Document{}, nil, err
	}
	client, err := a.client(ctx, scope, c)
	return c.Document, client, err
}

func (a *App) client(ctx context.Context, scope access.Scope, c connector.Connector) (*rest.Client, error) {
	secret := ""
	if name := c.Document.Auth.Secret; name != "" {
		var err error
		if secret, err = a.flows.store.Secret(ctx, scope, c.ID, name); err != nil {
			return nil, err
		}
	}
	return rest.New(c.Document, rest.Options{
		HTTP: a.outside, Secret: secret, Breakers: a.flows.breakers, Owner: scope.Workspace.String() + "/" + c.Document.Key,
	}), nil
}

// invoke makes a call. One that was sent before, by a node that died since, is
// made again only if that cannot do it twice.
func (a *App) invoke(ctx context.Context, scope access.Scope, call connector.Call, again bool) (connector.Result, error) {
	d, client, err := a.callee(ctx, scope, call.Operation)
	if isNotFound(err) {
		return connector.Result{}, &connector.Failure{Code: connector.Refused, Detail: "no connector for " + call.Operation}
	}
	if err != nil {
		return connector.Result{}, err
	}
	op := d.Operations[strings.TrimPrefix(call.Operation, d.Key+".")]
	if again && op.Effect == connector.Write && op.Retry != connector.RetryKey {
		return connector.Result{}, &connector.Failure{Code: connector.Unknown, Detail: "sent before, by a node that is gone"}
	}
	return client.Call(ctx, call)
}

// TryCall calls an operation that only reads.
func (a *App) TryCall(ctx context.Context, scope access.Scope, which id.Connector, operation string, args map[string]any, at time.Time) (connector.Result, error) {
	c, err := a.flows.store.Connector(ctx, scope, which)
	if err != nil {
		return connector.Result{}, err
	}
	operation = strings.TrimPrefix(operation, c.Document.Key+".")
	op, ok := c.Document.Operations[operation]
	if !ok {
		return connector.Result{}, connector.ErrNoOperation
	}
	if op.Effect != connector.Read {
		return connector.Result{}, connector.ErrTried
	}
	for _, contact := range c.Document.Contacts {
		if contact == operation {
			return connector.Result{}, connector.ErrTried
		}
	}
	client, err := a.client(ctx, scope, c)
	if err != nil {
		return connector.Result{}, err
	}
	call := connector.Call{Operation: operation, Args: args}
	if subject, ok := args[op.Subject].(string); ok && op.Identity != connector.NoIdentity {
		call.Proof = &connector.Proof{Level: op.Identity, Subject: subject, Method: "staff", At: at}
	}
	if err := a.audit.Write(ctx, scope, "connector.tried", which.String(), nil, operation, at); err != nil {
		return connector.Result{}, err
	}
	return client.Call(ctx, call)
}

// takeCode sends a one-time code to whom the subject belongs. Whether that is
// anybody makes no difference to be seen.
func (a *App) takeCode(ctx context.Context, task job.Task) error {
	var what flowTask
	if err := task.Decode(&what); err != nil {
		return job.ErrDrop
	}
	scope := access.Bot(what.Workspace)
	c, err := a.inbox.Get(ctx, scope, what.Conversation)
	if err != nil || c.Owner.Kind != inbox.OwnerBot || c.OwnerEpoch != what.Epoch {
		return err
	}
	letter, e, err := a.prepareCode(ctx, scope, what)
	if err != nil {
		return err
	}
	return a.carryOut(ctx, task, what.Workspace, func() (bot.Plan, error) {
		return a.flows.turns.Advance(ctx, scope, what.Conversation, e, a.now())
	}, func(ctx context.Context, p bot.Plan) error {
		if letter != nil && !p.Late && e.Code == "" {
			job.Enqueue(ctx, job.Job{Kind: flowLetterKind, Workspace: what.Workspace, At: task.At, Payload: letter})
		}
		return nil
	})
}

// prepareCode draws a code and finds where to send it, within the limits.
func (a *App) prepareCode(ctx context.Context, scope access.Scope, what flowTask) (letter *flowTask, e flow.Event, err error) {
	e = flow.Event{Kind: flow.CodeSent, Wait: what.Wait}
	to, kind, err := a.contact(ctx, scope, what)
	if failure, ok := errors.AsType[*connector.Failure](err); ok && failure.Code != "not_found" {
		a.log.InfoContext(ctx, "the contact of a subject could not be read", "operation", what.Operation, "code", failure.Code, "detail", failure.Detail)
		e.Code = connector.Unavailable
		return nil, e, nil
	} else if err != nil && !ok {
		return nil, e, err
	}
	if kind == "" && to != "" {
		e.Code = connector.Unavailable // nothing is set up that could carry it
		return nil, e, nil
	}
	c, err := a.inbox.Get(ctx, scope, what.Conversation)
	if err != nil {
		return nil, e, err
	}
	within := false
	err = a.db.Atomically(ctx, func(ctx context.Context) (err error) {
		within, err = a.flows.store.CountCode(ctx, scope, what.Conversation, c.Customer, what.Subject, a.now())
		return err
	})
	if err != nil {
		return nil, e, err
	}
	if !within {
		e.Code = "limit"
		return nil, e, nil
	}
	drawn, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return nil, e, err
	}
	code := strconv.FormatInt(1_000_000+drawn.Int64(), 10)[1:]
	e.Hash = bot.CodeDigest(a.ring, what.Conversation, what.Subject, code)
	if to == "" {
		e.Masked = a.decoy(what.Subject)
		return nil, e, nil
	}
	e.Masked = flow.Masked(to)
	letter = &flowTask{
		Workspace: what.Workspace, Conversation: what.Conversation, Wait: what.Wait, Subject: what.Subject, Channel: kind, Locale: what.Locale,
		To: a.ring.Seal("flow.to", to), Code: a.ring.Seal("flow.code", code),
	}
	return letter, e, nil
}

// contact asks the connector where a subject's owner is reached, by what the
// workspace can send. What does not exist is reached nowhere.
func (a *App) contact(ctx context.Context, scope access.Scope, what flowTask) (to string, kind channel.Kind, err error) {
	if what.Operation == "" {
		return "", "", &connector.Failure{Code: connector.Unavailable, Detail: "no connector tells contacts of level " + what.Level}
	}
	d, client, err := a.callee(ctx, scope, what.Operation)
	if err != nil {
		return "", "", err
	}
	op := d.Operations[strings.TrimPrefix(what.Operation, d.Key+".")]
	result, err := client.Call(ctx, connector.Call{Operation: what.Operation, Args: map[string]any{op.Subject: what.Subject}})
	if err != nil {
		return "", "", err
	}
	ready, err := a.channels.Configured(ctx, scope)
	if err != nil {
		return "", "", err
	}
	for _, way := range []struct {
		name string
		kind channel.Kind
	}{{"email", channel.Email}, {"phone", channel.SMS}} {
		address, ok := result.Data[way.name].(string)
		if !ok || address == "" {
			continue
		}
		to = address
		if _, set := ready[way.kind]; set {
			return address, way.kind, nil
		}
	}
	return to, "", nil
}

// decoy is the contact shown for what does not exist: always the same for the
// same thing, and nobody's.
func (a *App) decoy(subject string) string {
	letters := strings.ToLower(strings.NewReplacer("-", "q", "_", "x").Replace(a.ring.Index("flow.decoy", subject)))
	letters = strings.Trim(letters, "0123456789")
	return letters[:1] + "•••@" + letters[len(letters)-1:] + "•••.com"
}

// takeLetter sends a one-time code.
func (a *App) takeLetter(ctx context.Context, task job.Task) error {
	var what flowTask
	if err := task.Decode(&what); err != nil {
		return job.ErrDrop
	}
	to, err := a.ring.Open("flow.to", what.To)
	if err != nil {
		return job.ErrDrop
	}
	code, err := a.ring.Open("flow.code", what.Code)
	if err != nil {
		return job.ErrDrop
	}
	receipt, err := a.courier.Code(ctx, access.System(what.Workspace), notify.CodeLetter{
		ID: "code." + task.ID.String(), Kind: what.Channel, To: to, Code: code, Subject: what.Subject, Locale: what.Locale,
	}, a.now())
	switch {
	case err != nil:
		return err
	case receipt.State == channel.Sent:
		return nil
	case receipt.State == channel.Failed, task.Attempt >= 4:
		a.log.WarnContext(ctx, "a code could not be sent", "reason", string(receipt.Reason), "conversation", what.Conversation)
		return job.ErrDrop
	}
	return fault.ErrUnavailable.With("reason", string(receipt.Reason))
}

// followReturns has the bot say that it is there again when people give a
// conversation back to it.
func (a *App) followReturns(ctx context.Context, r event.Record) error {
	var moved event.ConversationMoved
	if err := json.Unmarshal(r.Payload, &moved); err != nil {
		return err
	}
	scope := access.Bot(r.Workspace)
	c, err := a.inbox.Get(ctx, scope, moved.Conversation)
	if err != nil || c.Owner.Kind != inbox.OwnerBot || c.OwnerEpoch != moved.Epoch || !c.WaitingSince.IsZero() {
		return err // a message that waits has its own turn
	}
	p, err := a.flows.turns.Advance(ctx, scope, moved.Conversation, flow.Event{Kind: flow.Returned}, r.At)
	if err != nil {
		return err
	}
	err = a.db.Atomically(ctx, func(ctx context.Context) error { return a.perform(ctx, scope, p, a.now()) })
	if errors.Is(err, inbox.ErrMoved) || errors.Is(err, fault.ErrStale) {
		return nil
	}
	return err
}
