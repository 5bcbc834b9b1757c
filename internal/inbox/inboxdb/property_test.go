package inboxdb_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/routing"
	"everdesk/internal/store"
	"everdesk/internal/store/sqlite"
	"everdesk/internal/store/storetest"
)

var (
	histories = flag.Int("histories", usual(), "how many random histories the property test runs")
	firstSeed = flag.Uint64("seed", 1, "the first seed of the property test")
)

// usual is 10,000 where everything is required, as in CI, and fewer at the desk.
func usual() int {
	if os.Getenv("EVERDESK_TEST_REQUIRE") != "" {
		return 10_000
	}
	return 2_000
}

const (
	perWorld = 500
	steps    = 14
)

// The second law: after any history, once the reconciler has had its ticks,
// nothing is stranded and everything adds up.
func TestNoHistoryLeavesAnythingStranded(t *testing.T) {
	worlds := max(1, *histories/perWorld)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 2)
	for n := range worlds {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			seed := *firstSeed + uint64(n)
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				for _, violation := range violations(t, seed, perWorld, inboxdb.Plant{}) {
					t.Error(violation)
				}
			})
		})
	}
	wg.Wait()
}

// A law that a broken reconciler or lease passes too would prove nothing.
func TestPlantedBugsAreCaught(t *testing.T) {
	for name, plant := range map[string]inboxdb.Plant{
		"bot turns that never come are ignored":    {Ignores: inbox.BotTurnMissing},
		"the end of waiting is ignored":            {Ignores: inbox.QueueWaitOver},
		"empty desks are ignored":                  {Ignores: inbox.NobodyPresent},
		"silent agents are ignored":                {Ignores: inbox.AgentSilent},
		"unanswered mail is ignored":               {Ignores: inbox.AsyncDue},
		"silent customers are ignored":             {Ignores: inbox.CustomerSilent},
		"broken promises are ignored":              {Ignores: inbox.PromisePassed},
		"the leases of sockets never end":          {LeaseForEver: true},
		"the bot speaks at a passed owner's epoch": {NoFence: true},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(8) {
				if found := violations(t, 100+seed, 250, plant); len(found) > 0 {
					t.Logf("caught: %s", found[0])
					return
				}
			}
			t.Error("no history gave the bug away")
		})
	}
}

// violations runs histories from a seed and returns what is wrong afterwards.
func violations(t *testing.T, seed uint64, n int, plant inboxdb.Plant) []string {
	db := storetest.Open(t, storetest.SQLite(t, sqlite.Options{Volatile: true})())
	w := newWorld(t, db, seed, n, plant)
	w.run(steps)
	w.settle()
	var mu sync.Mutex
	var found []string
	w.together(func(ctx context.Context, h *history) error {
		wrong, err := w.check(ctx, h)
		mu.Lock()
		defer mu.Unlock()
		for _, text := range wrong {
			found = append(found, fmt.Sprintf("seed %d, workspace %d: %s", seed, h.workspace, text))
		}
		return err
	})
	if wrong, err := w.store.SettleCounts(t.Context()); err != nil || wrong > 0 {
		found = append(found, fmt.Sprintf("seed %d: %d counts are wrong, %v", seed, wrong, err))
	}
	if len(found) == 0 {
		found = w.desert()
	}
	return found
}

// check looks at everything one history left behind.
func (w *world) check(ctx context.Context, h *history) (wrong []string, err error) {
	system := access.System(h.workspace)
	load := map[id.Staff]routing.Load{}
	presence := map[id.Staff]routing.Presence{}
	rows, err := w.store.Presence(ctx, system)
	if err != nil {
		return nil, err
	}
	for _, p := range rows {
		presence[p.Staff] = p
	}
	for _, which := range h.all {
		c, err := w.store.Get(ctx, system, which)
		if err != nil {
			return nil, err
		}
		if c.State == inbox.Open && c.Owner.Kind == inbox.OwnerAgent {
			l := load[c.Owner.Staff]
			if c.Lease == inbox.Live {
				l.Chat++
			} else {
				l.Async++
			}
			load[c.Owner.Staff] = l
		}
		for _, text := range w.state(c, presence) {
			wrong = append(wrong, fmt.Sprintf("%s: %s (%+v, due %s %v, now %v)", c.ID, text, c.Owner, c.DueAction, c.DueAt, w.at))
		}
		past, err := w.past(ctx, system, c)
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, past...)
	}
	for staff, p := range presence {
		if p.Load != load[staff] || p.Load.Chat > 1 || p.Load.Async > 1 {
			wrong = append(wrong, fmt.Sprintf("%s counts %+v and has %+v", staff, p.Load, load[staff]))
		}
	}
	return wrong, nil
}

// state looks at how a conversation stands.
func (w *world) state(c inbox.Conversation, presence map[id.Staff]routing.Presence) (wrong []string) {
	if c.Stranded(w.at) {
		wrong = append(wrong, "stranded")
	}
	if c.State == inbox.Open && c.DueAt.Sub(w.at) > 8*24*time.Hour {
		wrong = append(wrong, "due in ages")
	}
	if c.State == inbox.Resolved && (c.Owner.Kind != inbox.OwnerNone || !c.DueAt.IsZero() || !c.WaitingSince.IsZero()) {
		wrong = append(wrong, "resolved and still somebody's")
	}
	if c.Owner.Kind == inbox.OwnerAgent && c.Lease == inbox.Live && !presence[c.Owner.Staff].Connected(w.at) {
		wrong = append(wrong, "held live by somebody who is gone")
	}
	if c.Owner.Kind == inbox.OwnerTicket && c.Ticket == 0 || c.Owner.Kind == inbox.OwnerAgent && c.Owner.Staff == 0 {
		wrong = append(wrong, "owned by nobody in particular")
	}
	return wrong
}

// past looks at what is written of a conversation: a chain of owners, entries
// without a gap or a double, and a bot that spoke only in its own turn.
func (w *world) past(ctx context.Context, scope access.Scope, c inbox.Conversation) (wrong []string, err error) {
	transitions, err := w.store.Transitions(ctx, scope, c.ID)
	if err != nil {
		return nil, err
	}
	stretch, err := w.store.Entries(ctx, scope, c.ID, inbox.Window{Forward: true, Limit: 1000})
	if err != nil {
		return nil, err
	}
	say := func(format string, args ...any) {
		wrong = append(wrong, c.ID.String()+": "+fmt.Sprintf(format, args...))
	}
	for i, t := range transitions {
		if t.Epoch != int64(i+1) {
			say("transition %d has epoch %d", i+1, t.Epoch)
		}
		if i > 0 && t.From != transitions[i-1].To {
			say("epoch %d moves from %+v, but it was %+v's", t.Epoch, t.From, transitions[i-1].To)
		}
	}
	if last := transitions[len(transitions)-1]; last.To != c.Owner || int64(len(transitions)) != c.OwnerEpoch {
		say("history ends with %+v, the row says %+v at epoch %d", last.To, c.Owner, c.OwnerEpoch)
	}
	keys := map[string]bool{}
	for i, e := range stretch.Items {
		if e.Seq != int64(i+1) || e.ClientID != "" && keys[e.ClientID] {
			say("entry %d has seq %d and key %q", i+1, e.Seq, e.ClientID)
		}
		keys[e.ClientID] = true
		if e.Author.Kind == inbox.ByBot && e.Kind == inbox.KindMessage && w.epochAt(transitions, e.Seq) != w.epochAt(transitions, e.ReplyTo) {
			say("the bot spoke at %d of a turn that had passed", e.Seq)
		}
	}
	if int64(len(stretch.Items)) != c.LastSeq {
		say("%d entries, but the last is %d", len(stretch.Items), c.LastSeq)
	}
	return wrong, nil
}

// epochAt returns the transition that was in force at an entry.
func (*world) epochAt(transitions []inbox.Transition, seq int64) int64 {
	n, _ := slices.BinarySearchFunc(transitions, seq, func(t inbox.Transition, seq int64) int { return int(t.Seq - seq) })
	return int64(n)
}

// desert sends everybody home: whoever waited must have a ticket soon after, or
// somebody who keeps the conversation across shifts.
func (w *world) desert() (wrong []string) {
	for _, h := range w.histories {
		clear(h.sockets)
	}
	for range 6 {
		w.at = w.at.Add(2 * time.Minute)
		w.tick()
		w.tick()
	}
	rows, err := w.db.Query(w.t.Context(), `SELECT COUNT(*) FROM conversations WHERE state = 'open' AND waiting_since > 0
		AND NOT (owner_kind = 'ticket' OR owner_kind = 'agent' AND lease = 'async')`)
	var left int64
	w.must(store.One(rows, err, &left))
	if left > 0 {
		wrong = append(wrong, fmt.Sprintf("%d wait for an empty desk", left))
	}
	return wrong
}
