// Package searchdb keeps the index of what was said, and asks it.
//
// The index follows the outbox: whoever writes a message does not wait for it.
// A consumer reads what changed, cuts it into tokens outside any transaction and
// writes only the result, together with its cursor; what was there before the
// index is filled in by a job, newest first. Everything here can be made again
// from the conversations.
//
// Each text has a number that rises with the order of writing. The number tells
// the workspace too, so that no question reaches into another one, and it stands
// for time: the newest matches are those with the greatest numbers.
package searchdb

import (
	"context"
	"errors"
	"log/slog"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// Conversations says which conversations a scope may see, and shows them. What
// it leaves out is not shown, whatever the index says.
type Conversations interface {
	Some(ctx context.Context, scope access.Scope, which []id.Conversation) (map[id.Conversation]inbox.Conversation, error)
}

// Store keeps the index.
type Store struct {
	db            *store.DB
	conversations Conversations
	dialect       dialect
	log           *slog.Logger
}

// New returns the store over a database.
func New(db *store.DB, conversations Conversations, log *slog.Logger) *Store {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Store{db: db, conversations: conversations, dialect: dialectOf(db), log: log}
}

const (
	// numberBits are the bits of a text's number within its workspace; the
	// workspace's slot stands above them.
	numberBits = 40
	// middle is the number zero: what is written counts up from it, what is
	// filled in down.
	middle = int64(1) << (numberBits - 1)
)

// first returns the smallest number a slot's texts can have.
func first(slot int64) int64 { return slot << numberBits }

// place identifies a text: an entry, or with seq zero what heads a conversation.
type place struct {
	conversation id.Conversation
	seq          int64
}

func pairs(places []place) string {
	all := make([][2]int64, len(places))
	for i, p := range places {
		all[i] = [2]int64{int64(p.conversation), p.seq}
	}
	return store.JSON(all)
}

func noRows(err error) bool { return errors.Is(err, store.ErrNoRows) }
