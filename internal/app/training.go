package app

import (
	"context"
	"time"
	"unicode/utf8"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/bot/nlu/nludb"
	"everdesk/internal/inbox"
	"everdesk/internal/locale"
	"everdesk/internal/training"
)

// trainEvery is how often a node looks whether training waits that no signal
// told it of: another node's, or one left behind by a node that died.
const trainEvery = 5 * time.Second

// train learns what waits to be learnt, on one node of the installation at a
// time, beside everything else the node does.
func (a *App) train(ctx context.Context) {
	every(ctx, a.db.Listen(nludb.TrainSignal), trainEvery, func() {
		trained, err := a.training.TrainAll(ctx, a.holder, a.now)
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "training failed; it will be tried again", "error", err)
		}
		if trained > 0 {
			a.log.InfoContext(ctx, "models were trained", "models", trained)
		}
	})
}

// unsure is the margin below which a message waits for a label.
const unsure = 0.5

// sample keeps what the workspace's model was not sure of, for people to label.
// A turn does not fail by it.
func (a *App) sample(ctx context.Context, scope access.Scope, q bot.Question, at time.Time) {
	model, number, err := a.intents.Model(ctx, scope)
	if err == nil && model == nil {
		return
	}
	var c inbox.Context
	if err == nil {
		c, err = a.inbox.Context(ctx, scope, q.Conversation)
	}
	if err != nil {
		a.log.WarnContext(ctx, "a message could not be kept for labelling", "error", err)
		return
	}
	t := bot.Read(c, q.Seq)
	if len(t.Waiting) == 0 {
		return
	}
	text := t.Waiting[len(t.Waiting)-1]
	reading := model.Read(text)
	if reading.Margin() >= unsure && !reading.Rejected() || utf8.RuneCountInString(text) > training.LongestText {
		return
	}
	kept := training.Sample{
		Conversation: q.Conversation, Seq: q.Seq, Text: text, Locale: locale.Match(t.Conversation.Locale), Margin: reading.Margin(), Number: number,
	}
	for _, g := range reading.Guesses {
		kept.Guesses = append(kept.Guesses, training.Guess(g))
	}
	if err := a.training.Note(ctx, scope, kept, at); err != nil {
		a.log.WarnContext(ctx, "a message could not be kept for labelling", "error", err)
	}
}
