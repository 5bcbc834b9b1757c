package bot

import (
	"cmp"
	"strings"

	"everdesk/internal/bot/nlu"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

// An Understanding is what a turn's message is, before anything was looked up.
// Intents, entities and a language model will add to it; what decides reads
// nothing else of the message.
type Understanding struct {
	// Text is the newest message, All everything that waits.
	Text, All string
	// Language is what the reply is written in.
	Language string
	// Person says that a person is asked for.
	Person bool
	// Article is the choice the message picks, zero for none.
	Article id.Article
	// Talk is the kind of small talk it is.
	Talk nlu.Talk
	// Wordless says that there is nothing to read: a picture, a place.
	Wordless bool
}

// Understand reads what waits in a thread.
func Understand(t Thread) Understanding {
	u := Understanding{Wordless: len(t.Waiting) == 0, All: strings.Join(t.Waiting, "\n")}
	if !u.Wordless {
		u.Text = t.Waiting[len(t.Waiting)-1]
	}
	u.Language = language(t, u)
	if u.Wordless {
		return u
	}
	if picked, ok := choice(u.Text, t.Offered); ok {
		u.Person = picked.Value == personValue
		// A value that is neither a person nor an article is no choice of ours.
		if u.Person || u.Article.UnmarshalText([]byte(picked.Value)) == nil {
			return u
		}
	}
	for _, text := range t.Waiting {
		u.Person = u.Person || nlu.WantsPerson(text)
	}
	u.Talk = nlu.SmallTalk(u.Text)
	return u
}

// language is that of the newest words that show one, else the conversation's.
func language(t Thread, u Understanding) string {
	found := nlu.Language(u.All)
	for i := len(t.Said) - 1; i >= 0 && found == ""; i-- {
		found = nlu.Language(t.Said[i])
	}
	return cmp.Or(found, locale.Match(t.Conversation.Locale), locale.Tags[0])
}

// choice returns the choice a message picks: by its label, its value, or its
// number.
func choice(text string, offered []inbox.Choice) (inbox.Choice, bool) {
	said := knowledge.Fold(strings.TrimSpace(text))
	for i, c := range offered {
		if said == knowledge.Fold(c.Label) || said == knowledge.Fold(c.Value) || said == ordinals[i%len(ordinals)] {
			return c, true
		}
	}
	return inbox.Choice{}, false
}

// ordinals are how people without buttons pick.
var ordinals = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}
