package inboxdb

import "everdesk/internal/store"

// dialect is what this package says differently on the two engines.
type dialect struct {
	// lock follows a SELECT on conversations c and keeps its row until the end of
	// the transaction. On SQLite the writer is alone anyway.
	lock string
	// queued follows the table's name where nothing but what is in a queue is
	// looked at. SQLite, which keeps no statistics, would rather read all of a
	// larger index than the small one made for it.
	queued string
}

func dialectOf(db *store.DB) dialect {
	if db.Engine() == "postgres" {
		return dialect{lock: " FOR UPDATE OF c"}
	}
	return dialect{queued: " INDEXED BY conversations_queue"}
}
