package httpapi

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
)

// People names staff and teams. The answer may be a few seconds old.
type People interface {
	People(ctx context.Context, scope access.Scope) (Names, error)
}

// Names are the names of a workspace's staff, teams and bot.
type Names struct {
	Staff map[id.Staff]string
	Teams map[id.Team]string
	// Bot is what the workspace calls its bot, by language.
	Bot channel.Spoken
}

// Files gives uploads addresses a browser can load.
type Files interface {
	// Address is signed and holds for some hours.
	Address(workspace id.Workspace, file id.File, name string, at time.Time) string
	// Thumbnail is the same for the small picture.
	Thumbnail(workspace id.Workspace, file id.File, at time.Time) string
}

// TeamName is a team's summary.
type TeamName struct {
	ID   id.Team `json:"id"`
	Name string  `json:"name"`
}

// TicketName is a ticket's summary.
type TicketName struct {
	ID         id.Ticket  `json:"id"`
	Number     int64      `json:"number"`
	PromisedAt *time.Time `json:"promised_at,omitempty"`
}

// CustomerSummary is the little of a customer that lists show.
type CustomerSummary struct {
	ID     id.Customer `json:"id"`
	Name   string      `json:"name"`
	Locale string      `json:"locale"`
	Tier   string      `json:"tier,omitempty"`
	Online bool        `json:"online" doc:"Has the widget open right now."`
}

// Author is who wrote an entry.
type Author struct {
	Kind inbox.AuthorKind `json:"kind" enum:"customer,staff,bot,system"`
	ID   string           `json:"id,omitempty"`
	Name string           `json:"name"`
}

// Entry is one durable line of a conversation.
type Entry struct {
	ID             id.Entry        `json:"id"`
	ConversationID id.Conversation `json:"conversation_id"`
	Seq            int64           `json:"seq" doc:"Counts from 1. A client that misses one asks for entries?after=."`
	Kind           inbox.EntryKind `json:"kind" enum:"message,note,transition,rating,edit,recall"`
	Author         Author          `json:"author"`
	Body           inbox.Body      `json:"body" doc:"A standard message, see docs/schema/message.json."`
	Private        bool            `json:"private" doc:"Never shown to the customer."`
	ClientID       string          `json:"client_id,omitempty"`
	ReplyTo        int64           `json:"reply_to,omitempty"`
	Target         int64           `json:"target,omitempty" doc:"The seq an edit or a recall is about."`
	CreatedAt      time.Time       `json:"created_at"`
	EditedAt       *time.Time      `json:"edited_at,omitempty"`
	RecalledAt     *time.Time      `json:"recalled_at,omitempty"`
	Delivery       *Delivery       `json:"delivery,omitempty"`
}

// Delivery says how far an entry has come.
type Delivery struct {
	State  inbox.DeliveryState `json:"state" enum:"queued,sent,delivered,read,failed"`
	Reason string              `json:"reason,omitempty"`
}

// Owner is who must act next.
type Owner struct {
	Kind   inbox.OwnerKind `json:"kind" enum:"bot,queue,agent,ticket,none"`
	Staff  *Person         `json:"staff,omitempty"`
	Team   *TeamName       `json:"team,omitempty"`
	Ticket *TicketName     `json:"ticket,omitempty"`
}

// Preview is a conversation's newest line.
type Preview struct {
	Kind       inbox.EntryKind  `json:"kind"`
	AuthorKind inbox.AuthorKind `json:"author_kind"`
	AuthorName string           `json:"author_name"`
	Preview    string           `json:"preview"`
	At         time.Time        `json:"at"`
}

// ChannelName is the door a conversation came through.
type ChannelName struct {
	Kind      inbox.ChannelKind `json:"kind" enum:"web,email,sms,form,api"`
	AccountID id.Channel        `json:"account_id,omitempty"`
}

// Conversation is a conversation as the console shows it.
type Conversation struct {
	ID              id.Conversation `json:"id"`
	Channel         ChannelName     `json:"channel"`
	Subject         string          `json:"subject,omitempty"`
	Locale          string          `json:"locale"`
	Customer        CustomerSummary `json:"customer"`
	Owner           Owner           `json:"owner"`
	State           inbox.State     `json:"state" enum:"open,resolved"`
	DueAt           *time.Time      `json:"due_at,omitempty" doc:"By when the owner must have acted."`
	DueAction       inbox.DueAction `json:"due_action,omitempty" doc:"What happens otherwise."`
	Reason          inbox.Reason    `json:"reason" doc:"Why it is where it is."`
	LastSeq         int64           `json:"last_seq"`
	CustomerSeq     int64           `json:"customer_seq" doc:"The newest entry the customer wrote."`
	CustomerReadSeq int64           `json:"customer_read_seq"`
	StaffReadSeq    int64           `json:"staff_read_seq"`
	Unread          bool            `json:"unread"`
	OwnerEpoch      int64           `json:"owner_epoch"`
	Version         int64           `json:"version"`
	Tags            []string        `json:"tags"`
	Priority        string          `json:"priority" enum:"urgent,high,normal,low"`
	LastEntry       *Preview        `json:"last_entry,omitempty"`
	WaitingSince    *time.Time      `json:"waiting_since,omitempty"`
	Ticket          *TicketName     `json:"ticket,omitempty"`
	Rating          int64           `json:"rating,omitempty"`
	Summary         *inbox.Summary  `json:"summary,omitempty"`
	CreatedAt       time.Time       `json:"created_at"`
	UpdatedAt       time.Time       `json:"updated_at"`
	ResolvedAt      *time.Time      `json:"resolved_at,omitempty"`
}

// Views make what is shown of conversations; the feed uses them too, so that a
// hint and an answer never differ.
type Views struct {
	People People
	Files  Files
	// Online reports whether a customer has the widget open.
	Online func(customer id.Customer) bool
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Conversation shows one conversation to staff.
func (v Views) Conversation(c inbox.Conversation, names Names) Conversation {
	view := Conversation{
		ID: c.ID, Channel: ChannelName{c.Channel.Kind, c.Channel.Account}, Subject: c.Subject, Locale: c.Locale,
		Customer: CustomerSummary{c.Customer, c.About.Name, c.About.Locale, c.About.Tier, v.Online(c.Customer)},
		Owner:    v.owner(c, names), State: c.State, DueAt: moment(c.DueAt), DueAction: c.DueAction, Reason: c.Reason,
		LastSeq: c.LastSeq, CustomerSeq: c.CustomerSeq, CustomerReadSeq: c.CustomerReadSeq, StaffReadSeq: c.StaffReadSeq,
		Unread: c.Unread(), OwnerEpoch: c.OwnerEpoch, Version: c.Version, Tags: c.Tags, Priority: c.Priority.String(),
		WaitingSince: moment(c.WaitingSince), Ticket: ticketName(c), Rating: c.Rating, Summary: c.Summary,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, ResolvedAt: moment(c.ResolvedAt),
	}
	if view.Tags == nil {
		view.Tags = []string{}
	}
	if !c.Last.At.IsZero() {
		by := v.author(inbox.Author{Kind: c.Last.Author, Staff: c.Last.Staff, Customer: c.Customer}, c, names)
		view.LastEntry = &Preview{c.Last.Kind, c.Last.Author, by.Name, c.Last.Text, c.Last.At}
	}
	return view
}

func ticketName(c inbox.Conversation) *TicketName {
	if c.Ticket == 0 {
		return nil
	}
	return &TicketName{c.Ticket, c.TicketNumber, moment(c.PromisedAt)}
}

func (v Views) owner(c inbox.Conversation, names Names) Owner {
	owner := Owner{Kind: c.Owner.Kind}
	if c.Owner.Staff != 0 {
		owner.Staff = &Person{c.Owner.Staff.String(), names.Staff[c.Owner.Staff]}
	}
	if c.Team != 0 {
		owner.Team = &TeamName{c.Team, names.Teams[c.Team]}
	}
	if c.Owner.Kind == inbox.OwnerTicket {
		owner.Ticket = ticketName(c)
	}
	return owner
}

func (v Views) author(a inbox.Author, c inbox.Conversation, names Names) Author {
	author := Author{Kind: a.Kind}
	switch a.Kind {
	case inbox.ByCustomer:
		author.ID, author.Name = a.Customer.String(), c.About.Name
	case inbox.ByStaff:
		author.ID, author.Name = a.Staff.String(), names.Staff[a.Staff]
	case inbox.ByBot:
		author.Name = names.Bot.In(c.Locale)
	}
	return author
}

// Entry shows one entry to staff.
func (v Views) Entry(e inbox.Entry, c inbox.Conversation, names Names, at time.Time) Entry {
	view := Entry{
		ID: e.ID, ConversationID: e.Conversation, Seq: e.Seq, Kind: e.Kind, Author: v.author(e.Author, c, names),
		Body: v.addressed(c.Workspace, e.Body, at), Private: e.Private, ClientID: e.ClientID, ReplyTo: e.ReplyTo, Target: e.Target,
		CreatedAt: e.CreatedAt, EditedAt: moment(e.EditedAt), RecalledAt: moment(e.RecalledAt),
	}
	if e.Delivery != nil {
		view.Delivery = &Delivery{e.Delivery.State, e.Delivery.Reason}
	}
	return view
}

// addressed signs the address of the upload a body shows.
func (v Views) addressed(workspace id.Workspace, body inbox.Body, at time.Time) inbox.Body {
	media, ok := body.Content.(*inbox.Media)
	if !ok {
		return body
	}
	file := media.File
	file.URL = v.Files.Address(workspace, file.ID, file.Name, at)
	if file.ThumbnailURL != "" {
		file.ThumbnailURL = v.Files.Thumbnail(workspace, file.ID, at)
	}
	return inbox.Body{Type: body.Type, Content: &inbox.Media{File: file, Caption: media.Caption}}
}

// Entries shows a stretch to staff.
func (v Views) Entries(items []inbox.Entry, c inbox.Conversation, names Names, at time.Time) []Entry {
	shown := make([]Entry, len(items))
	for i, e := range items {
		shown[i] = v.Entry(e, c, names, at)
	}
	return shown
}
