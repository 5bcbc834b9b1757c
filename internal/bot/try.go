package bot

import (
	"context"

	"everdesk/internal/access"
	"everdesk/internal/bot/answer"
	"everdesk/internal/knowledge"
)

// Trial is what the bot would do with a question that opens a conversation.
type Trial struct {
	// Decision is "answer", "clarify", "miss" or "handover".
	Decision string
	// Score, Margin and Coverage describe the nearest article.
	Score, Margin, Coverage float64
	// Answer is what would be said, for "answer".
	Answer string
	// Candidates are the nearest articles, best first.
	Candidates []knowledge.Candidate
}

// Try takes a question through everything a turn would, and says nothing to
// anybody. The language is the question's own if it shows one, else tag.
func (r *Responder) Try(ctx context.Context, scope access.Scope, question, tag string) (Trial, error) {
	t := Thread{Waiting: []string{question}}
	t.Conversation.Locale = tag
	u := Understand(t)
	if u.Person {
		return Trial{Decision: "handover"}, nil
	}
	index, err := r.index(ctx, scope, t, u)
	if err != nil {
		return Trial{}, err
	}
	shop, err := r.knowledge.Catalogue(ctx, scope)
	if err != nil {
		return Trial{}, err
	}
	found := index.Search(question, answer.Search)
	d := answer.Decide(found)
	trial := Trial{Decision: string(d.Kind), Score: d.Score, Margin: d.Margin, Coverage: d.Coverage, Candidates: found.Candidates}
	if fact := ProductAnswer(shop, u, nil); fact != nil && (fact.Sure || d.Kind != answer.Answer) {
		trial.Decision, trial.Answer = string(answer.Answer), fact.Text
		return trial, nil
	}
	if d.Kind == answer.Answer {
		trial.Answer = knowledge.Excerpt(d.Choices[0].Article.Body, question, longestAnswer)
	}
	return trial, nil
}
