package app

import (
	"context"
	"sync"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel/channeldb"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/staff"
	"everdesk/internal/staff/staffdb"
)

// namesLast is how old a name on a page may be.
const namesLast = 3 * time.Second

// people names staff and teams for pages.
type people struct {
	staff    *staffdb.Store
	channels *channeldb.Store
	now      func() time.Time

	mu    sync.Mutex
	known map[id.Workspace]remembered
}

type remembered struct {
	names httpapi.Names
	until time.Time
}

func newPeople(store *staffdb.Store, channels *channeldb.Store, now func() time.Time) *people {
	return &people{staff: store, channels: channels, now: now, known: map[id.Workspace]remembered{}}
}

// People returns the names of a workspace.
func (p *people) People(ctx context.Context, scope access.Scope) (httpapi.Names, error) {
	at := p.now()
	p.mu.Lock()
	found, known := p.known[scope.Workspace]
	p.mu.Unlock()
	if known && at.Before(found.until) {
		return found.names, nil
	}
	whole := access.System(scope.Workspace)
	members, err := everyMember(ctx, p.staff, whole)
	if err != nil {
		return httpapi.Names{}, err
	}
	teams, err := everyTeam(ctx, p.staff, whole)
	if err != nil {
		return httpapi.Names{}, err
	}
	front, err := p.channels.Widget(ctx, whole)
	if err != nil && !isNotFound(err) {
		return httpapi.Names{}, err
	}
	names := httpapi.Names{Bot: front.Settings.BotName, Staff: make(map[id.Staff]string, len(members)), Teams: make(map[id.Team]string, len(teams))}
	for _, m := range members {
		names.Staff[m.ID] = m.Name
	}
	for _, t := range teams {
		names.Teams[t.ID] = t.Name
	}
	p.mu.Lock()
	p.known[scope.Workspace] = remembered{names, at.Add(namesLast)}
	p.mu.Unlock()
	return names, nil
}

func everyMember(ctx context.Context, store *staffdb.Store, scope access.Scope) ([]staff.Member, error) {
	return everything(func(request page.Request) (page.Of[staff.Member], error) { return store.Members(ctx, scope, request) })
}

func everyTeam(ctx context.Context, store *staffdb.Store, scope access.Scope) ([]staff.Team, error) {
	return everything(func(request page.Request) (page.Of[staff.Team], error) { return store.Teams(ctx, scope, request) })
}

// everything reads all pages of a short list.
func everything[T any](read func(page.Request) (page.Of[T], error)) (all []T, err error) {
	for request := (page.Request{Limit: 100}); ; {
		found, err := read(request)
		if err != nil {
			return nil, err
		}
		all = append(all, found.Items...)
		if found.Next.IsZero() {
			return all, nil
		}
		request.After = found.Next
	}
}
