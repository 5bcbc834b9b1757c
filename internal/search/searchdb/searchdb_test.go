package searchdb_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/job"
	"everdesk/internal/page"
	"everdesk/internal/routing"
	"everdesk/internal/search"
	"everdesk/internal/search/searchdb"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	ours, theirs       id.Workspace = 7, 8
	support, wholesale id.Team      = 21, 22
	ann, ben           id.Staff     = 31, 32
)

// desk is conversations and their index.
type desk struct {
	t         *testing.T
	db        *store.DB
	inbox     *inboxdb.Store
	customers *customerdb.Store
	index     *searchdb.Store
	at        time.Time
	written   int
}

// roster has Ann in support and Ben in wholesale.
type roster struct{}

func (roster) Team(_ context.Context, _ access.Scope, team id.Team) (routing.Team, error) {
	if team == 0 {
		team = support
	}
	return routing.Team{ID: team, Name: "a team", MaxWait: time.Hour, Attention: time.Hour}, nil
}

func (r roster) Members(ctx context.Context, scope access.Scope, team id.Team) ([]routing.Member, error) {
	one, err := r.Member(ctx, scope, map[id.Team]id.Staff{support: ann, wholesale: ben}[team])
	return []routing.Member{one}, err
}

func (roster) Member(_ context.Context, _ access.Scope, staff id.Staff) (routing.Member, error) {
	return routing.Member{Staff: staff, Name: "a member", Capacity: routing.Capacity{Chat: 50, Async: 50}, Active: true}, nil
}

// plain leaves values open.
type plain struct{}

func (plain) Seal(_, text string) string          { return text }
func (plain) Open(_, text string) (string, error) { return text, nil }
func (plain) Index(purpose, value string) string  { return purpose + value }

func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := &desk{t: t, db: db, at: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
		d.inbox = inboxdb.New(db, inboxdb.Options{Roster: roster{}})
		d.customers = customerdb.New(db, plain{})
		d.index = searchdb.New(db, d.inbox, nil)
		fn(t, d)
	})
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// visitor arrives with a name.
func (d *desk) visitor(workspace id.Workspace, name string) access.Scope {
	d.t.Helper()
	visit, err := d.customers.Arrive(d.t.Context(), access.System(workspace), customer.Arrival{Locale: "en", Channel: 41, At: d.at})
	d.must(err)
	_, err = d.customers.Change(d.t.Context(), access.System(workspace), visit.Customer.ID, visit.Customer.Version, customer.Patch{Name: &name}, d.at)
	d.must(err)
	return access.Visitor(workspace, visit.Customer.ID)
}

func (d *desk) start(who access.Scope, team id.Team, subject, text string) inbox.Conversation {
	d.t.Helper()
	d.at = d.at.Add(time.Second)
	posted, err := d.inbox.Start(d.t.Context(), who, inbox.Opening{
		Customer: who.Customer, Channel: inbox.Channel{Kind: inbox.Web, Account: 41}, Subject: subject, Locale: "en", Priority: inbox.Normal,
		Team: team, Body: inbox.TextBody(text), At: d.at,
	})
	d.must(err)
	return posted.Conversation
}

func (d *desk) say(who access.Scope, c inbox.Conversation, kind inbox.EntryKind, text string) inbox.Entry {
	d.t.Helper()
	d.written++
	posted, err := d.inbox.Post(d.t.Context(), who, c.ID, inbox.Posting{Kind: kind, ClientID: fmt.Sprint("m", d.written), Body: inbox.TextBody(text), At: d.at})
	d.must(err)
	return posted.Entry
}

// catchUp lets the index follow what has been written.
func (d *desk) catchUp() {
	d.t.Helper()
	consumer := job.Consumer{Name: "search", Wants: searchdb.Follows, Prepare: d.index.Prepare}
	for part := range store.Parts {
		d.must(consumer.CatchUp(d.t.Context(), d.db, "here", part))
	}
}

func all(workspace id.Workspace) access.Scope {
	return access.Scope{Workspace: workspace, Kind: access.ActorStaff, Staff: 99, Reach: access.ReachAll, Permissions: access.Supervisor.Permissions()}
}

func member(staff id.Staff, reach access.Reach, teams ...id.Team) access.Scope {
	return access.Scope{Workspace: ours, Kind: access.ActorStaff, Staff: staff, Reach: reach, Teams: teams, Permissions: access.Agent.Permissions()}
}

func (d *desk) page(scope access.Scope, text string, request page.Request) page.Of[search.Found] {
	d.t.Helper()
	query, err := search.Parse(text)
	d.must(err)
	found, err := d.index.Find(d.t.Context(), scope, query, request)
	d.must(err)
	return found
}

// find returns the subjects of the conversations found, with the seq of the
// best match, in order.
func (d *desk) find(scope access.Scope, text string) string {
	d.t.Helper()
	var names []string
	for _, f := range d.page(scope, text, page.Request{Limit: 100}).Items {
		names = append(names, fmt.Sprintf("%s:%d", f.Conversation.Subject, f.Seq))
	}
	return strings.Join(names, " ")
}

func (d *desk) finds(scope access.Scope, text, want string) {
	d.t.Helper()
	if diff := cmp.Diff(want, d.find(scope, text)); diff != "" {
		d.t.Errorf("%q: %s", text, diff)
	}
}

func TestWordsArePutTogetherAlikeInBothLanguages(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.visitor(ours, "Zhang Example")
		parcel := d.start(who, support, "parcel", "My parcel is held at customs, I want a refund")
		d.start(who, support, "kettle", "The kettle broke. Customs did not hold it.")
		d.start(who, support, "物流", "请帮我查询物流信息,订单TRK0042")
		d.start(who, support, "进度", "退款的进度怎么样")
		d.say(who, parcel, inbox.KindMessage, "还没有收到退款")
		d.catchUp()
		for text, want := range map[string]string{
			"refunds":        "parcel:2",
			"REFUND customs": "parcel:2",
			"refund kettle":  "",
			`"held at"`:      "parcel:2",
			`"at held"`:      "",
			"customs hold":   "kettle:2",
			"customs -held":  "kettle:2",
			"查询物流":           "物流:2",
			"物流查询":           "",
			"物流 查询":          "物流:2",
			"款":              "parcel:3 进度:2",
			"退款":             "parcel:3 进度:2",
			"退款进度":           "",
			"退款 -进度":         "parcel:3",
			"trk0042":        "物流:2",
			"ＴＲＫ００４２":        "物流:2",
			"nothing":        "",
		} {
			d.finds(all(ours), text, want)
		}
		d.finds(all(ours), "zha", "进度:0 物流:0 kettle:0 parcel:0")
		d.finds(all(ours), "zhang parcel", "parcel:0")
		d.finds(all(theirs), "refund", "")
	})
}

func TestEachSeesWhatTheirReachLetsThem(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.visitor(ours, "Ann")
		retail := d.start(who, support, "retail", "a refund please")
		d.start(who, wholesale, "wholesale", "a refund please")
		stranger := d.visitor(theirs, "Bob")
		d.start(stranger, support, "foreign", "a refund please")
		d.catchUp()
		d.finds(all(ours), "refund", "wholesale:2 retail:2")
		d.finds(all(theirs), "refund", "foreign:2")
		d.finds(member(ann, access.ReachTeam, support), "refund", "retail:2")
		d.finds(member(ben, access.ReachOwn, wholesale), "refund", "")

		// Whoever takes it finds all of it, and so does the team it goes to.
		taken, err := d.inbox.Take(t.Context(), all(ours), retail.ID, retail.OwnerEpoch, d.at)
		d.must(err)
		d.catchUp()
		d.finds(member(99, access.ReachOwn), "refund", "retail:2")
		_, err = d.inbox.Transfer(t.Context(), all(ours), retail.ID, inbox.Target{Team: wholesale}, "", taken.OwnerEpoch, d.at)
		d.must(err)
		d.finds(member(ann, access.ReachTeam, support), "refund", "")
		d.catchUp()
		d.finds(member(ben, access.ReachTeam, wholesale), "refund", "wholesale:2 retail:2")

		// Notes are for staff.
		d.say(all(ours), taken, inbox.KindNote, "a difficult refund")
		d.catchUp()
		d.finds(all(ours), "difficult", "retail:5")
		d.finds(who, "difficult", "")
		d.finds(who, "refund please", "wholesale:2 retail:2")
		d.finds(stranger, "refund please", "foreign:2")
	})
}

func TestWhatChangesIsFoundAsItIs(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.visitor(ours, "Old Name")
		c := d.start(who, support, "first", "a green kettle")
		second := d.say(who, c, inbox.KindMessage, "a red kettle")
		d.catchUp()
		_, err := d.inbox.Edit(t.Context(), who, c.ID, second.Seq, "e1", inbox.TextBody("a blue kettle"), d.at)
		d.must(err)
		d.catchUp()
		d.finds(all(ours), "red", "")
		d.finds(all(ours), "blue", "first:3")
		_, err = d.inbox.Recall(t.Context(), who, c.ID, second.Seq, "r1", d.at)
		d.must(err)
		d.finds(all(ours), "blue", "") // also before the index knows
		d.catchUp()
		d.finds(all(ours), "blue", "")
		d.finds(all(ours), "kettle", "first:2")

		now, err := d.inbox.Get(t.Context(), all(ours), c.ID)
		d.must(err)
		subject := "second"
		_, err = d.inbox.Change(t.Context(), all(ours), c.ID, now.Version, inbox.Attributes{Subject: &subject}, d.at)
		d.must(err)
		_, err = d.inbox.Tag(t.Context(), all(ours), c.ID, []string{"vip"}, nil, d.at)
		d.must(err)
		asker, err := d.customers.Get(t.Context(), all(ours), who.Customer)
		d.must(err)
		name := "Wang Example"
		_, err = d.customers.Change(t.Context(), all(ours), who.Customer, asker.Version, customer.Patch{Name: &name}, d.at)
		d.must(err)
		d.catchUp()
		d.finds(all(ours), "first", "")
		d.finds(all(ours), "second vip wang", "second:0")
		d.finds(all(ours), "old", "")
	})
}

func TestAnUpgradedDeskIsFilledInNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.visitor(ours, "Ann")
		for i := range 25 {
			d.start(who, support, fmt.Sprint("c", i), fmt.Sprint("kettle number n", i))
		}
		// As the migration leaves a workspace that had conversations before.
		d.must(d.db.Atomically(t.Context(), func(ctx context.Context) error {
			store.Current(ctx).Queue(`INSERT INTO search_workspaces(workspace_id, slot, newest, oldest, version, fill_before, filled, done, total, since)
				VALUES ($1, 5, 0, 0, 0, 0, 0, 0, 0, 0)`, ours)
			return nil
		}))
		d.must(d.index.Refill(t.Context(), d.at))
		before, err := d.index.Progress(t.Context(), all(ours))
		d.must(err)
		if diff := cmp.Diff(search.Progress{Total: 25, Since: d.at}, before); diff != "" {
			t.Error(diff)
		}
		d.start(who, support, "new", "kettle number new")
		d.catchUp()
		runner := job.NewRunner(d.db, nil, 1, func() time.Time { return d.at })
		runner.Handle(searchdb.FillKind, d.index.HandleFill)
		_, err = runner.Drain(t.Context(), d.at)
		d.must(err)
		after, err := d.index.Progress(t.Context(), all(ours))
		d.must(err)
		if !after.Filled || after.Done < 25 {
			t.Errorf("after filling: %+v", after)
		}
		d.finds(all(ours), "n7", "c7:2")
		got := d.find(all(ours), "number")
		if !strings.HasPrefix(got, "new:2 ") || strings.Count(got, ":") != 26 {
			t.Errorf("found %s", got)
		}
	})
}

func TestPagesGoThroughEveryWindow(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.visitor(ours, "Ann")
		want := map[id.Conversation]bool{}
		for range 30 {
			want[d.start(who, support, "s", "kettle").ID] = true
		}
		d.catchUp()
		request := page.Request{Limit: 7}
		for round := 0; len(want) > 0; round++ {
			found := d.page(all(ours), "kettle", request)
			for _, f := range found.Items {
				if !want[f.Conversation.ID] {
					t.Fatalf("%s came twice", f.Conversation.ID)
				}
				delete(want, f.Conversation.ID)
			}
			// What is written meanwhile moves nothing.
			d.start(who, support, "s", "kettle")
			d.catchUp()
			request.After = found.Next
			if found.Next.IsZero() && len(want) > 0 {
				t.Fatalf("%d were never shown", len(want))
			}
		}
	})
}

func TestALongConversationChangesHandsWhole(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.visitor(ours, "Ann")
		c := d.start(who, support, "long", "hello")
		for i := range 200 {
			d.say(who, c, inbox.KindMessage, fmt.Sprint("line number w", i))
		}
		d.catchUp()
		_, err := d.inbox.Transfer(t.Context(), all(ours), c.ID, inbox.Target{Team: wholesale}, "", c.OwnerEpoch, d.at)
		d.must(err)
		d.catchUp()
		runner := job.NewRunner(d.db, nil, 1, func() time.Time { return d.at })
		runner.Handle(searchdb.AgainKind, d.index.HandleAgain)
		_, err = runner.Drain(t.Context(), d.at)
		d.must(err)
		for _, text := range []string{"w0", "w77", "w199"} {
			if got := d.find(member(ben, access.ReachTeam, wholesale), text); !strings.HasPrefix(got, "long:") {
				t.Errorf("%s: %q", text, got)
			}
			d.finds(member(ann, access.ReachTeam, support), text, "")
		}
	})
}

func TestAnIndexLostWithARestoredBackupIsMadeAnew(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.visitor(ours, "Ann")
		d.start(who, support, "kept", "a green kettle")
		d.catchUp()
		d.must(d.db.Atomically(t.Context(), func(ctx context.Context) error {
			if d.db.Engine() == "postgres" {
				store.Current(ctx).Queue(`UPDATE search_texts SET words = ''`)
			} else {
				store.Current(ctx).Queue(`DELETE FROM search_words`)
			}
			return nil
		}))
		d.finds(all(ours), "kettle", "")
		d.must(d.index.Refill(t.Context(), d.at))
		for more := true; more; {
			var err error
			more, err = d.index.Fill(t.Context(), access.System(ours), 10)
			d.must(err)
		}
		d.finds(all(ours), "kettle", "kept:2")
	})
}
