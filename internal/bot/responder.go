package bot

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/answer"
	"everdesk/internal/bot/catalogue"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

// Conversations is what the bot needs of the inbox.
type Conversations interface {
	Context(ctx context.Context, scope access.Scope, which id.Conversation) (inbox.Context, error)
	PostBot(ctx context.Context, scope access.Scope, which id.Conversation, reply inbox.BotReply) (inbox.Posted, error)
	HandOver(ctx context.Context, scope access.Scope, which id.Conversation, h inbox.Handover) (inbox.Conversation, error)
}

// Knowledge is what the bot knows; Library is one.
type Knowledge interface {
	Index(ctx context.Context, scope access.Scope, locale string) (*knowledge.Index, error)
	Catalogue(ctx context.Context, scope access.Scope) (*catalogue.Shop, error)
}

// Counts counts how often an article answered.
type Counts interface {
	CountAnswer(ctx context.Context, scope access.Scope, article id.Article) error
}

// Responder takes the bot's turns: it reads the conversation, looks things up,
// decides, and does what was decided.
type Responder struct {
	conversations Conversations
	knowledge     Knowledge
	counts        Counts
	policy        Policy
	log           *slog.Logger
	composer      Composer
}

// NewResponder returns a responder.
func NewResponder(conversations Conversations, knowledge Knowledge, counts Counts, policy Policy, log *slog.Logger) *Responder {
	return &Responder{conversations: conversations, knowledge: knowledge, counts: counts, policy: policy, log: log}
}

// A Question is the message a turn is for.
type Question struct {
	Conversation id.Conversation
	Seq          int64
	// OwnerEpoch is the conversation's when the message came; what is decided
	// for it is refused in the next.
	OwnerEpoch int64
}

// Decide reads and decides. It writes nothing, so it may run again.
func (r *Responder) Decide(ctx context.Context, scope access.Scope, q Question, at time.Time) (Act, error) {
	c, err := r.conversations.Context(ctx, scope, q.Conversation)
	if err != nil || c.Conversation.Owner.Kind != inbox.OwnerBot {
		return Act{}, err
	}
	t := Read(c, q.Seq)
	u := Understand(t)
	f, err := r.lookUp(ctx, scope, t, u)
	if err != nil {
		return Act{}, err
	}
	f.Composed = r.compose(ctx, scope, t, u, f, at)
	act := Turn(t, u, f, r.policy, at)
	r.log.DebugContext(ctx, "the bot took its turn", "conversation", q.Conversation, "seq", q.Seq, "act", int(act.Kind), "language", u.Language,
		"decision", string(f.Decision.Kind), "p", f.Decision.P, "misses", t.Misses)
	return act, nil
}

// DecideFeedback is Decide for the bot's answer at q.Seq, which was judged
// unhelpful. The question's epoch is not needed.
func (r *Responder) DecideFeedback(ctx context.Context, scope access.Scope, q Question, at time.Time) (Act, error) {
	c, err := r.conversations.Context(ctx, scope, q.Conversation)
	if err != nil {
		return Act{}, err
	}
	t := Read(c, c.Conversation.LastSeq)
	act := AfterFeedback(t, Understand(t), r.policy, at)
	act.feedback, act.replyTo, act.epoch = true, c.Conversation.CustomerSeq, c.Conversation.OwnerEpoch
	return act, nil
}

// Perform does what was decided, in the transaction of ctx if it has one. It
// returns inbox.ErrMoved if the conversation has another owner by now; then
// nothing was said, and nothing should be.
func (r *Responder) Perform(ctx context.Context, scope access.Scope, q Question, act Act, at time.Time) error {
	epoch, replyTo, key := q.OwnerEpoch, q.Seq, "bot/"+strconv.FormatInt(q.Seq, 10)
	if act.feedback {
		epoch, replyTo, key = act.epoch, act.replyTo, "bot/feedback/"+strconv.FormatInt(q.Seq, 10)
	}
	switch act.Kind {
	case Reply:
		posted, err := r.conversations.PostBot(ctx, scope, q.Conversation, inbox.BotReply{
			OwnerEpoch: epoch, InReplyTo: replyTo, Body: act.Body, ClientID: key, At: at,
		})
		if err != nil || posted.Replayed || act.Article == 0 {
			return err
		}
		return r.counts.CountAnswer(ctx, scope, act.Article)
	case HandOver:
		_, err := r.conversations.HandOver(ctx, scope, q.Conversation, inbox.Handover{
			OwnerEpoch: epoch, Reason: act.Reason, Summary: act.Summary, At: at,
		})
		return err
	case Silence:
	}
	return nil
}

// lookUp finds what may answer a turn. A turn that needs nothing looks up
// nothing.
func (r *Responder) lookUp(ctx context.Context, scope access.Scope, t Thread, u Understanding) (f Findings, err error) {
	if u.Wordless {
		return f, nil
	}
	index, err := r.index(ctx, scope, t, u)
	if err != nil {
		return f, err
	}
	f.index = index
	if u.Article != 0 {
		f.Picked = index.Article(u.Article)
		if f.Picked != nil {
			return f, nil
		}
	}
	shop, err := r.knowledge.Catalogue(ctx, scope)
	if err != nil {
		return f, err
	}
	f.Product = ProductAnswer(shop, u, t.Said)
	f.Decision, f.Topic = Consult(index, u)
	return f, nil
}

// index is that of the language spoken, of the conversation's, or of any the
// desk has knowledge in.
func (r *Responder) index(ctx context.Context, scope access.Scope, t Thread, u Understanding) (index *knowledge.Index, err error) {
	for _, tag := range append([]string{u.Language, t.Conversation.Locale}, locale.Tags...) {
		if tag == "" {
			continue
		}
		if index, err = r.knowledge.Index(ctx, scope, tag); err != nil || index.Len() > 0 && index.Article(u.Article) != nil || index.Len() > 0 && u.Article == 0 {
			return index, err
		}
	}
	return index, nil
}

// Consult asks the articles: what to do with the newest message, taken together
// with what was said just before it if it does not say enough by itself.
func Consult(index *knowledge.Index, u Understanding) (d answer.Decision, topic string) {
	found := index.Search(u.Text, answer.Search)
	d = answer.Decide(found)
	if d.Kind != answer.Answer && u.All != u.Text {
		if whole := index.Search(u.All, answer.Search); answer.Decide(whole).P > d.P {
			found, d = whole, answer.Decide(whole)
		}
	}
	if d.Kind != answer.Miss && len(found.Candidates) > 0 {
		a := found.Candidates[0].Article
		topic = a.Title
	}
	return d, topic
}
