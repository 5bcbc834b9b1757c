package app

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access/accessdb"
	"everdesk/internal/bot"
	"everdesk/internal/bot/flow/flowdb"
	"everdesk/internal/bot/nlu/nludb"
	"everdesk/internal/calendar/calendardb"
	"everdesk/internal/channel/channeldb"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/httpapi"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/knowledge/knowledgedb"
	"everdesk/internal/staff/staffdb"
	"everdesk/internal/store"
	"everdesk/internal/ticket/ticketdb"
)

// Desk is what tools work with: the stores the API answers from, so that what a
// tool writes is written by the same rules.
type Desk struct {
	DB        *store.DB
	Accounts  *accessdb.Store
	Staff     *staffdb.Store
	Calendars *calendardb.Store
	Customers *customerdb.Store
	Inbox     *inboxdb.Store
	Tickets   *ticketdb.Store
	Channels  *channeldb.Store
	Knowledge *knowledgedb.Store
	Flows     *flowdb.Store
	Studio    *bot.Studio
	Training  *nludb.Store
	// Now is the node's clock.
	Now func() time.Time
}

// Desk returns the node's stores.
func (a *App) Desk() Desk {
	return Desk{
		DB: a.db, Accounts: a.accounts, Staff: a.staff, Calendars: a.calendars, Customers: a.customers,
		Inbox: a.inbox, Tickets: a.tickets, Channels: a.channels, Knowledge: a.knowledge, Training: a.training, Flows: a.flows.store, Studio: a.flows.studio, Now: a.now,
	}
}

// Mount adds a handler to the node's address, before it serves.
func (a *App) Mount(pattern string, handler http.Handler) { a.server.Mount(pattern, handler) }

// MountSite adds a built front end below a prefix, before the node serves.
func (a *App) MountSite(prefix string, site *httpapi.Site) { a.server.MountSite(prefix, site) }

// Alongside has a loop of a tool work while the node serves. It ends when its
// ctx does.
func (a *App) Alongside(loop func(context.Context)) { a.alongside = append(a.alongside, loop) }
