// Package flow is the dialogue engine: what a customer and the bot go through
// to reach one goal, as a document, and the reducer that walks it.
//
// A flow is one JSON document (docs/schema/flow.json), immutable once published.
// Step is a pure function of a dialogue's state, an event and a time; what has
// to be done comes back as effects, which storage writes in the transaction of
// the state. Nothing here sends, calls, reads a clock or draws a number.
//
// Three name spaces cannot be mixed: slots come from the customer, data from
// connectors, proofs from the engine. A write needs a proof of its subject and
// a yes to a question that showed its arguments; static checks say so before a
// flow is published, and the reducer once more before a call is made.
package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"everdesk/internal/fault"
)

// What can be refused.
var (
	ErrNotFound   = fault.New(fault.NotFound, "flow.not_found")
	ErrNoVersion  = fault.New(fault.NotFound, "flow.no_such_version")
	ErrMalformed  = fault.New(fault.Invalid, "flow.malformed")
	ErrProblems   = fault.New(fault.Invalid, "flow.has_problems")
	ErrKeyTaken   = fault.New(fault.Conflict, "flow.key_taken")
	ErrKeyChanged = fault.New(fault.Invalid, "flow.key_changed")
	// ErrInUse says that another published flow runs this one.
	ErrInUse = fault.New(fault.Conflict, "flow.in_use")
)

// Format names the documents this package reads.
const Format = "everdesk.flow/1"

// The limits of a document.
const (
	MaxDocument = 64 << 10
	maxNodes    = 200
	maxSlots    = 50
	maxText     = 2000
	maxCEL      = 1000
	maxExamples = 100
)

// Text is wording by locale: "zh", "en", "zh-CN".
type Text map[string]string

// In returns the wording for a language tag: its own, else the language's, else
// English, else any there is.
func (t Text) In(tag string) string {
	if text, ok := t[tag]; ok {
		return text
	}
	base, _, _ := strings.Cut(tag, "-")
	if text, ok := t[base]; ok {
		return text
	}
	for _, other := range slices.Sorted(maps.Keys(t)) {
		if strings.HasPrefix(other, base+"-") {
			return t[other]
		}
	}
	if text, ok := t["en"]; ok {
		return text
	}
	for _, other := range slices.Sorted(maps.Keys(t)) {
		return t[other]
	}
	return ""
}

// Doc is a flow as its author wrote it.
type Doc struct {
	Format string  `json:"format"`
	Key    string  `json:"key"`
	Title  Text    `json:"title"`
	About  Text    `json:"about,omitempty"`
	Starts []Start `json:"starts"`
	Guard  string  `json:"guard,omitempty"`
	// Digress says what another wish does to this flow, Resume what happens when
	// that one has ended.
	Digress string           `json:"digress,omitempty"`
	Resume  string           `json:"resume,omitempty"`
	Silence string           `json:"silence,omitempty"`
	Slots   map[string]Slot  `json:"slots,omitempty"`
	Entry   string           `json:"entry"`
	Nodes   map[string]*Node `json:"nodes"`
	// Layout is the editor's, and no part of what the flow is.
	Layout json.RawMessage `json:"layout,omitempty"`
	Tests  json.RawMessage `json:"tests,omitempty"`
}

// The policies.
const (
	Free = "free"
	Ask  = "ask"
	Hold = "hold"
	Auto = "auto"
	Drop = "drop"
)

// Start is one way into a flow.
type Start struct {
	Intent string `json:"intent,omitempty"`
	Event  string `json:"event,omitempty"`
	When   string `json:"when,omitempty"`
	// Examples are what customers write who want this, by locale.
	Examples map[string][]string `json:"examples,omitempty"`
}

// Slot is something the customer tells.
type Slot struct {
	Type    string   `json:"type"`
	List    bool     `json:"list,omitempty"`
	Ask     Text     `json:"ask,omitempty"`
	Again   Text     `json:"again,omitempty"`
	Valid   string   `json:"valid,omitempty"`
	Invalid Text     `json:"invalid,omitempty"`
	Share   string   `json:"share,omitempty"`
	TTL     string   `json:"ttl,omitempty"`
	Private bool     `json:"private,omitempty"`
	Prefill string   `json:"prefill,omitempty"`
	Options []string `json:"options,omitempty"`
	// Pattern is an RE2 expression an order number or a text must match whole.
	Pattern string `json:"pattern,omitempty"`
}

// Node is one step; which fields it has depends on its type.
type Node struct {
	Type string `json:"type"`

	Text    Text   `json:"text,omitempty"`
	Next    string `json:"next,omitempty"`
	Giveup  string `json:"giveup,omitempty"`
	Slot    string `json:"slot,omitempty"`
	Tries   int    `json:"tries,omitempty"`
	Always  bool   `json:"always,omitempty"`
	Options []Pick `json:"options,omitempty"`
	From    string `json:"from,omitempty"`
	Label   Text   `json:"label,omitempty"`

	Yes   string            `json:"yes,omitempty"`
	No    string            `json:"no,omitempty"`
	Cases []Case            `json:"cases,omitempty"`
	Else  string            `json:"else,omitempty"`
	Slots map[string]string `json:"slots,omitempty"`

	Do     string            `json:"do,omitempty"`
	With   map[string]string `json:"with,omitempty"`
	As     string            `json:"as,omitempty"`
	Errors map[string]string `json:"errors,omitempty"`

	Subject string `json:"subject,omitempty"`
	Level   string `json:"level,omitempty"`
	Fail    string `json:"fail,omitempty"`

	Steps []GuideStep `json:"steps,omitempty"`
	Stuck string      `json:"stuck,omitempty"`

	Template string            `json:"template,omitempty"`
	Fields   map[string]string `json:"fields,omitempty"`
	Kind     string            `json:"kind,omitempty"`
	Flow     string            `json:"flow,omitempty"`
	Outcomes map[string]string `json:"outcomes,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Skills   []string          `json:"skills,omitempty"`
	Outcome  string            `json:"outcome,omitempty"`
}

// Pick is one option of a choose node.
type Pick struct {
	Value string `json:"value"`
	Label Text   `json:"label"`
	Next  string `json:"next,omitempty"`
}

// Case is one way out of a branch.
type Case struct {
	When string `json:"when"`
	Next string `json:"next"`
}

// GuideStep is one step of a guide.
type GuideStep struct {
	Text  Text   `json:"text"`
	Image string `json:"image,omitempty"`
	Alt   Text   `json:"alt,omitempty"`
}

// The types of node.
const (
	Say      = "say"
	AskNode  = "ask"
	Choose   = "choose"
	Confirm  = "confirm"
	Branch   = "branch"
	Set      = "set"
	Call     = "call"
	Verify   = "verify"
	Guide    = "guide"
	Ticket   = "ticket"
	Survey   = "survey"
	Run      = "run"
	Handover = "handover"
	End      = "end"
)

// The outcomes of a flow.
const (
	Done      = "done"
	Nothing   = "nothing"
	Cancelled = "cancelled"
	Failed    = "failed"
)

// Hash names a version: two documents that mean the same have the same. Where
// things stand on the editor's canvas does not count.
func (d Doc) Hash() string {
	d.Layout = nil
	raw, err := json.Marshal(d)
	if err != nil {
		return "" // a document that was decoded can be encoded
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}

// edge is one way from a node to another.
type edge struct {
	// kind is "next", "giveup", "yes", "no", "case", "else", "error", "fail",
	// "stuck", "option" or "outcome"; path is where the target is written.
	kind, path, to string
}

// edges are all ways out of a node, in a fixed order.
func (n *Node) edges() []edge {
	var all []edge
	add := func(kind, path, to string) {
		if to != "" {
			all = append(all, edge{kind, path, to})
		}
	}
	add("next", "next", n.Next)
	add("yes", "yes", n.Yes)
	add("no", "no", n.No)
	for i, c := range n.Cases {
		add("case", "cases["+itoa(i)+"].next", c.Next)
	}
	add("else", "else", n.Else)
	for i, o := range n.Options {
		add("option", "options["+itoa(i)+"].next", o.Next)
	}
	for _, code := range slices.Sorted(maps.Keys(n.Errors)) {
		add("error", "errors."+code, n.Errors[code])
	}
	for _, outcome := range slices.Sorted(maps.Keys(n.Outcomes)) {
		add("outcome", "outcomes."+outcome, n.Outcomes[outcome])
	}
	add("fail", "fail", n.Fail)
	add("stuck", "stuck", n.Stuck)
	add("giveup", "giveup", n.Giveup)
	return all
}

// waits reports whether the customer speaks at a node.
func (n *Node) waits() bool {
	switch n.Type {
	case AskNode, Choose, Confirm, Verify, Guide, Survey:
		return true
	}
	return false
}

// Durations are written "10m", "24h", "2d".
func duration(text string, usual time.Duration) time.Duration {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if t, err := time.ParseDuration(days + "h"); err == nil {
			return 24 * t
		}
		return usual
	}
	if t, err := time.ParseDuration(text); err == nil && text != "" {
		return t
	}
	return usual
}
