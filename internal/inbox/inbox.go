// Package inbox decides what happens to conversations: who owns one, until
// when, what comes next if they do not act, and what may be said in it.
//
// Everything durable in a conversation is an Entry with a sequence number.
// Every change of owner is a Move: decided here as a pure function of the
// conversation and a time, written whole in one transaction by inboxdb. The law
// behind every Move is that an open conversation has one owner, a DueAt and a
// DueAction: by when the owner must have acted, and what happens otherwise.
package inbox

import (
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What can be refused.
var (
	ErrNotFound      = fault.New(fault.NotFound, "conversation.not_found")
	ErrEntryNotFound = fault.New(fault.NotFound, "entry.not_found")
	// ErrTaken carries the fact "agent": who has it.
	ErrTaken = fault.New(fault.Conflict, "conversation.taken")
	// ErrMoved says that the owner changed since the caller looked.
	ErrMoved        = fault.New(fault.Conflict, "conversation.moved")
	ErrNewerMessage = fault.New(fault.Conflict, "conversation.newer_message")
	ErrResolved     = fault.New(fault.Conflict, "conversation.resolved")
	ErrOpen         = fault.New(fault.Conflict, "conversation.open")
	ErrNotOwner     = fault.New(fault.Conflict, "conversation.not_owner")
	ErrAgentFull    = fault.New(fault.Conflict, "agent.full")
	ErrAgentAway    = fault.New(fault.Conflict, "agent.not_present")
	ErrNotEditable  = fault.New(fault.Conflict, "entry.not_editable")
	ErrRecalled     = fault.New(fault.Conflict, "entry.recalled")
	ErrNotRatable   = fault.New(fault.Conflict, "conversation.not_ratable")
	ErrKeyReused    = fault.New(fault.Invalid, "request.key_reused")
	ErrBody         = fault.New(fault.Invalid, "message.invalid")
	ErrFile         = fault.New(fault.Invalid, "file.not_found")
)

// State says whether a conversation still needs anybody.
type State string

// The states.
const (
	Open     State = "open"
	Resolved State = "resolved"
)

// ChannelKind is the kind of door a conversation came through.
type ChannelKind string

// The channels of today.
const (
	Web   ChannelKind = "web"
	Email ChannelKind = "email"
	SMS   ChannelKind = "sms"
	Form  ChannelKind = "form"
	API   ChannelKind = "api"
)

// Live reports whether people on this channel sit there and wait.
func (k ChannelKind) Live() bool { return k == Web }

// Channel is the account on a channel a conversation came through.
type Channel struct {
	Kind    ChannelKind
	Account id.Channel
}

// Priority orders queues; smaller is sooner.
type Priority int64

// The priorities.
const (
	Urgent Priority = iota
	High
	Normal
	Low
)

var priorityNames = [...]string{"urgent", "high", "normal", "low"}

// String returns the public name.
func (p Priority) String() string {
	if p < Urgent || p > Low {
		return priorityNames[Normal]
	}
	return priorityNames[p]
}

// ParsePriority reads a public name.
func ParsePriority(name string) (Priority, bool) {
	for i, known := range priorityNames {
		if known == name {
			return Priority(i), true
		}
	}
	return Normal, false
}

// Conversation is a customer's exchange with the desk, as its row keeps it.
type Conversation struct {
	ID        id.Conversation
	Workspace id.Workspace
	Customer  id.Customer
	Channel   Channel
	Subject   string
	// Locale is the language spoken with the customer: "zh-CN" or "en".
	Locale   string
	Priority Priority
	Tags     []string

	State State
	Owner Owner
	// Lease says by what an agent keeps the conversation.
	Lease Lease
	// OwnerEpoch rises with every Move. What was decided for one epoch is
	// refused in the next.
	OwnerEpoch int64
	DueAt      time.Time
	DueAction  DueAction
	Reason     Reason
	// Team is whose queue it belongs to, also while an agent or a ticket has it.
	Team id.Team
	// Attention is how long a customer may wait for a live agent's answer.
	Attention time.Duration
	// LastStaff is the last agent who owned it, preferred when it comes back.
	LastStaff id.Staff
	// Avoid is the agent it was taken from for silence; routing skips them.
	Avoid id.Staff
	// Ticket is the ticket made of it, if any; it stays when the owner changes.
	Ticket       id.Ticket
	TicketNumber int64
	// PromisedAt is what the ticket promised the customer.
	PromisedAt time.Time
	// WaitingSince is since when the customer waits for an answer; zero if not.
	WaitingSince time.Time

	// LastSeq is the newest entry, PublicSeq the newest the customer sees,
	// CustomerSeq the newest they wrote, at CustomerAt.
	LastSeq         int64
	PublicSeq       int64
	CustomerSeq     int64
	CustomerAt      time.Time
	CustomerReadSeq int64
	StaffReadSeq    int64
	// Version counts changes of what staff edit (subject, priority).
	Version int64
	Last    Preview
	Rating  int64
	Summary *Summary

	CreatedAt time.Time
	// UpdatedAt is the newest entry or move: lists are sorted by it.
	UpdatedAt  time.Time
	ResolvedAt time.Time

	// About is the customer as lists show them, joined in by storage.
	About About
}

// About is the little of a customer that lists show.
type About struct {
	Name   string
	Locale string
	Tier   string
}

// Unread reports whether the customer wrote something no staff has seen.
func (c Conversation) Unread() bool { return c.CustomerSeq > c.StaffReadSeq }

// Preview is a conversation's newest visible line, for lists.
type Preview struct {
	Seq    int64      `json:"seq"`
	Kind   EntryKind  `json:"kind"`
	Author AuthorKind `json:"author"`
	Staff  id.Staff   `json:"staff,omitempty"`
	Text   string     `json:"text"`
	At     time.Time  `json:"at"`
}

// Reason says why a conversation is where it is.
type Reason struct {
	Code ReasonCode `json:"code"`
	// Text is in a person's own words, or empty.
	Text string `json:"text"`
}

// Summary is what the next owner should know, extracted at hand-over.
type Summary struct {
	Topic string `json:"topic,omitempty"`
	// Questions are the customer's last two, in their own words.
	Questions []string     `json:"questions"`
	Shown     []ArticleRef `json:"shown"`
	Refusals  []string     `json:"refusals"`
	Language  string       `json:"language"`
	// WaitingSeconds is how long the customer has waited at hand-over.
	WaitingSeconds int64  `json:"waiting_seconds"`
	Turns          int64  `json:"turns"`
	Reason         string `json:"reason"`
	// Told is what the customer told a flow, by its names; what is private is
	// masked.
	Told map[string]string `json:"told,omitempty"`
}

// ArticleRef names a piece of knowledge that was shown.
type ArticleRef struct {
	Article id.Article `json:"article_id"`
	Title   string     `json:"title"`
}
