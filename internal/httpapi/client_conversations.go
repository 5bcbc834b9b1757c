package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/locale"
	"everdesk/internal/page"
)

// Client is what a visitor may do with their own conversations.
type Client interface {
	// Start opens a conversation on the visitor's channel, exactly once per
	// client id; details are what a form before the chat asked for.
	Start(ctx context.Context, scope access.Scope, opening inbox.Opening, details Details) (inbox.Posted, error)
	// HandOver asks for a person.
	HandOver(ctx context.Context, scope access.Scope, which id.Conversation, at time.Time) (inbox.Conversation, error)
	// Rate keeps the customer's verdict on a resolved conversation.
	Rate(ctx context.Context, scope access.Scope, which id.Conversation, rating inbox.Rating, at time.Time) (inbox.Conversation, error)
	// Judge says whether a bot's answer helped.
	Judge(ctx context.Context, scope access.Scope, which id.Conversation, seq int64, value string, at time.Time) error
	// LeaveContact keeps an address to answer to, and makes a ticket of what
	// nobody is there for.
	LeaveContact(ctx context.Context, scope access.Scope, which id.Conversation, details Details, at time.Time) (inbox.Conversation, error)
	// Place is where a waiting conversation stands in its queue.
	Places(ctx context.Context, scope access.Scope, all []inbox.Conversation, at time.Time) (map[id.Conversation]inbox.Place, error)
}

// Details are what a customer says of themselves.
type Details struct {
	Name  string `json:"name,omitempty" maxLength:"120"`
	Email string `json:"email,omitempty" maxLength:"254"`
	Phone string `json:"phone,omitempty" maxLength:"40"`
	Topic string `json:"topic,omitempty" maxLength:"100"`
}

// ClientOwner is who a visitor speaks with.
type ClientOwner struct {
	Kind      inbox.OwnerKind `json:"kind" enum:"bot,queue,agent,ticket,none"`
	AgentName string          `json:"agent_name,omitempty"`
}

// ClientQueue is a place in a queue, with a wait that is a range and says what
// it rests on.
type ClientQueue struct {
	Position        int    `json:"position"`
	WaitSecondsLow  int64  `json:"wait_seconds_low,omitempty"`
	WaitSecondsHigh int64  `json:"wait_seconds_high,omitempty"`
	Basis           string `json:"basis" enum:"recent,none"`
}

// ClientConversation is a conversation as its customer sees it.
type ClientConversation struct {
	ID            id.Conversation `json:"id"`
	State         inbox.State     `json:"state" enum:"open,resolved"`
	Owner         ClientOwner     `json:"owner"`
	Subject       string          `json:"subject,omitempty"`
	LastSeq       int64           `json:"last_seq"`
	ReadSeq       int64           `json:"read_seq" doc:"Up to where the customer has read."`
	StaffReadSeq  int64           `json:"staff_read_seq"`
	Ticket        *TicketName     `json:"ticket,omitempty"`
	Queue         *ClientQueue    `json:"queue,omitempty"`
	Rating        int64           `json:"rating,omitempty"`
	ContactNeeded bool            `json:"contact_needed" doc:"Nobody is there; an address is needed to answer to."`
	LastEntry     *Preview        `json:"last_entry,omitempty"`
	CreatedAt     time.Time       `json:"created_at"`
	UpdatedAt     time.Time       `json:"updated_at"`
}

// Client shows a conversation to its customer.
func (v Views) Client(c inbox.Conversation, names Names, reachable bool) ClientConversation {
	view := ClientConversation{
		ID: c.ID, State: c.State, Owner: ClientOwner{Kind: c.Owner.Kind}, Subject: c.Subject, LastSeq: c.PublicSeq,
		ReadSeq: c.CustomerReadSeq, StaffReadSeq: c.StaffReadSeq, Ticket: ticketName(c), Rating: c.Rating,
		ContactNeeded: c.Owner.Kind == inbox.OwnerTicket && !reachable, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if c.Owner.Kind == inbox.OwnerAgent {
		view.Owner.AgentName = names.Staff[c.Owner.Staff]
	}
	if !c.Last.At.IsZero() {
		by := v.author(inbox.Author{Kind: c.Last.Author, Staff: c.Last.Staff, Customer: c.Customer}, c, names)
		view.LastEntry = &Preview{c.Last.Kind, c.Last.Author, by.Name, c.Last.Text, c.Last.At}
	}
	return view
}

// clientShown shows conversations of one customer to them.
func (s *Server) clientShown(ctx context.Context, all ...inbox.Conversation) ([]ClientConversation, error) {
	if len(all) == 0 {
		return nil, nil
	}
	scope := scopeOf(ctx)
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	who, err := s.ports.Customers.Get(ctx, scope, all[0].Customer)
	if err != nil {
		return nil, err
	}
	places, err := s.ports.Client.Places(ctx, scope, all, s.now())
	if err != nil {
		return nil, err
	}
	reachable := who.Reach(customer.Mail) != "" || who.Reach(customer.Phone) != ""
	views := make([]ClientConversation, len(all))
	for i, c := range all {
		views[i] = s.ports.Views.Client(c, names, reachable)
		if place, queued := places[c.ID]; queued {
			views[i].Queue = &ClientQueue{place.Position, int64(place.WaitLow.Seconds()), int64(place.WaitHigh.Seconds()), place.Basis}
		}
	}
	return views, nil
}

func (s *Server) oneClientShown(ctx context.Context, c inbox.Conversation) (ClientConversation, error) {
	views, err := s.clientShown(ctx, c)
	if err != nil {
		return ClientConversation{}, err
	}
	return views[0], nil
}

type clientOutput struct{ Body ClientConversation }

func (s *Server) clientAnswer(ctx context.Context, c inbox.Conversation, err error) (*clientOutput, error) {
	if err != nil {
		return nil, err
	}
	view, err := s.oneClientShown(ctx, c)
	return &clientOutput{view}, err
}

// slow refuses a visitor who writes faster than people do.
func (s *Server) slow(ctx context.Context) error {
	if !s.limits.visitors.allow(ctx, scopeOf(ctx).Customer.String()) {
		return errTooMany.After(time.Second)
	}
	return nil
}

func (s *Server) registerClient() {
	add(s, op{
		id: "client-list-conversations", method: http.MethodGet, path: "/client/conversations", tag: "Client",
		door: VisitorOnly, summary: "The visitor's conversations, newest first",
	}, func(ctx context.Context, in *struct{ Lists }) (*struct{ Body listed[ClientConversation] }, error) {
		request, err := in.page()
		if err != nil {
			return nil, err
		}
		scope := scopeOf(ctx)
		found, err := s.ports.Conversations.List(ctx, scope, inbox.Filter{Customer: scope.Customer}, request)
		if err != nil {
			return nil, err
		}
		views, err := s.clientShown(ctx, found.Items...)
		if err != nil {
			return nil, err
		}
		shown := page.Of[ClientConversation]{Items: views, Next: found.Next}
		return &struct{ Body listed[ClientConversation] }{list(shown, func(v ClientConversation) ClientConversation { return v })}, nil
	})
	add(s, op{
		id: "client-start-conversation", method: http.MethodPost, path: "/client/conversations", tag: "Client",
		door: VisitorOnly, summary: "Ask something new", status: http.StatusCreated,
	}, s.clientStart)
	add(s, op{
		id: "client-get-conversation", method: http.MethodGet, path: "/client/conversations/{id}", tag: "Client",
		door: VisitorOnly, summary: "One of the visitor's conversations",
	}, func(ctx context.Context, in *OneConversation) (*clientOutput, error) {
		c, err := s.ports.Conversations.Get(ctx, scopeOf(ctx), in.ID.ID)
		return s.clientAnswer(ctx, c, err)
	})
	add(s, op{
		id: "client-hand-over", method: http.MethodPost, path: "/client/conversations/{id}/handover", tag: "Client",
		door: VisitorOnly, summary: "A person, please",
	}, func(ctx context.Context, in *OneConversation) (*clientOutput, error) {
		c, err := s.ports.Client.HandOver(ctx, scopeOf(ctx), in.ID.ID, s.now())
		return s.clientAnswer(ctx, c, err)
	})
	add(s, op{
		id: "client-leave-contact", method: http.MethodPost, path: "/client/conversations/{id}/contact", tag: "Client",
		door: VisitorOnly, summary: "Leave an address to be answered at",
	}, func(ctx context.Context, in *struct {
		OneConversation
		Body Details
	},
	) (*clientOutput, error) {
		c, err := s.ports.Client.LeaveContact(ctx, scopeOf(ctx), in.ID.ID, in.Body, s.now())
		return s.clientAnswer(ctx, c, err)
	})
	s.registerClientEntries()
}

// Started is what a new conversation begins with.
type Started struct {
	Conversation ClientConversation `json:"conversation"`
	Entry        Entry              `json:"entry"`
}

func (s *Server) clientStart(ctx context.Context, in *struct {
	Body struct {
		ClientID string     `json:"client_id" minLength:"1" maxLength:"100" doc:"Makes a repeated request answer with the conversation there is."`
		Body     inbox.Body `json:"body"`
		Locale   string     `json:"locale,omitempty" maxLength:"35"`
		PageURL  string     `json:"page_url,omitempty" maxLength:"2000"`
		PreChat  Details    `json:"pre_chat,omitzero"`
	}
}) (*struct {
	Replay
	Body Started
}, error,
) {
	if err := s.slow(ctx); err != nil {
		return nil, err
	}
	scope := scopeOf(ctx)
	tag := locale.Match(in.Body.Locale)
	if tag == "" {
		tag = languageOf(ctx)
	}
	posted, err := s.ports.Client.Start(ctx, scope, inbox.Opening{
		Customer: scope.Customer, Channel: inbox.Channel{Kind: inbox.Web}, Locale: tag, Priority: inbox.Normal, ToBot: true,
		Subject: strings.TrimSpace(in.Body.PreChat.Topic), ClientID: in.Body.ClientID, Body: in.Body.Body, At: s.now(),
	}, in.Body.PreChat)
	if err != nil {
		return nil, err
	}
	out := &struct {
		Replay
		Body Started
	}{}
	if posted.Replayed {
		out.Replay = Replay{"true"}
	}
	if out.Body.Conversation, err = s.oneClientShown(ctx, posted.Conversation); err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	out.Body.Entry = s.ports.Views.Entry(posted.Entry, posted.Conversation, names, s.now())
	return out, err
}
