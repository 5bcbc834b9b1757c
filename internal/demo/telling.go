package demo

import (
	"context"
	"fmt"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/job"
	"everdesk/internal/ticket"
)

// telling is one talk being told.
type telling struct {
	*Shop
	ctx   context.Context
	talk  talk
	began time.Time
	// told is how many entries have been, done that the end has too.
	told int
	done bool
	// at is when the newest thing happened.
	at      time.Time
	visitor access.Scope
	now     inbox.Conversation
	owed    ticket.Ticket
	// asked are the bot's turns that nobody has answered yet.
	asked []inboxdb.BotTurn
	// words are the customer's newest, answer is the entry of the bot's last
	// answer from the knowledge and cited its article.
	words  string
	answer int64
	cited  id.Article
}

// stretch tells up to size more entries, the end counting as one, in one
// transaction.
func (t *telling) stretch(ctx context.Context, size int) error {
	var draft telling
	err := t.atomically(ctx, func(ctx context.Context) error {
		draft = *t // the transaction may run again
		draft.ctx = ctx
		for range size {
			if draft.done {
				return nil
			}
			if err := draft.step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		*t = draft
	}
	return err
}

func (t *telling) step() (err error) {
	switch t.told {
	case 0:
		t.done, err = t.begin()
	case len(t.talk.Entries):
		t.done = true
		err = t.end()
	default:
		entry := t.talk.Entries[t.told]
		t.next(entry)
		err = t.say(entry, fmt.Sprintf("%s/%d", t.talk.Key, t.told))
	}
	t.told++
	return err
}

// begin opens the conversation. What was told before is not told again.
func (t *telling) begin() (again bool, err error) {
	customer := t.shoppers[t.talk.Customer]
	t.at, t.words = t.began, t.talk.Entries[0].Text
	t.visitor = access.Visitor(t.scope.Workspace, customer)
	channel := inbox.Channel{Kind: inbox.ChannelKind(t.talk.Channel)}
	if channel.Kind == inbox.Web {
		channel.Account = t.widget.ID
	}
	priority := inbox.Normal
	if t.talk.Ticket != nil {
		priority, _ = inbox.ParsePriority(t.talk.Ticket.Priority)
	}
	posted, err := t.desk.Inbox.Start(t.ctx, t.visitor, inbox.Opening{
		Customer: customer, Channel: channel, Subject: t.talk.Subject, Locale: t.talk.Locale, Priority: priority,
		Team: t.teamOf(t.talk), ToBot: true, ClientID: t.talk.Key, Body: inbox.TextBody(t.words), At: t.at,
	})
	t.now = posted.Conversation
	t.heard()
	return posted.Replayed, err
}

// next moves the clock on to an entry. Those of the same minute follow each
// other at the pace of who writes.
func (t *telling) next(entry said) {
	at, pause := t.began.Add(time.Duration(entry.Minute)*time.Minute), 11*time.Second
	if entry.Author == "bot" || entry.Author == "desk" {
		pause = 3 * time.Second
	}
	if !at.After(t.at) {
		at = t.at.Add(pause)
	}
	t.at = t.until(at)
}

// until is a time that is not in the future.
func (t *telling) until(at time.Time) time.Time {
	if at.After(t.days.now) {
		return t.days.now
	}
	return at
}

func (t *telling) say(entry said, key string) error {
	switch entry.Author {
	case "customer":
		t.words = entry.Text
		return t.customerSays(entry, key)
	case "bot":
		return t.botSays(entry, key)
	case "desk":
		if entry.Ticket {
			return t.promise(t.scope)
		}
		return t.post(t.scope, inbox.KindMessage, entry, key)
	case "agent":
		if entry.Ticket {
			return t.promise(t.people[entry.Agent].scope)
		}
		return t.agentSays(entry, key)
	case "note":
		if err := t.takeUp(entry.Agent); err != nil {
			return err
		}
		return t.post(t.people[entry.Agent].scope, inbox.KindNote, entry, key)
	}
	return fmt.Errorf("nobody is called %q", entry.Author)
}

func (t *telling) post(scope access.Scope, kind inbox.EntryKind, entry said, key string) error {
	posted, err := t.desk.Inbox.Post(t.ctx, scope, t.now.ID, inbox.Posting{Kind: kind, Body: inbox.TextBody(entry.Text), ClientID: key, At: t.at})
	t.now = posted.Conversation
	return err
}

func (t *telling) customerSays(entry said, key string) (err error) {
	if t.now.Owner.Kind != inbox.OwnerTicket {
		if err := t.post(t.visitor, inbox.KindMessage, entry, key); err != nil {
			return err
		}
		t.heard()
		return nil
	}
	if t.owed, _, err = t.desk.Tickets.Write(t.ctx, t.visitor, t.owed.ID, ticket.Reply{ClientID: key, Text: entry.Text}, t.at); err != nil {
		return err
	}
	return t.reload()
}

// heard remembers that the bot has a turn.
func (t *telling) heard() {
	if t.now.Owner.Kind == inbox.OwnerBot {
		t.asked = append(t.asked, inboxdb.BotTurn{
			Workspace: t.now.Workspace, Conversation: t.now.ID, Seq: t.now.CustomerSeq, OwnerEpoch: t.now.OwnerEpoch,
		})
	}
}

// answered takes back the turns the bot need not make any more.
func (t *telling) answered() {
	for _, turn := range t.asked {
		job.Cancel(t.ctx, turn.Key())
	}
	t.asked = nil
}

func (t *telling) reload() (err error) {
	t.now, err = t.desk.Inbox.Get(t.ctx, t.scope, t.now.ID)
	return err
}

func (t *telling) botSays(entry said, key string) error {
	t.answered()
	body := inbox.TextBody(entry.Text)
	source, known := t.articles[entry.FAQ+"/"+t.talk.Locale]
	if known {
		body = inbox.NewBody(inbox.TypeAnswer, &inbox.Answer{Text: entry.Text, Sources: []inbox.Source{source}})
	}
	posted, err := t.desk.Inbox.PostBot(t.ctx, access.Bot(t.scope.Workspace), t.now.ID, inbox.BotReply{
		OwnerEpoch: t.now.OwnerEpoch, InReplyTo: t.now.CustomerSeq, Body: body, ClientID: key, At: t.at,
	})
	if err != nil {
		return err
	}
	t.now = posted.Conversation
	if known {
		t.answer, t.cited = posted.Entry.Seq, source.Article
		if err := t.desk.Knowledge.CountAnswer(t.ctx, t.scope, source.Article); err != nil {
			return err
		}
	}
	if entry.Handover {
		return t.handOver()
	}
	return nil
}

// handOver passes the talk from the bot to people, with a summary.
func (t *telling) handOver() error {
	t.answered()
	reason := inbox.ReasonBotMissed
	if nlu.WantsPerson(t.words) {
		reason = inbox.ReasonAskedForPerson
	}
	scope := access.Bot(t.scope.Workspace)
	known, err := t.desk.Inbox.Context(t.ctx, scope, t.now.ID)
	if err != nil {
		return err
	}
	t.now, err = t.desk.Inbox.HandOver(t.ctx, scope, t.now.ID, inbox.Handover{
		OwnerEpoch: t.now.OwnerEpoch, Reason: inbox.Reason{Code: reason}, Summary: bot.Summarise(known, reason, t.at), At: t.at,
	})
	return err
}

// promise makes a ticket of the talk, by an agent or because nobody is there.
func (t *telling) promise(scope access.Scope) error {
	if t.now.Owner.Kind == inbox.OwnerBot {
		if err := t.handOver(); err != nil {
			return err
		}
	}
	reason := inbox.ReasonTicketMade
	if hours, err := t.desk.Calendars.Hours(t.ctx, t.scope, t.hours, t.at); err != nil {
		return err
	} else if scope.Kind == access.ActorSystem && !hours.Open(t.at) {
		reason = inbox.ReasonNobodyPresent
	}
	t.at = t.at.Add(time.Second)
	var err error
	t.owed, err = t.desk.Tickets.Make(t.ctx, scope, t.now.ID, ticket.Making{
		Subject: t.talk.Ticket.Subject, Priority: ticket.Priority(t.talk.Ticket.Priority), Reason: string(reason),
	}, t.at)
	if err != nil {
		return err
	}
	return t.reload()
}

// takeUp has an agent take what they write in, unless a ticket carries it: then
// they are given the ticket, if it is theirs.
func (t *telling) takeUp(agent string) (err error) {
	p := t.people[agent]
	if t.now.Owner.Kind == inbox.OwnerTicket {
		return t.assign(agent)
	}
	t.answered()
	t.now, err = t.desk.Inbox.Take(t.ctx, p.scope, t.now.ID, t.now.OwnerEpoch, t.at)
	return err
}

// assign gives an agent the ticket, if it is to be theirs.
func (t *telling) assign(agent string) (err error) {
	if t.talk.Ticket.Assignee != agent || agent == "" || t.owed.Assignee != id.Staff(0) {
		return nil
	}
	p := t.people[agent]
	t.owed, err = t.desk.Tickets.Edit(t.ctx, p.scope, t.owed.ID, t.owed.Version, ticket.Edit{Assignee: &p.ID}, t.at)
	return err
}

func (t *telling) agentSays(entry said, key string) (err error) {
	if err := t.takeUp(entry.Agent); err != nil {
		return err
	}
	scope := t.people[entry.Agent].scope
	if t.now.Owner.Kind != inbox.OwnerTicket {
		return t.post(scope, inbox.KindMessage, entry, key)
	}
	if t.owed, _, err = t.desk.Tickets.Reply(t.ctx, scope, t.owed.ID, ticket.Reply{ClientID: key, Text: entry.Text}, t.at); err != nil {
		return err
	}
	return t.reload()
}
