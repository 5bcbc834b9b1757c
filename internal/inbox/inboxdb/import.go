package inboxdb

import (
	"context"

	"everdesk/internal/access"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// Imported is a conversation as it was somewhere else, with its entries in
// order, their Seq counting from 1.
type Imported struct {
	Conversation inbox.Conversation
	Entries      []inbox.Entry
}

// Import writes conversations as they are given: nothing is decided, nobody is
// told and no event follows. Ids are the caller's, customers exist. It joins the
// transaction of ctx; the caller keeps to few at once.
func (s *Store) Import(ctx context.Context, scope access.Scope, all []Imported) {
	tx := store.Current(ctx)
	for _, one := range all {
		c := one.Conversation
		c.Workspace = scope.Workspace
		insert(tx, c, "")
		moved(tx, c.Workspace, cell{}, cellOf(c))
		for _, e := range one.Entries {
			insertEntry(tx, c, line{Entry: e})
		}
	}
}
