package inbox

import (
	"time"

	"everdesk/internal/id"
)

// Opening is a customer's first message.
type Opening struct {
	// ID is set by who needs to know it beforehand, else zero.
	ID       id.Conversation
	Customer id.Customer
	// About is the customer as lists show them, if the caller knows.
	About    About
	Channel  Channel
	Subject  string
	Locale   string
	Priority Priority
	// Team is whose queue it belongs to; zero means the workspace's first.
	Team id.Team
	// ToBot has the bot try first.
	ToBot bool
	// ClientID makes it happen once per customer; empty skips that.
	ClientID   string
	Body       Body
	ExternalID string
	// Routes are where the desk's first words go besides the widget, if the
	// caller knows; nil asks Outward.
	Routes []Delivery
	At     time.Time
}

// Posted is an entry and its conversation after it.
type Posted struct {
	Conversation Conversation
	Entry        Entry
	// Replayed says that an earlier call with the key had posted it.
	Replayed bool
}

// Posting is one more message or note.
type Posting struct {
	// Kind is KindMessage or KindNote.
	Kind EntryKind
	Body Body
	// ClientID is unique in the conversation for ever: posting again answers
	// with the present entry.
	ClientID string
	ReplyTo  int64
	// ExternalID is what the channel calls the message; unique per account.
	ExternalID string
	At         time.Time
}

// Window asks for part of a conversation: what comes after a seq, or before
// one, or, with neither, the newest.
type Window struct {
	After  int64
	Before int64
	// Forward asks for what comes after After, which may be 0.
	Forward bool
	Limit   int
}

// Stretch is part of a conversation, in order.
type Stretch struct {
	Items   []Entry
	LastSeq int64
	// HasMore says that there is more in the direction asked.
	HasMore bool
}

// BotReply is what the bot says to one question.
type BotReply struct {
	// OwnerEpoch is the one the turn was for: the reply is refused with
	// ErrMoved once the conversation has another owner.
	OwnerEpoch int64
	// InReplyTo is the seq of the question.
	InReplyTo int64
	Body      Body
	// ClientID makes the reply happen once, however often the turn runs.
	ClientID string
	At       time.Time
}

// Handover passes a conversation on to people.
type Handover struct {
	// OwnerEpoch is the one of the bot's turn; zero if somebody asks by hand.
	OwnerEpoch int64
	Reason     Reason
	Summary    *Summary
	At         time.Time
}

// Attributes are what staff edit of a conversation; nil leaves one alone.
type Attributes struct {
	Subject  *string
	Priority *Priority
}
