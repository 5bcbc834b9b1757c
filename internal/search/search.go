// Package search decides what of a text can be found, and what of a query finds
// it: the same for Chinese and English, and the same whatever engine keeps the
// index. It cuts texts into tokens, reads what people type into a search box,
// ranks what was found and shows where it stands.
//
// Engines get tokens that are ready: they compare them byte by byte, keep their
// order for phrases, and decide nothing about language.
package search

import (
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
)

// What can be refused.
var (
	// ErrNothing says that a query holds nothing that could be found.
	ErrNothing = fault.New(fault.Invalid, "search.nothing_to_find")
)

// Version rises whenever the same text would be cut otherwise. An index made by
// another version is made anew.
const Version = 1

const (
	// Window is how many of the newest matches are ranked among themselves.
	Window = 2000
	// MaxTerms is how many terms of a query count; the others are left out.
	MaxTerms = 12
	// maxWords is how much of a text can be found, in tokens.
	maxWords = 4000
	// maxWord is the longest token in characters; longer words are cut.
	maxWord = 40
	// maxBeginning is the longest beginning of a name's word, in characters.
	maxBeginning = 12
)

// A Match is a place where a query was found. Seq is the entry; zero stands for
// what heads the conversation: subject, customer, ticket, tags.
type Match struct {
	// Doc orders matches: a newer text has a greater one.
	Doc          int64
	Conversation id.Conversation
	Seq          int64
	// Length is the text's in tokens.
	Length int64
}

// A Hit is a conversation with its best match.
type Hit struct {
	Match
	// Matches counts those in the window.
	Matches int
	Score   float64
}

// Found is a conversation that has what was looked for.
type Found struct {
	Hit
	Conversation inbox.Conversation
	// Entry is the best match; its Seq is zero where what heads the conversation
	// matched.
	Entry inbox.Entry
	// Text is what matched, to cut a snippet from.
	Text string
}

// Progress says how far the index of a workspace has come.
type Progress struct {
	// Done and Total count conversations. Total is what there was when filling
	// began; newer ones are indexed as they are written.
	Done, Total int64
	// Filled says that nothing is missing.
	Filled bool
	// Since is when filling began; zero if there was never anything to fill.
	Since time.Time
}
