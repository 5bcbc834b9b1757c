package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
)

// registerClientEntries adds what is said in a visitor's conversations.
// Storage gives a visitor's scope nothing private.
func (s *Server) registerClientEntries() {
	add(s, op{
		id: "client-list-entries", method: http.MethodGet, path: "/client/conversations/{id}/entries", tag: "Client",
		door: VisitorOnly, summary: "What has been said; without after or before the newest",
	}, s.clientEntries)
	add(s, op{
		id: "client-post-entry", method: http.MethodPost, path: "/client/conversations/{id}/entries", tag: "Client",
		door: VisitorOnly, summary: "Say something more", status: http.StatusCreated,
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body struct {
			ClientID string     `json:"client_id" minLength:"1" maxLength:"100" doc:"Unique in the conversation for ever: sending again answers with the entry there is."`
			Body     inbox.Body `json:"body"`
			ReplyTo  int64      `json:"reply_to,omitempty" minimum:"0"`
		}
	},
	) (*entryOutput, error) {
		if err := s.slow(ctx); err != nil {
			return nil, err
		}
		posted, err := s.ports.Entries.Post(ctx, scopeOf(ctx), in.ID.ID, inbox.Posting{
			Kind: inbox.KindMessage, Body: in.Body.Body, ClientID: in.Body.ClientID, ReplyTo: in.Body.ReplyTo, At: s.now(),
		})
		return s.entryShown(ctx, posted, err)
	})
	add(s, op{
		id: "client-read", method: http.MethodPost, path: "/client/conversations/{id}/read", tag: "Client",
		door: VisitorOnly, summary: "Say up to where the customer has read",
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body struct {
			Seq int64 `json:"seq" minimum:"0"`
		}
	},
	) (*clientOutput, error) {
		c, err := s.ports.Conversations.MarkRead(ctx, scopeOf(ctx), in.ID.ID, in.Body.Seq, s.now())
		return s.clientAnswer(ctx, c, err)
	})
	add(s, op{
		id: "client-typing", method: http.MethodPost, path: "/client/conversations/{id}/typing", tag: "Client",
		door: VisitorOnly, summary: "Tell the desk that the customer is writing", status: http.StatusNoContent,
	}, func(ctx context.Context, in *OneConversation) (*struct{}, error) {
		if err := s.slow(ctx); err != nil {
			return nil, err
		}
		c, err := s.ports.Conversations.Get(ctx, scopeOf(ctx), in.ID.ID)
		if err != nil {
			return nil, err
		}
		s.ports.Typing.Typing(ctx, c, inbox.Asker(c.Customer), s.now())
		return nil, nil
	})
	add(s, op{
		id: "client-rate", method: http.MethodPost, path: "/client/conversations/{id}/rating", tag: "Client",
		door: VisitorOnly, summary: "Rate a resolved conversation",
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body struct {
			Score   int64  `json:"score" minimum:"1" maximum:"5"`
			Comment string `json:"comment,omitempty" maxLength:"2000"`
		}
	},
	) (*clientOutput, error) {
		c, err := s.ports.Client.Rate(ctx, scopeOf(ctx), in.ID.ID, inbox.Rating{Score: in.Body.Score, Comment: in.Body.Comment}, s.now())
		return s.clientAnswer(ctx, c, err)
	})
	add(s, op{
		id: "client-feedback", method: http.MethodPost, path: "/client/conversations/{id}/feedback", tag: "Client",
		door: VisitorOnly, summary: "Say whether a bot's answer helped", status: http.StatusNoContent,
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body struct {
			Seq   int64  `json:"seq" minimum:"1"`
			Value string `json:"value" enum:"up,down"`
		}
	},
	) (*struct{}, error) {
		return nil, s.ports.Client.Judge(ctx, scopeOf(ctx), in.ID.ID, in.Body.Seq, in.Body.Value, s.now())
	})
}

// Receipts keeps how far messages have come.
type Receipts interface {
	// Delivered notes that the customer has everything up to seq.
	Delivered(ctx context.Context, scope access.Scope, which id.Conversation, seq int64, at time.Time) error
}

// clientEntries is listEntries for the customer. Whoever asks for what comes
// after a seq has everything up to it.
func (s *Server) clientEntries(ctx context.Context, in *struct {
	OneConversation
	WindowQuery
},
) (*struct{ Body stretch[Entry] }, error) {
	found, err := s.listEntries(ctx, in)
	if err != nil || in.After <= 0 {
		return found, err
	}
	return found, s.ports.Receipts.Delivered(ctx, scopeOf(ctx), in.ID.ID, in.After, s.now())
}
