package bot

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/answer"
	"everdesk/internal/bot/assist"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/inbox"
)

// Composer words an answer from passages; assist.Assistant is one. It returns
// false whenever the built-in engine should answer, within assist.Patience.
type Composer interface {
	Compose(ctx context.Context, scope access.Scope, q assist.Question, at time.Time) (assist.Composed, bool)
}

// ComposeWith has the responder ask a composer where the articles alone give no
// sure answer. It is called before the first turn.
func (r *Responder) ComposeWith(c Composer) { r.composer = c }

// compose asks the composer if the turn would otherwise end in a question back
// or a miss. It is not asked within a flow: what a customer fills in there is
// nobody's question. The passages are published articles in the customer's language:
// what anybody may read.
func (r *Responder) compose(ctx context.Context, scope access.Scope, t Thread, u Understanding, f Findings, at time.Time) *assist.Composed {
	if r.composer == nil || f.index == nil || f.Picked != nil || t.Newer || t.Answered || u.Person || u.Talk != nlu.None || f.Product != nil || f.Decision.Kind == answer.Answer {
		return nil
	}
	q := assist.Question{Text: u.All, Language: u.Language}
	for _, c := range f.index.Search(u.All, assist.MostPassages).Candidates {
		q.Passages = append(q.Passages, assist.Passage{Article: c.Article.ID, Title: c.Article.Title, Text: c.Article.Body, UpdatedAt: c.Article.UpdatedAt})
	}
	found, ok := r.composer.Compose(ctx, scope, q, at)
	if !ok {
		return nil
	}
	return &found
}

// composed says what was composed, with its sources.
func composed(c *assist.Composed) Act {
	answer := &inbox.Answer{Text: c.Text}
	for _, s := range c.Sources {
		answer.Sources = append(answer.Sources, inbox.Source{Article: s.Article, Title: s.Title, UpdatedAt: s.UpdatedAt})
	}
	return Act{Kind: Reply, Article: c.Sources[0].Article, Body: inbox.NewBody(inbox.TypeAnswer, answer)}
}
