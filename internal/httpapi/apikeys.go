package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/page"
)

// Keys keeps the API keys of a workspace.
type Keys interface {
	Keys(ctx context.Context, scope access.Scope, request page.Request) (page.Of[access.APIKey], error)
	MakeKey(ctx context.Context, scope access.Scope, claim *commit.Claim, name string, scopes []access.Permission, at time.Time) (access.APIKey, string, error)
	EndKey(ctx context.Context, scope access.Scope, key id.APIKey, at time.Time) error
}

// APIKey is a program's way in.
type APIKey struct {
	ID         id.APIKey           `json:"id"`
	Name       string              `json:"name"`
	Hint       string              `json:"hint" doc:"The end of the key."`
	Scopes     []access.Permission `json:"scopes"`
	CreatedBy  string              `json:"created_by,omitempty"`
	CreatedAt  time.Time           `json:"created_at"`
	LastUsedAt *time.Time          `json:"last_used_at,omitempty" doc:"To a minute; absent if never."`
	Secret     string              `json:"secret,omitempty" doc:"The key itself, only in the answer that makes it."`
}

type keyInput struct {
	Creates
	Body struct {
		Name   string              `json:"name" minLength:"1" maxLength:"200"`
		Scopes []access.Permission `json:"scopes" minItems:"1" maxItems:"50" doc:"Permissions you hold yourself."`
	}
}

type keyOutput struct {
	Replay
	Body APIKey
}

func (s *Server) registerKeys() {
	const tag = "API keys"
	add(s, op{id: "list-api-keys", method: http.MethodGet, path: "/api-keys", tag: tag, door: May(access.APIKeyManage), summary: "API keys, newest first"},
		func(ctx context.Context, in *Lists) (*struct{ Body listed[APIKey] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			keys, err := s.ports.Keys.Keys(ctx, scopeOf(ctx), request)
			return &struct{ Body listed[APIKey] }{list(keys, shownKey)}, err
		})
	add(s, op{id: "make-api-key", method: http.MethodPost, path: "/api-keys", tag: tag, door: May(access.APIKeyManage), status: http.StatusCreated, summary: "Make an API key; it is shown once"},
		func(ctx context.Context, in *keyInput) (*keyOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "make-api-key", in.Body)
			if err != nil {
				return nil, err
			}
			made, secret, err := s.ports.Keys.MakeKey(ctx, scopeOf(ctx), claim, in.Body.Name, in.Body.Scopes, s.now())
			shown := shownKey(made)
			shown.Secret = secret
			return &keyOutput{replayed(claim), shown}, err
		})
	add(s, op{id: "end-api-key", method: http.MethodDelete, path: "/api-keys/{id}", tag: tag, door: May(access.APIKeyManage), status: http.StatusNoContent, summary: "End an API key at once"},
		func(ctx context.Context, in *byID[id.APIKey]) (*struct{}, error) {
			return nil, s.ports.Keys.EndKey(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
}

func shownKey(k access.APIKey) APIKey {
	shown := APIKey{ID: k.ID, Name: k.Name, Hint: k.Hint, Scopes: nonNil(k.Scopes), CreatedBy: k.CreatedBy, CreatedAt: k.CreatedAt}
	if !k.UsedAt.IsZero() {
		shown.LastUsedAt = &k.UsedAt
	}
	return shown
}
