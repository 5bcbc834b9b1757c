// Package bot answers customers before people do. One turn is three steps:
// understand what was written (Understand), look up what may answer it, and
// decide what to do (Turn), which is a function of its arguments alone. Then
// Responder does it. Intents, flows and a language model will join as further
// sources of understanding and findings; they never act by themselves.
//
// The bot never speaks where a person, a queue or a ticket owns the
// conversation, and hands over when asked, or when it has not helped twice.
package bot

import (
	"time"

	"everdesk/internal/bot/answer"
	"everdesk/internal/bot/assist"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/knowledge"
)

// ActKind is what the bot does in a turn.
type ActKind uint8

// The acts.
const (
	// Silence says nothing: people have the conversation, or another turn does.
	Silence ActKind = iota
	// Reply says something to the customer.
	Reply
	// HandOver passes the conversation to people.
	HandOver
)

// An Act is what the bot decided to do.
type Act struct {
	Kind ActKind
	// Body is what Reply says.
	Body inbox.Body
	// Article is the one a reply answered with, zero for none.
	Article id.Article
	// Reason and Summary go with HandOver.
	Reason  inbox.Reason
	Summary *inbox.Summary

	// What follows on feedback answers no message, so it carries its own key.
	feedback       bool
	replyTo, epoch int64
}

// Findings are what was looked up for a turn.
type Findings struct {
	// Picked is the article the customer chose, if it is still published.
	Picked *knowledge.Article
	// Product is what the catalogue says to the question, if it names a product.
	Product *ProductFact
	// Decision is what the articles say.
	Decision answer.Decision
	// Composed is what a language model made of passages, if it was asked and
	// its answer stands up.
	Composed *assist.Composed

	// index is where Decision comes from, nil if nothing was looked up.
	index *knowledge.Index
	// Topic is what the question is about, by the nearest article.
	Topic string
}

// Policy is a workspace's wishes.
type Policy struct {
	// Misses is after how many turns in a row that did not help a person is
	// called; default 2.
	Misses int
}

// DefaultPolicy is what workspaces start with.
var DefaultPolicy = Policy{Misses: 2}

// longestAnswer is how much of an article is said at once; a longer one is
// quoted, with its title to read on.
const longestAnswer = 1200

// Turn decides what the bot does, by nothing but its arguments. It never speaks
// where a person, a queue or a ticket owns the conversation.
func Turn(t Thread, u Understanding, f Findings, policy Policy, at time.Time) Act {
	if t.Conversation.State != inbox.Open || t.Conversation.Owner.Kind != inbox.OwnerBot || t.Newer || t.Answered {
		return Act{}
	}
	if u.Person {
		return t.handOver(u, f, inbox.ReasonAskedForPerson, at)
	}
	switch {
	case f.Picked != nil:
		return u.answered(f.Picked)
	case u.Wordless:
		return t.missed(u, f, policy, "bot.unreadable", at)
	case u.Talk != nlu.None:
		return u.talk(t)
	case f.Product != nil && (f.Product.Sure || f.Decision.Kind != answer.Answer):
		return f.Product.reply()
	case f.Decision.Kind == answer.Answer:
		return u.answered(f.Decision.Choices[0].Article)
	case f.Composed != nil:
		return composed(f.Composed)
	case f.Decision.Kind == answer.Clarify && !(t.Asked && t.Misses+1 >= policy.Misses):
		return u.clarify(f.Decision.Choices, t.Seq)
	}
	return t.missed(u, f, policy, "bot.miss", at)
}

// AfterFeedback decides what follows when the customer says that an answer did
// not help: an offer to call a person or, after too many misses, the person.
func AfterFeedback(t Thread, u Understanding, policy Policy, at time.Time) Act {
	if t.Conversation.State != inbox.Open || t.Conversation.Owner.Kind != inbox.OwnerBot || len(t.Waiting) > 0 {
		return Act{}
	}
	if t.Misses >= policy.Misses {
		return t.handOver(u, Findings{}, inbox.ReasonBotMissed, at)
	}
	return u.offer("bot.unhelpful", t.Seq)
}

func (u Understanding) answered(a *knowledge.Article) Act {
	text := knowledge.Excerpt(a.Body, u.All, longestAnswer)
	return Act{Kind: Reply, Article: a.ID, Body: inbox.NewBody(inbox.TypeAnswer, &inbox.Answer{
		Text: text, Sources: []inbox.Source{{Article: a.ID, Title: a.Title, UpdatedAt: a.UpdatedAt}},
	})}
}

// talk answers small talk with small talk. Who is greeted twice is asked what
// they came for.
func (u Understanding) talk(t Thread) Act {
	return Act{Kind: Reply, Body: inbox.TextBody(phrase(u.Language, "bot."+string(u.Talk), t.Seq))}
}

func (u Understanding) clarify(candidates []knowledge.Candidate, seq int64) Act {
	choices := make([]inbox.Choice, 0, len(candidates)+1)
	for _, c := range candidates {
		choices = append(choices, inbox.Choice{Label: brief(c.Article.Title), Value: c.Article.ID.String()})
	}
	choices = append(choices, u.personChoice())
	return Act{Kind: Reply, Body: inbox.NewBody(inbox.TypeChoices, &inbox.Choices{Text: phrase(u.Language, "bot.clarify", seq), Choices: choices})}
}

// brief fits a title on a button.
func brief(title string) string {
	if runes := []rune(title); len(runes) > 200 {
		return string(runes[:199]) + "…"
	}
	return title
}

// missed admits that there is no answer and offers a person, or calls one.
func (t Thread) missed(u Understanding, f Findings, policy Policy, what string, at time.Time) Act {
	if t.Misses+1 >= policy.Misses {
		return t.handOver(u, f, inbox.ReasonBotMissed, at)
	}
	return u.offer(what, t.Seq)
}

// offer says something with a button that calls a person. It counts as a miss.
func (u Understanding) offer(what string, seq int64) Act {
	return Act{Kind: Reply, Body: inbox.NewBody(inbox.TypeChoices, &inbox.Choices{
		Text: phrase(u.Language, what, seq), Choices: []inbox.Choice{u.personChoice()},
	})}
}

func (u Understanding) personChoice() inbox.Choice {
	return inbox.Choice{Label: phrase(u.Language, "bot.person", 0), Value: personValue}
}

func (t Thread) handOver(u Understanding, f Findings, reason inbox.ReasonCode, at time.Time) Act {
	return Act{Kind: HandOver, Reason: inbox.Reason{Code: reason}, Summary: t.summary(u.Language, f.Topic, reason, at)}
}
