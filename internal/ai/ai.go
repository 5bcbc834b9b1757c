// Package ai is the contract with providers of language models: what the desk
// asks of one and what can go wrong. Everything works without a provider; what
// one says is a text to be checked and never an act.
package ai

import (
	"context"

	"everdesk/internal/fault"
)

// What can go wrong with a provider. All but ErrInvalid mean that the built-in
// engine answers.
var (
	ErrInvalid       = fault.New(fault.Invalid, "provider.invalid")
	ErrNotConfigured = fault.New(fault.NotFound, "provider.not_configured")
	ErrUnavailable   = fault.New(fault.Unavailable, "provider.unavailable")
	// ErrGarbled says that the answer cannot be read, or ended before its end.
	ErrGarbled = fault.New(fault.Unavailable, "provider.garbled_answer")
	// ErrRefused says that the provider does not take the key, or the model.
	ErrRefused = fault.New(fault.Forbidden, "provider.refused")
	// ErrSpent says that the workspace's budget or rate is used up.
	ErrSpent = fault.New(fault.Exhausted, "provider.budget_spent")
)

// Role says who speaks in a message.
type Role string

// The roles.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// A Message is one turn of what a model is given.
type Message struct {
	Role Role
	Text string
	// Images go with a message of the user, for models that see.
	Images []Image
}

// An Image is a picture and its type, "image/png".
type Image struct {
	Type string
	Data []byte
}

// A Request asks a chat model to go on.
type Request struct {
	Messages []Message
	// MostTokens bounds the answer; zero is the adapter's default.
	MostTokens int
	// JSON asks for one JSON object. Whether the model keeps to it is for the
	// caller to check.
	JSON bool
}

// Usage is what a call cost, in tokens; an estimate where the provider does not
// say.
type Usage struct{ Prompt, Completion int }

// Total returns all tokens of a call.
func (u Usage) Total() int64 { return int64(u.Prompt) + int64(u.Completion) }

// A Reply is a whole answer.
type Reply struct {
	Text  string
	Usage Usage
}

// Chat is a model that talks.
type Chat interface {
	// Chat returns the whole answer. onText, if not nil, gets it piece by piece
	// as it comes; an error of onText ends the call. Nothing of an answer counts
	// before Chat has returned without an error.
	Chat(ctx context.Context, request Request, onText func(piece string) error) (Reply, error)
}

// Embedder turns texts into vectors, one for each, all of one length.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, Usage, error)
}

// Vision tells what is on a picture.
type Vision interface {
	See(ctx context.Context, image Image, prompt string) (Reply, error)
}

// Provider is all a provider may offer.
type Provider interface {
	Chat
	Embedder
	Vision
}
