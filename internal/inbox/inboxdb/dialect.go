package inboxdb

import "everdesk/internal/store"

// dialect is what this package says differently on the two engines.
type dialect struct {
	// lock follows a SELECT on conversations c and keeps its row until the end of
	// the transaction. On SQLite the writer is alone anyway.
	lock string
}

func dialectOf(db *store.DB) dialect {
	if db.Engine() == "postgres" {
		return dialect{lock: " FOR UPDATE OF c"}
	}
	return dialect{}
}
