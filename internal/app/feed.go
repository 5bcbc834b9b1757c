package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/realtime"
	"everdesk/internal/ticket"
)

// typingLasts is how long a sign of writing is shown without another.
const typingLasts = 6 * time.Second

// viewingLasts is how long a colleague counts as looking without saying so again:
// a little over two of the half minutes at which pages do.
const viewingLasts = 70 * time.Second

// feed hints committed changes to the pages that show them.
type feed struct {
	hub   *realtime.Hub
	views httpapi.Views
	now   func() time.Time
	// presence reads a member's presence for its hint.
	presence func(ctx context.Context, scope access.Scope, staff id.Staff) (httpapi.Present, error)
	rows     rows
}

type frame map[string]any

// entryFrame and customerFrame are the frames of every message.
type entryFrame struct {
	Type         string          `json:"type"`
	Conversation id.Conversation `json:"conversation_id"`
	Seq          int64           `json:"seq"`
	Entry        httpapi.Entry   `json:"entry"`
}

type customerFrame struct {
	Type         string          `json:"type"`
	Conversation id.Conversation `json:"conversation_id"`
	LastSeq      int64           `json:"last_seq"`
	Owner        inbox.OwnerKind `json:"owner"`
	State        inbox.State     `json:"state"`
}

// encoded is a frame for several feeds, written once.
func encoded(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("app: " + err.Error()) // our own types
	}
	return raw
}

// Changed tells of a conversation: its row to lists, its entries to whoever has
// it open, and the customer's side to the customer.
func (f *feed) Changed(u inbox.Update) {
	ctx := context.Background()
	c := u.Conversation
	open := conversationFeed(c.ID)
	if !f.hub.Listened(append(lists(u), open, customerFeed(c.Customer))...) {
		return
	}
	names, err := f.views.People.People(ctx, access.System(u.Workspace))
	if err != nil {
		return // pages find out by sequence numbers
	}
	for _, entry := range u.Entries {
		told := encoded(entryFrame{"entry", c.ID, entry.Seq, f.views.Entry(entry, c, names, f.now())})
		f.hub.Publish(ctx, open, told)
		if !entry.Private {
			f.hub.Publish(ctx, customerFeed(c.Customer), told)
		}
	}
	if u.Delivery != nil {
		told := encoded(frame{"type": "delivery", "conversation_id": c.ID, "seq": u.Delivery.Seq, "delivery": httpapi.Delivery{State: u.Delivery.State, Reason: u.Delivery.Reason}})
		f.hub.Publish(ctx, open, told)
		f.hub.Publish(ctx, customerFeed(c.Customer), told)
		return
	}
	row := encoded(f.views.Conversation(c, names))
	f.hub.Publish(ctx, open, oneRow(row))
	f.rows.tell(c.ID, row, lists(u)...)
	if u.Read != "" {
		seq := c.StaffReadSeq
		side := "staff"
		if u.Read == inbox.ByCustomer {
			seq, side = c.CustomerReadSeq, "customer"
		}
		told := encoded(frame{"type": "read", "conversation_id": c.ID, "side": side, "seq": seq})
		f.hub.Publish(ctx, open, told)
		f.hub.Publish(ctx, customerFeed(c.Customer), told)
	}
	// The customer's row has more in it than a hint can know (place in the
	// queue, what is needed): the page asks.
	f.hub.Publish(ctx, customerFeed(c.Customer), customerFrame{"conversation", c.ID, c.PublicSeq, c.Owner.Kind, c.State})
	if u.Moved && c.Owner.Kind == inbox.OwnerAgent {
		f.hub.Publish(ctx, staffFeed(c.Owner.Staff), frame{"type": "assigned", "conversation_id": c.ID})
	}
}

// lists are the feeds of lists a conversation's row belongs to.
func lists(u inbox.Update) []string {
	c := u.Conversation
	channels := []string{workspaceFeed(u.Workspace)}
	if c.Team != 0 {
		channels = append(channels, teamFeed(c.Team))
	}
	for _, staff := range []id.Staff{c.Owner.Staff, c.LastStaff} {
		if feed := staffFeed(staff); staff != 0 && !slices.Contains(channels, feed) {
			channels = append(channels, feed)
		}
	}
	return channels
}

// TicketChanged tells lists of a ticket.
func (f *feed) TicketChanged(workspace id.Workspace, changed ticket.Ticket) {
	ctx := context.Background()
	told := frame{"type": "ticket", "ticket_id": changed.ID, "number": changed.Number}
	f.hub.Publish(ctx, workspaceFeed(workspace), told)
	if changed.Team != 0 {
		f.hub.Publish(ctx, teamFeed(changed.Team), told)
	}
	f.hub.Publish(ctx, customerFeed(changed.Customer), frame{"type": "ticket", "ticket_id": changed.ID})
}

// Presence tells colleagues of a member's presence and load.
func (f *feed) Presence(workspace id.Workspace, staff id.Staff) {
	ctx := context.Background()
	shown, err := f.presence(ctx, access.System(workspace), staff)
	if err != nil {
		return
	}
	told := frame{"type": "presence", "staff_id": staff, "presence": shown}
	f.hub.Publish(ctx, workspaceFeed(workspace), told)
	f.hub.Publish(ctx, staffFeed(staff), told)
}

// Viewing tells colleagues who has a conversation open, until when unless it is
// said again; leaving ends it at once. Customers are not told.
func (f *feed) Viewing(ctx context.Context, c inbox.Conversation, by id.Staff, leaving bool, at time.Time) {
	names, err := f.views.People.People(ctx, access.System(c.Workspace))
	if err != nil {
		return
	}
	until := at.Add(viewingLasts)
	if leaving {
		until = at
	}
	f.hub.Publish(ctx, conversationFeed(c.ID), frame{
		"type": "viewing", "conversation_id": c.ID, "until": until, "staff": httpapi.Person{ID: by.String(), Name: names.Staff[by]},
	})
}

// Typing tells the other side that somebody writes.
func (f *feed) Typing(ctx context.Context, c inbox.Conversation, by inbox.Author, at time.Time) {
	name := c.About.Name
	if by.Kind == inbox.ByStaff {
		names, err := f.views.People.People(ctx, access.System(c.Workspace))
		if err != nil {
			return
		}
		name = names.Staff[by.Staff]
	}
	told := frame{
		"type": "typing", "conversation_id": c.ID, "until": at.Add(typingLasts),
		"author": map[string]any{"kind": by.Kind, "name": name},
	}
	f.hub.Publish(ctx, conversationFeed(c.ID), told)
	// The customer sees that the one who has the conversation writes, not that
	// colleagues discuss it.
	if by.Kind == inbox.ByCustomer || c.Owner.Kind == inbox.OwnerAgent && c.Owner.Staff == by.Staff {
		f.hub.Publish(ctx, customerFeed(c.Customer), told)
	}
}
