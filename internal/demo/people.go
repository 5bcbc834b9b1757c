package demo

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/calendar"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/routing"
	"everdesk/internal/staff"
)

// hand is somebody who works in the shop.
type hand struct {
	key, name, locale string
	role              access.Role
	capacity          staff.Capacity
}

// Mail is the address they sign in with.
func (h hand) Mail() string { return h.key + "@skylark.example" }

var (
	owner = hand{key: "owner", name: "苏晴", locale: "zh-CN", role: access.Owner}
	hands = []hand{
		{"lin", "林晓", "zh-CN", access.Agent, staff.Capacity{Chat: 6, Async: 12}},
		{"chen", "陈默", "zh-CN", access.Supervisor, staff.Capacity{Chat: 5, Async: 20}},
		{"maya", "Maya Reed", "en", access.Agent, staff.Capacity{Chat: 4, Async: 12}},
	}
)

// SignIn is somebody who may sign in to the demo, with Password.
type SignIn struct{ Mail, Name, Role string }

// SignIns lists everybody.
func SignIns() []SignIn {
	var all []SignIn
	for _, h := range append([]hand{owner}, hands...) {
		all = append(all, SignIn{h.Mail(), h.name, string(h.role)})
	}
	return all
}

// person is a hand as the desk knows them.
type person struct {
	staff.Member
	scope access.Scope
}

// The teams, by what they are called here.
const (
	service    = "service"
	afterSales = "after-sales"
)

// afterSalesTopics are what the after-sales team answers.
var afterSalesTopics = map[string]bool{
	"warranty-claim": true, "earbuds-charge": true, "order-damaged": true, "order-wrong-item": true, "order-missing-item": true,
}

func (s *Shop) teamOf(t talk) id.Team {
	if afterSalesTopics[t.Topic] {
		return s.teams[afterSales]
	}
	return s.teams[service]
}

// hire gives the shop its hours, its people and its teams.
func (s *Shop) hire(ctx context.Context) error {
	s.report("hours, people and teams")
	workshop, err := s.keepHours(ctx)
	if err != nil {
		return err
	}
	for _, h := range hands {
		account := access.Account{Mail: h.Mail(), Name: h.name, Locale: h.locale}
		_, err := s.desk.Accounts.Enroll(ctx, s.scope, account, Password, h.role, nil, s.founded)
		if err != nil && !errors.Is(err, access.ErrAlreadyMember) {
			return err
		}
	}
	if err := s.meet(ctx); err != nil {
		return err
	}
	for _, h := range hands {
		p := s.people[h.key]
		if p.Capacity == h.capacity {
			continue
		}
		if _, err := s.desk.Staff.Change(ctx, s.scope, p.ID, p.Version, staff.Patch{Capacity: &h.capacity}, s.founded); err != nil {
			return err
		}
	}
	if err := s.formTeams(ctx, workshop); err != nil {
		return err
	}
	return s.meet(ctx)
}

// keepHours sets when the shop and its workshop answer, and returns the
// workshop's calendar.
func (s *Shop) keepHours(ctx context.Context) (id.Calendar, error) {
	all, err := s.desk.Calendars.Calendars(ctx, s.scope, page.Request{Limit: 100})
	if err != nil {
		return 0, err
	}
	first, err := s.desk.Calendars.Default(ctx, s.scope)
	if err != nil {
		return 0, err
	}
	s.hours = first.ID
	if _, err := s.desk.Calendars.Update(ctx, s.scope, first.ID, first.Version, "营业时间", s.opening(), s.founded); err != nil {
		return 0, err
	}
	const workshop = "售后时间"
	for _, c := range all.Items {
		if c.Name == workshop {
			return c.ID, nil
		}
	}
	made, err := s.desk.Calendars.Create(ctx, s.scope, workshop, calendar.Definition{
		TimeZone: timeZone, Weekly: everyDay("09:00", "18:00"), Holidays: s.holidays(), Overrides: []calendar.Override{},
	}, s.founded, nil)
	return made.ID, err
}

// opening is nine to nine every day, and ten to six on public holidays.
func (s *Shop) opening() calendar.Definition {
	hours := calendar.Definition{TimeZone: timeZone, Weekly: everyDay("09:00", "21:00"), Holidays: s.holidays()}
	for _, holiday := range hours.Holidays {
		hours.Overrides = append(hours.Overrides, calendar.Override{
			Date: holiday.Date, Intervals: []calendar.Interval{{From: "10:00", To: "18:00"}},
		})
	}
	return hours
}

func everyDay(from, to string) calendar.Week {
	day := []calendar.Interval{{From: from, To: to}}
	return calendar.Week{Mon: day, Tue: day, Wed: day, Thu: day, Fri: day, Sat: day, Sun: day}
}

// holidays are the next ones with a fixed date.
func (s *Shop) holidays() []calendar.Holiday {
	var all []calendar.Holiday
	for _, h := range []struct {
		month time.Month
		name  string
	}{{time.January, "元旦"}, {time.May, "劳动节"}, {time.October, "国庆节"}} {
		next := time.Date(s.days.now.Year(), h.month, 1, 0, 0, 0, 0, s.days.zone)
		if next.Before(s.days.date(0)) {
			next = next.AddDate(1, 0, 0)
		}
		all = append(all, calendar.Holiday{Date: next.Format(time.DateOnly), Name: h.name})
	}
	return all
}

// patience is how long the demo's customers wait, for a place in the queue and
// for the next word: long enough to look around in between.
const patience = 15 * time.Minute

// formTeams makes the service team of everybody, with the first queue, and the
// after-sales team.
func (s *Shop) formTeams(ctx context.Context, workshop id.Calendar) error {
	lin, chen, maya := s.people["lin"].ID, s.people["chen"].ID, s.people["maya"].ID
	attention, wait := patience, staff.WaitPolicy{Wait: patience, Queue: staff.UsualWait.Queue}
	patch := func(name string, hours id.Calendar, members ...id.Staff) staff.TeamPatch {
		return staff.TeamPatch{Name: &name, Calendar: &hours, Members: &members, Wait: &wait, Attention: &attention}
	}
	first := patch("客服组", s.hours, lin, chen, maya)
	second := patch("售后组", workshop, lin, chen)
	teams, err := s.desk.Staff.Teams(ctx, s.scope, page.Request{Limit: 100})
	if err != nil {
		return err
	}
	if _, err := s.desk.Staff.ChangeTeam(ctx, s.scope, teams.Items[0].ID, teams.Items[0].Version, first, s.founded); err != nil {
		return err
	}
	if len(teams.Items) > 1 {
		return nil
	}
	_, err = s.desk.Staff.MakeTeam(ctx, s.scope, nil, second, s.founded.Add(time.Hour))
	return err
}

// meet learns who works here and in which teams.
func (s *Shop) meet(ctx context.Context) error {
	members, err := s.desk.Staff.Members(ctx, s.scope, page.Request{Limit: 100})
	if err != nil {
		return err
	}
	s.people = map[string]person{}
	for _, m := range members.Items {
		for _, h := range hands {
			if m.Mail == h.Mail() {
				s.people[h.key] = person{m, access.Scope{
					Workspace: s.scope.Workspace, Kind: access.ActorStaff, Staff: m.ID,
					Permissions: m.Role.Permissions(), Reach: m.Reach, Teams: m.Teams,
				}}
			}
		}
	}
	teams, err := s.desk.Staff.Teams(ctx, s.scope, page.Request{Limit: 100})
	if err != nil {
		return err
	}
	s.teams = map[string]id.Team{service: teams.Items[0].ID, afterSales: teams.Items[0].ID}
	if len(teams.Items) > 1 {
		s.teams[afterSales] = teams.Items[1].ID
	}
	return nil
}

// present sets what everybody says of themselves.
func (s *Shop) present(ctx context.Context, state routing.State, at time.Time) error {
	for _, p := range s.people {
		if _, err := s.desk.Inbox.SetPresence(ctx, s.scope, p.ID, state, "", at); err != nil {
			return err
		}
	}
	return nil
}
