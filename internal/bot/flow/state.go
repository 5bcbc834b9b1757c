package flow

import (
	"encoding/json"
	"time"

	"everdesk/internal/inbox"
)

// The limits of a dialogue.
const (
	maxFrames  = 3
	maxAgenda  = 3
	maxParked  = 3
	maxTrail   = 200
	maxVisits  = 100 // nodes walked in one step
	maxAgain   = 10  // visits of one node in one step
	parkedFor  = 24 * time.Hour
	proofLasts = 30 * time.Minute
	// CodeLasts is how long a one-time code is good for, CodeTries how often it
	// may be tried.
	CodeLasts = 5 * time.Minute
	CodeTries = 5
	usualTry  = 3
	// shareLasts is how long what was told in one flow is taken as it is in the
	// next; after that the customer is asked whether it is still so.
	shareLasts = 30 * time.Minute
	// detourLasts and detourTurns are the longest detour that leads back without
	// asking.
	detourLasts = 10 * time.Minute
	detourTurns = 6
	// callLasts is when a call that has not come back is given up.
	callLasts = 2 * time.Minute
	// progressAfter is when a customer is told that a call takes its time.
	progressAfter = 1500 * time.Millisecond
)

// Dialogue is the state of one conversation. It is JSON, and the same after a
// trip through it.
type Dialogue struct {
	// ID is the conversation; keys of calls are made with it.
	ID string `json:"id"`
	// Turn counts steps; what a step makes is named after it.
	Turn int64 `json:"turn"`
	// Cursor is the customer's last message that was taken in.
	Cursor int64 `json:"cursor"`
	// Epoch is the owner's under which the last step was made.
	Epoch    int64            `json:"epoch,omitempty"`
	Locale   string           `json:"locale"`
	Frames   []Frame          `json:"frames,omitempty"`
	Agenda   []Wish           `json:"agenda,omitempty"`
	Parked   []Frame          `json:"parked,omitempty"`
	Wait     *Wait            `json:"wait,omitempty"`
	Shared   map[string]Value `json:"shared,omitempty"`
	Proofs   []Proof          `json:"proofs,omitempty"`
	Misses   int              `json:"misses,omitempty"`
	Customer map[string]any   `json:"customer,omitempty"`
	Conv     map[string]any   `json:"conv,omitempty"`
}

// Frame is one flow being walked. It stays with the version it began with.
type Frame struct {
	ID    string           `json:"id"`
	Flow  string           `json:"flow"`
	Hash  string           `json:"hash"`
	Node  string           `json:"node"`
	Slots map[string]Value `json:"slots,omitempty"`
	Data  map[string]Datum `json:"data,omitempty"`
	Trail []Visit          `json:"trail,omitempty"`
	// Visits counts how often each node was come to.
	Visits map[string]int `json:"visits,omitempty"`
	// Written are the slots that committed writes used: the point of no return.
	Written []string `json:"written,omitempty"`
	// Yes is the customer's last yes and what it was said to.
	Yes *Yes `json:"yes,omitempty"`
	// Caller is the frame whose run node began this one.
	Caller string `json:"caller,omitempty"`
	// Wait is the question that was open when another flow came in between.
	Wait *Wait `json:"wait,omitempty"`
	// Left is when and in which turn that was.
	Left     time.Time `json:"left,omitzero"`
	LeftTurn int64     `json:"left_turn,omitempty"`
	Wrote    bool      `json:"wrote,omitempty"`
}

// Value is what a slot holds.
type Value struct {
	V any `json:"v"`
	// Show is how it is said, where that differs: an option's label.
	Show   Text      `json:"show,omitempty"`
	Raw    string    `json:"raw,omitempty"`
	Seq    int64     `json:"seq,omitempty"`
	Source string    `json:"source"`
	At     time.Time `json:"at"`
	From   []string  `json:"from,omitempty"`
}

// Datum is what a connector answered.
type Datum struct {
	V    any       `json:"v"`
	At   time.Time `json:"at"`
	From []string  `json:"from,omitempty"`
	Node string    `json:"node"`
	Op   string    `json:"op"`
	// Stale says that something has been written since.
	Stale bool `json:"stale,omitempty"`
}

// Visit is a node that was come to.
type Visit struct {
	Node  string   `json:"node"`
	Reads []string `json:"reads,omitempty"`
}

// Yes is an answer to a confirm node.
type Yes struct {
	Node string `json:"node"`
	// Slots and Data are what the flow held then, as JSON.
	Slots map[string]string `json:"slots"`
}

// Proof says that the customer may act for the value of a subject.
type Proof struct {
	Level  string    `json:"level"`
	Value  string    `json:"value"`
	Method string    `json:"method"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
}

// Wish is a flow to be started later.
type Wish struct {
	Flow  string           `json:"flow"`
	Slots map[string]Value `json:"slots,omitempty"`
}

// The kinds of wait.
const (
	WaitSlot    = "slot"
	WaitChoice  = "choice"
	WaitConfirm = "confirm"
	WaitCode    = "code"
	WaitGuide   = "guide"
	WaitSurvey  = "survey"
	WaitCall    = "call"
	WaitSwitch  = "switch"  // leave this for that?
	WaitResume  = "resume"  // go on with this?
	WaitKeep    = "keep"    // is it still that value?
	WaitClarify = "clarify" // which of these was meant?
)

// Wait is what the dialogue waits for.
type Wait struct {
	ID      string         `json:"id"`
	Kind    string         `json:"kind"`
	Node    string         `json:"node,omitempty"`
	Slot    string         `json:"slot,omitempty"`
	Type    string         `json:"type,omitempty"`
	Options []Option       `json:"options,omitempty"`
	Tries   int            `json:"tries,omitempty"`
	Since   time.Time      `json:"since"`
	Due     time.Time      `json:"due"`
	Nudged  bool           `json:"nudged,omitempty"`
	Key     string         `json:"key,omitempty"`     // of a call
	Op      string         `json:"op,omitempty"`      // of a call
	Args    map[string]any `json:"args,omitempty"`    // of a call
	Level   string         `json:"level,omitempty"`   // of a code
	Subject string         `json:"subject,omitempty"` // of a code
	Hash    string         `json:"hash,omitempty"`    // of a code that was sent
	Masked  string         `json:"masked,omitempty"`
	Until   time.Time      `json:"until,omitzero"`
	Wish    *Wish          `json:"wish,omitempty"`
	Under   *Wait          `json:"under,omitempty"`
}

// Option is one answer a wait offers.
type Option struct {
	Value any  `json:"value"`
	Label Text `json:"label"`
	// Next is where a choice leads, if not where the node does.
	Next string `json:"next,omitempty"`
}

// EventKind says what happened.
type EventKind string

// The events of a dialogue.
const (
	// Heard is a message of the customer, read into commands.
	Heard EventKind = "heard"
	// Called is the end of a call.
	Called EventKind = "called"
	// CodeSent is the end of an attempt to send a one-time code.
	CodeSent EventKind = "code_sent"
	// Ticked is a timer that has come to its time.
	Ticked EventKind = "ticked"
	// Taken says that people have the conversation, Returned that the bot has it
	// again.
	Taken    EventKind = "taken"
	Returned EventKind = "returned"
)

// Event is something that happened.
type Event struct {
	Kind EventKind
	// Seq, Commands and what is known of the customer come with Heard.
	Seq      int64
	Locale   string
	Commands []Command
	Customer map[string]any
	Conv     map[string]any
	// Wait is the question a timer or a code belongs to, Key the call.
	Wait, Key string
	Timer     string
	Data      map[string]any
	// Code is why a call or the sending of a code failed.
	Code   string
	Hash   string
	Masked string
}

// CommandKind is what a customer wants the dialogue to do.
type CommandKind string

// The commands. There are no others: whatever reads a message, a rule, a
// classifier or a language model, can only produce these.
const (
	DoPerson  CommandKind = "person"
	DoCancel  CommandKind = "cancel"
	DoBack    CommandKind = "back"
	DoRepeat  CommandKind = "repeat"
	DoWhy     CommandKind = "why"
	DoResend  CommandKind = "resend"
	DoCode    CommandKind = "code"
	DoAffirm  CommandKind = "affirm"
	DoDeny    CommandKind = "deny"
	DoChoose  CommandKind = "choose"
	DoSet     CommandKind = "set"
	DoCorrect CommandKind = "correct"
	DoStart   CommandKind = "start"
	DoAnswer  CommandKind = "answer"
	DoClarify CommandKind = "clarify"
	DoUnknown CommandKind = "unknown"
)

// Command is one of them with what it needs.
type Command struct {
	Kind CommandKind `json:"kind"`
	Slot string      `json:"slot,omitempty"`
	// Type is the type of the value, for a slot the command does not name.
	Type   string `json:"type,omitempty"`
	Flow   string `json:"flow,omitempty"`
	Value  any    `json:"value,omitempty"`
	Raw    string `json:"raw,omitempty"`
	Source string `json:"source,omitempty"`
	// Digest is the keyed hash of the figures of a code.
	Digest string   `json:"digest,omitempty"`
	Flows  []string `json:"flows,omitempty"`
	P      float64  `json:"p,omitempty"`
	// Body is an answer to be said as it is.
	Body inbox.Body `json:"-"`
}

// EffectKind says what has to be done.
type EffectKind string

// The effects.
const (
	// Speak says Body to the customer.
	Speak EffectKind = "say"
	// Invoke calls an operation, once, under Key.
	Invoke EffectKind = "call"
	// SendCode sends a one-time code to whom Subject belongs.
	SendCode EffectKind = "code"
	// SetTimer wakes the dialogue at At; a later one of the kind replaces it.
	SetTimer EffectKind = "timer"
	// MakeTicket has a ticket carry the conversation.
	MakeTicket EffectKind = "ticket"
	// GiveUp hands the conversation over to people.
	GiveUp EffectKind = "handover"
	// Ended tells that a flow came to an end.
	Ended EffectKind = "ended"
	// Rated is a customer's verdict.
	Rated EffectKind = "rated"
	// Trouble is something an operator should know of.
	Trouble EffectKind = "trouble"
)

// The timers of a dialogue.
const (
	Progress = "progress"
	Silence  = "silence"
)

// Effect is something to be done in the transaction of the state.
type Effect struct {
	Kind EffectKind
	Body inbox.Body
	// Key, Op, Args and Proof are a call's.
	Key, Op string
	Args    map[string]any
	Proof   *Proof
	// Wait is the question a code or a timer belongs to.
	Wait, Level, Subject string
	Timer                string
	At                   time.Time
	// Flow, Hash, Node and Outcome say where it comes from.
	Flow, Hash, Node, Outcome string
	// Reason, Title and Fields go with a ticket or a hand-over.
	Reason string
	Title  string
	Fields map[string]string
	Text   string
	Score  int
}

// copyOf is the same dialogue, sharing nothing with it.
func copyOf(d Dialogue) Dialogue {
	raw, err := json.Marshal(d)
	if err != nil {
		return d // a dialogue is made of what JSON can say
	}
	var c Dialogue
	if json.Unmarshal(raw, &c) != nil {
		return d
	}
	return c
}

// Active reports whether the dialogue has something to do with the customer's
// next message.
func (d Dialogue) Active() bool { return len(d.Frames) > 0 || d.Wait != nil }

// Top is the frame being walked.
func (d *Dialogue) Top() *Frame {
	if len(d.Frames) == 0 {
		return nil
	}
	return &d.Frames[len(d.Frames)-1]
}
