package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/access/accessdb"
	"everdesk/internal/audit/auditdb"
	"everdesk/internal/blob"
	"everdesk/internal/bot"
	"everdesk/internal/bot/nlu/nludb"
	"everdesk/internal/calendar"
	"everdesk/internal/calendar/calendardb"
	"everdesk/internal/channel/channeldb"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/knowledge/knowledgedb"
	"everdesk/internal/locale"
	"everdesk/internal/notify"
	"everdesk/internal/observe"
	"everdesk/internal/outbound"
	"everdesk/internal/realtime"
	"everdesk/internal/seal"
	"everdesk/internal/search/searchdb"
	"everdesk/internal/staff"
	"everdesk/internal/staff/staffdb"
	"everdesk/internal/ticket"
	"everdesk/internal/ticket/ticketdb"
	"everdesk/web"
)

// features are the built parts of a node.
type features struct {
	ring      *seal.Ring
	audit     *auditdb.Store
	calendars *calendardb.Store
	staff     *staffdb.Store
	accounts  *accessdb.Store
	customers *customerdb.Store
	inbox     *inboxdb.Store
	search    *searchdb.Store
	tickets   *ticketdb.Store
	channels  *channeldb.Store
	knowledge *knowledgedb.Store
	library   *bot.Library
	training  *nludb.Store
	intents   *bot.Intents
	bot       *bot.Responder
	flows     flows
	outside   *http.Client
	models    *models
	senders   senders
	courier   *notify.Courier
	people    *people
	hub       *realtime.Hub
	feed      *feed
	unheard   unheard
	files     *files
	door      door

	health   *observe.Health
	metrics  *observe.Metrics
	server   *httpapi.Server
	handler  http.Handler
	stranded atomic.Int64
}

// build makes the features and gives them to each other.
func (a *App) build(ctx context.Context, version string) error {
	a.metrics = observe.NewMetrics(version)
	if err := a.openKeys(); err != nil {
		return err
	}
	if err := a.joinCluster(); err != nil {
		return err
	}
	a.audit = auditdb.New(a.db, a.ring)
	calendars := &borrowed{}
	a.staff = staffdb.New(a.db, a.ring, a.audit, calendars)
	a.calendars = calendardb.New(a.db, a.audit, calendarUsers{a.staff})
	calendars.Store = a.calendars
	a.channels = channeldb.New(a.db, a.ring, a.audit)
	a.people = newPeople(a.staff, a.channels, a.now)
	guard, err := outbound.New(a.config.AllowTargets)
	if err != nil {
		return fmt.Errorf("--allow-targets: %w", err)
	}
	a.senders = senders{a.channels, guard, a.metrics.Tally("everdesk_deliveries_total",
		"Messages given to a channel, by how that ended.", "channel", "state", "reason")}
	a.outside = guard.Client(15 * time.Second)
	a.customers = customerdb.New(a.db, a.ring)
	a.buildAccounts()
	if err := a.buildDesk(); err != nil {
		return err
	}
	a.buildBot()
	if err := a.buildFlows(); err != nil {
		return err
	}
	if err := a.openDoor(); err != nil {
		return err
	}
	a.buildModels()
	return a.buildServer(ctx, version)
}

// keysFile lies in the data directory.
const keysFile = "keys.json"

func (a *App) openKeys() (err error) {
	if text := os.Getenv("EVERDESK_KEYS"); text != "" {
		a.ring, err = seal.Parse(text)
		return err
	}
	if err := os.MkdirAll(a.config.Data, 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	a.ring, err = seal.Load(filepath.Join(a.config.Data, keysFile))
	return err
}

// borrowed lets staff ask calendars, which ask staff.
type borrowed struct{ *calendardb.Store }

// Exists reports whether a calendar is the workspace's.
func (b *borrowed) Exists(ctx context.Context, scope access.Scope, which id.Calendar) (bool, error) {
	_, err := b.Calendar(ctx, scope, which)
	if isNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// calendarUsers says whether a team still has a calendar.
type calendarUsers struct{ staff *staffdb.Store }

// UsesCalendar looks through the workspace's teams, which are few.
func (u calendarUsers) UsesCalendar(ctx context.Context, scope access.Scope, which id.Calendar) (bool, error) {
	teams, err := everyTeam(ctx, u.staff, access.System(scope.Workspace))
	for _, team := range teams {
		if team.Calendar == which {
			return true, nil
		}
	}
	return false, err
}

func (a *App) buildAccounts() {
	a.accounts = accessdb.New(a.db, accessdb.Options{
		Ring: a.ring, Passwords: access.NewPasswords(access.SaneCost, 2), Members: a.staff, Audit: a.audit,
		Mailer: mailer{a}, PublicURL: a.public, Log: a.log,
		Founders: []accessdb.Founder{a.foundCalendar, a.foundTeam, a.foundWidget},
	})
	a.runner.Handle(accessdb.MailJob, a.accounts.HandleMail)
}

// foundCalendar gives a new workspace business hours in its own time zone.
func (a *App) foundCalendar(ctx context.Context, scope access.Scope, founded access.Founded, at time.Time) error {
	name := locale.Text(founded.Workspace.Locale, "workspace.first_calendar", nil)
	return a.calendars.Start(ctx, scope, name, calendar.Standard(founded.Workspace.TimeZone), at)
}

// foundTeam gives it a team with its owner, so that there is a queue.
func (a *App) foundTeam(ctx context.Context, scope access.Scope, founded access.Founded, at time.Time) error {
	name := locale.Text(founded.Workspace.Locale, "workspace.first_team", nil)
	members := []id.Staff{founded.Staff}
	_, err := a.staff.MakeTeam(ctx, scope, nil, staff.TeamPatch{Name: &name, Members: &members}, at)
	return err
}

// foundWidget gives it a widget, so that a shop can be asked at once.
func (a *App) foundWidget(ctx context.Context, scope access.Scope, founded access.Founded, at time.Time) error {
	return a.channels.StartWidget(ctx, scope, founded.Workspace.Name, at)
}

// buildDesk makes conversations, tickets and the hints about them.
func (a *App) buildDesk() error {
	blobs, err := OpenBlobs(a.config)
	if err != nil {
		return err
	}
	key := sha256.Sum256([]byte(a.ring.Index("files.links", "key")))
	a.files = &files{blobs: blobs, links: blob.NewLinks(key[:], addressLasts), ids: a.db.IDs}
	entrance := gate{App: a, doors: doors{a.accounts, a.customers}}
	if a.hub, err = realtime.New(entrance, realtime.Options{Log: a.log, Redis: a.redis, Node: a.holder}); err != nil {
		return err
	}
	views := httpapi.Views{
		People: a.people, Files: a.files,
		Online: func(who id.Customer) bool { return a.hub.Online(who.String()) },
	}
	a.feed = &feed{hub: a.hub, views: views, now: a.now, rows: rows{publish: func(channel string, frame json.RawMessage) {
		a.hub.Publish(context.Background(), channel, frame)
	}}}
	promises := &promiser{}
	a.inbox = inboxdb.New(a.db, inboxdb.Options{
		Roster: a.staff.Roster(), Promiser: promises, Outward: outward{a.customers}, Feed: a.feed, Watch: a.feed,
		Connected: entrance, Audit: a.audit, Log: a.log,
	})
	a.files.inbox = a.inbox
	a.search = searchdb.New(a.db, a.inbox, a.log)
	a.runner.Handle(searchdb.FillKind, a.search.HandleFill)
	a.runner.Handle(searchdb.AgainKind, a.search.HandleAgain)
	a.customers.OnMerge(a.inbox.FollowMerge)
	a.customers.OnChange(a.audit.Write)
	a.feed.presence = func(ctx context.Context, scope access.Scope, who id.Staff) (httpapi.Present, error) {
		p, err := a.inbox.PresenceOf(ctx, scope, who)
		return httpapi.ShowPresence(p, a.now()), err
	}
	a.tickets = ticketdb.New(a.db, ticketdb.Ports{
		Threads: threads{a.inbox, a.customers, a.people}, Calendars: teamHours{a.staff, a.calendars}, Audit: a.audit,
		Feed: a.feed, Policy: ticket.DefaultPolicy,
	})
	promises.tickets = a.tickets
	letters := post{a.inbox, a.customers, a.tickets, a.accounts, a.people}
	a.courier = notify.NewCourier(letters, letters, a.senders, links{a.ring, a.public})
	a.runner.Handle(inboxdb.DeliveryKind, a.deliver)
	return nil
}

// teamHours gives tickets the hours of a team.
type teamHours struct {
	staff     *staffdb.Store
	calendars *calendardb.Store
}

// TeamHours returns a team's hours, the workspace's default for none.
func (t teamHours) TeamHours(ctx context.Context, scope access.Scope, team id.Team, at time.Time) (*calendar.Hours, error) {
	if team == 0 {
		return t.calendars.Hours(ctx, scope, 0, at)
	}
	found, err := t.staff.Team(ctx, access.System(scope.Workspace), team)
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	return t.calendars.Hours(ctx, scope, found.Calendar, at)
}

// ports gives the handlers what they ask for.
func (a *App) ports() httpapi.Ports {
	return httpapi.Ports{
		Auth: doors{a.accounts, a.customers}, Sessions: a.accounts, Workspaces: a.accounts, Members: a.staff,
		Presences: presences{a.inbox}, Resets: a.accounts, Teams: a.staff, Keys: a.accounts, Invitations: a.accounts, Record: a.audit,
		Views: a.feed.views, Conversations: a.inbox, Entries: a.inbox, Receipts: a.inbox, Typing: a.feed, Client: client{a}, Visitors: visitors{a},
		Uploads: a.files, Customers: a.customers, Attendance: a.inbox,
		Tickets: a.tickets, Requesters: a.customers, Links: visitors{a}, Calendars: a.calendars,
		Channels: a.channels, Trials: a.courier, Snippets: a.channels,
		Knowledge: a.knowledge, Rehearsals: a.bot, Imports: a.knowledge, Products: a.knowledge, Shelf: a.library, Search: a.search,
		Flows: a.flows.studio, Connectors: a.flows.store, Calls: a,
		Lessons: a.training, Minds: a.training,
		Providers: a.models, ProviderTrials: a.models,
	}
}

// buildServer makes what answers requests.
func (a *App) buildServer(_ context.Context, version string) error {
	proxies, err := a.config.Proxies()
	if err != nil {
		return err
	}
	a.server = httpapi.New(a.ports(), httpapi.Options{
		Log: a.log, Now: a.now, Version: version, TrustedProxies: proxies, RatePerKey: a.config.RatePerKey, Rates: a.rates(), Title: locale.Text,
	})
	live := a.hub.Handler(httpapi.Base + "/live")
	for _, pattern := range []string{"GET " + httpapi.Base + "/live", "GET " + httpapi.Base + "/live/", "POST " + httpapi.Base + "/live/"} {
		a.server.Mount(pattern, live)
	}
	a.mountPages()
	a.health = observe.NewHealth(a.log, a.checks()...)
	a.measure()
	outside := http.NewServeMux()
	outside.HandleFunc("GET /healthz", a.health.Live)
	outside.HandleFunc("GET /readyz", a.health.Ready)
	outside.Handle("GET /metrics", a.metrics.Handler(os.Getenv("EVERDESK_METRICS_TOKEN")))
	if a.config.Edge() {
		outside.Handle("/", a.metrics.Requests(a.server, a.server.Pattern))
	}
	a.handler = outside
	return nil
}

// mountPages serves the built front ends.
func (a *App) mountPages() {
	pages := httpapi.Pages{Hosts: visitors{a}.hosts}
	if built, ok := web.Console(); ok {
		pages.Console = built
	}
	if built, ok := web.Widget(); ok {
		pages.Widget = built
	}
	a.server.Pages(pages)
}
