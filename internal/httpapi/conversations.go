package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/page"
)

// Conversations keeps conversations and carries out what staff do with them.
type Conversations interface {
	Get(ctx context.Context, scope access.Scope, which id.Conversation) (inbox.Conversation, error)
	List(ctx context.Context, scope access.Scope, filter inbox.Filter, request page.Request) (page.Of[inbox.Conversation], error)
	Counts(ctx context.Context, scope access.Scope) (inbox.Counts, error)
	Transitions(ctx context.Context, scope access.Scope, which id.Conversation) ([]inbox.Transition, error)
	Take(ctx context.Context, scope access.Scope, which id.Conversation, epoch int64, at time.Time) (inbox.Conversation, error)
	Transfer(ctx context.Context, scope access.Scope, which id.Conversation, to inbox.Target, note string, epoch int64, at time.Time) (inbox.Conversation, error)
	Resolve(ctx context.Context, scope access.Scope, which id.Conversation, seenSeq int64, at time.Time) (inbox.Conversation, error)
	Reopen(ctx context.Context, scope access.Scope, which id.Conversation, at time.Time) (inbox.Conversation, error)
	MarkRead(ctx context.Context, scope access.Scope, which id.Conversation, seq int64, at time.Time) (inbox.Conversation, error)
	Tag(ctx context.Context, scope access.Scope, which id.Conversation, add, remove []string, at time.Time) (inbox.Conversation, error)
	Change(ctx context.Context, scope access.Scope, which id.Conversation, version int64, to inbox.Attributes, at time.Time) (inbox.Conversation, error)
}

// Typing tells others what somebody is doing with a conversation just now.
type Typing interface {
	Typing(ctx context.Context, conversation inbox.Conversation, by inbox.Author, at time.Time)
	// Viewing tells colleagues who has it open; leaving: not any more.
	Viewing(ctx context.Context, conversation inbox.Conversation, by id.Staff, leaving bool, at time.Time)
}

// OneConversation is embedded in the input of operations on one.
type OneConversation struct {
	ID ref[id.Conversation] `path:"id"`
}

type conversationOutput struct {
	Versioned
	Body Conversation
}

// names are those of the caller's workspace.
func (s *Server) names(ctx context.Context) (Names, error) {
	return s.ports.Views.People.People(ctx, scopeOf(ctx))
}

// shown answers with a conversation, its names filled in.
func (s *Server) shown(ctx context.Context, c inbox.Conversation, err error) (*conversationOutput, error) {
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	return &conversationOutput{etag(c.Version), s.ports.Views.Conversation(c, names)}, nil
}

func (s *Server) registerConversations() {
	desk := s.ports.Conversations
	add(s, op{
		id: "list-conversations", method: http.MethodGet, path: "/conversations", tag: "Conversations",
		door: May(access.ConversationRead), summary: "Conversations of a view, newest activity first; the queue longest waiting first",
	}, s.listConversations)
	add(s, op{
		id: "count-conversations", method: http.MethodGet, path: "/conversations/counts", tag: "Conversations",
		door: May(access.ConversationRead), summary: "How many conversations each view has",
	}, func(ctx context.Context, _ *struct{}) (*struct{ Body inbox.Counts }, error) {
		counts, err := desk.Counts(ctx, scopeOf(ctx))
		return &struct{ Body inbox.Counts }{counts}, err
	})
	add(s, op{
		id: "get-conversation", method: http.MethodGet, path: "/conversations/{id}", tag: "Conversations",
		door: May(access.ConversationRead), summary: "One conversation",
	}, func(ctx context.Context, in *OneConversation) (*conversationOutput, error) {
		c, err := desk.Get(ctx, scopeOf(ctx), in.ID.ID)
		return s.shown(ctx, c, err)
	})
	add(s, op{
		id: "list-transitions", method: http.MethodGet, path: "/conversations/{id}/transitions", tag: "Conversations",
		door: May(access.ConversationRead), summary: "Every change of owner, with who and why",
	}, s.listTransitions)
	add(s, op{
		id: "update-conversation", method: http.MethodPatch, path: "/conversations/{id}", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Change subject or priority",
	}, s.changeConversation)
	add(s, op{
		id: "tag-conversation", method: http.MethodPost, path: "/conversations/{id}/tags", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Add and remove tags",
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body struct {
			Add    []string `json:"add,omitempty" maxItems:"20"`
			Remove []string `json:"remove,omitempty" maxItems:"20"`
		}
	},
	) (*conversationOutput, error) {
		c, err := desk.Tag(ctx, scopeOf(ctx), in.ID.ID, in.Body.Add, in.Body.Remove, s.now())
		return s.shown(ctx, c, err)
	})
	s.registerMoves()
}

// registerMoves adds what changes a conversation's owner.
func (s *Server) registerMoves() {
	desk := s.ports.Conversations
	add(s, op{
		id: "take-conversation", method: http.MethodPost, path: "/conversations/{id}/take", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Become its owner; 409 names who was faster",
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body struct {
			OwnerEpoch int64 `json:"owner_epoch" doc:"The epoch seen: two who take at once see the same."`
		}
	},
	) (*conversationOutput, error) {
		c, err := desk.Take(ctx, scopeOf(ctx), in.ID.ID, in.Body.OwnerEpoch, s.now())
		return s.shown(ctx, c, err)
	})
	add(s, op{
		id: "transfer-conversation", method: http.MethodPost, path: "/conversations/{id}/transfer", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Pass it to a person, a team or back to the bot",
	}, s.transfer)
	add(s, op{
		id: "resolve-conversation", method: http.MethodPost, path: "/conversations/{id}/resolve", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Resolve it, unless the customer has written something unseen",
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body struct {
			SeenSeq int64 `json:"seen_seq" minimum:"0"`
		}
	},
	) (*conversationOutput, error) {
		c, err := desk.Resolve(ctx, scopeOf(ctx), in.ID.ID, in.Body.SeenSeq, s.now())
		return s.shown(ctx, c, err)
	})
	add(s, op{
		id: "reopen-conversation", method: http.MethodPost, path: "/conversations/{id}/reopen", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Open a resolved one again",
	}, func(ctx context.Context, in *OneConversation) (*conversationOutput, error) {
		c, err := desk.Reopen(ctx, scopeOf(ctx), in.ID.ID, s.now())
		return s.shown(ctx, c, err)
	})
	add(s, op{
		id: "read-conversation", method: http.MethodPost, path: "/conversations/{id}/read", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Say up to where staff have read",
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body struct {
			Seq int64 `json:"seq" minimum:"0"`
		}
	},
	) (*conversationOutput, error) {
		c, err := desk.MarkRead(ctx, scopeOf(ctx), in.ID.ID, in.Body.Seq, s.now())
		return s.shown(ctx, c, err)
	})
	add(s, op{
		id: "type-in-conversation", method: http.MethodPost, path: "/conversations/{id}/typing", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Tell the others that you are writing", status: http.StatusNoContent,
	}, func(ctx context.Context, in *OneConversation) (*struct{}, error) {
		c, err := desk.Get(ctx, scopeOf(ctx), in.ID.ID)
		if err != nil {
			return nil, err
		}
		s.ports.Typing.Typing(ctx, c, inbox.Member(scopeOf(ctx).Staff), s.now())
		return nil, nil
	})
	add(s, op{
		id: "view-conversation", method: http.MethodPost, path: "/conversations/{id}/viewing", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Tell colleagues that you have it open", status: http.StatusNoContent,
	}, s.view)
}

// view tells colleagues that a member has the conversation open. Nothing is
// kept: a page says it again every half minute while it is looked at.
func (s *Server) view(ctx context.Context, in *struct {
	OneConversation
	Body struct {
		Leaving bool `json:"leaving,omitempty" doc:"It was closed."`
	}
},
) (*struct{}, error) {
	scope := scopeOf(ctx)
	c, err := s.ports.Conversations.Get(ctx, scope, in.ID.ID)
	if err != nil {
		return nil, err
	}
	s.ports.Typing.Viewing(ctx, c, scope.Staff, in.Body.Leaving, s.now())
	return nil, nil
}

func (s *Server) listConversations(ctx context.Context, in *struct {
	Lists
	View inbox.View   `query:"view" enum:"mine,queue,bot,open,ticketed,resolved" default:"open"`
	Team ref[id.Team] `query:"team"`
},
) (*struct{ Body listed[Conversation] }, error) {
	request, err := in.page()
	if err != nil {
		return nil, err
	}
	found, err := s.ports.Conversations.List(ctx, scopeOf(ctx), inbox.Filter{View: in.View, Team: in.Team.ID}, request)
	if err != nil {
		return nil, err
	}
	return s.listOf(ctx, found)
}

func (s *Server) listOf(ctx context.Context, found page.Of[inbox.Conversation]) (*struct{ Body listed[Conversation] }, error) {
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	return &struct{ Body listed[Conversation] }{list(found, func(c inbox.Conversation) Conversation {
		return s.ports.Views.Conversation(c, names)
	})}, nil
}

// Transition is one change of owner.
type Transition struct {
	ID     id.Transition   `json:"id"`
	Seq    int64           `json:"seq"`
	From   Owner           `json:"from"`
	To     Owner           `json:"to"`
	Actor  Author          `json:"actor"`
	Event  inbox.Happening `json:"event"`
	Reason inbox.Reason    `json:"reason"`
	At     time.Time       `json:"at"`
}

func (s *Server) listTransitions(ctx context.Context, in *OneConversation) (*struct{ Body listed[Transition] }, error) {
	c, err := s.ports.Conversations.Get(ctx, scopeOf(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	all, err := s.ports.Conversations.Transitions(ctx, scopeOf(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	ownerOf := func(o inbox.Owner) Owner {
		at := c
		at.Owner, at.Team = o, o.Team
		return s.ports.Views.owner(at, names)
	}
	return &struct{ Body listed[Transition] }{list(page.Of[inbox.Transition]{Items: all}, func(t inbox.Transition) Transition {
		return Transition{t.ID, t.Seq, ownerOf(t.From), ownerOf(t.To), s.ports.Views.author(t.Actor, c, names), t.Happening, t.Reason, t.At}
	})}, nil
}

func (s *Server) changeConversation(ctx context.Context, in *struct {
	OneConversation
	Updates
	Body struct {
		Subject  *string `json:"subject,omitempty" maxLength:"200"`
		Priority *string `json:"priority,omitempty" enum:"urgent,high,normal,low"`
	}
},
) (*conversationOutput, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	to := inbox.Attributes{Subject: in.Body.Subject}
	if in.Body.Priority != nil {
		priority, _ := inbox.ParsePriority(*in.Body.Priority)
		to.Priority = &priority
	}
	c, err := s.ports.Conversations.Change(ctx, scopeOf(ctx), in.ID.ID, version, to, s.now())
	return s.shown(ctx, c, err)
}

func (s *Server) transfer(ctx context.Context, in *struct {
	OneConversation
	Body struct {
		To struct {
			Staff id.Staff `json:"staff,omitempty"`
			Team  id.Team  `json:"team,omitempty"`
			Bot   bool     `json:"bot,omitempty"`
		} `json:"to" doc:"Exactly one of them."`
		Note       string `json:"note,omitempty" maxLength:"2000" doc:"Why, for whoever gets it."`
		OwnerEpoch int64  `json:"owner_epoch"`
	}
},
) (*conversationOutput, error) {
	to := inbox.Target{Staff: in.Body.To.Staff, Team: in.Body.To.Team, Bot: in.Body.To.Bot}
	named := 0
	for _, given := range []bool{to.Staff != 0, to.Team != 0, to.Bot} {
		if given {
			named++
		}
	}
	if named != 1 {
		return nil, fault.ErrInvalid.At("body.to", "required", "exactly one of staff, team and bot")
	}
	c, err := s.ports.Conversations.Transfer(ctx, scopeOf(ctx), in.ID.ID, to, in.Body.Note, in.Body.OwnerEpoch, s.now())
	return s.shown(ctx, c, err)
}
