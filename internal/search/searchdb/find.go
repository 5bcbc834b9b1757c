package searchdb

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/page"
	"everdesk/internal/search"
	"everdesk/internal/store"
)

// Find returns conversations that have what is looked for and that the scope may
// see, the best of the newest search.Window matches first, then those of the
// window before, and so on. A cursor's key is where its window begins, its id how
// many of the window have been seen, so that pages stay right while people write.
// A conversation may come again in a later window.
func (s *Store) Find(ctx context.Context, scope access.Scope, query search.Query, request page.Request) (page.Of[search.Found], error) {
	var answer page.Of[search.Found]
	var slot int64
	rows, err := s.db.Query(ctx, `SELECT slot FROM search_workspaces WHERE workspace_id = $1`, scope.Workspace)
	if err := store.One(rows, err, &slot); err != nil {
		if noRows(err) {
			return answer, nil
		}
		return answer, err
	}
	low, high, seen := first(slot), first(slot+1), 0
	if at := request.After; !at.IsZero() {
		if at.Key < low || at.Key > high || at.ID < 0 || at.ID > search.Window {
			return answer, page.ErrCursor.At("query.cursor", "malformed", "not a cursor of this list")
		}
		high, seen = at.Key, int(at.ID)
	}
	ask := asked(scope, query)
	for len(answer.Items) < request.Limit {
		matches, err := s.dialect.newest(ctx, s.db, scope.Workspace, ask, low, high, search.Window)
		if err != nil {
			return answer, err
		}
		if len(matches) == 0 {
			return answer, nil
		}
		// What has no cursor yet begins at what was newest now.
		high = matches[0].Doc + 1
		ranked := search.Rank(matches)
		shown, err := s.show(ctx, scope, ranked[min(seen, len(ranked)):], request.Limit-len(answer.Items))
		if err != nil {
			return answer, err
		}
		answer.Items = append(answer.Items, shown.items...)
		if seen += shown.looked; seen < len(ranked) {
			answer.Next = page.Cursor{Key: high, ID: int64(seen)}
			return answer, nil
		}
		if len(matches) < search.Window {
			return answer, nil
		}
		high, seen = matches[len(matches)-1].Doc, 0
		answer.Next = page.Cursor{Key: high}
	}
	return answer, nil
}

// asked adds to a query what the scope may see. Labels only narrow what is
// looked at; show asks for each conversation.
func asked(scope access.Scope, query search.Query) question {
	q := question{Query: query}
	switch {
	case scope.Kind == access.ActorVisitor:
		terms := append([]search.Term{}, query.Terms...)
		q.Terms = append(terms, search.Term{Labels: []string{search.StaffOnlyLabel}, Not: true})
	case scope.Kind != access.ActorStaff || scope.Reach == access.ReachAll:
	case scope.Reach == access.ReachTeam:
		q.reach = append(q.reach, search.StaffLabel(scope.Staff), search.TeamLabel(0))
		for _, team := range scope.Teams {
			q.reach = append(q.reach, search.TeamLabel(team))
		}
	default:
		q.reach = append(q.reach, search.StaffLabel(scope.Staff))
	}
	return q
}

type shown struct {
	items []search.Found
	// looked is how many hits were looked at, those not shown included.
	looked int
}

// show fills in up to limit hits in their order, leaving out what the scope may
// not see.
func (s *Store) show(ctx context.Context, scope access.Scope, hits []search.Hit, limit int) (all shown, err error) {
	for len(all.items) < limit && all.looked < len(hits) {
		part := hits[all.looked:min(len(hits), all.looked+limit)]
		which := make([]id.Conversation, len(part))
		for i, hit := range part {
			which[i] = hit.Conversation
		}
		known, err := s.conversations.Some(ctx, scope, which)
		if err != nil {
			return all, err
		}
		var found []search.Found
		for _, hit := range part {
			if len(all.items)+len(found) == limit {
				break
			}
			all.looked++
			if c, may := known[hit.Conversation]; may {
				found = append(found, search.Found{Hit: hit, Conversation: c})
			}
		}
		if err := s.quote(ctx, scope.Workspace, found); err != nil {
			return all, err
		}
		// What has just been taken back may still be in the index.
		all.items = append(all.items, slices.DeleteFunc(found, func(f search.Found) bool { return f.Text == "" })...)
	}
	return all, nil
}

// headline is what heads a conversation, as one text.
func headline(c inbox.Conversation) string {
	parts := append([]string{c.About.Name, c.Subject}, c.Tags...)
	if c.TicketNumber != 0 {
		parts = append(parts, "#"+strconv.FormatInt(c.TicketNumber, 10))
	}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " · ")
}

// quote fills in what matched.
func (s *Store) quote(ctx context.Context, workspace id.Workspace, found []search.Found) error {
	var places []place
	at := map[place]int{}
	for i, f := range found {
		if f.Seq == 0 {
			found[i].Text = headline(f.Conversation)
			continue
		}
		p := place{f.Conversation.ID, f.Seq}
		places = append(places, p)
		at[p] = i
	}
	if len(places) == 0 {
		return nil
	}
	rows, err := s.db.Query(ctx, `SELECT e.conversation_id, e.seq, e.kind, e.author_kind, e.author_id, e.body, e.created_at
		FROM `+s.dialect.pairs("$2")+` wanted CROSS JOIN entries e
		WHERE e.workspace_id = $1 AND e.conversation_id = wanted.a AND e.seq = wanted.b`, workspace, pairs(places))
	entries, err := store.All(rows, err, func(row store.Row) (e inbox.Entry, err error) {
		var author inbox.AuthorKind
		var number int64
		var body string
		if err = row.Scan(&e.Conversation, &e.Seq, &e.Kind, &author, &number, &body, store.Into(&e.CreatedAt)); err != nil {
			return e, err
		}
		e.Author = inbox.AuthorOf(author, number)
		return e, json.Unmarshal([]byte(body), &e.Body)
	})
	for _, e := range entries {
		f := &found[at[place{e.Conversation, e.Seq}]]
		f.Entry = e
		if e.Body.Type != inbox.TypeRecalled {
			f.Text = e.Body.Plain()
		}
	}
	return err
}
