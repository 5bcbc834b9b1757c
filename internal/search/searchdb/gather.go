package searchdb

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/search"
	"everdesk/internal/store"
)

// text is one to be written: where it is, and its tokens.
type text struct {
	place
	search.Text
	// reach says whose conversation it is; of a conversation's head only.
	reach string
}

// head is what of a conversation is found, and who may see it.
type head struct {
	id            id.Conversation
	subject       string
	tags          []string
	customer      string
	team          id.Team
	owner, last   id.Staff
	number        int64
	ticketSubject string
}

// labels is the reach of a conversation, as texts keep it.
func (h head) labels() string {
	var t search.Text
	t.Reach(h.team, h.owner, h.last)
	t.Finish()
	return strings.Join(t.Labels, " ")
}

func (h head) text() text {
	t := text{place: place{h.id, 0}, reach: h.labels()}
	t.Add(h.subject)
	if h.ticketSubject != h.subject {
		t.Add(h.ticketSubject)
	}
	if h.number != 0 {
		t.Add(strconv.FormatInt(h.number, 10))
	}
	for _, tag := range h.tags {
		t.Add(tag)
	}
	t.AddName(h.customer)
	t.Reach(h.team, h.owner, h.last)
	t.StaffOnly()
	t.Finish()
	return t
}

// heads reads conversations as they are now.
func (s *Store) heads(ctx context.Context, workspace id.Workspace, which []id.Conversation) (map[id.Conversation]head, error) {
	if len(which) == 0 {
		return nil, nil
	}
	rows, err := s.db.Query(ctx, `SELECT c.id, c.subject, c.tags, u.name, c.team_id, c.owner_staff, c.last_staff, c.ticket_number, COALESCE(t.subject, '')
		FROM `+s.db.Dialect().List("$2")+` wanted CROSS JOIN conversations c
		JOIN customers u ON u.workspace_id = c.workspace_id AND u.id = c.customer_id
		LEFT JOIN tickets t ON t.workspace_id = c.workspace_id AND t.id = c.ticket_id
		WHERE c.workspace_id = $1 AND c.id = wanted.value`, workspace, store.JSON(numbers(which)))
	all, err := store.All(rows, err, func(row store.Row) (h head, err error) {
		var tags string
		if err = row.Scan(&h.id, &h.subject, &tags, &h.customer, &h.team, &h.owner, &h.last, &h.number, &h.ticketSubject); err == nil {
			err = json.Unmarshal([]byte(tags), &h.tags)
		}
		return h, err
	})
	found := make(map[id.Conversation]head, len(all))
	for _, h := range all {
		found[h.id] = h
	}
	return found, err
}

func numbers(which []id.Conversation) []int64 {
	all := make([]int64, len(which))
	for i, one := range which {
		all[i] = int64(one)
	}
	return all
}

// line is an entry as it is read for the index.
type line struct {
	place
	body    string
	private bool
}

// text is what of an entry is found. What was taken back is not.
func (l line) text(h head) text {
	t := text{place: l.place}
	var body inbox.Body
	// A body that cannot be read cannot be found either.
	if json.Unmarshal([]byte(l.body), &body) == nil && body.Type != inbox.TypeRecalled {
		t.Add(body.Plain())
	}
	t.Reach(h.team, h.owner, h.last)
	if l.private {
		t.StaffOnly()
	}
	t.Finish()
	return t
}

// said is the condition for entries that are found: what people and the bot
// wrote, not the desk's own notices.
const said = ` AND e.kind IN ('message', 'note') AND e.author_kind <> 'system'`

func scanLine(row store.Row) (l line, err error) {
	err = row.Scan(&l.conversation, &l.seq, &l.body, &l.private)
	return l, err
}

const lineColumns = `e.conversation_id, e.seq, e.body, e.private`

// lines reads entries as they are now.
func (s *Store) lines(ctx context.Context, workspace id.Workspace, places []place) ([]line, error) {
	if len(places) == 0 {
		return nil, nil
	}
	rows, err := s.db.Query(ctx, `SELECT `+lineColumns+` FROM `+s.dialect.pairs("$2")+` wanted CROSS JOIN entries e
		WHERE e.workspace_id = $1 AND e.conversation_id = wanted.a AND e.seq = wanted.b`+said, workspace, pairs(places))
	return store.All(rows, err, scanLine)
}

// linesAfter reads the next entries of a conversation.
func (s *Store) linesAfter(ctx context.Context, workspace id.Workspace, which id.Conversation, after int64, limit int) ([]line, error) {
	rows, err := s.db.Query(ctx, `SELECT `+lineColumns+` FROM entries e
		WHERE e.workspace_id = $1 AND e.conversation_id = $2 AND e.seq > $3`+said+` ORDER BY e.seq LIMIT $4`, workspace, which, after, int64(limit))
	return store.All(rows, err, scanLine)
}

// sortTexts puts texts in the order their conversations and entries were made.
func sortTexts(texts []text) {
	slices.SortFunc(texts, func(a, b text) int {
		if a.conversation != b.conversation {
			return compare(int64(a.conversation), int64(b.conversation))
		}
		return compare(a.seq, b.seq)
	})
}

func compare(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
