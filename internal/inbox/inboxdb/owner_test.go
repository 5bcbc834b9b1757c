package inboxdb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/routing"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestTheFreestAgentGetsTheNextConversation(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.online(ann, ben)
		var got []id.Staff
		for n := range 5 {
			d.at = d.at.Add(time.Second)
			c := d.start(d.customer(), fmt.Sprint("q", n), false)
			d.tick(0)
			got = append(got, d.get(c).Owner.Staff)
		}
		// Both idle: the smaller id; then by turns, until both are full.
		if fmt.Sprint(got) != fmt.Sprint([]id.Staff{ann, ben, ann, ben, 0}) {
			t.Errorf("given to %v", got)
		}
		if d.load(ann).Chat != 2 || d.load(ben).Chat != 2 {
			t.Errorf("loads %+v and %+v", d.load(ann), d.load(ben))
		}
	})
}

func TestABotThatSaysNothingHandsOver(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.online(ann)
		c := d.start(d.customer(), "hello", true)
		d.tick(inbox.DefaultPolicy.BotTurn - time.Second)
		d.owned(c, inbox.OwnerBot, inbox.ReasonStarted)
		d.tick(time.Second)
		d.owned(c, inbox.OwnerAgent, inbox.ReasonRouted)
	})
}

func TestTheBotNeverSpeaksInAnothersTurn(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who, bot := t.Context(), d.customer(), access.Bot(ours)
		d.online(ann)
		c := d.start(who, "hello", true)
		reply := inbox.BotReply{OwnerEpoch: 1, InReplyTo: 2, Body: inbox.TextBody("hi"), ClientID: "bot/2", At: d.at}
		first, err := d.PostBot(ctx, bot, c.ID, reply)
		d.must(err)
		if now := first.Conversation; now.DueAction != inbox.CustomerSilent || !now.WaitingSince.IsZero() {
			t.Errorf("after the answer due for %s", now.DueAction)
		}
		again, err := d.PostBot(ctx, bot, c.ID, reply)
		if err != nil || !again.Replayed || again.Entry.Seq != first.Entry.Seq {
			t.Errorf("the turn ran twice and said %+v, %v", again.Entry, err)
		}
		question, err := d.say(who, c, "q2", "and now?")
		d.must(err)
		_, err = d.Take(ctx, member(ann, support), c.ID, 0, d.at)
		d.must(err)
		late := inbox.BotReply{OwnerEpoch: 1, InReplyTo: question.Entry.Seq, Body: inbox.TextBody("late"), ClientID: "bot/q2", At: d.at}
		_, err = d.PostBot(ctx, bot, c.ID, late)
		refused(t, "a reply after the agent took over", err, inbox.ErrMoved)
		_, err = d.HandOver(ctx, bot, c.ID, inbox.Handover{OwnerEpoch: 1, Reason: inbox.Reason{Code: inbox.ReasonBotMissed}, At: d.at})
		refused(t, "a hand-over after the agent took over", err, inbox.ErrMoved)
		_, err = d.Transfer(ctx, member(ann, support), c.ID, inbox.Target{Bot: true}, "", 0, d.at)
		d.must(err)
		_, err = d.PostBot(ctx, bot, c.ID, late)
		refused(t, "a reply of the turn before", err, inbox.ErrMoved)
	})
}

func TestAskingForAPersonTwiceIsAskingOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who := t.Context(), d.customer()
		d.online(ann)
		c := d.start(who, "hello", true)
		summary := &inbox.Summary{Topic: "greeting", Questions: []string{"hello"}, Language: "en", Reason: "asked"}
		ask := inbox.Handover{Reason: inbox.Reason{Code: inbox.ReasonAskedForPerson}, Summary: summary, At: d.at}
		for range 2 {
			_, err := d.HandOver(ctx, who, c.ID, ask)
			d.must(err)
		}
		now := d.owned(c, inbox.OwnerQueue, inbox.ReasonAskedForPerson)
		if now.OwnerEpoch != 2 || now.Summary == nil || now.Summary.Topic != "greeting" {
			t.Errorf("epoch %d, summary %+v", now.OwnerEpoch, now.Summary)
		}
		transitions, err := d.Transitions(ctx, member(ann, support), c.ID)
		if err != nil || len(transitions) != 2 || transitions[1].From.Kind != inbox.OwnerBot || transitions[1].To.Kind != inbox.OwnerQueue ||
			transitions[1].Actor.Kind != inbox.ByCustomer || transitions[1].Happening != inbox.HandedOver {
			t.Errorf("history %+v, %v", transitions, err)
		}
	})
}

// Two agents take at once: one gets it, the other is told who.
func TestOnlyOneOfTwoTakes(t *testing.T) {
	storetest.EachEngine(t, func(t *testing.T, open func() store.Engine) {
		first := node(t, open, "a")
		desks := []*desk{first, first}
		if first.db.Engine() == "postgres" {
			desks[1] = node(t, open, "b")
		}
		for round := range 25 {
			c := first.start(first.customer(), fmt.Sprint("q", round), false)
			var wg sync.WaitGroup
			errs := make([]error, 2)
			for i, staff := range []id.Staff{ann, ben} {
				wg.Go(func() {
					_, errs[i] = desks[i].Take(context.Background(), member(staff, support), c.ID, 1, first.at)
				})
			}
			wg.Wait()
			now := first.get(c)
			winner, loser := 0, 1
			if now.Owner.Staff == ben {
				winner, loser = 1, 0
			}
			if errs[winner] != nil || !errors.Is(errs[loser], inbox.ErrTaken) || now.OwnerEpoch != 2 {
				t.Fatalf("%v has it at epoch %d: %v", now.Owner, now.OwnerEpoch, errs)
			}
			if name := fault.Of(errs[loser]).Facts["agent"]; name != []string{"Ann Example", "Ben Example"}[winner] {
				t.Fatalf("the loser was told %q", name)
			}
			if _, err := desks[winner].Take(t.Context(), member(now.Owner.Staff, support), c.ID, 1, first.at); err != nil {
				t.Fatalf("taking it again: %v", err)
			}
			_, err := first.Resolve(t.Context(), supervisor(cleo), c.ID, 99, first.at)
			first.must(err)
		}
	})
}

// The hard limit holds although many takes and ticks race for the same agent.
func TestCapacityIsNeverExceeded(t *testing.T) {
	storetest.EachEngine(t, func(t *testing.T, open func() store.Engine) {
		first := node(t, open, "a")
		desks := []*desk{first, first}
		if first.db.Engine() == "postgres" {
			desks[1] = node(t, open, "b")
		}
		var all []inbox.Conversation
		for n := range 12 {
			all = append(all, first.start(first.customer(), fmt.Sprint("q", n), false))
		}
		first.online(ann)
		var wg sync.WaitGroup
		for i, c := range all {
			wg.Go(func() {
				_, err := desks[i%2].Take(context.Background(), member(ann, support), c.ID, 0, first.at)
				if err != nil && !errors.Is(err, inbox.ErrAgentFull) && !errors.Is(err, inbox.ErrMoved) {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if _, err := desks[(i+1)%2].Assign(context.Background(), first.at); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if load := first.load(ann); load.Chat != 2 {
			t.Errorf("Ann carries %d, want her limit of 2", load.Chat)
		}
		if wrong, err := first.Recount(t.Context()); err != nil || wrong != 0 {
			t.Errorf("%d loads were wrong, %v", wrong, err)
		}
	})
}

func TestAnAgentWhoseSocketsAreGoneLosesLiveConversationsWithinAMinute(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.online(ann)
		c := d.start(d.customer(), "hello", false)
		d.tick(0)
		d.owned(c, inbox.OwnerAgent, inbox.ReasonRouted)
		died := d.at
		d.online(ben)
		for d.get(c).Owner.Staff != ben {
			if d.at.Sub(died) > time.Minute {
				t.Fatalf("after a minute it is still %+v's", d.get(c).Owner)
			}
			d.at = d.at.Add(2 * time.Second)
			d.alive(ben)
			d.tick(0)
		}
		if now := d.get(c); now.OwnerEpoch != 4 || d.load(ann).Chat != 0 || d.load(ben).Chat != 1 {
			t.Errorf("epoch %d, loads %+v, %+v", now.OwnerEpoch, d.load(ann), d.load(ben))
		}
		transitions, err := d.Transitions(t.Context(), access.System(ours), c.ID)
		if err != nil || transitions[2].Reason.Code != inbox.ReasonPresenceLapsed {
			t.Errorf("it went back because %q, %v", transitions[2].Reason.Code, err)
		}
	})
}

func TestASilentAgentIsNotGivenTheSameCustomerAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.online(ann)
		c := d.start(d.customer(), "hello", false)
		d.tick(0)
		d.owned(c, inbox.OwnerAgent, inbox.ReasonRouted)
		for range 4 {
			d.at = d.at.Add(30 * time.Second)
			d.alive(ann)
		}
		d.tick(0)
		d.owned(c, inbox.OwnerQueue, inbox.ReasonAgentSilent)
		d.online(ben)
		d.alive(ann)
		d.tick(time.Second)
		if now := d.owned(c, inbox.OwnerAgent, inbox.ReasonRouted); now.Owner.Staff != ben {
			t.Errorf("given to %v", now.Owner.Staff)
		}
	})
}

func TestNobodyThereMeansATicketAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		c := d.start(d.customer(), "hello", false)
		d.tick(0)
		now := d.owned(c, inbox.OwnerTicket, inbox.ReasonNobodyPresent)
		if now.TicketNumber != 1 || !now.PromisedAt.Equal(d.at.Add(4*time.Hour)) || !now.DueAt.Equal(now.PromisedAt) {
			t.Errorf("ticket %d promised %v, due %v", now.TicketNumber, now.PromisedAt, now.DueAt)
		}
		last := d.entries(c)[2]
		told, ok := last.Body.Content.(*inbox.Event)
		if !ok || told.Event != inbox.Ticketed || told.Facts["number"] != "1" || told.Facts["promised_at"] == "" || last.Private {
			t.Errorf("the customer is told %+v", last)
		}
	})
}

func TestWaitingEndsInATicket(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.roster.attention = time.Hour
		d.online(ann)
		for n := range 2 {
			d.start(d.customer(), fmt.Sprint("q", n), false)
		}
		d.tick(0)
		c := d.start(d.customer(), "third", false)
		for range 8 {
			d.at = d.at.Add(20 * time.Second)
			d.alive(ann)
			d.tick(0)
		}
		d.owned(c, inbox.OwnerQueue, inbox.ReasonStarted)
		d.at = d.at.Add(20 * time.Second)
		d.alive(ann)
		d.tick(0)
		d.owned(c, inbox.OwnerTicket, inbox.ReasonQueueWaitOver)
	})
}

func TestAFullQueueMeansATicketAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.roster.maxQueue = 1
		d.roster.capacity.Chat = 0
		d.online(ann)
		first := d.start(d.customer(), "first", false)
		second := d.start(d.customer(), "second", false)
		d.tick(0)
		d.owned(first, inbox.OwnerQueue, inbox.ReasonStarted)
		d.owned(second, inbox.OwnerTicket, inbox.ReasonQueueFull)
	})
}

func TestATicketThatCannotBeMadeIsTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.promiser.fail = errors.New("no calendar")
		c := d.start(d.customer(), "hello", false)
		if report := d.tick(0); report.Failed != 1 {
			t.Errorf("%+v", report)
		}
		now := d.owned(c, inbox.OwnerQueue, inbox.ReasonStarted)
		if !now.DueAt.After(d.at) {
			t.Error("it would be tried without pause")
		}
		d.promiser.fail = nil
		d.tick(inbox.DefaultPolicy.Retry)
		d.owned(c, inbox.OwnerTicket, inbox.ReasonNobodyPresent)
	})
}

func TestTheLastToGoLeavesTicketsNotSilence(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.roster.capacity.Chat = 1
		d.online(ann)
		mine := d.start(d.customer(), "mine", false)
		d.tick(0)
		waiting := d.start(d.customer(), "waiting", false)
		_, err := d.SetPresence(t.Context(), member(ann), ann, routing.Offline, routing.ShiftEnd, d.at)
		d.must(err)
		d.owned(mine, inbox.OwnerQueue, inbox.ReasonShiftEnded)
		d.tick(0)
		d.owned(mine, inbox.OwnerTicket, inbox.ReasonNobodyPresent)
		d.owned(waiting, inbox.OwnerTicket, inbox.ReasonNobodyPresent)
	})
}

// sitting says that every customer still has the widget open.
type sitting struct{}

func (sitting) Customer(id.Workspace, id.Customer) bool { return true }

func TestAReturningAgentGetsTheBacklogAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db, func(o *inboxdb.Options) { o.Connected = sitting{} })
		c := d.start(d.customer(), "hello", false)
		d.tick(0)
		d.owned(c, inbox.OwnerTicket, inbox.ReasonNobodyPresent)
		d.at = d.at.Add(5 * time.Minute)
		d.online(ann)
		d.tick(0)
		now := d.owned(c, inbox.OwnerAgent, inbox.ReasonRouted)
		if now.Lease != inbox.Live || now.Ticket == 0 {
			t.Errorf("%s with ticket %v", now.Lease, now.Ticket)
		}
	})
}

func TestResolveLosesToWordsNotYetSeen(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who := t.Context(), d.customer()
		d.online(ann)
		c := d.start(who, "hello", false)
		d.tick(0)
		seen := d.get(c).LastSeq
		_, err := d.say(who, c, "more", "one more thing")
		d.must(err)
		_, err = d.Resolve(ctx, member(ann, support), c.ID, seen, d.at)
		refused(t, "resolving unseen words", err, inbox.ErrNewerMessage)
		_, err = d.Resolve(ctx, member(ben, support), c.ID, 99, d.at)
		refused(t, "resolving a colleague's", err, inbox.ErrTaken)
		for range 2 {
			now, err := d.Resolve(ctx, member(ann, support), c.ID, seen+1, d.at)
			if err != nil || now.State != inbox.Resolved || now.Owner.Kind != inbox.OwnerNone || !now.DueAt.IsZero() || now.OwnerEpoch != 3 {
				t.Errorf("resolved as %+v, %v", now, err)
			}
		}
		if d.load(ann).Chat != 0 {
			t.Error("it still counts for Ann")
		}
		_, err = d.say(member(ann, support), c, "late", "bye")
		refused(t, "writing into a resolved one", err, inbox.ErrResolved)
	})
}

func TestACustomerWhoWritesAgainGetsTheLastAgentIfFree(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who := t.Context(), d.customer()
		d.online(ann, ben)
		c := d.start(who, "hello", false)
		d.tick(0)
		resolve := func() {
			t.Helper()
			_, err := d.Resolve(ctx, access.System(ours), c.ID, 999, d.at)
			d.must(err)
		}
		resolve()
		_, err := d.say(who, c, "2", "again")
		d.must(err)
		if now := d.owned(c, inbox.OwnerAgent, inbox.ReasonCustomerWrote); now.Owner.Staff != ann {
			t.Errorf("back to %v", now.Owner)
		}
		resolve()
		_, err = d.SetPresence(ctx, member(ann), ann, routing.Busy, "", d.at)
		d.must(err)
		_, err = d.say(who, c, "3", "again")
		d.must(err)
		d.owned(c, inbox.OwnerQueue, inbox.ReasonCustomerWrote)
		resolve()
		d.tick(5 * time.Minute)
		_, err = d.say(who, c, "4", "again")
		d.must(err)
		d.owned(c, inbox.OwnerBot, inbox.ReasonCustomerWrote)
	})
}

func TestTransfersReachPeopleTeamsAndTheBot(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.online(ann)
		c := d.start(d.customer(), "hello", false)
		d.tick(0)
		_, err := d.Transfer(ctx, member(ann, support), c.ID, inbox.Target{Staff: ben}, "", 0, d.at)
		refused(t, "to somebody away", err, inbox.ErrAgentAway)
		_, err = d.Transfer(ctx, member(ben, support), c.ID, inbox.Target{Staff: ben}, "", 0, d.at)
		refused(t, "a colleague's", err, inbox.ErrTaken)
		d.online(ben, cleo)
		_, err = d.Transfer(ctx, member(ann, support), c.ID, inbox.Target{Staff: ben}, "knows the product", 99, d.at)
		refused(t, "at an epoch that has passed", err, inbox.ErrMoved)
		now, err := d.Transfer(ctx, member(ann, support), c.ID, inbox.Target{Staff: ben}, "knows the product", 0, d.at)
		if err != nil || now.Owner.Staff != ben || now.Reason.Text != "knows the product" || d.load(ann).Chat != 0 {
			t.Errorf("%+v, %v", now.Owner, err)
		}
		_, err = d.Transfer(ctx, member(ben, support), c.ID, inbox.Target{Team: wholesale + 99}, "", 0, d.at)
		refused(t, "to a team that is not here", err, fault.ErrInvalid)
		now, err = d.Transfer(ctx, member(ben, support), c.ID, inbox.Target{Team: wholesale}, "", 0, d.at)
		if err != nil || now.Owner.Kind != inbox.OwnerQueue || now.Team != wholesale {
			t.Errorf("%+v, %v", now.Owner, err)
		}
		d.tick(0)
		if now := d.get(c); now.Owner.Staff != cleo {
			t.Errorf("wholesale's went to %+v", now.Owner)
		}
		now, err = d.Transfer(ctx, member(cleo, wholesale), c.ID, inbox.Target{Bot: true}, "", 0, d.at)
		if err != nil || now.Owner.Kind != inbox.OwnerBot || now.DueAction != inbox.BotTurnMissing {
			t.Errorf("%+v for %s, %v", now.Owner, now.DueAction, err)
		}
	})
}

func TestDeactivatingGivesBackEverything(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.online(ann, ben)
		live := d.start(d.customer(), "live", false)
		mail, err := d.Start(ctx, access.System(ours), inbox.Opening{
			Customer: d.customer().Customer, Channel: inbox.Channel{Kind: inbox.Email, Account: 42}, Locale: "en", Body: inbox.TextBody("by mail"), At: d.at,
		})
		d.must(err)
		for _, c := range []inbox.Conversation{live, mail.Conversation} {
			_, err := d.Take(ctx, member(ann, support), c.ID, 0, d.at)
			d.must(err)
		}
		if load := d.load(ann); load != (routing.Load{Chat: 1, Async: 1}) {
			t.Errorf("carries %+v", load)
		}
		d.roster.inactive[ann] = true
		d.must(d.ReturnAll(ctx, access.System(ours), ann, inbox.ReasonDeactivated, d.at))
		d.owned(live, inbox.OwnerQueue, inbox.ReasonDeactivated)
		d.owned(mail.Conversation, inbox.OwnerQueue, inbox.ReasonDeactivated)
		if load := d.load(ann); load != (routing.Load{}) {
			t.Errorf("still carries %+v", load)
		}
	})
}

func TestAMergeTakesConversationsAlongAndGivesThemBack(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.people.OnMerge(d.FollowMerge)
		one, other := d.customer(), d.customer()
		c := d.start(one, "hello", true)
		d.must(d.people.Merge(ctx, access.System(ours), one.Customer, other.Customer, d.at))
		if _, err := d.Get(ctx, other, c.ID); err != nil {
			t.Errorf("who it turned out to be does not see it: %v", err)
		}
		d.must(d.people.Unmerge(ctx, access.System(ours), one.Customer, d.at))
		if _, err := d.Get(ctx, one, c.ID); err != nil {
			t.Errorf("it was not given back: %v", err)
		}
	})
}

func TestAQueuedCustomerIsToldTheirPlace(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		d.roster.capacity.Chat = 3
		d.online(ann)
		for n := range 3 {
			d.start(d.customer(), fmt.Sprint("q", n), false)
		}
		d.tick(0)
		d.at = d.at.Add(time.Second)
		d.start(d.customer(), "ahead", false)
		d.at = d.at.Add(time.Second)
		who := d.customer()
		c := d.start(who, "me", false)
		places, err := d.Places(t.Context(), who, []inbox.Conversation{d.get(c)}, d.at)
		place := places[c.ID]
		if err != nil || place.Position != 2 || place.Basis != "recent" || place.WaitLow <= 0 || place.WaitHigh <= place.WaitLow {
			t.Errorf("%+v, %v", place, err)
		}
	})
}

// book is a record of operations.
type book struct{ lines []string }

func (b *book) Write(_ context.Context, scope access.Scope, action, object string, _, _ any, _ time.Time) error {
	b.lines = append(b.lines, scope.Actor()+" "+action+" "+object)
	return nil
}

func TestWhatStaffDoIsRecordedAndWhatOthersDoIsNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		record := &book{}
		d := newDesk(t, db, func(o *inboxdb.Options) { o.Audit = record })
		ctx, who := t.Context(), d.customer()
		c := d.start(who, "hello", true)
		_, err := d.HandOver(ctx, who, c.ID, inbox.Handover{Reason: inbox.Reason{Code: inbox.ReasonAskedForPerson}, At: d.at})
		d.must(err)
		_, err = d.Take(ctx, member(ann, support), c.ID, 0, d.at)
		d.must(err)
		answer, err := d.say(member(ann, support), c, "a", "hi")
		d.must(err)
		_, err = d.Recall(ctx, member(ann, support), c.ID, answer.Entry.Seq, "r", d.at)
		d.must(err)
		_, err = d.Tag(ctx, member(ann, support), c.ID, []string{"x"}, nil, d.at)
		d.must(err)
		_, err = d.Resolve(ctx, member(ann, support), c.ID, 99, d.at)
		d.must(err)
		var want []string
		for _, action := range []string{"conversation.assigned", "entry.recalled", "conversation.tagged", "conversation.resolved"} {
			want = append(want, ann.String()+" "+action+" "+c.ID.String())
		}
		if diff := cmp.Diff(want, record.lines); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAProgramWritesAsStaffDoAndTakesNothing(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		program := access.Scope{Workspace: ours, Kind: access.ActorKey, Key: 9, Reach: access.ReachAll, Permissions: access.Agent.Permissions()}
		c := d.start(d.customer(), "hello", false)
		d.tick(0)
		d.owned(c, inbox.OwnerTicket, inbox.ReasonNobodyPresent)
		_, err := d.Take(ctx, program, c.ID, 0, d.at)
		refused(t, "taking", err, fault.ErrForbidden)
		forged := inbox.NewBody(inbox.TypeEvent, &inbox.Event{Event: inbox.WasResolved, Facts: map[string]string{}})
		_, err = d.Post(ctx, program, c.ID, inbox.Posting{Kind: inbox.KindMessage, ClientID: "f", Body: forged, At: d.at})
		refused(t, "forging an event", err, inbox.ErrBody)
		if _, err := d.say(program, c, "p", "your parcel has left"); err != nil {
			t.Errorf("a program could not write to a ticket's customer: %v", err)
		}
	})
}
