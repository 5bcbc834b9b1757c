package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
	"everdesk/internal/page"
)

// Knowledge keeps articles.
type Knowledge interface {
	Articles(ctx context.Context, scope access.Scope, filter knowledge.Filter, request page.Request) (page.Of[*knowledge.Article], error)
	// Topics are those in use, with how many articles each has, by name.
	Topics(ctx context.Context, scope access.Scope) ([]knowledge.Topic, error)
	Article(ctx context.Context, scope access.Scope, which id.Article) (*knowledge.Article, error)
	Make(ctx context.Context, scope access.Scope, claim *commit.Claim, content knowledge.Content, at time.Time) (*knowledge.Article, error)
	Change(ctx context.Context, scope access.Scope, which id.Article, version int64, content knowledge.Content, at time.Time) (*knowledge.Article, error)
	SetStatus(ctx context.Context, scope access.Scope, which id.Article, version int64, status knowledge.Status, at time.Time) (*knowledge.Article, error)
	Delete(ctx context.Context, scope access.Scope, which id.Article, version int64, at time.Time) error
}

// Rehearsals ask the bot without a conversation.
type Rehearsals interface {
	Try(ctx context.Context, scope access.Scope, question, locale string) (bot.Trial, error)
}

// Article is a question with its answer, or an article of the help centre.
type Article struct {
	ID        id.Article            `json:"id"`
	Key       string                `json:"key,omitempty" doc:"How imports find it again."`
	Kind      knowledge.ArticleKind `json:"kind" enum:"faq,article"`
	Locale    string                `json:"locale"`
	Title     string                `json:"title"`
	Variants  []string              `json:"variants" doc:"Other wordings of the question."`
	Body      string                `json:"body" doc:"Markdown."`
	Topic     string                `json:"topic"`
	Status    knowledge.Status      `json:"status" enum:"draft,published,archived"`
	Version   int64                 `json:"version"`
	CreatedAt time.Time             `json:"created_at"`
	UpdatedAt time.Time             `json:"updated_at"`
	UpdatedBy *Person               `json:"updated_by,omitempty"`
	Helpful   Helpful               `json:"helpful"`
	Answered  int64                 `json:"answered" doc:"How often the bot answered with it."`
}

// Helpful counts what customers said of an answer.
type Helpful struct {
	Up   int64 `json:"up"`
	Down int64 `json:"down"`
}

// ArticleContent is what an editor writes.
type ArticleContent struct {
	Key      string                `json:"key,omitempty" maxLength:"120" doc:"Unique in its language; without one it keeps the key it has."`
	Kind     knowledge.ArticleKind `json:"kind,omitempty" enum:"faq,article" default:"faq"`
	Locale   string                `json:"locale" maxLength:"35" example:"en"`
	Title    string                `json:"title" maxLength:"300"`
	Variants []string              `json:"variants,omitempty" maxItems:"100"`
	Body     string                `json:"body" maxLength:"50000"`
	Topic    string                `json:"topic,omitempty" maxLength:"60"`
}

func (c ArticleContent) content() knowledge.Content {
	return knowledge.Content{Key: c.Key, Kind: c.Kind, Locale: c.Locale, Title: c.Title, Variants: c.Variants, Body: c.Body, Topic: c.Topic}
}

type articleOutput struct {
	Versioned
	Replay
	Body Article
}

// Rehearsal is what the bot would do.
type Rehearsal struct {
	Decision   string               `json:"decision" enum:"answer,clarify,miss,handover"`
	Score      float64              `json:"score" doc:"How near the nearest article is."`
	Margin     float64              `json:"margin" doc:"How far the second is behind."`
	Coverage   float64              `json:"coverage" doc:"The share of the question the nearest article has."`
	Answer     string               `json:"answer,omitempty"`
	Candidates []RehearsalCandidate `json:"candidates"`
}

// RehearsalCandidate is an article that came near.
type RehearsalCandidate struct {
	Article id.Article `json:"article_id"`
	Title   string     `json:"title"`
	Score   float64    `json:"score"`
}

// Topic is a heading articles stand under.
type Topic struct {
	Name     string `json:"name"`
	Locale   string `json:"locale"`
	Articles int64  `json:"articles"`
}

// Topics are all that are in use.
type Topics struct {
	Items []Topic `json:"items"`
}

func (s *Server) registerKnowledge() {
	const tag = "Knowledge"
	add(s, op{id: "list-knowledge", method: http.MethodGet, path: "/knowledge", tag: tag, door: May(access.KnowledgeRead), summary: "Articles, the last changed first"},
		func(ctx context.Context, in *struct {
			Lists
			Text   string                `query:"q" maxLength:"200" doc:"Part of a title or a variant."`
			Locale string                `query:"locale" maxLength:"35"`
			Status knowledge.Status      `query:"status" enum:"draft,published,archived,"`
			Kind   knowledge.ArticleKind `query:"kind" enum:"faq,article,"`
			Topic  string                `query:"topic" maxLength:"60"`
		},
		) (*struct{ Body listed[Article] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			found, err := s.ports.Knowledge.Articles(ctx, scopeOf(ctx), knowledge.Filter{
				Text: in.Text, Locale: in.Locale, Status: in.Status, Kind: in.Kind, Topic: in.Topic,
			}, request)
			if err != nil {
				return nil, err
			}
			names, err := s.editors(ctx, found.Items...)
			return &struct{ Body listed[Article] }{list(found, func(a *knowledge.Article) Article { return shownArticle(a, names) })}, err
		})
	add(s, op{id: "list-topics", method: http.MethodGet, path: "/knowledge/topics", tag: tag, door: May(access.KnowledgeRead), summary: "Topics in use, by name"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Topics }, error) {
			found, err := s.ports.Knowledge.Topics(ctx, scopeOf(ctx))
			shown := Topics{Items: make([]Topic, len(found))}
			for i, one := range found {
				shown.Items[i] = Topic(one)
			}
			return &struct{ Body Topics }{shown}, err
		})
	add(s, op{id: "make-article", method: http.MethodPost, path: "/knowledge", tag: tag, door: May(access.KnowledgeWrite), status: http.StatusCreated, summary: "Write an article, as a draft"},
		func(ctx context.Context, in *struct {
			Creates
			Body ArticleContent
		},
		) (*articleOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "make-article", in.Body)
			if err != nil {
				return nil, err
			}
			a, err := s.ports.Knowledge.Make(ctx, scopeOf(ctx), claim, in.Body.content(), s.now())
			return s.articleAnswer(ctx, a, claim, err)
		})
	add(s, op{id: "get-article", method: http.MethodGet, path: "/knowledge/{id}", tag: tag, door: May(access.KnowledgeRead), summary: "An article"},
		func(ctx context.Context, in *byID[id.Article]) (*articleOutput, error) {
			a, err := s.ports.Knowledge.Article(ctx, scopeOf(ctx), in.ID.ID)
			return s.articleAnswer(ctx, a, nil, err)
		})
	add(s, op{id: "change-article", method: http.MethodPut, path: "/knowledge/{id}", tag: tag, door: May(access.KnowledgeWrite), summary: "Write an article anew"},
		func(ctx context.Context, in *struct {
			Updates
			ID   ref[id.Article] `path:"id"`
			Body ArticleContent
		},
		) (*articleOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			a, err := s.ports.Knowledge.Change(ctx, scopeOf(ctx), in.ID.ID, version, in.Body.content(), s.now())
			return s.articleAnswer(ctx, a, nil, err)
		})
	add(s, op{id: "remove-article", method: http.MethodDelete, path: "/knowledge/{id}", tag: tag, door: May(access.KnowledgeWrite), status: http.StatusNoContent, summary: "Remove an article for good"},
		func(ctx context.Context, in *struct {
			ID      ref[id.Article] `path:"id"`
			IfMatch string          `header:"If-Match" doc:"If given, the article must still be this version."`
		},
		) (*struct{}, error) {
			version, err := wanted(in.IfMatch)
			if err != nil {
				return nil, err
			}
			return nil, s.ports.Knowledge.Delete(ctx, scopeOf(ctx), in.ID.ID, version, s.now())
		})
	s.registerStatus("publish", knowledge.Published, "Publish an article: the bot answers with it from the next question on")
	s.registerStatus("archive", knowledge.Archived, "Archive an article: the bot no longer knows it")
	add(s, op{id: "try-knowledge", method: http.MethodPost, path: "/knowledge/try", tag: tag, door: May(access.KnowledgeRead), summary: "Ask what the bot would do with a question"},
		func(ctx context.Context, in *struct {
			Body struct {
				Question string `json:"question" minLength:"1" maxLength:"2000"`
				Locale   string `json:"locale,omitempty" maxLength:"35"`
			}
		},
		) (*struct{ Body Rehearsal }, error) {
			trial, err := s.ports.Rehearsals.Try(ctx, scopeOf(ctx), in.Body.Question, in.Body.Locale)
			if err != nil {
				return nil, err
			}
			shown := Rehearsal{trial.Decision, trial.Score, trial.Margin, trial.Coverage, trial.Answer, []RehearsalCandidate{}}
			for _, c := range trial.Candidates {
				shown.Candidates = append(shown.Candidates, RehearsalCandidate{c.Article.ID, c.Article.Title, float64(c.Score)})
			}
			return &struct{ Body Rehearsal }{shown}, nil
		})
}

func (s *Server) registerStatus(verb string, status knowledge.Status, summary string) {
	add(s, op{id: verb + "-article", method: http.MethodPost, path: "/knowledge/{id}/" + verb, tag: "Knowledge", door: May(access.KnowledgeWrite), summary: summary},
		func(ctx context.Context, in *struct {
			ID      ref[id.Article] `path:"id"`
			IfMatch string          `header:"If-Match" doc:"If given, the article must still be this version."`
		},
		) (*articleOutput, error) {
			version, err := wanted(in.IfMatch)
			if err != nil {
				return nil, err
			}
			a, err := s.ports.Knowledge.SetStatus(ctx, scopeOf(ctx), in.ID.ID, version, status, s.now())
			return s.articleAnswer(ctx, a, nil, err)
		})
}

// wanted is the version of an If-Match that may be left out.
func wanted(ifMatch string) (int64, error) {
	if ifMatch == "" {
		return 0, nil
	}
	return Updates{ifMatch}.version()
}

func (s *Server) articleAnswer(ctx context.Context, a *knowledge.Article, claim *commit.Claim, err error) (*articleOutput, error) {
	if err != nil {
		return nil, err
	}
	names, err := s.editors(ctx, a)
	return &articleOutput{etag(a.Version), replayed(claim), shownArticle(a, names)}, err
}

// editors names who changed articles last.
func (s *Server) editors(ctx context.Context, articles ...*knowledge.Article) (map[id.Staff]string, error) {
	var who []id.Staff
	for _, a := range articles {
		if a.UpdatedBy != 0 {
			who = append(who, a.UpdatedBy)
		}
	}
	if len(who) == 0 {
		return nil, nil
	}
	return s.ports.Members.Names(ctx, access.System(scopeOf(ctx).Workspace), who)
}

func shownArticle(a *knowledge.Article, names map[id.Staff]string) Article {
	shown := Article{
		ID: a.ID, Key: a.Key, Kind: a.Kind, Locale: a.Locale, Title: a.Title, Variants: nonNil(a.Variants), Body: a.Body, Topic: a.Topic,
		Status: a.Status, Version: a.Version, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt,
		Helpful: Helpful{a.Up, a.Down}, Answered: a.Answered,
	}
	if name, ok := names[a.UpdatedBy]; ok {
		shown.UpdatedBy = &Person{ID: a.UpdatedBy.String(), Name: name}
	}
	return shown
}
