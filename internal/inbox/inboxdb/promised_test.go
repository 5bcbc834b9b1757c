package inboxdb_test

import (
	"context"
	"testing"
	"time"

	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

// letterbox takes everything to one mail address.
type letterbox struct{}

func (letterbox) Routes(context.Context, inbox.Conversation) ([]inbox.Delivery, error) {
	return []inbox.Delivery{{Identity: id.Identity(7), Channel: inbox.Channel{Kind: inbox.Email}}}, nil
}

// Somebody was promised an answer by mail. An agent who comes back while the
// window is still open answers there; the answer is mailed all the same, the
// talk that follows is not.
func TestThePromisedAnswerIsMailedAlsoWhenTheChatHasComeBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, func(o *inboxdb.Options) { o.Outward = letterbox{} })
		who := d.customer()
		c := d.start(who, "where is it?", false)
		d.tick(time.Second)
		if now := d.get(c); now.Owner.Kind != inbox.OwnerTicket {
			t.Fatalf("owned by %s, want its ticket", now.Owner.Kind)
		}
		d.online(ann)
		if _, err := d.say(who, c, "again", "still here"); err != nil {
			t.Fatal(err)
		}
		d.tick(time.Second)
		if now := d.get(c); now.Owner.Staff != ann {
			t.Fatalf("owned by %+v, want the agent who is back", now.Owner)
		}
		for i, want := range []int{1, 1} {
			if _, err := d.say(member(ann), c, []string{"answer", "more"}[i], "it is on its way"); err != nil {
				t.Fatal(err)
			}
			queued, err := d.QueuedDeliveries(t.Context(), who, c.ID)
			if err != nil || len(queued) != want {
				t.Errorf("after %d answers %d letters wait, %v; want %d", i+1, len(queued), err, want)
			}
		}
	})
}
