package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/ai"
	"everdesk/internal/fault"
)

// Providers keeps a workspace's provider of a language model.
type Providers interface {
	Settings(ctx context.Context, scope access.Scope) (ai.Settings, int64, error)
	Set(ctx context.Context, scope access.Scope, version int64, settings ai.Settings, at time.Time) (int64, error)
	Spent(ctx context.Context, scope access.Scope, at time.Time) (ai.Spent, error)
}

// ProviderTrials asks a workspace's provider something, to see whether it works.
type ProviderTrials interface {
	// TryProvider returns how long the answer took, or what is wrong.
	TryProvider(ctx context.Context, scope access.Scope, at time.Time) (time.Duration, error)
}

// ModelProvider is where the bot may have answers worded. The key is never
// shown.
type ModelProvider struct {
	Enabled        bool          `json:"enabled" doc:"False: the built-in engine answers alone."`
	URL            string        `json:"url" maxLength:"500" example:"https://models.example/v1" doc:"Where an OpenAI-compatible interface begins."`
	Model          string        `json:"model" maxLength:"120"`
	EmbeddingModel string        `json:"embedding_model,omitempty" maxLength:"120"`
	VisionModel    string        `json:"vision_model,omitempty" maxLength:"120"`
	HasKey         bool          `json:"has_key" readOnly:"true"`
	MonthlyTokens  int64         `json:"monthly_tokens" doc:"What may be spent in a calendar month (UTC); then the built-in engine answers."`
	PerMinute      int           `json:"per_minute" doc:"How many calls a minute each node makes."`
	Spent          ProviderSpent `json:"spent" readOnly:"true"`
	Version        int64         `json:"version" readOnly:"true"`
}

// ProviderSpent is what was used this month.
type ProviderSpent struct {
	Calls    int64 `json:"calls"`
	Failures int64 `json:"failures"`
	Tokens   int64 `json:"tokens"`
}

// ProviderTrial is what came of asking a provider.
type ProviderTrial struct {
	Works        bool   `json:"works"`
	Milliseconds int64  `json:"milliseconds"`
	Code         string `json:"code,omitempty" doc:"What is wrong, such as provider.refused."`
	Title        string `json:"title,omitempty" doc:"The same in words."`
}

type providerOutput struct {
	Versioned
	Body ModelProvider
}

func (s *Server) registerProviders() {
	const tag = "Bot"
	add(s, op{id: "get-model-provider", method: http.MethodGet, path: "/model-provider", tag: tag, door: May(access.SettingsManage), summary: "The provider of a language model; version 0 if there is none"},
		func(ctx context.Context, _ *struct{}) (*providerOutput, error) { return s.provider(ctx) })
	add(s, op{id: "put-model-provider", method: http.MethodPut, path: "/model-provider", tag: tag, door: May(access.SettingsManage), summary: "Set the provider of a language model"}, s.putProvider)
	add(s, op{id: "test-model-provider", method: http.MethodPost, path: "/model-provider/test", tag: tag, door: May(access.SettingsManage), summary: "Ask the provider something to see whether it works"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body ProviderTrial }, error) {
			took, err := s.ports.ProviderTrials.TryProvider(ctx, scopeOf(ctx), s.now())
			trial := ProviderTrial{Works: err == nil, Milliseconds: took.Milliseconds()}
			if err != nil {
				trial.Code, trial.Title = s.wrong(ctx, err)
			}
			return &struct{ Body ProviderTrial }{trial}, nil
		})
}

func (s *Server) provider(ctx context.Context) (*providerOutput, error) {
	scope := scopeOf(ctx)
	settings, version, err := s.ports.Providers.Settings(ctx, scope)
	if err != nil {
		return nil, err
	}
	spent, err := s.ports.Providers.Spent(ctx, scope, s.now())
	return &providerOutput{etag(version), ModelProvider{
		Enabled: settings.Enabled, URL: settings.URL, Model: settings.Model, EmbeddingModel: settings.EmbeddingModel, VisionModel: settings.VisionModel,
		HasKey: settings.Key != "", MonthlyTokens: settings.MonthlyTokens, PerMinute: settings.PerMinute,
		Spent: ProviderSpent{spent.Calls, spent.Failures, spent.Tokens}, Version: version,
	}}, err
}

func (s *Server) putProvider(ctx context.Context, in *struct {
	Updates
	Body struct {
		Enabled        bool   `json:"enabled"`
		URL            string `json:"url" maxLength:"500"`
		Model          string `json:"model" maxLength:"120"`
		EmbeddingModel string `json:"embedding_model,omitempty" maxLength:"120"`
		VisionModel    string `json:"vision_model,omitempty" maxLength:"120"`
		Key            string `json:"key,omitempty" maxLength:"500" writeOnly:"true" doc:"Absent: the one there is, if the address stays."`
		MonthlyTokens  int64  `json:"monthly_tokens" minimum:"0"`
		PerMinute      int    `json:"per_minute" minimum:"0" maximum:"10000"`
	}
},
) (*providerOutput, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	if _, err := s.ports.Providers.Set(ctx, scopeOf(ctx), version, ai.Settings{
		Enabled: b.Enabled, URL: b.URL, Model: b.Model, EmbeddingModel: b.EmbeddingModel, VisionModel: b.VisionModel, Key: b.Key,
		MonthlyTokens: b.MonthlyTokens, PerMinute: b.PerMinute,
	}, s.now()); err != nil {
		return nil, err
	}
	return s.provider(ctx)
}

// wrong is the code of an error and its title for the caller.
func (s *Server) wrong(ctx context.Context, err error) (code, title string) {
	code = fault.ErrUnavailable.Code
	if known := fault.Of(err); known != nil {
		code = known.Code
	}
	return code, s.problems.title(languageOf(ctx), code, nil)
}
