package inboxdb_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/page"
	"everdesk/internal/routing"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

const (
	ours, theirs       id.Workspace = 7, 8
	support, wholesale id.Team      = 21, 22
	ann, ben, cleo     id.Staff     = 31, 32, 33
)

var widget = inbox.Channel{Kind: inbox.Web, Account: 41}

// roster is a fixed staff: Ann and Ben in support, Cleo in wholesale.
type roster struct {
	teams     map[id.Team][]id.Staff
	capacity  routing.Capacity
	inactive  map[id.Staff]bool
	maxQueue  int
	attention time.Duration
}

func newRoster() *roster {
	return &roster{
		teams:    map[id.Team][]id.Staff{support: {ann, ben}, wholesale: {cleo}},
		capacity: routing.Capacity{Chat: 2, Async: 3}, inactive: map[id.Staff]bool{}, attention: 2 * time.Minute,
	}
}

func (r *roster) Team(_ context.Context, _ access.Scope, team id.Team) (routing.Team, error) {
	if team != support && team != wholesale {
		team = support
	}
	return routing.Team{ID: team, Name: fmt.Sprint("team ", int64(team)), MaxWait: 3 * time.Minute, Attention: r.attention, MaxQueue: r.maxQueue}, nil
}

func (r *roster) Members(ctx context.Context, scope access.Scope, team id.Team) ([]routing.Member, error) {
	var all []routing.Member
	for _, staff := range r.teams[team] {
		m, err := r.Member(ctx, scope, staff)
		if err != nil {
			return nil, err
		}
		if m.Active {
			all = append(all, m)
		}
	}
	return all, nil
}

func (r *roster) Member(_ context.Context, _ access.Scope, staff id.Staff) (routing.Member, error) {
	names := map[id.Staff]string{ann: "Ann Example", ben: "Ben Example", cleo: "Cleo Example"}
	if names[staff] == "" {
		return routing.Member{}, fault.New(fault.NotFound, "staff.not_found")
	}
	return routing.Member{Staff: staff, Name: names[staff], Capacity: r.capacity, Active: !r.inactive[staff]}, nil
}

// promiser numbers tickets and promises an answer in four hours.
type promiser struct {
	store  *inboxdb.Store
	number int64
	fail   error
}

func (p *promiser) Promise(ctx context.Context, workspace id.Workspace, which id.Conversation, reason inbox.ReasonCode, at time.Time) error {
	if p.fail != nil {
		return p.fail
	}
	p.number++
	_, err := p.store.ToTicket(ctx, access.System(workspace), which,
		inbox.Promise{Ticket: id.Ticket(1000 + p.number), Number: p.number, At: at.Add(4 * time.Hour)}, inbox.Reason{Code: reason}, at)
	return err
}

// feed keeps what would be shown at once.
type feed struct{ updates chan inbox.Update }

func (f *feed) Changed(u inbox.Update) { f.updates <- u }

// desk is a workspace with customers, staff and a store.
type desk struct {
	*inboxdb.Store
	t        testing.TB
	db       *store.DB
	people   *customerdb.Store
	roster   *roster
	promiser *promiser
	feed     *feed
	at       time.Time
}

func newDesk(t testing.TB, db *store.DB, change ...func(*inboxdb.Options)) *desk {
	d := &desk{t: t, db: db, roster: newRoster(), promiser: &promiser{}, feed: &feed{make(chan inbox.Update, 100_000)}, at: start}
	options := inboxdb.Options{Roster: d.roster, Promiser: d.promiser, Feed: d.feed}
	for _, fn := range change {
		fn(&options)
	}
	d.Store = inboxdb.New(db, options)
	d.promiser.store = d.Store
	d.people = customerdb.New(db, plain{})
	return d
}

// node opens one more node on a database, with a number of its own for ids.
func node(t *testing.T, open func() store.Engine, holder string) *desk {
	t.Helper()
	db := storetest.Open(t, open())
	if _, err := db.TakeNode(t.Context(), holder); err != nil {
		t.Fatal(err)
	}
	return newDesk(t, db)
}

// plain leaves values open: nothing here has any.
type plain struct{}

func (plain) Seal(_, text string) string          { return text }
func (plain) Open(_, text string) (string, error) { return text, nil }
func (plain) Index(purpose, value string) string  { return purpose + value }

func each(t *testing.T, fn func(t *testing.T, d *desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newDesk(t, db)) })
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// customer arrives at the widget.
func (d *desk) customer() access.Scope {
	d.t.Helper()
	visit, err := d.people.Arrive(d.t.Context(), access.System(ours), customer.Arrival{Locale: "en", Channel: widget.Account, At: d.at})
	d.must(err)
	return access.Visitor(ours, visit.Customer.ID)
}

func member(staff id.Staff, teams ...id.Team) access.Scope {
	return access.Scope{
		Workspace: ours, Kind: access.ActorStaff, Staff: staff, Reach: access.ReachTeam, Teams: teams, Permissions: access.Agent.Permissions(),
	}
}

func supervisor(staff id.Staff) access.Scope {
	return access.Scope{Workspace: ours, Kind: access.ActorStaff, Staff: staff, Reach: access.ReachAll, Permissions: access.Supervisor.Permissions()}
}

func (d *desk) start(who access.Scope, text string, toBot bool) inbox.Conversation {
	d.t.Helper()
	posted, err := d.Start(d.t.Context(), who, inbox.Opening{
		Customer: who.Customer, Channel: widget, Locale: "en", Priority: inbox.Normal, ToBot: toBot, ClientID: "first " + text, Body: inbox.TextBody(text), At: d.at,
	})
	d.must(err)
	return posted.Conversation
}

func (d *desk) say(who access.Scope, c inbox.Conversation, clientID, text string) (inbox.Posted, error) {
	return d.Post(d.t.Context(), who, c.ID, inbox.Posting{Kind: inbox.KindMessage, ClientID: clientID, Body: inbox.TextBody(text), At: d.at})
}

func (d *desk) get(c inbox.Conversation) inbox.Conversation {
	d.t.Helper()
	now, err := d.Get(d.t.Context(), access.System(ours), c.ID)
	d.must(err)
	return now
}

// online brings members in, with a living socket.
func (d *desk) online(staff ...id.Staff) {
	d.t.Helper()
	for _, one := range staff {
		_, err := d.SetPresence(d.t.Context(), member(one), one, routing.Online, "", d.at)
		d.must(err)
	}
}

// alive renews the sockets of members who are there.
func (d *desk) alive(staff ...id.Staff) {
	d.t.Helper()
	d.must(d.Heartbeat(d.t.Context(), access.System(ours), staff, d.at))
}

// tick lets time pass and the runners look.
func (d *desk) tick(after time.Duration) inboxdb.Report {
	d.t.Helper()
	d.at = d.at.Add(after)
	report, err := d.Reconcile(d.t.Context(), d.at)
	d.must(err)
	_, err = d.Assign(d.t.Context(), d.at)
	d.must(err)
	return report
}

func (d *desk) entries(c inbox.Conversation) []inbox.Entry {
	d.t.Helper()
	stretch, err := d.Entries(d.t.Context(), access.System(ours), c.ID, inbox.Window{Forward: true, Limit: 1000})
	d.must(err)
	return stretch.Items
}

func (d *desk) load(staff id.Staff) routing.Load {
	d.t.Helper()
	p, err := d.PresenceOf(d.t.Context(), access.System(ours), staff)
	d.must(err)
	return p.Load
}

func (d *desk) owned(c inbox.Conversation, kind inbox.OwnerKind, reason inbox.ReasonCode) inbox.Conversation {
	d.t.Helper()
	now := d.get(c)
	if now.Owner.Kind != kind || now.Reason.Code != reason {
		d.t.Fatalf("owned by %+v because %q, want %s because %q", now.Owner, now.Reason.Code, kind, reason)
	}
	return now
}

func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// pages reads a list to its end, two at a time.
func (d *desk) pages(scope access.Scope, filter inbox.Filter) []inbox.Conversation {
	d.t.Helper()
	var all []inbox.Conversation
	for request := (page.Request{Limit: 2}); ; {
		found, err := d.List(d.t.Context(), scope, filter, request)
		d.must(err)
		all = append(all, found.Items...)
		if request.After = found.Next; found.Next.IsZero() {
			return all
		}
	}
}
