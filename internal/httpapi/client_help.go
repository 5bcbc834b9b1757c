package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

// Shelf has the published articles of a language, indexed.
type Shelf interface {
	Index(ctx context.Context, scope access.Scope, locale string) (*knowledge.Index, error)
}

// HelpItem is a published article as customers see it.
type HelpItem struct {
	Article   id.Article `json:"article_id"`
	Title     string     `json:"title"`
	Snippet   string     `json:"snippet" doc:"How it begins, without markup."`
	Body      string     `json:"body,omitempty" doc:"Markdown; left out of a search."`
	UpdatedAt time.Time  `json:"updated_at"`
}

// snippetLength is how much of an answer a list shows, in characters.
const snippetLength = 140

// HelpQuery names the widget and the language.
type HelpQuery struct {
	Key    string `query:"key" required:"true" minLength:"1" maxLength:"80" doc:"The widget's public key."`
	Locale string `query:"locale" maxLength:"35"`
}

// helpOutput may be kept for a minute by anybody: it is the same for all.
type helpOutput[T any] struct {
	CacheControl string `header:"Cache-Control"`
	Body         T
}

const briefly = "public, max-age=60"

func (s *Server) registerHelp() {
	add(s, op{
		id: "client-list-help", method: http.MethodGet, path: "/client/help", tag: "Client", door: Anybody,
		summary: "Published answers: those that fit q, or without it those asked most, whole, for a browser to keep",
	}, func(ctx context.Context, in *struct {
		HelpQuery
		Text  string `query:"q" maxLength:"500"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	},
	) (*helpOutput[listed[HelpItem]], error) {
		index, err := s.shelf(ctx, in.HelpQuery)
		if err != nil {
			return nil, err
		}
		items := []HelpItem{}
		if in.Text != "" {
			for _, c := range index.Search(in.Text, in.Limit).Candidates {
				items = append(items, helpItem(c.Article, false))
			}
		} else {
			for _, e := range knowledge.Snapshot(index.Articles(), in.Limit) {
				items = append(items, helpItem(index.Article(e.ID), e.Body != ""))
			}
		}
		return &helpOutput[listed[HelpItem]]{briefly, listed[HelpItem]{Items: items}}, nil
	})
	add(s, op{
		id: "client-get-help", method: http.MethodGet, path: "/client/help/{id}", tag: "Client", door: Anybody,
		summary: "One published answer",
	}, func(ctx context.Context, in *struct {
		HelpQuery
		ID ref[id.Article] `path:"id"`
	},
	) (*helpOutput[HelpItem], error) {
		index, err := s.shelf(ctx, in.HelpQuery)
		if err != nil {
			return nil, err
		}
		a := index.Article(in.ID.ID)
		// A link from a conversation in the other language is as good.
		for i := 0; a == nil && i < len(locale.Tags); i++ {
			if index, err = s.shelf(ctx, HelpQuery{in.Key, locale.Tags[i]}); err != nil {
				return nil, err
			}
			a = index.Article(in.ID.ID)
		}
		if a == nil {
			return nil, knowledge.ErrNoArticle
		}
		return &helpOutput[HelpItem]{briefly, helpItem(a, true)}, nil
	})
}

// shelf returns the published articles of a widget's workspace.
func (s *Server) shelf(ctx context.Context, in HelpQuery) (*knowledge.Index, error) {
	scope, _, err := s.ports.Visitors.Door(ctx, in.Key)
	if err != nil {
		return nil, fault.ErrNotFound.At("query.key", "unknown", "no widget has this key")
	}
	return s.ports.Shelf.Index(ctx, scope, cmp.Or(locale.Match(in.Locale), languageOf(ctx)))
}

func helpItem(a *knowledge.Article, whole bool) HelpItem {
	item := HelpItem{Article: a.ID, Title: a.Title, Snippet: knowledge.Snippet(a.Body, snippetLength), UpdatedAt: a.UpdatedAt}
	if whole {
		item.Body = a.Body
	}
	return item
}
