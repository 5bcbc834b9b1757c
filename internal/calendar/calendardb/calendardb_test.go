package calendardb_test

import (
	"context"
	"errors"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/calendar"
	"everdesk/internal/calendar/calendardb"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	at    = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) // a Friday
	scope = access.System(7)
	other = access.System(8)
)

// book is what app puts behind the two ports: here, rows of a test's own.
type book struct {
	actions []string
	used    id.Calendar
}

func (b *book) Write(_ context.Context, _ access.Scope, action, object string, _, _ any, _ time.Time) error {
	b.actions = append(b.actions, action+" "+object)
	return nil
}

func (b *book) UsesCalendar(_ context.Context, _ access.Scope, calendar id.Calendar) (bool, error) {
	return b.used == calendar, nil
}

func each(t *testing.T, fn func(t *testing.T, s *calendardb.Store, b *book)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := &book{}
		fn(t, calendardb.New(db, b, b), b)
	})
}

func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func start(t *testing.T, s *calendardb.Store) calendar.Calendar {
	t.Helper()
	for range 2 { // a second start changes nothing
		if err := s.Start(t.Context(), scope, "Office", calendar.Standard("Asia/Shanghai"), at); err != nil {
			t.Fatal(err)
		}
	}
	return must(s.Default(t.Context(), scope))(t)
}

func TestACalendarIsMadeReadChangedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *calendardb.Store, b *book) {
		office := start(t, s)
		night := calendar.Definition{TimeZone: "Europe/Berlin", Weekly: calendar.Week{Sat: []calendar.Interval{{From: "22:00", To: "06:00"}}}}
		made := must(s.Create(t.Context(), scope, "Night", night, at, nil))(t)
		read := must(s.Calendar(t.Context(), scope, made.ID))(t)
		if diff := cmp.Diff(made, read); diff != "" {
			t.Errorf("made and read differ:\n%s", diff)
		}
		night.Holidays = []calendar.Holiday{{Date: "2026-12-26", Name: "St Stephen"}}
		changed := must(s.Update(t.Context(), scope, made.ID, 1, "Nights", night, at.Add(time.Hour)))(t)
		if changed.Version != 2 || changed.Name != "Nights" {
			t.Errorf("changed to %+v", changed)
		}
		if _, err := s.Update(t.Context(), scope, made.ID, 1, "Late", night, at); !errors.Is(err, fault.ErrStale) {
			t.Errorf("a stale version gave %v", err)
		}
		all := must(s.Calendars(t.Context(), scope, page.Request{Limit: 1}))(t)
		if len(all.Items) != 1 || all.Items[0].ID != office.ID || all.Next.IsZero() {
			t.Errorf("first page %+v", all)
		}
		rest := must(s.Calendars(t.Context(), scope, page.Request{Limit: 1, After: all.Next}))(t)
		if diff := cmp.Diff([]calendar.Calendar{changed}, rest.Items); diff != "" || !rest.Next.IsZero() {
			t.Errorf("second page:\n%s", diff)
		}
		b.used = made.ID
		if err := s.Delete(t.Context(), scope, made.ID, at); !errors.Is(err, calendar.ErrInUse) {
			t.Errorf("a used calendar was deleted: %v", err)
		}
		b.used = 0
		if err := s.Delete(t.Context(), scope, made.ID, at); err != nil {
			t.Error(err)
		}
		if err := s.Delete(t.Context(), scope, office.ID, at); !errors.Is(err, calendar.ErrDefault) {
			t.Errorf("the default calendar was deleted: %v", err)
		}
		if _, err := s.Calendar(t.Context(), scope, made.ID); !errors.Is(err, calendar.ErrNotFound) {
			t.Errorf("the deleted calendar gives %v", err)
		}
		number := made.ID.String()
		if diff := cmp.Diff([]string{"calendar.created " + number, "calendar.updated " + number, "calendar.deleted " + number}, b.actions); diff != "" {
			t.Errorf("audited:\n%s", diff)
		}
	})
}

func TestAReplayedCreateAnswersWithTheFirstOne(t *testing.T) {
	each(t, func(t *testing.T, s *calendardb.Store, _ *book) {
		claim := func() *commit.Claim {
			return &commit.Claim{Workspace: 7, Actor: "stf_a", Route: "POST /calendars", Key: "k", Request: []byte("{}"), At: at}
		}
		first := must(s.Create(t.Context(), scope, "Office", calendar.Standard("UTC"), at, claim()))(t)
		again := claim()
		second := must(s.Create(t.Context(), scope, "Office", calendar.Standard("UTC"), at, again))(t)
		if diff := cmp.Diff(first, second); diff != "" || !again.Replayed {
			t.Errorf("replayed %v:\n%s", again.Replayed, diff)
		}
	})
}

func TestAnotherWorkspacesCalendarDoesNotExist(t *testing.T) {
	each(t, func(t *testing.T, s *calendardb.Store, _ *book) {
		office := start(t, s)
		_, get := s.Calendar(t.Context(), other, office.ID)
		_, put := s.Update(t.Context(), other, office.ID, 1, "Mine", calendar.Always(), at)
		del := s.Delete(t.Context(), other, office.ID, at)
		for name, err := range map[string]error{"get": get, "put": put, "delete": del} {
			if !errors.Is(err, calendar.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if all := must(s.Calendars(t.Context(), other, page.Request{Limit: 10}))(t); len(all.Items) != 0 {
			t.Errorf("listed %+v", all.Items)
		}
	})
}

func TestHoursFollowChangesAndFallBackToTheDefault(t *testing.T) {
	each(t, func(t *testing.T, s *calendardb.Store, _ *book) {
		open := func(number id.Calendar, when time.Time) bool {
			t.Helper()
			return must(s.Hours(t.Context(), scope, number, when))(t).Open(when)
		}
		if !open(0, at.AddDate(0, 0, 1)) {
			t.Error("a workspace without a calendar is closed on a Saturday")
		}
		start(t, s)
		if open(0, at.AddDate(0, 0, 1)) {
			t.Error("the default calendar is open on a Saturday")
		}
		made := must(s.Create(t.Context(), scope, "Always", calendar.Always(), at, nil))(t)
		if !open(made.ID, at.AddDate(0, 0, 1)) {
			t.Error("its own calendar is not used")
		}
		must(s.Update(t.Context(), scope, made.ID, 1, "Never", calendar.Definition{TimeZone: "UTC"}, at))(t)
		if open(made.ID, at.AddDate(0, 0, 1)) {
			t.Error("a change is not seen")
		}
		if err := s.Delete(t.Context(), scope, made.ID, at); err != nil {
			t.Fatal(err)
		}
		if !open(made.ID, at) {
			t.Error("the default hours do not stand in for a deleted calendar")
		}
	})
}
