package httpapi_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/bot/nlu/nludb"
	"everdesk/internal/customer"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/fault"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/knowledge/knowledgedb"
	"everdesk/internal/locale"
	"everdesk/internal/page"
	"everdesk/internal/seal"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

// talk is a desk with conversations: two workspaces, each with a widget.
type talk struct {
	*desk
	inbox      *inboxdb.Store
	customers  *customerdb.Store
	knowledge  *knowledgedb.Store
	training   *nludb.Store
	bot        *bot.Responder
	workspaces map[string]id.Workspace // by widget key
	typed      []inbox.Author
	viewed     []id.Staff
}

// hostSecret signs proofs for every widget here.
const hostSecret = "the shop's secret"

func eachTalk(t *testing.T, fn func(t *testing.T, d *talk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, newTalk(t, db)) })
}

func newTalk(t *testing.T, db *store.DB) *talk {
	t.Helper()
	ring, err := seal.Load(t.TempDir() + "/keys.json")
	must(t, err)
	d := &talk{desk: newDesk(t, db), workspaces: map[string]id.Workspace{}}
	d.customers = customerdb.New(db, ring)
	d.inbox = inboxdb.New(db, inboxdb.Options{Roster: d.staff.Roster(), Promiser: d, Audit: d.record})
	d.customers.OnMerge(d.inbox.FollowMerge)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	d.knowledge = knowledgedb.New(db, d.record)
	library := bot.NewLibrary(d.knowledge, log)
	t.Cleanup(library.Close)
	d.bot = bot.NewResponder(d.inbox, library, d.knowledge, bot.DefaultPolicy, log)
	d.training = nludb.New(db, d.record, log)
	api := httpapi.New(httpapi.Ports{
		Knowledge: d.knowledge, Rehearsals: d.bot, Imports: d.knowledge, Products: d.knowledge, Shelf: library, Lessons: d.training, Minds: d.training,
		Auth: entrance{doors{d.access}, d.customers}, Sessions: d.access, Workspaces: d.access, Members: d.staff, Presences: nobodyHere{},
		Resets: d.access, Teams: d.staff, Keys: d.access, Invitations: d.access, Record: d.record,
		Views: httpapi.Views{
			People: d, Files: plainFiles{}, Online: func(id.Customer) bool { return false },
		},
		Conversations: d.inbox, Entries: d.inbox, Receipts: d.inbox, Typing: d, Client: visiting{d}, Visitors: d, Customers: d.customers, Attendance: d.inbox,
	}, httpapi.Options{Log: log, Now: d.clock, Title: locale.Text, Version: "test"})
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// entrance also knows visitors.
type entrance struct {
	doors
	customers *customerdb.Store
}

func (e entrance) Visitor(ctx context.Context, token string, at time.Time) (access.Caller, error) {
	return e.customers.Visitor(ctx, token, at)
}

// Promise promises four hours under number 1042.
func (d *talk) Promise(ctx context.Context, workspace id.Workspace, which id.Conversation, reason inbox.ReasonCode, at time.Time) error {
	_, err := d.inbox.ToTicket(ctx, access.System(workspace), which, inbox.Promise{Ticket: 77, Number: 1042, At: at.Add(4 * time.Hour)}, inbox.Reason{Code: reason}, at)
	return err
}

// People names everybody.
func (d *talk) People(ctx context.Context, scope access.Scope) (httpapi.Names, error) {
	members, err := d.staff.Members(ctx, access.System(scope.Workspace), page.Request{Limit: 100})
	names := httpapi.Names{Staff: map[id.Staff]string{}, Teams: map[id.Team]string{}}
	for _, m := range members.Items {
		names.Staff[m.ID] = m.Name
	}
	return names, err
}

// Typing notes who wrote.
func (d *talk) Typing(_ context.Context, _ inbox.Conversation, by inbox.Author, _ time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.typed = append(d.typed, by)
}

// Viewing notes who looks.
func (d *talk) Viewing(_ context.Context, _ inbox.Conversation, by id.Staff, leaving bool, _ time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if leaving {
		by = 0
	}
	d.viewed = append(d.viewed, by)
}

// Door knows the widgets of the workspaces made here.
func (d *talk) Door(_ context.Context, key string) (access.Scope, id.Channel, error) {
	if workspace := d.workspaces[key]; workspace != 0 {
		return access.System(workspace), 5, nil
	}
	return access.Scope{}, 0, fault.ErrNotFound
}

// Arrive makes a visitor, and with a proof binds them at once.
func (d *talk) Arrive(ctx context.Context, scope access.Scope, arrival customer.Arrival, proof string) (customer.Visit, error) {
	visit, err := d.customers.Arrive(ctx, scope, arrival)
	if err == nil && proof != "" {
		visit.Customer, err = d.Identify(ctx, access.Visitor(scope.Workspace, visit.Customer.ID), proof, arrival.At)
	}
	return visit, err
}

// Identify verifies the shop's proof.
func (d *talk) Identify(ctx context.Context, scope access.Scope, proof string, at time.Time) (customer.Customer, error) {
	verified, err := customer.VerifyProof(proof, []byte(hostSecret), at)
	if err != nil {
		return customer.Customer{}, err
	}
	return d.customers.Identify(ctx, scope, 5, verified, at)
}

// visiting is what visitors do, straight on the store.
type visiting struct{ *talk }

func (v visiting) Start(ctx context.Context, scope access.Scope, opening inbox.Opening, _ httpapi.Details) (inbox.Posted, error) {
	opening.Channel.Account = 5
	return v.inbox.Start(ctx, scope, opening)
}

func (v visiting) HandOver(ctx context.Context, scope access.Scope, which id.Conversation, at time.Time) (inbox.Conversation, error) {
	return v.inbox.HandOver(ctx, scope, which, inbox.Handover{Reason: inbox.Reason{Code: inbox.ReasonAskedForPerson}, At: at})
}

func (v visiting) Rate(ctx context.Context, scope access.Scope, which id.Conversation, rating inbox.Rating, at time.Time) (inbox.Conversation, error) {
	return v.inbox.Rate(ctx, scope, which, rating, at)
}

func (v visiting) Judge(ctx context.Context, scope access.Scope, which id.Conversation, seq int64, value string, at time.Time) error {
	return v.inbox.Judge(ctx, scope, which, seq, value, at)
}

func (v visiting) LeaveContact(ctx context.Context, scope access.Scope, which id.Conversation, details httpapi.Details, at time.Time) (inbox.Conversation, error) {
	_, err := v.customers.LeaveContact(ctx, scope, scope.Customer, customer.Mail, details.Email, details.Name, at)
	c, found := v.inbox.Get(ctx, scope, which)
	return c, errors.Join(err, found)
}

func (v visiting) Places(ctx context.Context, scope access.Scope, all []inbox.Conversation, at time.Time) (map[id.Conversation]inbox.Place, error) {
	return v.inbox.Places(ctx, scope, all, at)
}

// plainFiles gives addresses nobody asks here.
type plainFiles struct{}

func (plainFiles) Address(_ id.Workspace, file id.File, name string, _ time.Time) string {
	return "/files/" + file.String() + "/" + name
}

func (plainFiles) Thumbnail(_ id.Workspace, file id.File, _ time.Time) string {
	return "/files/" + file.String() + "/small"
}

// open makes a workspace with a widget and returns its owner.
func (d *talk) open(t *testing.T, name string) *caller {
	t.Helper()
	owner := d.found(t, name)
	var workspace id.Workspace
	must(t, workspace.UnmarshalText([]byte(owner.session(t).Workspace.ID.String())))
	d.workspaces["wk_"+name] = workspace
	return owner
}

// arrives opens the widget of a workspace.
func (d *talk) arrives(t *testing.T, name string) *caller {
	t.Helper()
	visit := read[httpapi.Visit](t, d.visitor().call(t, "POST", "/client/visitors", map[string]any{"key": "wk_" + name, "locale": "en"}))
	return d.visitor().with("Authorization", "Bearer "+visit.Token)
}

// tick lets the reconciler and the queues look.
func (d *talk) tick(t *testing.T) {
	t.Helper()
	_, err := d.inbox.Reconcile(t.Context(), d.clock())
	must(t, err)
	_, err = d.inbox.Assign(t.Context(), d.clock())
	must(t, err)
}

func text(words string) map[string]any { return map[string]any{"type": "text", "text": words} }

// asks starts a conversation.
func (c *caller) asks(t *testing.T, clientID, words string) httpapi.Started {
	t.Helper()
	return read[httpapi.Started](t, c.call(t, "POST", "/client/conversations", map[string]any{"client_id": clientID, "body": text(words)}))
}
