// Package demo fills a workspace with a web shop that does not exist: its hours
// and people, its customers, and two weeks of their talk. Everything is written
// through the stores the API answers from, at the times it is said to have
// happened, so that no screen of a new desk is empty and none of it is special.
//
// It also serves what the shop's storefront asks (Storefront) and lets the
// customers of today come in when somebody is there for them (Scene).
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/channel"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/packs"
)

const (
	// Slug is the demo workspace's.
	Slug = "skylark"
	// Password is everybody's in the demo.
	Password = "everdesk-demo"

	timeZone = "Asia/Shanghai"
	// name is given last: a workspace without it was not filled to the end.
	name           = "云雀商店 Skylark"
	unfinishedName = "Skylark"
	// foundedDay is the day on which the shop opened its desk.
	foundedDay = -60
)

// ErrForeign says that the desk has workspaces that no demo made.
var ErrForeign = errors.New("this desk already has a workspace of its own: give the demo a directory (--data) or a database (--db) of its own")

// Shop is the filled demo workspace.
type Shop struct {
	desk    app.Desk
	pack    pack
	days    days
	out     io.Writer
	scope   access.Scope
	founded time.Time

	widget   channel.Front
	hours    id.Calendar
	teams    map[string]id.Team
	people   map[string]person
	shoppers map[string]id.Customer
	articles map[string]inbox.Source
	office   *BackOffice
}

// Open fills the demo workspace unless that has been done, telling out of its
// progress. A filling that was interrupted is taken up where it ended: what is
// there already is left as it is.
func Open(ctx context.Context, desk app.Desk, out io.Writer) (*Shop, error) {
	began := time.Now()
	s := &Shop{desk: desk, out: out}
	var err error
	if s.days, err = newDays(desk.Now()); err != nil {
		return nil, err
	}
	if s.pack, err = readPack(packs.Ecommerce()); err != nil {
		return nil, err
	}
	workspace, err := s.find(ctx)
	if err != nil {
		return nil, err
	}
	s.founded = workspace.CreatedAt
	s.days.loaded = s.founded.In(s.days.zone).AddDate(0, 0, -foundedDay)
	s.pack.redate(s.days)
	filled := workspace.Name != unfinishedName
	steps := []func(context.Context) error{s.meet, s.recognise, s.index}
	if !filled {
		s.report("filling the shop Skylark, which does not exist, with two weeks of demo data")
		steps = []func(context.Context) error{s.hire, s.furnish, s.study, s.welcome, s.remember, s.catchUp}
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("filling the demo: %w", err)
		}
	}
	if filled {
		return s, nil
	}
	given := name
	if _, err := desk.Accounts.ChangeWorkspace(ctx, s.scope, workspace.Version, access.WorkspacePatch{Name: &given}, s.days.now); err != nil {
		return nil, fmt.Errorf("filling the demo: %w", err)
	}
	s.report("filled in %.1f s", time.Since(began).Seconds())
	return s, nil
}

// find returns the demo workspace and makes it on an empty desk.
func (s *Shop) find(ctx context.Context) (access.Workspace, error) {
	workspace, err := s.desk.Accounts.WorkspaceBySlug(ctx, Slug)
	if errors.Is(err, fault.ErrNotFound) {
		empty, err := s.desk.Accounts.SetupNeeded(ctx)
		if err != nil {
			return workspace, err
		}
		if !empty {
			return workspace, ErrForeign
		}
		founded, err := s.desk.Accounts.Found(ctx, access.Founding{
			Name: unfinishedName, Slug: Slug, Locale: "zh-CN", TimeZone: timeZone,
			OwnerName: owner.name, Mail: owner.Mail(), Password: Password,
		}, s.days.date(foundedDay))
		if err != nil {
			return workspace, fmt.Errorf("founding the demo workspace: %w", err)
		}
		workspace = founded.Workspace
	} else if err != nil {
		return workspace, err
	}
	s.scope = access.System(workspace.ID)
	s.widget, err = s.desk.Channels.Widget(ctx, s.scope)
	return workspace, err
}

func (s *Shop) report(format string, args ...any) {
	// Progress is a courtesy; a closed stderr stops nothing.
	_, _ = fmt.Fprintf(s.out, "demo: "+format+"\n", args...)
}

// atomically is one transaction of several steps.
func (s *Shop) atomically(ctx context.Context, fn func(context.Context) error) error {
	return s.desk.DB.Atomically(ctx, fn)
}
