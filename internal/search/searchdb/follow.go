package searchdb

import (
	"context"
	"encoding/json"
	"strings"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/job"
	"everdesk/internal/store"
)

const (
	// aside is from how many entries on a conversation that came into somebody
	// else's reach is written anew by a job, in slices, instead of at once.
	aside = 50
	// renamed is how many of a customer's conversations, the newest, follow a new
	// name.
	renamed = 200
)

// Follows reports whether a kind of event changes what can be found.
func Follows(kind string) bool {
	switch kind {
	case "entry.posted", "entry.edited", "entry.recalled", "customer.changed", "customer.merged", "ticket.opened", "ticket.changed":
		return true
	case "conversation.rated":
		return false
	}
	return strings.HasPrefix(kind, "conversation.")
}

// changes is what events say has changed in a workspace.
type changes struct {
	entries       map[place]bool
	conversations map[id.Conversation]bool // what heads them, or who may see them
	customers     map[id.Customer]bool
}

// read adds an event. What cannot be read is nothing that could be found.
func (c *changes) read(record event.Record) {
	switch record.Kind {
	case "entry.posted":
		var e event.EntryPosted
		if json.Unmarshal(record.Payload, &e) == nil && e.AuthorKind != "system" {
			c.entries[place{e.Conversation, e.Seq}] = true
		}
	case "entry.edited", "entry.recalled":
		var e event.EntryChanged
		if json.Unmarshal(record.Payload, &e) == nil {
			c.entries[place{e.Conversation, e.Target}] = true
		}
	case "customer.changed":
		var e event.CustomerChanged
		if json.Unmarshal(record.Payload, &e) == nil {
			c.customers[e.Customer] = true
		}
	case "customer.merged":
		var e event.CustomersMerged
		if json.Unmarshal(record.Payload, &e) == nil {
			c.customers[e.Into] = true
		}
	default:
		// All others name their conversation, and nothing else is asked of them.
		var e event.ConversationChanged
		if json.Unmarshal(record.Payload, &e) == nil {
			c.conversations[e.Conversation] = true
		}
	}
}

// Prepare cuts what the events of a slice changed into tokens, as it is now, and
// returns what writes it. Doing it again changes nothing.
func (s *Store) Prepare(ctx context.Context, records []event.Record) (func(context.Context) error, error) {
	byWorkspace := map[id.Workspace]*changes{}
	var order []id.Workspace
	for _, record := range records {
		c := byWorkspace[record.Workspace]
		if c == nil {
			c = &changes{map[place]bool{}, map[id.Conversation]bool{}, map[id.Customer]bool{}}
			byWorkspace[record.Workspace] = c
			order = append(order, record.Workspace)
		}
		c.read(record)
	}
	var writes []func(context.Context) error
	for _, workspace := range order {
		write, err := s.prepare(ctx, workspace, byWorkspace[workspace])
		if err != nil {
			return nil, err
		}
		writes = append(writes, write)
	}
	return func(ctx context.Context) error {
		for _, write := range writes {
			if err := write(ctx); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func (s *Store) prepare(ctx context.Context, workspace id.Workspace, c *changes) (func(context.Context) error, error) {
	if err := s.ofCustomers(ctx, workspace, c); err != nil {
		return nil, err
	}
	moved := make([]id.Conversation, 0, len(c.conversations))
	for which := range c.conversations {
		moved = append(moved, which)
	}
	touched := moved
	places := make([]place, 0, len(c.entries))
	for p := range c.entries {
		places = append(places, p)
		if !c.conversations[p.conversation] {
			touched = append(touched, p.conversation)
		}
	}
	heads, err := s.heads(ctx, workspace, touched)
	if err != nil {
		return nil, err
	}
	lines, err := s.lines(ctx, workspace, places)
	if err != nil {
		return nil, err
	}
	reached, err := s.reached(ctx, workspace, moved)
	if err != nil {
		return nil, err
	}
	var texts []text
	var later []id.Conversation
	for _, which := range moved {
		h, there := heads[which]
		if !there {
			continue
		}
		texts = append(texts, h.text())
		before, known := reached[which]
		if !known || before == h.labels() {
			continue
		}
		// Whoever has it now must find all of it.
		more, err := s.linesAfter(ctx, workspace, which, 0, aside)
		if err != nil {
			return nil, err
		}
		if len(more) == aside {
			later = append(later, which)
			continue
		}
		for _, l := range more {
			if !c.entries[l.place] {
				lines = append(lines, l)
			}
		}
	}
	for _, l := range lines {
		texts = append(texts, l.text(heads[l.conversation]))
	}
	sortTexts(texts)
	return func(ctx context.Context) error {
		for _, which := range later {
			s.again(ctx, workspace, which, 0)
		}
		return s.put(ctx, workspace, texts, false)
	}, nil
}

// ofCustomers adds the conversations of customers with another name.
func (s *Store) ofCustomers(ctx context.Context, workspace id.Workspace, c *changes) error {
	for customer := range c.customers {
		rows, err := s.db.Query(ctx, `SELECT id FROM conversations WHERE workspace_id = $1 AND customer_id = $2 ORDER BY id DESC LIMIT $3`,
			workspace, customer, int64(renamed))
		all, err := store.All(rows, err, func(row store.Row) (which id.Conversation, err error) {
			err = row.Scan(&which)
			return which, err
		})
		if err != nil {
			return err
		}
		for _, which := range all {
			c.conversations[which] = true
		}
	}
	return nil
}

// reached returns in whose reach the index has conversations.
func (s *Store) reached(ctx context.Context, workspace id.Workspace, which []id.Conversation) (map[id.Conversation]string, error) {
	if len(which) == 0 {
		return nil, nil
	}
	rows, err := s.db.Query(ctx, `SELECT t.conversation_id, t.reach FROM `+s.db.Dialect().List("$2")+` wanted CROSS JOIN search_texts t
		WHERE t.workspace_id = $1 AND t.conversation_id = wanted.value AND t.seq = 0`, workspace, store.JSON(numbers(which)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[id.Conversation]string{}
	for rows.Next() {
		var one id.Conversation
		var reach string
		if err := rows.Scan(&one, &reach); err != nil {
			return nil, err
		}
		found[one] = reach
	}
	return found, rows.Err()
}

// AgainKind is the job that writes a long conversation anew, in slices.
const AgainKind = "search.again"

type againTask struct {
	Workspace    id.Workspace    `json:"workspace"`
	Conversation id.Conversation `json:"conversation"`
	After        int64           `json:"after"`
}

// again enqueues the job in the transaction of ctx. Asking once more begins it
// once more.
func (s *Store) again(ctx context.Context, workspace id.Workspace, which id.Conversation, after int64) {
	job.Set(ctx, workspace, event.Timer{
		Key: AgainKind + "/" + which.String(), Kind: AgainKind, Payload: againTask{workspace, which, after},
	})
}

// HandleAgain writes the next slice of a long conversation.
func (s *Store) HandleAgain(ctx context.Context, task job.Task) error {
	var what againTask
	if err := task.Decode(&what); err != nil {
		return job.ErrDrop
	}
	return s.writeAgain(ctx, access.System(what.Workspace), what, task)
}

func (s *Store) writeAgain(ctx context.Context, scope access.Scope, what againTask, task job.Task) error {
	heads, err := s.heads(ctx, scope.Workspace, []id.Conversation{what.Conversation})
	if err != nil {
		return err
	}
	lines, err := s.linesAfter(ctx, scope.Workspace, what.Conversation, what.After, slice)
	if err != nil {
		return err
	}
	texts := make([]text, len(lines))
	for i, l := range lines {
		texts[i] = l.text(heads[l.conversation])
	}
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		if err := task.Done(ctx); err != nil {
			return err
		}
		if len(lines) == slice {
			s.again(ctx, scope.Workspace, what.Conversation, lines[slice-1].seq)
		}
		return s.put(ctx, scope.Workspace, texts, false)
	})
}
