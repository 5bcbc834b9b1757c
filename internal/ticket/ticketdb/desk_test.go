package ticketdb_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"everdesk/internal/access"
	"everdesk/internal/calendar"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
	"everdesk/internal/ticket"
	"everdesk/internal/ticket/ticketdb"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	// A Friday evening in Shanghai, when everybody has gone home.
	evening = time.Date(2026, 11, 20, 14, 16, 0, 0, time.UTC)
	system  = access.System(7)
)

func agent(staff id.Staff, teams ...id.Team) access.Scope {
	return access.Scope{Workspace: 7, Kind: access.ActorStaff, Staff: staff, Reach: access.ReachTeam, Teams: teams}
}

var errNewer = fault.New(fault.Conflict, "conversation.newer_message")

// talk is one conversation as a ticket sees it.
type talk struct {
	thread   ticketdb.Thread
	carried  ticketdb.Carried
	lastSeq  int64
	said     []string
	byClient map[string]int64
}

// desk plays the conversations, the hours and the record around tickets: it
// keeps what it is told and refuses what they refuse.
type desk struct {
	hours *calendar.Hours

	mu      sync.Mutex
	talks   map[id.Conversation]*talk
	audited []string
	fed     []ticket.Ticket
}

func newDesk(t *testing.T) *desk {
	hours, err := calendar.Compile(calendar.Standard("Asia/Shanghai"))
	if err != nil {
		t.Fatal(err)
	}
	return &desk{hours: hours, talks: map[id.Conversation]*talk{}}
}

func (d *desk) ports() ticketdb.Ports {
	return ticketdb.Ports{Threads: d, Calendars: d, Audit: d, Feed: d, Policy: ticket.DefaultPolicy}
}

func (d *desk) TeamHours(context.Context, access.Scope, id.Team, time.Time) (*calendar.Hours, error) {
	return d.hours, nil
}

func (d *desk) Write(_ context.Context, scope access.Scope, action, _ string, _, _ any, _ time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.audited = append(d.audited, scope.Actor()+" "+action)
	return nil
}

func (d *desk) TicketChanged(_ id.Workspace, changed ticket.Ticket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fed = append(d.fed, changed)
}

// asks adds a conversation that a customer began.
func (d *desk) asks(conversation id.Conversation, customer id.Customer, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.talks[conversation] = &talk{
		thread: ticketdb.Thread{
			Conversation: conversation, Customer: customer, Team: 3, Locale: "en", TimeZone: "Europe/Berlin", Channel: "web",
			Priority: ticket.High, Asked: text, Open: true, CustomerSeq: 1,
		},
		lastSeq: 1, said: []string{text}, byClient: map[string]int64{},
	}
}

func (d *desk) talk(conversation id.Conversation) *talk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.talks[conversation]
}

func (d *desk) Thread(_ context.Context, _ access.Scope, conversation id.Conversation) (ticketdb.Thread, error) {
	if known := d.talk(conversation); known != nil {
		return known.thread, nil
	}
	return ticketdb.Thread{}, fault.New(fault.NotFound, "conversation.not_found")
}

func (d *desk) Acquainted(context.Context, access.Scope, ticket.Contact) (ticketdb.Acquaintance, error) {
	return ticketdb.Acquaintance{}, nil
}

func (d *desk) Begin(_ context.Context, scope access.Scope, b ticketdb.Beginning, _ time.Time) (id.Customer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	customer := b.Contact.Customer
	if customer == 0 {
		customer = 900
	}
	d.talks[b.Conversation] = &talk{
		thread: ticketdb.Thread{
			Conversation: b.Conversation, Customer: customer, Team: b.Team, Locale: b.Locale, Channel: b.Channel,
			Priority: b.Priority, Asked: b.Text, Open: true, Carried: true, CustomerSeq: 1,
		},
		carried: ticketdb.Carried{
			Conversation: b.Conversation, Ticket: b.Ticket, Number: b.Number, PromisedAt: b.PromisedAt, Notice: b.Notice,
		},
		lastSeq: 3, said: []string{b.Text, b.Notice}, byClient: map[string]int64{},
	}
	return customer, nil
}

func (d *desk) Carry(_ context.Context, _ access.Scope, c ticketdb.Carried, _ time.Time) error {
	known := d.talk(c.Conversation)
	known.carried, known.thread.Carried, known.thread.Open = c, true, true
	known.lastSeq++
	if c.Notice != "" {
		known.said = append(known.said, c.Notice)
		known.lastSeq++
	}
	return nil
}

func (d *desk) Post(_ context.Context, scope access.Scope, conversation id.Conversation, m ticketdb.Message, _ time.Time) (ticketdb.Posted, error) {
	known := d.talk(conversation)
	if seq := known.byClient[m.ClientID]; seq != 0 && m.ClientID != "" {
		return ticketdb.Posted{Seq: seq, Again: true}, nil
	}
	known.lastSeq++
	known.byClient[m.ClientID] = known.lastSeq
	known.said = append(known.said, m.Text)
	if scope.Kind == access.ActorVisitor {
		known.thread.CustomerSeq = known.lastSeq
		known.thread.Carried = known.thread.Carried && known.thread.Open
		known.thread.Open = true
	}
	return ticketdb.Posted{Seq: known.lastSeq}, nil
}

func (d *desk) Entrust(_ context.Context, _ access.Scope, conversation id.Conversation, team id.Team, _ time.Time) error {
	d.talk(conversation).thread.Team = team
	return nil
}

func (d *desk) Resolve(_ context.Context, _ access.Scope, conversation id.Conversation, seenSeq int64, _ time.Time) error {
	known := d.talk(conversation)
	if known.thread.CustomerSeq > seenSeq {
		return errNewer
	}
	known.thread.Open, known.thread.Carried = false, false
	return nil
}

func each(t *testing.T, fn func(t *testing.T, s *ticketdb.Store, d *desk, db *store.DB)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t)
		fn(t, ticketdb.New(db, d.ports()), d, db)
	})
}

func draft(subject string) ticket.Draft {
	return ticket.Draft{
		Subject: subject, Text: "It says delivered, but I have nothing.", Contact: ticket.Contact{Email: "lin@example.test"},
		Locale: "zh-CN", Channel: "form",
	}
}

func create(t *testing.T, s *ticketdb.Store, d ticket.Draft, at time.Time) ticket.Ticket {
	t.Helper()
	made, err := s.Create(t.Context(), system, d, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func read(t *testing.T, s *ticketdb.Store, number id.Ticket) ticket.Ticket {
	t.Helper()
	found, err := s.Ticket(t.Context(), system, number)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func events(t *testing.T, db *store.DB) []string {
	t.Helper()
	records, err := db.Events(t.Context(), store.PartOf(7), 0, 1000)
	must(t, err)
	var kinds []string
	for _, r := range records {
		kinds = append(kinds, r.Kind)
	}
	return kinds
}

func clock(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return at
}
