package app

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/ai"
	"everdesk/internal/ai/aidb"
	"everdesk/internal/ai/openai"
	"everdesk/internal/bot/assist"
)

// models opens the language models of workspaces, behind the guard that keeps
// them from reaching inside.
type models struct {
	*aidb.Store
	client *http.Client
	now    func() time.Time
}

// trialPatience is how long a provider may take for its test. It is longer than
// a turn waits, so that the test tells a slow provider from a dead one.
const trialPatience = 20 * time.Second

// buildModels has the bot ask the model of a workspace that has one.
func (a *App) buildModels() {
	a.models = &models{aidb.New(a.db, a.ring, a.audit), a.senders.guard.Client(trialPatience + time.Second), a.now}
	a.bot.ComposeWith(assist.New(a.models, a.models, a.log))
}

// Provider returns a workspace's model, or ai.ErrNotConfigured.
func (m *models) Provider(ctx context.Context, scope access.Scope) (ai.Chat, ai.Settings, error) {
	settings, version, err := m.Settings(ctx, scope)
	if err != nil {
		return nil, settings, err
	}
	if version == 0 || !settings.Enabled {
		return nil, settings, ai.ErrNotConfigured
	}
	return openai.New(settings, m.client), settings, nil
}

// TryProvider asks a workspace's provider for one word.
func (m *models) TryProvider(ctx context.Context, scope access.Scope, at time.Time) (time.Duration, error) {
	settings, version, err := m.Settings(ctx, scope)
	if err != nil {
		return 0, err
	}
	if version == 0 || settings.Model == "" {
		return 0, ai.ErrNotConfigured
	}
	ctx, cancel := context.WithTimeout(ctx, trialPatience)
	defer cancel()
	began := m.now()
	reply, err := openai.New(settings, m.client).Chat(ctx, ai.Request{
		Messages: []ai.Message{{Role: ai.User, Text: "Answer with the one word: ready"}}, MostTokens: 16,
	}, nil)
	took := m.now().Sub(began)
	spent := ai.Spent{Calls: 1, Tokens: reply.Usage.Total()}
	if err != nil {
		spent.Failures = 1
	}
	if failed := m.Spend(context.WithoutCancel(ctx), scope, spent, at); err == nil {
		err = failed
	}
	return took, err
}
