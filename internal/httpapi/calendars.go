package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/calendar"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/page"
)

// Calendars keeps business hours.
type Calendars interface {
	Calendars(ctx context.Context, scope access.Scope, request page.Request) (page.Of[calendar.Calendar], error)
	Calendar(ctx context.Context, scope access.Scope, which id.Calendar) (calendar.Calendar, error)
	Create(ctx context.Context, scope access.Scope, name string, definition calendar.Definition, at time.Time, claim *commit.Claim) (calendar.Calendar, error)
	Update(ctx context.Context, scope access.Scope, which id.Calendar, version int64, name string, definition calendar.Definition, at time.Time) (calendar.Calendar, error)
	Delete(ctx context.Context, scope access.Scope, which id.Calendar, at time.Time) error
	// Hours compiles a calendar; the default one for zero.
	Hours(ctx context.Context, scope access.Scope, which id.Calendar, at time.Time) (*calendar.Hours, error)
}

// CalendarDraft is what a calendar is made or replaced with.
type CalendarDraft struct {
	Name      string              `json:"name" minLength:"1" maxLength:"100"`
	TimeZone  string              `json:"time_zone" minLength:"1" maxLength:"64" example:"Asia/Shanghai" doc:"An IANA name."`
	Weekly    calendar.Week       `json:"weekly"`
	Holidays  []calendar.Holiday  `json:"holidays,omitempty" maxItems:"500" doc:"Days on which nothing begins."`
	Overrides []calendar.Override `json:"overrides,omitempty" maxItems:"500" doc:"Days with hours of their own, over weekday and holiday."`
}

func (d CalendarDraft) definition() calendar.Definition {
	return calendar.Definition{TimeZone: d.TimeZone, Weekly: d.Weekly, Holidays: nonNil(d.Holidays), Overrides: nonNil(d.Overrides)}
}

// Calendar is a workspace's or a team's business hours.
type Calendar struct {
	ID          id.Calendar         `json:"id"`
	Name        string              `json:"name"`
	TimeZone    string              `json:"time_zone"`
	Weekly      calendar.Week       `json:"weekly"`
	Holidays    []calendar.Holiday  `json:"holidays"`
	Overrides   []calendar.Override `json:"overrides"`
	Default     bool                `json:"default" doc:"What goes by no other goes by this one."`
	Version     int64               `json:"version"`
	OpenNow     bool                `json:"open_now"`
	NextOpening *time.Time          `json:"next_opening,omitempty" doc:"Absent while open, and if it does not open again."`
}

type calendarOutput struct {
	Versioned
	Replay
	Body Calendar
}

func (s *Server) shownCalendar(c calendar.Calendar) Calendar {
	view := Calendar{
		ID: c.ID, Name: c.Name, TimeZone: c.Definition.TimeZone, Weekly: c.Definition.Weekly,
		Holidays: nonNil(c.Definition.Holidays), Overrides: nonNil(c.Definition.Overrides), Default: c.Default, Version: c.Version,
	}
	// What is kept was compiled before it was kept.
	if hours, err := calendar.Compile(c.Definition); err == nil {
		view.OpenNow, view.NextOpening = openings(hours, s.now())
	}
	return view
}

// openings says whether a desk is open, and if not, when it will be.
func openings(hours *calendar.Hours, at time.Time) (bool, *time.Time) {
	if hours.Open(at) {
		return true, nil
	}
	if next, ok := hours.NextOpening(at); ok {
		return false, &next
	}
	return false, nil
}

func (s *Server) calendarShown(c calendar.Calendar, err error) (*calendarOutput, error) {
	if err != nil {
		return nil, err
	}
	return &calendarOutput{Versioned: etag(c.Version), Body: s.shownCalendar(c)}, nil
}

func (s *Server) registerCalendars() {
	const tag = "Calendars"
	kept := s.ports.Calendars
	add(s, op{id: "list-calendars", method: http.MethodGet, path: "/calendars", tag: tag, door: May(access.SettingsRead), summary: "Business hours, in the order they were made"},
		func(ctx context.Context, in *struct{ Lists }) (*struct{ Body listed[Calendar] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			found, err := kept.Calendars(ctx, scopeOf(ctx), request)
			return &struct{ Body listed[Calendar] }{list(found, s.shownCalendar)}, err
		})
	add(s, op{id: "create-calendar", method: http.MethodPost, path: "/calendars", tag: tag, door: May(access.CalendarManage), status: http.StatusCreated, summary: "Add business hours"},
		func(ctx context.Context, in *struct {
			Creates
			Body CalendarDraft
		},
		) (*calendarOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "create-calendar", in.Body)
			if err != nil {
				return nil, err
			}
			out, err := s.calendarShown(kept.Create(ctx, scopeOf(ctx), in.Body.Name, in.Body.definition(), s.now(), claim))
			if err == nil {
				out.Replay = replayed(claim)
			}
			return out, err
		})
	add(s, op{id: "get-calendar", method: http.MethodGet, path: "/calendars/{id}", tag: tag, door: May(access.SettingsRead), summary: "Business hours"},
		func(ctx context.Context, in *byID[id.Calendar]) (*calendarOutput, error) {
			return s.calendarShown(kept.Calendar(ctx, scopeOf(ctx), in.ID.ID))
		})
	add(s, op{id: "replace-calendar", method: http.MethodPut, path: "/calendars/{id}", tag: tag, door: May(access.CalendarManage), summary: "Replace business hours; promises made stay"},
		func(ctx context.Context, in *struct {
			Updates
			ID   ref[id.Calendar] `path:"id"`
			Body CalendarDraft
		},
		) (*calendarOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			return s.calendarShown(kept.Update(ctx, scopeOf(ctx), in.ID.ID, version, in.Body.Name, in.Body.definition(), s.now()))
		})
	add(s, op{id: "delete-calendar", method: http.MethodDelete, path: "/calendars/{id}", tag: tag, door: May(access.CalendarManage), status: http.StatusNoContent, summary: "Remove business hours no team goes by"},
		func(ctx context.Context, in *byID[id.Calendar]) (*struct{}, error) {
			return nil, kept.Delete(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
}
