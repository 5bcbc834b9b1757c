package bench

import (
	"context"
	"errors"
	"fmt"
)

// Inbox measures the lists a console shows, on a desk with a backlog: each view
// by somebody who sees everything and by a member of one team of eight, a page
// deep inside, the counts, and a long conversation. Then it reads a view to its
// end, to see every conversation once.
func Inbox(ctx context.Context, options Backlog) (result BacklogResult, err error) {
	b, err := openBacklog(ctx, options)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	const list = "/api/v1/conversations?limit=30&view="
	key, long := b.keyHeaders(), "/api/v1/conversations/"+b.Long.String()+"/entries?limit=50"
	var kinds []question
	for _, view := range []string{"open", "queue", "bot", "ticketed", "resolved"} {
		kinds = append(kinds, question{name: "list " + view, path: list + view, headers: key})
	}
	deep, err := b.cursor(ctx, list+"open", key, 50)
	if err != nil {
		return result, err
	}
	kinds = append(kinds,
		question{name: "list open, page 51", path: list + "open&cursor=" + deep, headers: key},
		question{name: "list open", path: list + "open", headers: key, clients: 8},
		question{name: "member: list mine", path: list + "mine", headers: b.Agent},
	)
	for _, view := range []string{"open", "queue", "ticketed", "resolved"} {
		kinds = append(kinds, question{name: "member: list " + view, path: list + view, headers: b.Agent})
	}
	kinds = append(kinds,
		question{name: "counts", path: "/api/v1/conversations/counts", headers: key},
		question{name: "member: counts", path: "/api/v1/conversations/counts", headers: b.Agent},
		question{name: "thread, newest 50", path: long, headers: key},
		question{name: "thread, middle", path: long + fmt.Sprint("&before=", longest/2), headers: key},
	)
	if result, err = b.ask(ctx, options, "inbox", kinds); err != nil {
		return result, err
	}
	found, err := b.every(ctx, "/api/v1/conversations?limit=100&view=open", key)
	result.count(found, b.Open)
	return result, err
}
