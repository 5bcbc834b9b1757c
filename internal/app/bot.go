package app

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/bot/nlu/nludb"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/job"
	"everdesk/internal/knowledge/knowledgedb"
)

// buildBot makes what answers first.
func (a *App) buildBot() {
	a.knowledge = knowledgedb.New(a.db, a.audit)
	a.library = bot.NewLibrary(a.knowledge, a.log)
	a.training = nludb.New(a.db, a.audit, a.log)
	a.intents = bot.NewIntents(a.training, a.log)
	a.bot = bot.NewResponder(a.inbox, a.library, a.knowledge, bot.DefaultPolicy, a.log)
	a.runner.Handle(inboxdb.BotTurnKind, a.takeTurn)
	a.runner.Handle(feedbackKind, a.takeFeedback)
	a.runner.Handle(knowledgedb.ImportJob, a.knowledge.HandleImport)
}

// takeTurn answers one message of a customer. What is decided and the end of
// the job are one transaction; if somebody else owns the conversation by then,
// nothing is said.
func (a *App) takeTurn(ctx context.Context, task job.Task) error {
	var turn inboxdb.BotTurn
	if err := task.Decode(&turn); err != nil {
		return job.ErrDrop
	}
	question := bot.Question{Conversation: turn.Conversation, Seq: turn.Seq, OwnerEpoch: turn.OwnerEpoch}
	scope := access.Bot(turn.Workspace)
	a.sample(ctx, scope, question, task.At)
	return a.carryOut(ctx, task, turn.Workspace, func() (bot.Plan, error) {
		return a.flows.turns.Hear(ctx, scope, question, task.At)
	}, func(ctx context.Context, p bot.Plan) error {
		return a.bot.Perform(ctx, scope, question, p.Act, task.At)
	})
}

// feedbackKind is the job that follows an answer judged unhelpful.
const feedbackKind = "bot.feedback"

type feedbackTask struct {
	Workspace    id.Workspace    `json:"workspace"`
	Conversation id.Conversation `json:"conversation"`
	Seq          int64           `json:"seq"`
}

func (a *App) takeFeedback(ctx context.Context, task job.Task) error {
	var what feedbackTask
	if err := task.Decode(&what); err != nil {
		return job.ErrDrop
	}
	return a.act(ctx, task, what.Workspace, bot.Question{Conversation: what.Conversation, Seq: what.Seq}, a.bot.DecideFeedback)
}

type decide func(ctx context.Context, scope access.Scope, q bot.Question, at time.Time) (bot.Act, error)

func (a *App) act(ctx context.Context, task job.Task, workspace id.Workspace, question bot.Question, decide decide) error {
	scope := access.Bot(workspace)
	act, err := decide(ctx, scope, question, task.At)
	if err != nil {
		return err
	}
	err = a.db.Atomically(ctx, func(ctx context.Context) error {
		// First: a node that froze since it decided must not write.
		if err := task.Done(ctx); err != nil {
			return err
		}
		return a.bot.Perform(ctx, scope, question, act, task.At)
	})
	if errors.Is(err, inbox.ErrMoved) || errors.Is(err, inbox.ErrResolved) {
		return nil
	}
	return err
}
