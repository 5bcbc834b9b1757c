// Package connector is the contract with the systems a desk acts in: orders,
// parcels, refunds. A connector is a document of operations. What an operation
// is (does it read or write, whose proof does it need, how may it be repeated)
// stands here, once, and not with those who use it: a flow's author cannot
// mislabel a write.
//
// Calls are made by adapters (package rest) behind Caller.
package connector

import (
	"context"
	"time"

	"everdesk/internal/fault"
)

// What can be refused.
var (
	ErrNotFound = fault.New(fault.NotFound, "connector.not_found")
	ErrInvalid  = fault.New(fault.Invalid, "connector.invalid")
	ErrKeyTaken = fault.New(fault.Conflict, "connector.key_taken")
	// ErrNoOperation says that a connector has no such operation.
	ErrNoOperation = fault.New(fault.NotFound, "connector.no_operation")
	// ErrTried says that only what reads and shows no contact can be tried out.
	ErrTried = fault.New(fault.Forbidden, "connector.not_to_be_tried")
)

// Format names the documents this package reads.
const Format = "everdesk.connector/1"

// Effect says what an operation does to the world.
type Effect string

// The effects.
const (
	Read  Effect = "read"
	Write Effect = "write"
)

// The levels of identity, from none to an account's owner. A proof of a level
// is bound to the value of its subject.
const (
	NoIdentity = ""
	Order      = "order"
	Account    = "account"
)

// Retry says how a call may be repeated when it is not known what became of it.
type Retry string

// The ways to repeat a write. Reads may always be.
const (
	// RetryNever has a person find out.
	RetryNever Retry = ""
	// RetryKey repeats with the same idempotency key, which the other side
	// honours.
	RetryKey Retry = "key"
)

// The errors every operation can end in besides its own.
const (
	// Unavailable says that the other side did not answer, or not in time.
	Unavailable = "unavailable"
	// Refused says that it answered with an error nobody has named.
	Refused = "refused"
	// Unknown says that a write was sent and nobody knows what became of it.
	Unknown = "unknown"
)

// Document is a connector as it is written.
type Document struct {
	Format string            `json:"format"`
	Key    string            `json:"key"`
	Title  map[string]string `json:"title"`
	// Base is the address all paths follow.
	Base string `json:"base"`
	Auth Auth   `json:"auth,omitzero"`
	// Timeout is how long one attempt may take, "5s" by default, 10 s at most.
	Timeout string `json:"timeout,omitempty"`
	// Contacts names, for a level of identity, the operation that tells where
	// its subject's owner is reached. Its answer goes to nobody but the desk.
	Contacts   map[string]string         `json:"contacts,omitempty"`
	Operations map[string]OperationEntry `json:"operations"`
}

// Auth is how the desk shows who it is. The secret itself is kept apart, under
// the name Secret.
type Auth struct {
	// Kind is "", "bearer" or "header".
	Kind   string `json:"kind,omitempty"`
	Header string `json:"header,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// OperationEntry is one operation of a document.
type OperationEntry struct {
	About    map[string]string `json:"about,omitempty"`
	Effect   Effect            `json:"effect"`
	Identity string            `json:"identity,omitempty"`
	// Subject is the input that names whose it is.
	Subject string            `json:"subject,omitempty"`
	Input   map[string]string `json:"input,omitempty"`
	Request Request           `json:"request"`
	// Output maps names to paths in the answer: "$.parcel.events[0].place".
	Output map[string]string `json:"output,omitempty"`
	// Errors maps a status, "404", or a status and a code of the answer's field
	// "error", "409 too_late", to a name of the desk's.
	Errors map[string]string `json:"errors,omitempty"`
	// Fresh is for how long an answer may be used again.
	Fresh string `json:"fresh,omitempty"`
	Retry Retry  `json:"retry,omitempty"`
	// Check is the reading operation that shows whether a write has happened.
	Check string `json:"check,omitempty"`
}

// Request says what is sent. "{{name}}" stands for an input.
type Request struct {
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Query  map[string]string `json:"query,omitempty"`
	// Body is JSON; a text that is nothing but "{{name}}" becomes the input as
	// it is, number or object.
	Body any `json:"body,omitempty"`
}

// Operation is what users of a connector know of one operation.
type Operation struct {
	// Name is "shop.order.get".
	Name     string
	Effect   Effect
	Identity string
	Subject  string
	Inputs   map[string]string
	Outputs  []string
	Errors   []string
	Fresh    time.Duration
	Retry    Retry
	Contact  bool
}

// Call is one call to be made.
type Call struct {
	Operation string
	Args      map[string]any
	// Key is the idempotency key: the same for every repetition.
	Key   string
	Proof *Proof
}

// Proof tells the other side why the desk believes that the customer may.
type Proof struct {
	Level   string    `json:"level"`
	Subject string    `json:"subject"`
	Method  string    `json:"method"`
	At      time.Time `json:"at"`
}

// Result is what came back, by the names of the operation's output.
type Result struct {
	Data map[string]any
	// Took is how long it took, attempts included.
	Took time.Duration
	// Attempts counts from 1.
	Attempts int
}

// Failure is how a call ended that brought no result.
type Failure struct {
	// Code is one of the operation's errors, Unavailable, Refused or Unknown.
	Code string
	// Detail is for people who look after the connector, never for customers.
	Detail string
}

// Error returns the code and the detail.
func (f *Failure) Error() string { return "connector: " + f.Code + ": " + f.Detail }

// Caller makes calls to one connector.
type Caller interface {
	// Call makes a call, repeating what may be repeated while there is time. Its
	// error is a *Failure.
	Call(ctx context.Context, call Call) (Result, error)
}

// Registry knows the operations of a workspace.
type Registry map[string]Operation

// Operation finds one by its full name.
func (r Registry) Operation(name string) (Operation, bool) {
	found, ok := r[name]
	return found, ok
}

// Contact returns the operation that tells where a subject of a level is
// reached, asking the connectors named first.
func (r Registry) Contact(level string, connectors []string) (string, bool) {
	for _, key := range connectors {
		if _, ok := r[key+".contact:"+level]; ok {
			return r[key+".contact:"+level].Name, true
		}
	}
	return "", false
}
