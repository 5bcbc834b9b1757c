package bot

import (
	"strings"
	"time"

	"everdesk/internal/bot/nlu"
	"everdesk/internal/inbox"
)

// longestQuestion is how much of a customer's question a summary quotes.
const longestQuestion = 300

// Summarise is what the next owner of a conversation should know, taken from
// what was said: for hand-overs the bot did not decide, such as a customer's
// press on "talk to a person". It is never empty.
func Summarise(c inbox.Context, reason inbox.ReasonCode, at time.Time) *inbox.Summary {
	t := Read(c, c.Conversation.LastSeq)
	return t.summary(Understand(t).Language, "", reason, at)
}

func (t Thread) summary(language, topic string, reason inbox.ReasonCode, at time.Time) *inbox.Summary {
	s := &inbox.Summary{
		Topic: topic, Questions: t.questions(), Shown: orEmpty(t.Shown), Refusals: orEmpty(t.Refused),
		Language: language, Turns: int64(t.Turns), Reason: string(reason),
	}
	if s.Topic == "" && len(t.Shown) > 0 {
		s.Topic = t.Shown[len(t.Shown)-1].Title
	}
	if since := t.Conversation.WaitingSince; !since.IsZero() && at.After(since) {
		s.WaitingSeconds = int64(at.Sub(since).Seconds())
	}
	return s
}

// questions are the customer's last two that ask something; if none does, their
// last words, whatever they are.
func (t Thread) questions() []string {
	said := append(append([]string{}, t.Said...), t.Waiting...)
	var asked []string
	for i := len(said) - 1; i >= 0 && len(asked) < 2; i-- {
		if nlu.SmallTalk(said[i]) == nlu.None && !nlu.WantsPerson(said[i]) {
			asked = append([]string{quote(said[i])}, asked...)
		}
	}
	if len(asked) == 0 && len(said) > 0 {
		asked = []string{quote(said[len(said)-1])}
	}
	return orEmpty(asked)
}

func quote(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > longestQuestion {
		return string(runes[:longestQuestion-1]) + "…"
	}
	return text
}

// orEmpty is a list that shows as [] and not as null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
