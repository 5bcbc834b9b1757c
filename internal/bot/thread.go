package bot

import (
	"slices"
	"strings"

	"everdesk/internal/bot/flow"
	"everdesk/internal/inbox"
)

// A Thread is a conversation as the bot reads it: what waits for an answer, and
// how well the bot has done since it was given the conversation.
type Thread struct {
	Conversation inbox.Conversation
	// Seq is the message the turn is for.
	Seq int64
	// Waiting are the customer's words since anybody answered, oldest first.
	Waiting []string
	// Unread counts what waits and has no words: pictures, files, places.
	Unread int
	// Newer says that the customer has written more since; that message has a
	// turn of its own.
	Newer bool
	// Answered says that the bot has replied to the message already.
	Answered bool
	// Misses counts turns in a row that did not help: nothing found, an answer
	// judged unhelpful, a second question back.
	Misses int
	// Asked says that the bot's last words were a question back; Offered are
	// its choices.
	Asked   bool
	Offered []inbox.Choice
	// Said are the customer's earlier words, oldest first.
	Said []string
	// Turns counts the customer's messages.
	Turns int
	// Shown are articles the customer was shown, Refused the titles of those
	// judged unhelpful or offered and not chosen.
	Shown   []inbox.ArticleRef
	Refused []string
}

// personValue is what choosing "talk to a person" says.
const personValue = "person"

// Read makes a Thread of a conversation for the turn of a message.
func Read(c inbox.Context, seq int64) Thread {
	t := Thread{Conversation: c.Conversation, Seq: seq}
	for _, e := range c.Entries {
		if e.Kind == inbox.KindTransition {
			t.moved(e)
			continue
		}
		if e.Kind != inbox.KindMessage || e.Private || !e.RecalledAt.IsZero() {
			continue
		}
		switch {
		case e.Author.Kind == inbox.ByCustomer && e.Seq > seq:
			t.Newer = true
		case e.Author.Kind == inbox.ByCustomer:
			t.heard(e)
		case e.Author.Kind == inbox.ByBot:
			t.Answered = t.Answered || e.ReplyTo == seq
			t.spoke(e)
		default:
			t.settle()
			t.Asked, t.Offered = false, nil
		}
	}
	return t
}

// moved starts the count anew when the bot gets the conversation.
func (t *Thread) moved(e inbox.Entry) {
	event, ok := e.Body.Content.(*inbox.Event)
	if !ok {
		return
	}
	switch event.Event {
	case inbox.Started, inbox.ReturnedToBot, inbox.Reopened:
		t.Misses, t.Asked, t.Offered = 0, false, nil
	}
}

func (t *Thread) heard(e inbox.Entry) {
	t.Turns++
	text := strings.TrimSpace(e.Body.Plain())
	if media, ok := e.Body.Content.(*inbox.Media); ok {
		text = media.Caption
	}
	if text == "" {
		t.Unread++
		return
	}
	t.Waiting = append(t.Waiting, text)
}

// settle moves what waited to what was said.
func (t *Thread) settle() {
	t.Said = append(t.Said, t.Waiting...)
	t.Waiting, t.Unread = nil, 0
}

func (t *Thread) spoke(e inbox.Entry) {
	asked, offered, waiting := t.Asked, t.Offered, t.Waiting
	t.settle()
	t.Asked, t.Offered = false, nil
	switch body := e.Body.Content.(type) {
	case *inbox.Answer:
		for _, s := range body.Sources {
			if ref := (inbox.ArticleRef{Article: s.Article, Title: s.Title}); !slices.Contains(t.Shown, ref) {
				t.Shown = append(t.Shown, ref)
			}
			if body.Feedback == "down" {
				t.refuse(s.Title)
			}
		}
		t.Misses++
		if body.Feedback != "down" {
			t.Misses = 0
		}
	case *inbox.Choices:
		if ofFlow(body.Choices) {
			t.Misses = 0
			break
		}
		t.Offered = body.Choices
		if !offersArticles(body.Choices) {
			t.Misses++
			break
		}
		t.Asked = true
		// Asked before, and not answered by a choice: that did not help.
		if asked && !chose(waiting, offered) {
			t.Misses++
			for _, c := range offered {
				if c.Value != personValue {
					t.refuse(c.Label)
				}
			}
		}
	}
}

func (t *Thread) refuse(title string) {
	if !slices.Contains(t.Refused, title) {
		t.Refused = append(t.Refused, title)
	}
}

// ofFlow reports whether choices are a flow's, which is none of the answers'.
func ofFlow(choices []inbox.Choice) bool {
	return slices.ContainsFunc(choices, func(c inbox.Choice) bool { return strings.HasPrefix(c.Value, flow.ChoicePrefix) })
}

func offersArticles(choices []inbox.Choice) bool {
	return slices.ContainsFunc(choices, func(c inbox.Choice) bool { return c.Value != personValue })
}

func chose(said []string, offered []inbox.Choice) bool {
	return slices.ContainsFunc(said, func(text string) bool {
		_, ok := choice(text, offered)
		return ok
	})
}
