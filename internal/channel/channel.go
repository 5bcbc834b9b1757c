// Package channel is the contract with the channels that carry messages out of
// the desk: what is sent, what came of it, and the settings of each channel.
//
// An adapter (channel/email, channel/sms) translates and knows nothing of
// conversations. Whether, when and how often something is tried is decided by
// package notify.
package channel

import (
	"context"
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What settings and sending can be refused for.
var (
	ErrInvalid       = fault.New(fault.Invalid, "channel.invalid")
	ErrNotConfigured = fault.New(fault.Conflict, "channel.not_configured")
	ErrNotFound      = fault.New(fault.NotFound, "channel.not_found")
)

// Kind is the kind of a channel.
type Kind string

// The channels of today that messages leave by.
const (
	Email  Kind = "email"
	SMS    Kind = "sms"
	Widget Kind = "widget"
)

// Outbound is one message on its way out.
type Outbound struct {
	// ID names the attempt's delivery. Sending it twice is sending one message
	// twice: where a channel can tell, the second is dropped.
	ID string
	// To is an address of the channel; Name is its owner's, if known.
	To, Name string
	// Thread is equal for messages that belong together, "" for those that stand
	// alone.
	Thread string
	// Subject and HTML are for channels that have them. Text is whole without
	// them.
	Subject, Text, HTML string
	// Automatic says that no person wrote it, so that no machine answers.
	Automatic bool
	At        time.Time
}

// Sender sends by one account of a channel. It returns within the ctx's time.
type Sender interface {
	Send(ctx context.Context, message Outbound) Receipt
}

// State says what came of sending.
type State string

// The states.
const (
	// Sent: the next system has taken the message over.
	Sent State = "sent"
	// Delayed: it may work later.
	Delayed State = "delayed"
	// Failed: it will never work as it is.
	Failed State = "failed"
)

// Receipt is what came of sending one message.
type Receipt struct {
	State State
	// RetryAfter is how long the other side asks to wait; zero says nothing.
	RetryAfter time.Duration
	// Reason says why it was not sent, as a stable code.
	Reason Reason
	// Detail is the other side's words, for the log and the staff; cut to 300
	// bytes and free of credentials.
	Detail string
	// ExternalID is what the other side calls the message.
	ExternalID string
}

// Reason is a stable code for why a message was not sent.
type Reason string

// The reasons.
const (
	NotConfigured   Reason = "not_configured"
	Unreachable     Reason = "unreachable"
	BlockedTarget   Reason = "blocked_target"
	TLSFailed       Reason = "tls_failed"
	LoginRefused    Reason = "login_refused"
	SenderRefused   Reason = "sender_refused"
	AddressRefused  Reason = "address_refused"
	MessageRefused  Reason = "message_refused"
	BadSettings     Reason = "bad_settings"
	TryLater        Reason = "try_later"
	UnclearAnswer   Reason = "unclear_answer"
	NoSuchRecipient Reason = "no_recipient"
	Recalled        Reason = "recalled"
)

// Account is a configured channel of a workspace.
type Account struct {
	ID      id.Channel
	Kind    Kind
	Version int64
}

// Short cuts a foreign text for a Receipt.
func Short(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return text[:most]
}
