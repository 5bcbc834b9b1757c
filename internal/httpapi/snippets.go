package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/page"
)

// Snippets keeps quick replies.
type Snippets interface {
	Snippets(ctx context.Context, scope access.Scope, request page.Request) (page.Of[channel.Snippet], error)
	Snippet(ctx context.Context, scope access.Scope, which id.Snippet) (channel.Snippet, error)
	AddSnippet(ctx context.Context, scope access.Scope, snippet channel.Snippet, at time.Time, claim *commit.Claim) (channel.Snippet, error)
	ChangeSnippet(ctx context.Context, scope access.Scope, version int64, to channel.Snippet, at time.Time) (channel.Snippet, error)
	RemoveSnippet(ctx context.Context, scope access.Scope, which id.Snippet, at time.Time) error
}

// Snippet is a quick reply.
type Snippet struct {
	ID      id.Snippet `json:"id"`
	Key     string     `json:"key" doc:"What is typed after a slash."`
	Title   string     `json:"title"`
	Text    string     `json:"text"`
	Locale  string     `json:"locale" enum:"zh-CN,en"`
	Version int64      `json:"version"`
}

func shownSnippet(sn channel.Snippet) Snippet {
	return Snippet{sn.ID, sn.Key, sn.Title, sn.Text, sn.Locale, sn.Version}
}

type snippetOutput struct {
	Versioned
	Replay
	Body Snippet
}

func snippetShown(sn channel.Snippet, err error) (*snippetOutput, error) {
	return &snippetOutput{Versioned: etag(sn.Version), Body: shownSnippet(sn)}, err
}

func (s *Server) registerSnippets() {
	const tag = "Snippets"
	kept := s.ports.Snippets
	add(s, op{id: "list-snippets", method: http.MethodGet, path: "/snippets", tag: tag, door: May(access.SettingsRead), summary: "Quick replies, in the order they were made"},
		func(ctx context.Context, in *struct{ Lists }) (*struct{ Body listed[Snippet] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			found, err := kept.Snippets(ctx, scopeOf(ctx), request)
			return &struct{ Body listed[Snippet] }{list(found, shownSnippet)}, err
		})
	add(s, op{id: "create-snippet", method: http.MethodPost, path: "/snippets", tag: tag, door: May(access.ConversationReply), status: http.StatusCreated, summary: "Add a quick reply"},
		func(ctx context.Context, in *struct {
			Creates
			Body struct {
				Key    string `json:"key" minLength:"1" maxLength:"40"`
				Title  string `json:"title" minLength:"1" maxLength:"100"`
				Text   string `json:"text" minLength:"1" maxLength:"4000"`
				Locale string `json:"locale" enum:"zh-CN,en"`
			}
		},
		) (*snippetOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "create-snippet", in.Body)
			if err != nil {
				return nil, err
			}
			b := in.Body
			out, err := snippetShown(kept.AddSnippet(ctx, scopeOf(ctx), channel.Snippet{Key: b.Key, Title: b.Title, Text: b.Text, Locale: b.Locale}, s.now(), claim))
			out.Replay = replayed(claim)
			return out, err
		})
	add(s, op{id: "change-snippet", method: http.MethodPatch, path: "/snippets/{id}", tag: tag, door: May(access.ConversationReply), summary: "Change a quick reply"},
		s.changeSnippet)
	add(s, op{id: "remove-snippet", method: http.MethodDelete, path: "/snippets/{id}", tag: tag, door: May(access.ConversationReply), status: http.StatusNoContent, summary: "Remove a quick reply"},
		func(ctx context.Context, in *byID[id.Snippet]) (*struct{}, error) {
			return nil, kept.RemoveSnippet(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
}

func (s *Server) changeSnippet(ctx context.Context, in *struct {
	Updates
	ID   ref[id.Snippet] `path:"id"`
	Body struct {
		Key    *string `json:"key,omitempty" minLength:"1" maxLength:"40"`
		Title  *string `json:"title,omitempty" minLength:"1" maxLength:"100"`
		Text   *string `json:"text,omitempty" minLength:"1" maxLength:"4000"`
		Locale *string `json:"locale,omitempty" enum:"zh-CN,en"`
	}
},
) (*snippetOutput, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	to, err := s.ports.Snippets.Snippet(ctx, scopeOf(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct{ to, from *string }{
		{&to.Key, in.Body.Key}, {&to.Title, in.Body.Title}, {&to.Text, in.Body.Text}, {&to.Locale, in.Body.Locale},
	} {
		if part.from != nil {
			*part.to = *part.from
		}
	}
	return snippetShown(s.ports.Snippets.ChangeSnippet(ctx, scopeOf(ctx), version, to, s.now()))
}
