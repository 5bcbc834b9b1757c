package inbox

import (
	"time"

	"everdesk/internal/id"
)

// EntryKind says what kind of line an entry is.
type EntryKind string

// The kinds. A note is for staff alone; edit and recall point at their target.
const (
	KindMessage    EntryKind = "message"
	KindNote       EntryKind = "note"
	KindTransition EntryKind = "transition"
	KindRating     EntryKind = "rating"
	KindEdit       EntryKind = "edit"
	KindRecall     EntryKind = "recall"
)

// AuthorKind says what kind of author wrote an entry or made a move.
type AuthorKind string

// The authors.
const (
	ByCustomer AuthorKind = "customer"
	ByStaff    AuthorKind = "staff"
	ByBot      AuthorKind = "bot"
	BySystem   AuthorKind = "system"
)

// Author is who wrote an entry or made a move. Staff or Customer is set as the
// kind says; a program acting for the workspace is the system.
type Author struct {
	Kind     AuthorKind
	Staff    id.Staff
	Customer id.Customer
}

// Staff, customer, bot and system as authors.
func staffAuthor(staff id.Staff) Author { return Author{Kind: ByStaff, Staff: staff} }

// System is the desk itself.
var System = Author{Kind: BySystem}

// Bot is the built-in bot.
var Bot = Author{Kind: ByBot}

// Member returns a member of staff as an author.
func Member(staff id.Staff) Author { return staffAuthor(staff) }

// Asker returns a customer as an author.
func Asker(customer id.Customer) Author { return Author{Kind: ByCustomer, Customer: customer} }

// Number returns the author's own id as a bare number, for storage.
func (a Author) Number() int64 {
	if a.Kind == ByCustomer {
		return int64(a.Customer)
	}
	return int64(a.Staff)
}

// AuthorOf is the inverse of Number.
func AuthorOf(kind AuthorKind, number int64) Author {
	if kind == ByCustomer {
		return Asker(id.Customer(number))
	}
	return Author{Kind: kind, Staff: id.Staff(number)}
}

// Entry is one durable line of a conversation. Seq counts from 1 without gaps.
type Entry struct {
	ID           id.Entry
	Conversation id.Conversation
	Seq          int64
	Kind         EntryKind
	Author       Author
	// Body is the present body: of an edit or a recall, its target's.
	Body Body
	// Private entries are never shown to the customer.
	Private  bool
	ClientID string
	ReplyTo  int64
	// Target is the entry an edit or a recall is about.
	Target     int64
	CreatedAt  time.Time
	EditedAt   time.Time
	RecalledAt time.Time
	// Delivery is the newest delivery of it, if it is for the customer.
	Delivery *Delivery
}

// Version is one body an entry has had.
type Version struct {
	Body Body
	// Seq is the edit or recall that replaced it; 0 for the present one.
	Seq int64
	// By and At tell of the one who wrote this body.
	By Author
	At time.Time
}

// DeliveryState says how far an entry has come on its way.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryQueued    DeliveryState = "queued"
	DeliverySent      DeliveryState = "sent"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryRead      DeliveryState = "read"
	DeliveryFailed    DeliveryState = "failed"
)

// Delivery is the sending of one entry to one identity, or to the customer's
// widget when Identity is zero. Jobs send the queued ones, in order within a
// conversation; the widget's are sent by being written.
type Delivery struct {
	ID           id.Delivery
	Workspace    id.Workspace
	Conversation id.Conversation
	Seq          int64
	Identity     id.Identity
	Channel      Channel
	State        DeliveryState
	Attempt      int64
	NextAt       time.Time
	// Reason says why it failed or waits, for people.
	Reason string
	// ExternalID is what the channel calls the message.
	ExternalID string
}

// Context is what an answering engine may know of a conversation.
type Context struct {
	Conversation Conversation
	// Entries are the newest, oldest first, without private ones.
	Entries []Entry
}
