package app

import (
	"context"
	"net/http"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/access/accessdb"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/fault"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/realtime"
)

// recheckEvery is how long a connection goes on without identifying itself
// again; a role change or the end of a session cuts it at once.
const recheckEvery = 10 * time.Minute

// doors resolves what requests carry.
type doors struct {
	accounts  *accessdb.Store
	customers *customerdb.Store
}

// Session resolves a console cookie.
func (d doors) Session(ctx context.Context, token string, at time.Time) (access.Caller, error) {
	return d.accounts.SessionScope(ctx, token, at)
}

// Key resolves an API key.
func (d doors) Key(ctx context.Context, key string, at time.Time) (access.Caller, error) {
	return d.accounts.KeyScope(ctx, key, at)
}

// Visitor resolves a widget visitor's token.
func (d doors) Visitor(ctx context.Context, token string, at time.Time) (access.Caller, error) {
	return d.customers.Visitor(ctx, token, at)
}

// gate decides who may listen to what.
type gate struct {
	*App
	doors doors
}

// Connect resolves a visitor's token, or else the console's cookie.
func (g gate) Connect(ctx context.Context, shown realtime.Handshake) (realtime.Guest, error) {
	var caller access.Caller
	var err error
	if shown.Token != "" {
		caller, err = g.doors.Visitor(ctx, shown.Token, g.now())
	} else {
		cookie, missing := httpapi.SessionCookie(&http.Request{Header: shown.Header, Host: shown.Host})
		if missing != nil {
			return realtime.Guest{}, realtime.ErrRefused
		}
		caller, err = g.doors.Session(ctx, cookie, g.now())
	}
	if fault.KindOf(err) == fault.Unauthenticated && err != nil {
		return realtime.Guest{}, realtime.ErrRefused
	}
	if err != nil {
		return realtime.Guest{}, err
	}
	return realtime.Guest{
		User: caller.Scope.Actor(), For: recheckEvery, Channels: ownFeeds(caller.Scope),
		Present: caller.Scope.Kind == access.ActorStaff, Context: caller.Scope,
	}, nil
}

// The feeds. A row delta goes to the workspace's feed for those who see all of
// it, and to the team's and the owner's for those who do not.
func workspaceFeed(w id.Workspace) string       { return "workspace:" + w.String() }
func teamFeed(t id.Team) string                 { return "team:" + t.String() }
func staffFeed(s id.Staff) string               { return "staff:" + s.String() }
func customerFeed(c id.Customer) string         { return "customer:" + c.String() }
func conversationFeed(c id.Conversation) string { return "conversation:" + c.String() }

// ownFeeds are those a caller gets without asking.
func ownFeeds(scope access.Scope) []string {
	if scope.Kind == access.ActorVisitor {
		return []string{customerFeed(scope.Customer)}
	}
	feeds := []string{staffFeed(scope.Staff)}
	switch {
	case !scope.Can(access.ConversationRead):
	case scope.Reach == access.ReachAll:
		feeds = append(feeds, workspaceFeed(scope.Workspace))
	case scope.Reach == access.ReachTeam:
		for _, team := range scope.Teams {
			feeds = append(feeds, teamFeed(team))
		}
	}
	return feeds
}

// MayListen opens the feed of one conversation to staff who may see it now.
func (g gate) MayListen(ctx context.Context, guest realtime.Guest, channel string) bool {
	scope, ok := guest.Context.(access.Scope)
	text, isConversation := strings.CutPrefix(channel, "conversation:")
	if !ok || scope.Kind != access.ActorStaff || !scope.Can(access.ConversationRead) || !isConversation {
		return false
	}
	var which id.Conversation
	if which.UnmarshalText([]byte(text)) != nil || which == 0 {
		return false
	}
	_, err := g.inbox.Get(ctx, scope, which)
	return err == nil
}

// Here keeps the presence of members of staff with a living page.
func (g gate) Here(ctx context.Context, guests []realtime.Guest) {
	byWorkspace := map[id.Workspace][]id.Staff{}
	for _, guest := range guests {
		if scope, ok := guest.Context.(access.Scope); ok && scope.Kind == access.ActorStaff {
			byWorkspace[scope.Workspace] = append(byWorkspace[scope.Workspace], scope.Staff)
		}
	}
	for workspace, staff := range byWorkspace {
		if err := g.inbox.Heartbeat(ctx, access.System(workspace), staff, g.now()); err != nil {
			g.log.WarnContext(ctx, "keeping presence failed", "workspace", workspace.String(), "error", err)
		}
	}
}

// Gone has nothing to do: the lease runs out by itself, so that a page that is
// being reloaded loses nothing.
func (g gate) Gone(context.Context, realtime.Guest) {}

// Customer reports whether a customer has the widget open, at any node.
func (g gate) Customer(_ id.Workspace, who id.Customer) bool { return g.hub.Online(who.String()) }
