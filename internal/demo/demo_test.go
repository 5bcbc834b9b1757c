package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/config"
	"everdesk/internal/customer"
	"everdesk/internal/demo"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/page"
	"everdesk/internal/routing"
	"everdesk/internal/store/storetest"
	"everdesk/internal/ticket"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// each opens a node on every engine.
func each(t *testing.T, fn func(t *testing.T, desk *app.App)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, node(t, config.Node{Data: t.TempDir()})) })
	t.Run("postgres", func(t *testing.T) {
		fn(t, node(t, config.Node{Data: t.TempDir(), DB: storetest.EmptyPostgresURL(t)}))
	})
}

func node(t *testing.T, settings config.Node) *app.App {
	settings.LogLevel = "error"
	desk, err := app.New(t.Context(), settings, "test", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() {
		if err := desk.Close(); err != nil {
			t.Errorf("closing the desk: %v", err)
		}
	})
	return desk
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, desk *app.App) (*demo.Shop, access.Scope) {
	t.Helper()
	began := time.Now()
	shop, err := demo.Open(t.Context(), desk.Desk(), t.Output())
	must(t, err)
	t.Logf("opened in %v", time.Since(began).Round(time.Millisecond))
	workspace, err := desk.WorkspaceBySlug(t.Context(), demo.Slug)
	must(t, err)
	return shop, access.System(workspace)
}

func conversations(t *testing.T, desk app.Desk, scope access.Scope, view inbox.View) []inbox.Conversation {
	t.Helper()
	found, err := desk.Inbox.List(t.Context(), scope, inbox.Filter{View: view}, page.Request{Limit: 100})
	must(t, err)
	return found.Items
}

func TestADeskIsFilled(t *testing.T) {
	each(t, func(t *testing.T, node *app.App) {
		_, scope := open(t, node)
		t.Run("so that no screen is empty", func(t *testing.T) { noScreenIsEmpty(t, node.Desk(), scope) })
		t.Run("and nothing of the past is left to do", func(t *testing.T) { nothingIsLeftToDo(t, node.Desk(), scope) })
		t.Run("with tickets of rising numbers, one overdue", func(t *testing.T) { ticketsRise(t, node.Desk(), scope) })
		t.Run("once", func(t *testing.T) { fillingAgainChangesNothing(t, node, scope) })
	})
}

func noScreenIsEmpty(t *testing.T, desk app.Desk, scope access.Scope) {
	ctx := t.Context()
	counts, err := desk.Inbox.Counts(ctx, scope)
	must(t, err)
	if resolved := conversations(t, desk, scope, inbox.ViewResolved); counts.Ticketed != 5 || counts.Open != 5 || len(resolved) != 55 {
		t.Errorf("counts %+v and %d resolved", counts, len(resolved))
	}
	people, err := desk.Customers.List(ctx, scope, "", page.Request{Limit: 100})
	must(t, err)
	members, err := desk.Staff.Members(ctx, scope, page.Request{Limit: 100})
	must(t, err)
	teams, err := desk.Staff.Teams(ctx, scope, page.Request{Limit: 100})
	must(t, err)
	calendars, err := desk.Calendars.Calendars(ctx, scope, page.Request{Limit: 100})
	must(t, err)
	snippets, err := desk.Channels.Snippets(ctx, scope, page.Request{Limit: 100})
	must(t, err)
	for what, n := range map[string][2]int{
		"customers": {30, len(people.Items)}, "members": {4, len(members.Items)}, "teams": {2, len(teams.Items)},
		"calendars": {2, len(calendars.Items)}, "quick replies": {40, len(snippets.Items)},
	} {
		if n[0] != n[1] {
			t.Errorf("%d %s, want %d", n[1], what, n[0])
		}
	}
	for _, locale := range []string{"zh-CN", "en"} {
		published, err := desk.Knowledge.Published(ctx, scope, locale)
		var answered, up int64
		for _, a := range published {
			answered, up = answered+a.Answered, up+a.Up
		}
		if err != nil || len(published) < 60 || answered == 0 || up == 0 {
			t.Errorf("%d published articles in %s, which answered %d times, %d helped: %v", len(published), locale, answered, up, err)
		}
	}
	if products, err := desk.Knowledge.AllProducts(ctx, scope); err != nil || len(products) != 20 {
		t.Errorf("%d products, %v", len(products), err)
	}
}

func nothingIsLeftToDo(t *testing.T, desk app.Desk, scope access.Scope) {
	now := time.Now()
	for _, c := range conversations(t, desk, scope, inbox.ViewAll) {
		if c.Stranded(now) || c.State == inbox.Open && !c.DueAt.After(now) {
			t.Errorf("%s of %s is due at %v: %s", c.ID, c.About.Name, c.DueAt, c.DueAction)
		}
		if c.UpdatedAt.After(now) {
			t.Errorf("%s happens in the future, at %v", c.ID, c.UpdatedAt)
		}
		if queued, err := desk.Inbox.QueuedDeliveries(t.Context(), scope, c.ID); err != nil || len(queued) > 0 {
			t.Errorf("%s has %d letters to send, %v", c.ID, len(queued), err)
		}
		for _, e := range entries(t, desk, scope, c.ID) {
			if e.CreatedAt.After(c.UpdatedAt) {
				t.Errorf("entry %d of %s is newer than its conversation", e.Seq, c.ID)
			}
		}
	}
	var jobs int64
	rows, err := desk.DB.Query(t.Context(), `SELECT COUNT(*) FROM jobs`)
	must(t, err)
	defer rows.Close()
	if rows.Next() {
		must(t, rows.Scan(&jobs))
	}
	if jobs != 0 {
		t.Errorf("%d jobs wait for a past that is over", jobs)
	}
	report, err := desk.Inbox.Reconcile(t.Context(), now)
	if err != nil || report.Done+report.Failed+report.Stranded > 0 {
		t.Errorf("the reconciler found %+v, %v", report, err)
	}
}

func entries(t *testing.T, desk app.Desk, scope access.Scope, which id.Conversation) []inbox.Entry {
	t.Helper()
	found, err := desk.Inbox.Entries(t.Context(), scope, which, inbox.Window{Forward: true, Limit: 100})
	must(t, err)
	return found.Items
}

func ticketsRise(t *testing.T, desk app.Desk, scope access.Scope) {
	all, err := desk.Tickets.Tickets(t.Context(), scope, ticket.Query{View: ticket.ViewAll, Page: page.Request{Limit: 100}})
	must(t, err)
	open, breached := 0, 0
	for i, one := range all.Items {
		if i > 0 && one.Number >= all.Items[i-1].Number {
			t.Errorf("#%d is older than #%d", one.Number, all.Items[i-1].Number)
		}
		if one.Status == ticket.Open {
			open++
		}
		if one.Breached {
			breached++
		}
	}
	if len(all.Items) != 15 || open != 5 || breached == 0 {
		t.Errorf("%d tickets, %d open, %d overdue", len(all.Items), open, breached)
	}
}

func fillingAgainChangesNothing(t *testing.T, node *app.App, scope access.Scope) {
	before := conversations(t, node.Desk(), scope, inbox.ViewAll)
	position := lastEvent(t, node)
	open(t, node)
	if after := conversations(t, node.Desk(), scope, inbox.ViewAll); len(after) != len(before) {
		t.Errorf("%d conversations, then %d", len(before), len(after))
	}
	if now := lastEvent(t, node); now != position {
		t.Errorf("%d events, then %d", position, now)
	}
}

func lastEvent(t *testing.T, node *app.App) (n int64) {
	t.Helper()
	rows, err := node.Desk().DB.Query(t.Context(), `SELECT COUNT(*) FROM events`)
	must(t, err)
	defer rows.Close()
	if rows.Next() {
		must(t, rows.Scan(&n))
	}
	return n
}

func TestTheCustomersOfTodayComeWhenSomebodyIsThere(t *testing.T) {
	each(t, func(t *testing.T, node *app.App) {
		shop, scope := open(t, node)
		desk, ctx := node.Desk(), t.Context()
		members, err := desk.Staff.Members(ctx, scope, page.Request{Limit: 100})
		must(t, err)
		var lin id.Staff
		for _, m := range members.Items {
			if m.Name == "林晓" {
				lin = m.ID
			}
		}
		_, err = desk.Inbox.SetPresence(ctx, scope, lin, routing.Online, "", time.Now())
		must(t, err)
		shop.Scene(ctx)
		counts, err := desk.Inbox.Counts(ctx, access.Scope{Workspace: scope.Workspace, Kind: access.ActorStaff, Staff: lin, Reach: access.ReachAll})
		must(t, err)
		if counts.Queue != 2 || counts.Bot != 2 || counts.Mine != 1 || counts.Unread != 1 || counts.Open != 11 {
			t.Errorf("counts %+v", counts)
		}
		now := time.Now()
		for _, c := range conversations(t, desk, scope, inbox.ViewOpen) {
			if c.Stranded(now) || c.Owner.Kind == inbox.OwnerNone || c.DueAt.IsZero() {
				t.Errorf("%s is owned by %s and due at %v", c.About.Name, c.Owner.Kind, c.DueAt)
			}
		}
		position := lastEvent(t, node)
		shop.Scene(ctx)
		if again := lastEvent(t, node); again != position {
			t.Errorf("they came twice: %d events more", again-position)
		}
	})
}

func TestAFillingCutShortIsTakenUpAgain(t *testing.T) {
	desk := node(t, config.Node{Data: t.TempDir()})
	for _, stop := range []string{"customers", "conversations"} {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := demo.Open(ctx, desk.Desk(), stopAt{stop, cancel}); err == nil {
			t.Errorf("it did not stop at the %s", stop)
		}
	}
	_, scope := open(t, desk)
	if all := conversations(t, desk.Desk(), scope, inbox.ViewAll); len(all) != 60 {
		t.Errorf("%d conversations", len(all))
	}
}

// stopAt cancels when the progress comes to a word.
type stopAt struct {
	word string
	stop func()
}

func (s stopAt) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte(s.word)) {
		s.stop()
	}
	return len(text), nil
}

func TestADeskOfItsOwnIsNotMadeADemo(t *testing.T) {
	desk := node(t, config.Node{Data: t.TempDir()})
	_, err := desk.AddUser(t.Context(), app.NewUser{
		NewWorkspace: "Real", Mail: "owner@example.com", Name: "Owner", Password: "correct horse battery", Locale: "en", TimeZone: "UTC",
	})
	must(t, err)
	if _, err := demo.Open(t.Context(), desk.Desk(), t.Output()); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("it was filled: %v", err)
	}
}

func TestTheStorefrontVouchesForItsCustomers(t *testing.T) {
	desk := node(t, config.Node{Data: t.TempDir()})
	shop, scope := open(t, desk)
	mux := http.NewServeMux()
	for pattern, handler := range shop.Storefront().Routes() {
		mux.Handle(pattern, handler)
	}
	get := func(path string, into any) int {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if answer.Code == http.StatusOK {
			must(t, json.Unmarshal(answer.Body.Bytes(), into))
		}
		return answer.Code
	}
	var settings struct {
		Key       string            `json:"key"`
		Customers []json.RawMessage `json:"customers"`
	}
	get("/demo/config.json", &settings)
	front, err := desk.Desk().Channels.Widget(t.Context(), scope)
	must(t, err)
	if settings.Key != front.Key || len(settings.Customers) != 30 {
		t.Errorf("settings %+v", settings)
	}
	var identity struct{ Token string }
	get("/demo/identity.json?customer=su-xiaotang", &identity)
	proof, err := customer.VerifyProof(identity.Token, []byte(front.Secret), time.Now())
	if err != nil || proof.Subject != "su-xiaotang" || proof.Tier != "金卡" {
		t.Errorf("proof %+v, %v", proof, err)
	}
	if code := get("/demo/identity.json?customer=nobody", nil); code != http.StatusNotFound {
		t.Errorf("nobody: %d", code)
	}
	var orders, products []map[string]any
	get("/demo/orders.json?customer=su-xiaotang", &orders)
	get("/demo/products.json", &products)
	if len(orders) != 2 || orders[0]["placed_at"] == nil || len(products) != 20 {
		t.Errorf("%d orders, %d products", len(orders), len(products))
	}
}

func TestOnlyADemosDirectoryIsCleared(t *testing.T) {
	data := t.TempDir()
	put := func(name string) string {
		path := filepath.Join(data, name)
		must(t, os.WriteFile(path, []byte("x"), 0o600))
		return path
	}
	must(t, demo.Clear(filepath.Join(data, "not-there")))
	must(t, demo.Claim(data))
	database, other := put("everdesk.db"), put("notes.txt")
	must(t, demo.Claim(data))
	must(t, demo.Clear(data))
	if _, err := os.Stat(database); err == nil {
		t.Error("the database is still there")
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("another file is gone: %v", err)
	}
	foreign := t.TempDir()
	kept := filepath.Join(foreign, "everdesk.db")
	must(t, os.WriteFile(kept, []byte("x"), 0o600))
	if demo.Claim(foreign) == nil || demo.Clear(foreign) == nil {
		t.Error("a real desk's directory was taken")
	}
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("a real desk's database is gone: %v", err)
	}
}
