package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/customer"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/ticket"
)

// Tickets keeps promises with a number.
type Tickets interface {
	Create(ctx context.Context, scope access.Scope, draft ticket.Draft, at time.Time, claim *commit.Claim) (ticket.Ticket, error)
	Make(ctx context.Context, scope access.Scope, conversation id.Conversation, making ticket.Making, at time.Time) (ticket.Ticket, error)
	Ticket(ctx context.Context, scope access.Scope, which id.Ticket) (ticket.Ticket, error)
	Tickets(ctx context.Context, scope access.Scope, query ticket.Query) (page.Of[ticket.Ticket], error)
	Edit(ctx context.Context, scope access.Scope, which id.Ticket, version int64, edit ticket.Edit, at time.Time) (ticket.Ticket, error)
	Reply(ctx context.Context, scope access.Scope, which id.Ticket, reply ticket.Reply, at time.Time) (ticket.Ticket, int64, error)
	Write(ctx context.Context, scope access.Scope, which id.Ticket, words ticket.Reply, at time.Time) (ticket.Ticket, int64, error)
	Resolve(ctx context.Context, scope access.Scope, which id.Ticket, seenSeq int64, at time.Time) (ticket.Ticket, error)
	Reopen(ctx context.Context, scope access.Scope, which id.Ticket, at time.Time) (ticket.Ticket, error)
}

// Requesters names the customers of many tickets at once, without addresses.
type Requesters interface {
	Named(ctx context.Context, scope access.Scope, customers []id.Customer) (map[id.Customer]customer.Customer, error)
}

// Ticket is a promise with a number.
type Ticket struct {
	ID             id.Ticket        `json:"id"`
	Number         int64            `json:"number" doc:"Shown as #1042; unique in the workspace, with gaps."`
	Subject        string           `json:"subject"`
	Priority       ticket.Priority  `json:"priority" enum:"urgent,high,normal,low"`
	Status         ticket.Status    `json:"status" enum:"open,waiting,resolved,closed" doc:"open waits for the desk, waiting for the customer."`
	Queue          *TeamName        `json:"queue,omitempty"`
	Assignee       *Person          `json:"assignee,omitempty"`
	Requester      CustomerSummary  `json:"requester"`
	ConversationID id.Conversation  `json:"conversation_id" doc:"Its entries are what was said."`
	PromisedAt     time.Time        `json:"promised_at" doc:"By when the customer is to have an answer."`
	PromiseBasis   ticket.Basis     `json:"promise_basis" enum:"working_hours,elapsed_hours"`
	Breached       bool             `json:"breached" doc:"The present promise was not kept."`
	DueAt          *time.Time       `json:"due_at,omitempty"`
	DueAction      ticket.DueAction `json:"due_action,omitempty" doc:"What happens at due_at if nobody acts."`
	AnsweredAt     *time.Time       `json:"answered_at,omitempty"`
	Channel        string           `json:"channel"`
	Locale         string           `json:"locale"`
	Tags           []string         `json:"tags"`
	CreatedAt      time.Time        `json:"created_at"`
	UpdatedAt      time.Time        `json:"updated_at"`
	ResolvedAt     *time.Time       `json:"resolved_at,omitempty"`
	Version        int64            `json:"version"`
}

type ticketOutput struct {
	Versioned
	Replay
	Body Ticket
}

// ticketView shows one ticket; who is nil where the page is the customer's own.
func (s *Server) ticketView(t ticket.Ticket, names Names, who customer.Customer) Ticket {
	view := Ticket{
		ID: t.ID, Number: t.Number, Subject: t.Subject, Priority: t.Priority, Status: t.Status, ConversationID: t.Conversation,
		Requester:  CustomerSummary{t.Customer, who.Name, t.Locale, who.Tier, s.ports.Views.Online(t.Customer)},
		PromisedAt: t.PromisedAt, PromiseBasis: t.Basis, Breached: t.Breached, DueAt: moment(t.DueAt), DueAction: t.DueAction,
		AnsweredAt: moment(t.AnsweredAt), Channel: t.Channel, Locale: t.Locale, Tags: nonNil(t.Tags),
		CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, ResolvedAt: moment(t.ResolvedAt), Version: t.Version,
	}
	if t.Team != 0 {
		view.Queue = &TeamName{t.Team, names.Teams[t.Team]}
	}
	if t.Assignee != 0 {
		view.Assignee = &Person{t.Assignee.String(), names.Staff[t.Assignee]}
	}
	return view
}

// tickets shows tickets with all names filled in.
func (s *Server) tickets(ctx context.Context, found page.Of[ticket.Ticket]) (listed[Ticket], error) {
	scope := scopeOf(ctx)
	names, err := s.names(ctx)
	if err != nil {
		return listed[Ticket]{}, err
	}
	askers := make([]id.Customer, len(found.Items))
	for i, t := range found.Items {
		askers[i] = t.Customer
	}
	known, err := s.ports.Requesters.Named(ctx, scope, askers)
	if err != nil {
		return listed[Ticket]{}, err
	}
	return list(found, func(t ticket.Ticket) Ticket { return s.ticketView(t, names, known[t.Customer]) }), nil
}

// ticketShown answers with a ticket.
func (s *Server) ticketShown(ctx context.Context, t ticket.Ticket, err error) (*ticketOutput, error) {
	if err != nil {
		return nil, err
	}
	shown, err := s.tickets(ctx, page.Of[ticket.Ticket]{Items: []ticket.Ticket{t}})
	if err != nil {
		return nil, err
	}
	return &ticketOutput{Versioned: etag(t.Version), Body: shown.Items[0]}, nil
}

func (s *Server) registerTickets() {
	const tag = "Tickets"
	add(s, op{
		id: "list-tickets", method: http.MethodGet, path: "/tickets", tag: tag,
		door: May(access.TicketRead), summary: "Tickets of a view: unsettled ones by promised time, the others newest first",
	}, s.listTickets)
	add(s, op{
		id: "create-ticket", method: http.MethodPost, path: "/tickets", tag: tag,
		door: May(access.TicketWrite), status: http.StatusCreated, summary: "Promise an answer; the customer is told number and time",
	}, s.createTicket)
	add(s, op{
		id: "ticket-conversation", method: http.MethodPost, path: "/conversations/{id}/ticket", tag: "Conversations",
		door: May(access.ConversationReply), summary: "Make a ticket of it, which then carries it",
	}, s.makeTicket)
	add(s, op{
		id: "get-ticket", method: http.MethodGet, path: "/tickets/{id}", tag: tag,
		door: May(access.TicketRead), summary: "A ticket",
	}, func(ctx context.Context, in *byID[id.Ticket]) (*ticketOutput, error) {
		t, err := s.ports.Tickets.Ticket(ctx, scopeOf(ctx), in.ID.ID)
		return s.ticketShown(ctx, t, err)
	})
	add(s, op{
		id: "change-ticket", method: http.MethodPatch, path: "/tickets/{id}", tag: tag,
		door: May(access.TicketWrite), summary: "Change subject, priority, assignee, team or status",
	}, s.changeTicket)
	add(s, op{
		id: "reply-to-ticket", method: http.MethodPost, path: "/tickets/{id}/replies", tag: tag,
		door: May(access.TicketWrite), status: http.StatusCreated, summary: "Answer the customer, at their address too",
	}, s.replyToTicket)
	add(s, op{
		id: "resolve-ticket", method: http.MethodPost, path: "/tickets/{id}/resolve", tag: tag,
		door: May(access.TicketWrite), summary: "Settle it, unless the customer has written something unseen",
	}, func(ctx context.Context, in *struct {
		ID   ref[id.Ticket] `path:"id"`
		Body struct {
			SeenSeq int64 `json:"seen_seq" minimum:"0" doc:"The newest entry of its conversation that was seen."`
		}
	},
	) (*ticketOutput, error) {
		t, err := s.ports.Tickets.Resolve(ctx, scopeOf(ctx), in.ID.ID, in.Body.SeenSeq, s.now())
		return s.ticketShown(ctx, t, err)
	})
	add(s, op{
		id: "reopen-ticket", method: http.MethodPost, path: "/tickets/{id}/reopen", tag: tag,
		door: May(access.TicketWrite), summary: "Take a settled one up again, with a new promise",
	}, func(ctx context.Context, in *byID[id.Ticket]) (*ticketOutput, error) {
		t, err := s.ports.Tickets.Reopen(ctx, scopeOf(ctx), in.ID.ID, s.now())
		return s.ticketShown(ctx, t, err)
	})
}

func (s *Server) listTickets(ctx context.Context, in *struct {
	Lists
	View ticket.View `query:"view" enum:"open,mine,breached,resolved,all" default:"open"`
	Text string      `query:"q" maxLength:"200" doc:"A number, or part of the subject."`
},
) (*struct{ Body listed[Ticket] }, error) {
	request, err := in.page()
	if err != nil {
		return nil, err
	}
	found, err := s.ports.Tickets.Tickets(ctx, scopeOf(ctx), ticket.Query{View: in.View, Text: in.Text, Page: request})
	if err != nil {
		return nil, err
	}
	shown, err := s.tickets(ctx, found)
	return &struct{ Body listed[Ticket] }{shown}, err
}

// TicketDraft is what a ticket is made of.
type TicketDraft struct {
	Subject  string          `json:"subject" minLength:"1" maxLength:"200"`
	Body     string          `json:"body" minLength:"1" maxLength:"20000" doc:"What the customer asked."`
	Customer TicketCustomer  `json:"customer"`
	Priority ticket.Priority `json:"priority,omitempty" enum:"urgent,high,normal,low" default:"normal"`
	TeamID   id.Team         `json:"team_id,omitempty"`
	Locale   string          `json:"locale,omitempty" maxLength:"35" doc:"The customer's language; absent: that of the request."`
}

// TicketCustomer is who asked and where the answer goes.
type TicketCustomer struct {
	Name  string `json:"name,omitempty" maxLength:"120"`
	Email string `json:"email,omitempty" maxLength:"254"`
	Phone string `json:"phone,omitempty" maxLength:"40"`
}

func (s *Server) createTicket(ctx context.Context, in *struct {
	Creates
	Body TicketDraft
},
) (*ticketOutput, error) {
	claim, err := s.claim(ctx, in.Creates, "create-ticket", in.Body)
	if err != nil {
		return nil, err
	}
	if err := s.teamThere(ctx, in.Body.TeamID); err != nil {
		return nil, err
	}
	b := in.Body
	t, err := s.ports.Tickets.Create(ctx, scopeOf(ctx), ticket.Draft{
		Subject: b.Subject, Text: b.Body, Priority: b.Priority, Team: b.TeamID, Locale: s.spoken(ctx, b.Locale), Channel: "api",
		Contact: ticket.Contact{Name: b.Customer.Name, Email: b.Customer.Email, Phone: b.Customer.Phone},
	}, s.now(), claim)
	out, err := s.ticketShown(ctx, t, err)
	if err == nil {
		out.Replay = replayed(claim)
	}
	return out, err
}

// teamThere refuses a team that is not the workspace's. It asks for the team
// itself: the names on pages may be older than the team.
func (s *Server) teamThere(ctx context.Context, team id.Team) error {
	if team == 0 {
		return nil
	}
	_, err := s.ports.Teams.Team(ctx, access.System(scopeOf(ctx).Workspace), team)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return fault.ErrInvalid.At("body.team_id", "unknown", "no such team")
	}
	return err
}

func (s *Server) makeTicket(ctx context.Context, in *struct {
	OneConversation
	Body struct {
		Subject  string          `json:"subject,omitempty" maxLength:"200" doc:"Absent: what the customer asked."`
		Priority ticket.Priority `json:"priority,omitempty" enum:"urgent,high,normal,low"`
	}
},
) (*conversationOutput, error) {
	if _, err := s.ports.Tickets.Make(ctx, scopeOf(ctx), in.ID.ID, ticket.Making{
		Subject: in.Body.Subject, Priority: in.Body.Priority, Reason: "ticket_made",
	}, s.now()); err != nil {
		return nil, err
	}
	c, err := s.ports.Conversations.Get(ctx, scopeOf(ctx), in.ID.ID)
	return s.shown(ctx, c, err)
}

func (s *Server) changeTicket(ctx context.Context, in *struct {
	Updates
	ID   ref[id.Ticket] `path:"id"`
	Body struct {
		Subject  *string          `json:"subject,omitempty" minLength:"1" maxLength:"200"`
		Priority *ticket.Priority `json:"priority,omitempty" enum:"urgent,high,normal,low"`
		Assignee *id.Staff        `json:"assignee_id,omitempty" doc:"The empty text gives it back to its team."`
		Team     *id.Team         `json:"team_id,omitempty"`
		Status   *ticket.Status   `json:"status,omitempty" enum:"open,waiting,closed" doc:"Resolving is an operation of its own."`
	}
},
) (*ticketOutput, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	if in.Body.Team != nil {
		if err := s.teamThere(ctx, *in.Body.Team); err != nil {
			return nil, err
		}
	}
	if who := in.Body.Assignee; who != nil && *who != 0 {
		member, err := s.ports.Members.Member(ctx, scopeOf(ctx), *who)
		if fault.KindOf(err) == fault.NotFound && err != nil || err == nil && !member.Active {
			return nil, fault.ErrInvalid.At("body.assignee_id", "unknown", "nobody who works here")
		}
		if err != nil {
			return nil, err
		}
	}
	t, err := s.ports.Tickets.Edit(ctx, scopeOf(ctx), in.ID.ID, version, ticket.Edit{
		Subject: in.Body.Subject, Priority: in.Body.Priority, Assignee: in.Body.Assignee, Team: in.Body.Team, Status: in.Body.Status,
	}, s.now())
	return s.ticketShown(ctx, t, err)
}

// Replied is a ticket after an answer, and where the answer stands.
type Replied struct {
	Ticket Ticket `json:"ticket"`
	Seq    int64  `json:"seq" doc:"The answer's entry in the ticket's conversation."`
}

func (s *Server) replyToTicket(ctx context.Context, in *struct {
	ID   ref[id.Ticket] `path:"id"`
	Body struct {
		ClientID string        `json:"client_id" minLength:"1" maxLength:"100" doc:"Unique in the conversation for ever: sending again answers once."`
		Text     string        `json:"text" minLength:"1" maxLength:"10000"`
		Status   ticket.Status `json:"status,omitempty" enum:"open,waiting" default:"waiting" doc:"open: the next word is the desk's too."`
	}
},
) (*struct{ Body Replied }, error) {
	t, seq, err := s.ports.Tickets.Reply(ctx, scopeOf(ctx), in.ID.ID, ticket.Reply{
		ClientID: in.Body.ClientID, Text: in.Body.Text, KeepOpen: in.Body.Status == ticket.Open,
	}, s.now())
	shown, err := s.ticketShown(ctx, t, err)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Replied }{Replied{shown.Body, seq}}, nil
}
