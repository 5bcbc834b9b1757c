package inboxdb_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

// Two nodes write the same conversations, each through its own batches, and
// retry everything: nothing is refused, lost, doubled or out of place.
func TestTwoNodesKeepEveryMessageOnceInOrder(t *testing.T) {
	storetest.EachEngine(t, func(t *testing.T, open func() store.Engine) {
		first := node(t, open, "a")
		nodes := []*desk{first, first}
		if first.db.Engine() == "postgres" {
			nodes[1] = node(t, open, "b")
		}
		const conversations, messages = 12, 25
		var whos []access.Scope
		var all []inbox.Conversation
		for n := range conversations {
			whos = append(whos, first.customer())
			all = append(all, first.start(whos[n], fmt.Sprint("q", n), true))
		}
		var wg sync.WaitGroup
		for worker := range 16 {
			own := nodes[worker%2]
			wg.Go(func() {
				for k := range conversations * messages {
					// Every message is sent by eight workers, in different orders.
					which, number := (k+worker*5)%conversations, (k*7+worker)%messages
					_, err := own.Post(context.Background(), whos[which], all[which].ID, inbox.Posting{
						Kind: inbox.KindMessage, ClientID: fmt.Sprint("m", number), Body: inbox.TextBody(fmt.Sprint("words ", number)), At: first.at,
					})
					if err != nil && fault.KindOf(err) != fault.Unavailable {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		for n, c := range all {
			seen := map[string]bool{}
			for i, e := range first.entries(c) {
				if e.Seq != int64(i+1) || e.ClientID != "" && seen[e.ClientID] {
					t.Fatalf("conversation %d: entry %d has seq %d and key %q", n, i+1, e.Seq, e.ClientID)
				}
				seen[e.ClientID] = true
			}
			if now := first.get(c); now.LastSeq != messages+2 {
				t.Errorf("conversation %d has %d entries, want %d", n, now.LastSeq, messages+2)
			}
		}
		if stats := first.db.Stats(); stats.Unknown > 0 {
			t.Errorf("%d commands ended unknown", stats.Unknown)
		}
	})
}
