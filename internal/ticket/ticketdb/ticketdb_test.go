package ticketdb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
	"everdesk/internal/ticket"
	"everdesk/internal/ticket/ticketdb"
)

func TestAMadeTicketIsReadAsItWasMade(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, d *desk, db *store.DB) {
		made := create(t, s, draft("包裹未收到"), evening)
		if diff := cmp.Diff(made, read(t, s, made.ID)); diff != "" {
			t.Errorf("made and read differ:\n%s", diff)
		}
		if made.Number != 1001 || made.Customer != 900 || !made.PromisedAt.Equal(clock("2026-11-23T17:00:00+08:00")) {
			t.Errorf("made %+v", made)
		}
		known := d.talk(made.Conversation)
		if want := "已为您登记工单 #1001，最迟答复时间：11 月 23 日 17:00（GMT+8）。"; known.said[1] != want {
			t.Errorf("the customer was told %q, want %q", known.said[1], want)
		}
		if diff := cmp.Diff([]string{"ticket.opened"}, events(t, db)); diff != "" {
			t.Errorf("events:\n%s", diff)
		}
		if diff := cmp.Diff([]string{"system ticket.opened"}, d.audited); diff != "" {
			t.Errorf("audit:\n%s", diff)
		}
	})
}

func TestATicketNobodyCouldAnswerIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, _ *desk, _ *store.DB) {
		for field, change := range map[string]func(d *ticket.Draft){
			"body.subject":  func(d *ticket.Draft) { d.Subject = "" },
			"body.body":     func(d *ticket.Draft) { d.Text = strings.Repeat("x", ticket.MaxText+1) },
			"body.priority": func(d *ticket.Draft) { d.Priority = "soon" },
			"body.customer": func(d *ticket.Draft) { d.Contact = ticket.Contact{Name: "Lin"} },
		} {
			bad := draft("x")
			change(&bad)
			_, err := s.Create(t.Context(), system, bad, evening, nil)
			if f := fault.Of(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Path != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

func TestAReplayedCreateMakesOneTicket(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, _ *desk, _ *store.DB) {
		claim := func(body string) *commit.Claim {
			return &commit.Claim{Workspace: 7, Actor: "key_a", Route: "POST /tickets", Key: "k", Request: []byte(body), At: evening}
		}
		first, err := s.Create(t.Context(), system, draft("a"), evening, claim("a"))
		must(t, err)
		again := claim("a")
		second, err := s.Create(t.Context(), system, draft("a"), evening.Add(time.Minute), again)
		must(t, err)
		if diff := cmp.Diff(first, second); diff != "" || !again.Replayed {
			t.Errorf("replayed %v:\n%s", again.Replayed, diff)
		}
		if _, err := s.Create(t.Context(), system, draft("b"), evening, claim("b")); !errors.Is(err, store.ErrKeyReused) {
			t.Errorf("another body gave %v", err)
		}
	})
}

// Two nodes make tickets at once: every number is used once, and the numbers of
// a node that ends are not used again by its successor.
func TestNumbersAreUniqueAcrossNodesAndRestarts(t *testing.T) {
	storetest.EachEngine(t, func(t *testing.T, open func() store.Engine) {
		const each = 150
		var mu sync.Mutex
		seen := map[int64]bool{}
		run := func(node *ticketdb.Store) {
			var writers sync.WaitGroup
			for range 10 {
				writers.Go(func() {
					for n := range each / 10 {
						made, err := node.Create(t.Context(), system, draft(fmt.Sprint(n)), evening, nil)
						mu.Lock()
						if err != nil || seen[made.Number] {
							t.Errorf("number %d twice, or %v", made.Number, err)
						}
						seen[made.Number] = true
						mu.Unlock()
					}
				})
			}
			writers.Wait()
		}
		nodes := 1
		if engine := storetest.Open(t, open()); engine.Engine() == "postgres" {
			nodes = 2
		}
		for range 2 {
			var running sync.WaitGroup
			for n := range nodes {
				db := store.Open(open(), store.Options{Node: n})
				running.Go(func() {
					run(ticketdb.New(db, newDesk(t).ports()))
					if err := db.Close(); err != nil {
						t.Error(err)
					}
				})
			}
			running.Wait()
		}
		if len(seen) != 2*nodes*each {
			t.Errorf("%d numbers for %d tickets", len(seen), 2*nodes*each)
		}
	})
}

func TestAConversationBecomesATicketThatTellsItsPromise(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, d *desk, _ *store.DB) {
		d.asks(50, 9, "Where is my parcel?\nIt says delivered.")
		made, err := s.Make(t.Context(), system, 50, ticket.Making{Reason: "nobody_present"}, evening)
		must(t, err)
		if made.Subject != "Where is my parcel?" || made.Priority != ticket.High || made.Team != 3 || made.Customer != 9 || made.Channel != "web" {
			t.Errorf("made %+v", made)
		}
		known := d.talk(50)
		if want := "We have noted this as ticket #1001. You will have an answer by 23 Nov, 04:00 (GMT+1)."; known.said[1] != want {
			t.Errorf("told %q, want %q", known.said[1], want)
		}
		if c := known.carried; c.Ticket != made.ID || !c.PromisedAt.Equal(made.PromisedAt) || c.Reason != "nobody_present" {
			t.Errorf("carried %+v", c)
		}
		// Nobody was there the second time either: one ticket, one promise, told once.
		again, err := s.Make(t.Context(), system, 50, ticket.Making{Reason: "nobody_present"}, evening.Add(time.Minute))
		must(t, err)
		if again.ID != made.ID || !again.PromisedAt.Equal(made.PromisedAt) || len(known.said) != 2 {
			t.Errorf("made again: %+v, said %q", again, known.said)
		}
		if found, err := s.OfConversation(t.Context(), system, 50); err != nil || found.ID != made.ID {
			t.Errorf("found %v, %v", found.ID, err)
		}
	})
}

// The making is one command with whatever it joins: if that is refused, there is
// no ticket.
func TestATicketIsMadeTogetherWithWhatItJoinsOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, d *desk, db *store.DB) {
		d.asks(50, 9, "Hello?")
		refused := errors.New("the rest failed")
		err := db.Atomically(t.Context(), func(ctx context.Context) error {
			if _, err := s.Make(ctx, system, 50, ticket.Making{}, evening); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatalf("got %v", err)
		}
		if _, err := s.OfConversation(t.Context(), system, 50); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("there is a ticket: %v", err)
		}
	})
}

func TestAReplyIsPostedOnceAndWaitsForTheCustomer(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, d *desk, db *store.DB) {
		made := create(t, s, draft("a"), evening)
		lin := agent(4)
		var first ticket.Ticket
		for range 2 {
			replied, seq, err := s.Reply(t.Context(), lin, made.ID, ticket.Reply{ClientID: "c1", Text: "On its way."}, evening.Add(time.Hour))
			must(t, err)
			if seq != 4 || replied.Status != ticket.Waiting {
				t.Errorf("seq %d, %+v", seq, replied)
			}
			if first.ID != 0 && !cmp.Equal(first, replied) {
				t.Errorf("the second time: %s", cmp.Diff(first, replied))
			}
			first = replied
		}
		visitor := access.Visitor(7, made.Customer)
		back, _, err := s.Write(t.Context(), visitor, made.ID, ticket.Reply{ClientID: "v1", Text: "Still nothing."}, clock("2026-11-23T10:00:00+08:00"))
		must(t, err)
		if back.Status != ticket.Open || !back.PromisedAt.Equal(clock("2026-11-23T18:00:00+08:00")) {
			t.Errorf("the customer wrote: %+v", back)
		}
		if c := d.talk(made.Conversation).carried; !c.PromisedAt.Equal(back.PromisedAt) {
			t.Errorf("the conversation keeps %v", c.PromisedAt)
		}
		if _, _, err := s.Write(t.Context(), access.Visitor(7, 901), made.ID, ticket.Reply{ClientID: "x", Text: "Mine!"}, evening); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("another visitor: %v", err)
		}
		if diff := cmp.Diff([]string{"ticket.opened", "ticket.answered"}, events(t, db)); diff != "" {
			t.Errorf("events:\n%s", diff)
		}
	})
}

func TestResolvingLosesToAMessageNotSeen(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, d *desk, _ *store.DB) {
		made := create(t, s, draft("a"), evening)
		visitor := access.Visitor(7, made.Customer)
		_, seq, err := s.Write(t.Context(), visitor, made.ID, ticket.Reply{ClientID: "v1", Text: "And one more thing"}, evening.Add(time.Minute))
		must(t, err)
		if _, err := s.Resolve(t.Context(), system, made.ID, seq-1, evening.Add(time.Hour)); !errors.Is(err, errNewer) {
			t.Errorf("resolved unseen: %v", err)
		}
		if now := read(t, s, made.ID); now.Status != ticket.Open {
			t.Errorf("it is %s", now.Status)
		}
		settled, err := s.Resolve(t.Context(), system, made.ID, seq, evening.Add(time.Hour))
		must(t, err)
		if settled.Status != ticket.Resolved || !settled.DueAt.IsZero() || d.talk(made.Conversation).thread.Open {
			t.Errorf("settled %+v", settled)
		}
		reopened, err := s.Reopen(t.Context(), system, made.ID, clock("2026-11-24T09:00:00+08:00"))
		must(t, err)
		if reopened.Status != ticket.Open || !d.talk(made.Conversation).thread.Carried {
			t.Errorf("reopened %+v", reopened)
		}
	})
}

func TestAnEditNeedsThePresentVersion(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, d *desk, _ *store.DB) {
		made := create(t, s, draft("a"), evening)
		urgent, lin := ticket.Urgent, id.Staff(4)
		edited, err := s.Edit(t.Context(), system, made.ID, 1, ticket.Edit{Priority: &urgent, Assignee: &lin}, evening.Add(time.Minute))
		must(t, err)
		if edited.Version != 2 || edited.Assignee != 4 || !edited.PromisedAt.Equal(clock("2026-11-23T10:00:00+08:00")) {
			t.Errorf("edited %+v", edited)
		}
		if c := d.talk(made.Conversation).carried; !c.PromisedAt.Equal(edited.PromisedAt) {
			t.Errorf("the conversation keeps %v", c.PromisedAt)
		}
		if diff := cmp.Diff(edited, read(t, s, made.ID)); diff != "" {
			t.Errorf("edited and read differ:\n%s", diff)
		}
		if _, err := s.Edit(t.Context(), system, made.ID, 1, ticket.Edit{Priority: &urgent}, evening); !errors.Is(err, fault.ErrStale) {
			t.Errorf("a stale version gave %v", err)
		}
	})
}

func TestViewsShowWhatTheyNameAndNothingOutOfReach(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, _ *desk, _ *store.DB) {
		names := map[id.Ticket]string{}
		add := func(name string, team id.Team, staff id.Staff, priority ticket.Priority) ticket.Ticket {
			d := draft(name)
			d.Team, d.Priority = team, priority
			made := create(t, s, d, evening.Add(time.Duration(len(names))*time.Second))
			names[made.ID] = name
			if staff != 0 {
				edited, err := s.Edit(t.Context(), system, made.ID, 1, ticket.Edit{Assignee: &staff}, evening)
				must(t, err)
				made = edited
			}
			return made
		}
		add("common", 0, 0, ticket.Low)
		late := add("late", 3, 0, ticket.Urgent)
		add("mine", 4, 1, ticket.Normal)
		add("theirs", 4, 2, ticket.High)
		done := add("done", 3, 1, ticket.Normal)
		_, err := s.Resolve(t.Context(), system, done.ID, 9, evening.Add(time.Hour))
		must(t, err)
		moved, err := s.Sweep(t.Context(), late.DueAt, 10)
		must(t, err)
		if moved != 1 {
			t.Errorf("the sweep moved %d", moved)
		}
		own := agent(1)
		own.Reach = access.ReachOwn
		for name, test := range map[string]struct {
			scope access.Scope
			query ticket.Query
			want  []string
		}{
			"open, the next promise first":   {system, ticket.Query{View: ticket.ViewOpen}, []string{"late", "theirs", "mine", "common"}},
			"breached":                       {system, ticket.Query{View: ticket.ViewBreached}, []string{"late"}},
			"resolved":                       {system, ticket.Query{View: ticket.ViewResolved}, []string{"done"}},
			"all, the newest first":          {system, ticket.Query{View: ticket.ViewAll}, []string{"done", "theirs", "mine", "late", "common"}},
			"mine":                           {agent(1, 3), ticket.Query{View: ticket.ViewMine}, []string{"mine"}},
			"a team's, its own and no one's": {agent(1, 3), ticket.Query{View: ticket.ViewOpen}, []string{"late", "mine", "common"}},
			"one's own only":                 {own, ticket.Query{View: ticket.ViewAll}, []string{"done", "mine"}},
			"another workspace's":            {access.System(8), ticket.Query{View: ticket.ViewAll}, nil},
			"a number":                       {system, ticket.Query{View: ticket.ViewAll, Text: "#1002"}, []string{"late"}},
			"part of a subject":              {system, ticket.Query{View: ticket.ViewAll, Text: "COMM"}, []string{"common"}},
			"a wildcard is a letter":         {system, ticket.Query{View: ticket.ViewAll, Text: "%"}, nil},
		} {
			var got []string
			request := page.Request{Limit: 2}
			for range 10 {
				test.query.Page = request
				found, err := s.Tickets(t.Context(), test.scope, test.query)
				must(t, err)
				for _, one := range found.Items {
					got = append(got, names[one.ID])
				}
				if found.Next.IsZero() {
					break
				}
				request.After = found.Next
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
		if _, err := s.Edit(t.Context(), agent(9), late.ID, 1, ticket.Edit{}, evening); !errors.Is(err, ticket.ErrNotFound) {
			t.Errorf("out of reach: %v", err)
		}
	})
}

func TestWhatIsDueIsDoneOnceAndNothingStaysStranded(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, d *desk, db *store.DB) {
		broken := create(t, s, draft("broken"), evening)
		silent := create(t, s, draft("silent"), evening)
		_, _, err := s.Reply(t.Context(), system, silent.ID, ticket.Reply{ClientID: "c", Text: "Done?"}, evening)
		must(t, err)
		if n, err := s.Sweep(t.Context(), evening.Add(time.Hour), 10); n != 0 || err != nil {
			t.Errorf("moved %d early, %v", n, err)
		}
		late := broken.PromisedAt.Add(time.Minute)
		if n, err := s.Stranded(t.Context(), late); n != 1 || err != nil {
			t.Errorf("%d stranded before the sweep, %v", n, err)
		}
		for range 2 {
			_, err := s.Sweep(t.Context(), late, 10)
			must(t, err)
		}
		if now := read(t, s, broken.ID); !now.Breached || !now.DueAt.After(late) {
			t.Errorf("broken: %+v", now)
		}
		week := evening.AddDate(0, 0, 7)
		_, err = s.Sweep(t.Context(), week, 10)
		must(t, err)
		if now := read(t, s, silent.ID); now.Status != ticket.Resolved || d.talk(silent.Conversation).thread.Open {
			t.Errorf("silent: %+v", now)
		}
		if n, err := s.Stranded(t.Context(), week); n != 0 || err != nil {
			t.Errorf("%d stranded, %v", n, err)
		}
		count := 0
		for _, kind := range events(t, db) {
			if kind == "ticket.promise_broken" {
				count++
			}
		}
		if count != 2 { // once when it broke, once again in the week after
			t.Errorf("the broken promise was told of %d times", count)
		}
	})
}

func TestSomebodyWhoIsGoneLosesTheirTickets(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, _ *desk, _ *store.DB) {
		made, lin := create(t, s, draft("a"), evening), id.Staff(4)
		_, err := s.Edit(t.Context(), system, made.ID, 1, ticket.Edit{Assignee: &lin}, evening)
		must(t, err)
		must(t, s.Release(t.Context(), system, 5, evening))
		if now := read(t, s, made.ID); now.Assignee != 4 {
			t.Errorf("another's leaving took it: %+v", now)
		}
		must(t, s.Release(t.Context(), system, 4, evening))
		if now := read(t, s, made.ID); now.Assignee != 0 {
			t.Errorf("still assigned: %+v", now)
		}
	})
}

// What happens in the conversation, without the ticket, moves the ticket: each
// thing once, whatever comes late or twice.
func TestATicketFollowsItsConversation(t *testing.T) {
	each(t, func(t *testing.T, s *ticketdb.Store, d *desk, db *store.DB) {
		d.asks(50, 9, "Hello?")
		made, err := s.Make(t.Context(), system, 50, ticket.Making{}, evening)
		must(t, err)
		follow := func(e event.Event, at time.Time) ticket.Ticket {
			t.Helper()
			record := event.Record{Workspace: 7, Kind: e.Kind(), Payload: []byte(store.JSON(e)), At: at}
			must(t, db.Atomically(t.Context(), func(ctx context.Context) error { return s.Follow(ctx, system, record) }))
			return read(t, s, made.ID)
		}
		entry := func(author string) event.EntryPosted {
			return event.EntryPosted{Conversation: 50, AuthorKind: author, EntryKind: "message"}
		}
		after := func(n int) time.Time { return evening.Add(time.Duration(n) * time.Minute) }
		if now := follow(entry("customer"), evening); now.Revision != made.Revision {
			t.Errorf("the entry it was made of moved it: %+v", now)
		}
		note := entry("staff")
		note.Private = true
		if now := follow(note, after(1)); now.Status != ticket.Open {
			t.Errorf("a note answered it: %+v", now)
		}
		if now := follow(entry("staff"), after(2)); now.Status != ticket.Waiting {
			t.Errorf("an answer left it %s", now.Status)
		}
		if now := follow(entry("customer"), after(1)); now.Status != ticket.Waiting {
			t.Errorf("an older question opened it: %s", now.Status)
		}
		if now := follow(entry("customer"), after(3)); now.Status != ticket.Open {
			t.Errorf("a question left it %s", now.Status)
		}
		resolved := event.ConversationMoved{Conversation: 50, Happening: "resolved", Ticket: made.ID}
		if now := follow(resolved, after(4)); now.Status != ticket.Open {
			t.Errorf("a resolve that was undone since settled it: %s", now.Status)
		}
		d.talk(50).thread.Open = false
		if now := follow(resolved, after(4)); now.Status != ticket.Resolved {
			t.Errorf("resolving left it %s", now.Status)
		}
		follow(entry("staff"), after(5))
		other := entry("customer")
		other.Conversation = 51
		if now := follow(other, after(6)); now.Status != ticket.Resolved {
			t.Errorf("a stranger's message opened it: %s", now.Status)
		}
	})
}
