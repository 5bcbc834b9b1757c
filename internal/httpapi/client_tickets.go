package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/customer"
	"everdesk/internal/id"
	"everdesk/internal/locale"
	"everdesk/internal/ticket"
)

// Links lets somebody in by a signed link of a letter.
type Links interface {
	// Follow exchanges the link's token for a visitor's, or returns
	// ticket.ErrLink.
	Follow(ctx context.Context, token string, at time.Time) (Followed, error)
}

// Followed is what a link opens.
type Followed struct {
	Visit  customer.Visit
	Ticket ticket.Ticket
	// Key is the workspace's widget.
	Key string
}

// ClientTicket is a ticket as its customer sees it.
type ClientTicket struct {
	ID             id.Ticket       `json:"id"`
	Number         int64           `json:"number"`
	Subject        string          `json:"subject"`
	Status         ticket.Status   `json:"status" enum:"open,waiting,resolved,closed"`
	PromisedAt     time.Time       `json:"promised_at"`
	ConversationID id.Conversation `json:"conversation_id"`
	Queue          *ClientName     `json:"queue,omitempty"`
	Assignee       *ClientName     `json:"assignee,omitempty"`
	CreatedAt      time.Time       `json:"created_at"`
	UpdatedAt      time.Time       `json:"updated_at"`
	ResolvedAt     *time.Time      `json:"resolved_at,omitempty"`
}

// ClientName is the name of a person or a team, and nothing more of them.
type ClientName struct {
	Name string `json:"name"`
}

func clientTicket(t ticket.Ticket, names Names) ClientTicket {
	view := ClientTicket{
		ID: t.ID, Number: t.Number, Subject: t.Subject, Status: t.Status, PromisedAt: t.PromisedAt, ConversationID: t.Conversation,
		CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, ResolvedAt: moment(t.ResolvedAt),
	}
	if name := names.Teams[t.Team]; name != "" {
		view.Queue = &ClientName{name}
	}
	if name := names.Staff[t.Assignee]; name != "" {
		view.Assignee = &ClientName{name}
	}
	return view
}

type clientTicketOutput struct {
	Replay
	Body ClientTicket
}

func (s *Server) clientTicketShown(ctx context.Context, t ticket.Ticket, err error) (*clientTicketOutput, error) {
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	return &clientTicketOutput{Body: clientTicket(t, names)}, err
}

func (s *Server) registerClientTickets() {
	const tag = "Client"
	add(s, op{
		id: "client-list-tickets", method: http.MethodGet, path: "/client/tickets", tag: tag,
		door: VisitorOnly, summary: "The visitor's tickets, newest first",
	}, s.clientTickets)
	add(s, op{
		id: "client-create-ticket", method: http.MethodPost, path: "/client/tickets", tag: tag,
		door: VisitorOnly, status: http.StatusCreated, summary: "Ask in writing, to be answered at an address",
	}, s.clientCreateTicket)
	add(s, op{
		id: "client-get-ticket", method: http.MethodGet, path: "/client/tickets/{id}", tag: tag,
		door: VisitorOnly, summary: "One of the visitor's tickets",
	}, func(ctx context.Context, in *byID[id.Ticket]) (*clientTicketOutput, error) {
		t, err := s.ports.Tickets.Ticket(ctx, scopeOf(ctx), in.ID.ID)
		return s.clientTicketShown(ctx, t, err)
	})
	add(s, op{
		id: "client-reply-to-ticket", method: http.MethodPost, path: "/client/tickets/{id}/replies", tag: tag,
		door: VisitorOnly, status: http.StatusCreated, summary: "Add to a ticket; a settled one is taken up again",
	}, s.clientReply)
	add(s, op{
		id: "client-follow-link", method: http.MethodPost, path: "/client/links", tag: tag,
		door: Anybody, summary: "Exchange a letter's link for a visitor's token",
	}, s.followLink)
}

func (s *Server) clientTickets(ctx context.Context, in *struct{ Lists }) (*struct{ Body listed[ClientTicket] }, error) {
	request, err := in.page()
	if err != nil {
		return nil, err
	}
	scope := scopeOf(ctx)
	found, err := s.ports.Tickets.Tickets(ctx, scope, ticket.Query{View: ticket.ViewAll, Page: request})
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	return &struct{ Body listed[ClientTicket] }{list(found, func(t ticket.Ticket) ClientTicket { return clientTicket(t, names) })}, err
}

// spoken is the language to answer in: the one asked for, else the request's.
func (s *Server) spoken(ctx context.Context, asked string) string {
	if tag := locale.Match(asked); tag != "" {
		return tag
	}
	return languageOf(ctx)
}

// ClientDraft is the web form.
type ClientDraft struct {
	ClientID string `json:"client_id" minLength:"1" maxLength:"100" doc:"Makes a repeated request answer with the ticket there is."`
	Subject  string `json:"subject" minLength:"1" maxLength:"200"`
	Text     string `json:"text" minLength:"1" maxLength:"10000"`
	Email    string `json:"email,omitempty" maxLength:"254"`
	Phone    string `json:"phone,omitempty" maxLength:"40"`
	Name     string `json:"name,omitempty" maxLength:"120"`
	Locale   string `json:"locale,omitempty" maxLength:"35"`
}

func (s *Server) clientCreateTicket(ctx context.Context, in *struct{ Body ClientDraft }) (*clientTicketOutput, error) {
	if err := s.slow(ctx); err != nil {
		return nil, err
	}
	scope, b := scopeOf(ctx), in.Body
	if b.Email == "" && b.Phone == "" {
		who, err := s.ports.Customers.Get(ctx, scope, scope.Customer)
		if err != nil {
			return nil, err
		}
		if who.Reach(customer.Mail) == "" && who.Reach(customer.Phone) == "" {
			return nil, ticket.ErrInvalid.At("body.email", "required", "an email address or a phone number to answer to")
		}
	}
	claim, err := s.claim(ctx, Creates{IdempotencyKey: b.ClientID}, "client-create-ticket", b)
	if err != nil {
		return nil, err
	}
	t, err := s.ports.Tickets.Create(ctx, scope, ticket.Draft{
		Subject: b.Subject, Text: b.Text, Locale: s.spoken(ctx, b.Locale), Channel: "form",
		Contact: ticket.Contact{Customer: scope.Customer, Name: b.Name, Email: b.Email, Phone: b.Phone},
	}, s.now(), claim)
	out, err := s.clientTicketShown(ctx, t, err)
	if err == nil {
		out.Replay = replayed(claim)
	}
	return out, err
}

func (s *Server) clientReply(ctx context.Context, in *struct {
	ID   ref[id.Ticket] `path:"id"`
	Body struct {
		ClientID string `json:"client_id" minLength:"1" maxLength:"100"`
		Text     string `json:"text" minLength:"1" maxLength:"10000"`
	}
},
) (*clientTicketOutput, error) {
	if err := s.slow(ctx); err != nil {
		return nil, err
	}
	t, _, err := s.ports.Tickets.Write(ctx, scopeOf(ctx), in.ID.ID, ticket.Reply{ClientID: in.Body.ClientID, Text: in.Body.Text}, s.now())
	return s.clientTicketShown(ctx, t, err)
}

// LinkOpened is what a letter's link opens.
type LinkOpened struct {
	Token          string          `json:"token" doc:"Bearer token of the client API."`
	ExpiresAt      time.Time       `json:"expires_at"`
	TicketID       id.Ticket       `json:"ticket_id"`
	ConversationID id.Conversation `json:"conversation_id"`
	Key            string          `json:"key" doc:"The public key of the workspace's widget."`
}

func (s *Server) followLink(ctx context.Context, in *struct {
	Body struct {
		Token string `json:"token" minLength:"1" maxLength:"200"`
	}
},
) (*struct{ Body LinkOpened }, error) {
	if !s.limits.newcomers.allow(ctx, requestOf(ctx).address.String()) {
		return nil, errTooMany.After(time.Minute)
	}
	followed, err := s.ports.Links.Follow(ctx, in.Body.Token, s.now())
	if err != nil {
		return nil, err
	}
	return &struct{ Body LinkOpened }{LinkOpened{
		Token: followed.Visit.Token, ExpiresAt: followed.Visit.ExpiresAt, TicketID: followed.Ticket.ID,
		ConversationID: followed.Ticket.Conversation, Key: followed.Key,
	}}, nil
}
