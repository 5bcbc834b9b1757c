package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
)

// Entries keeps what is said.
type Entries interface {
	Entries(ctx context.Context, scope access.Scope, which id.Conversation, window inbox.Window) (inbox.Stretch, error)
	Post(ctx context.Context, scope access.Scope, which id.Conversation, posting inbox.Posting) (inbox.Posted, error)
	Edit(ctx context.Context, scope access.Scope, which id.Conversation, target int64, clientID string, to inbox.Body, at time.Time) (inbox.Posted, error)
	Recall(ctx context.Context, scope access.Scope, which id.Conversation, target int64, clientID string, at time.Time) (inbox.Posted, error)
	History(ctx context.Context, scope access.Scope, which id.Conversation, seq int64) ([]inbox.Version, error)
}

// WindowQuery is embedded in the input of lists of entries.
type WindowQuery struct {
	After  int64 `query:"after" minimum:"-1" default:"-1" doc:"Entries after this seq, oldest first: how every gap is healed."`
	Before int64 `query:"before" minimum:"0" doc:"Entries before this seq."`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func (w WindowQuery) read() (inbox.Window, error) {
	if w.After >= 0 && w.Before != 0 {
		return inbox.Window{}, fault.ErrInvalid.At("query.before", "not_allowed", "after or before, not both")
	}
	if w.After >= 0 {
		return inbox.Window{After: w.After, Forward: true, Limit: w.Limit}, nil
	}
	return inbox.Window{Before: w.Before, Limit: w.Limit}, nil
}

// stretch is part of a conversation, oldest first.
type stretch[T any] struct {
	Items   []T   `json:"items"`
	LastSeq int64 `json:"last_seq" doc:"The newest seq of the conversation."`
	HasMore bool  `json:"has_more" doc:"There is more in the direction asked."`
}

type entryOutput struct {
	Replay
	Body Entry
}

func (s *Server) entryShown(ctx context.Context, posted inbox.Posted, err error) (*entryOutput, error) {
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	out := &entryOutput{Body: s.ports.Views.Entry(posted.Entry, posted.Conversation, names, s.now())}
	if posted.Replayed {
		out.Replay = Replay{"true"}
	}
	return out, nil
}

// OneEntry is embedded in the input of operations on one.
type OneEntry struct {
	OneConversation
	Seq int64 `path:"seq" minimum:"1"`
}

func (s *Server) registerEntries() {
	add(s, op{
		id: "list-entries", method: http.MethodGet, path: "/conversations/{id}/entries", tag: "Entries",
		door: May(access.ConversationRead), summary: "What has been said and has happened; without after or before the newest",
	}, s.listEntries)
	add(s, op{
		id: "post-entry", method: http.MethodPost, path: "/conversations/{id}/entries", tag: "Entries",
		door: May(access.ConversationReply), summary: "Write to the customer, or a note to colleagues", status: http.StatusCreated,
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body struct {
			ClientID string          `json:"client_id" minLength:"1" maxLength:"100" doc:"Unique in the conversation for ever: sending again answers with the entry there is."`
			Kind     inbox.EntryKind `json:"kind,omitempty" enum:"message,note" default:"message"`
			Body     inbox.Body      `json:"body"`
			ReplyTo  int64           `json:"reply_to,omitempty" minimum:"0"`
		}
	},
	) (*entryOutput, error) {
		posted, err := s.ports.Entries.Post(ctx, scopeOf(ctx), in.ID.ID, inbox.Posting{
			Kind: in.Body.Kind, Body: in.Body.Body, ClientID: in.Body.ClientID, ReplyTo: in.Body.ReplyTo, At: s.now(),
		})
		return s.entryShown(ctx, posted, err)
	})
	add(s, op{
		id: "edit-entry", method: http.MethodPatch, path: "/conversations/{id}/entries/{seq}", tag: "Entries",
		door: May(access.ConversationReply), summary: "Replace a message of your own; what it was stays in its history",
	}, func(ctx context.Context, in *struct {
		OneEntry
		Body struct {
			ClientID string     `json:"client_id" minLength:"1" maxLength:"100"`
			Body     inbox.Body `json:"body"`
		}
	},
	) (*entryOutput, error) {
		posted, err := s.ports.Entries.Edit(ctx, scopeOf(ctx), in.ID.ID, in.Seq, in.Body.ClientID, in.Body.Body, s.now())
		return s.entryShown(ctx, posted, err)
	})
	add(s, op{
		id: "recall-entry", method: http.MethodDelete, path: "/conversations/{id}/entries/{seq}", tag: "Entries",
		door: May(access.ConversationReply), summary: "Take back a message of your own",
	}, func(ctx context.Context, in *struct {
		OneEntry
		ClientID string `query:"client_id" required:"true" minLength:"1" maxLength:"100"`
	},
	) (*entryOutput, error) {
		posted, err := s.ports.Entries.Recall(ctx, scopeOf(ctx), in.ID.ID, in.Seq, in.ClientID, s.now())
		return s.entryShown(ctx, posted, err)
	})
	add(s, op{
		id: "list-entry-versions", method: http.MethodGet, path: "/conversations/{id}/entries/{seq}/history", tag: "Entries",
		door: May(access.ConversationRead), summary: "Every body an entry has had",
	}, s.entryHistory)
}

func (s *Server) listEntries(ctx context.Context, in *struct {
	OneConversation
	WindowQuery
},
) (*struct{ Body stretch[Entry] }, error) {
	w, err := in.read()
	if err != nil {
		return nil, err
	}
	scope := scopeOf(ctx)
	c, err := s.ports.Conversations.Get(ctx, scope, in.ID.ID)
	if err != nil {
		return nil, err
	}
	found, err := s.ports.Entries.Entries(ctx, scope, in.ID.ID, w)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	return &struct{ Body stretch[Entry] }{stretch[Entry]{
		s.ports.Views.Entries(found.Items, c, names, s.now()), found.LastSeq, found.HasMore,
	}}, nil
}

// EntryVersion is one body an entry has had.
type EntryVersion struct {
	Body inbox.Body `json:"body"`
	By   Author     `json:"by"`
	At   time.Time  `json:"at"`
	Seq  int64      `json:"seq,omitempty" doc:"The edit or recall that replaced it; absent on the present one."`
}

func (s *Server) entryHistory(ctx context.Context, in *OneEntry) (*struct{ Body listed[EntryVersion] }, error) {
	scope := scopeOf(ctx)
	c, err := s.ports.Conversations.Get(ctx, scope, in.ID.ID)
	if err != nil {
		return nil, err
	}
	versions, err := s.ports.Entries.History(ctx, scope, in.ID.ID, in.Seq)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	out := listed[EntryVersion]{Items: make([]EntryVersion, len(versions))}
	for i, v := range versions {
		out.Items[i] = EntryVersion{s.ports.Views.addressed(scope.Workspace, v.Body, s.now()), s.ports.Views.author(v.By, c, names), v.At, v.Seq}
	}
	return &struct{ Body listed[EntryVersion] }{out}, nil
}
