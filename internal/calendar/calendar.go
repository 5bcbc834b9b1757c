// Package calendar knows when a desk is open.
//
// Definition is what people write: intervals for each day of the week in a time
// zone, holidays, and days with hours of their own. Compile checks it and makes
// Hours, which answers.
//
// One rule covers every clock change: the desk is open exactly while a clock on
// the wall shows a time inside an interval. An hour that the clocks skip is an
// hour nobody worked, and an hour they show twice counts twice. An interval
// belongs to the day it begins on, so what closes or changes a day leaves the
// tail of the night before alone.
package calendar

import (
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What a calendar can be refused for.
var (
	ErrInvalid  = fault.New(fault.Invalid, "calendar.invalid")
	ErrNotFound = fault.New(fault.NotFound, "calendar.not_found")
	ErrInUse    = fault.New(fault.Conflict, "calendar.in_use")
	ErrDefault  = fault.New(fault.Conflict, "calendar.is_default")
)

// The most a calendar may hold.
const (
	MaxIntervals = 12  // a day
	MaxDates     = 500 // holidays, and overrides
	MaxName      = 100 // characters
)

// Horizon is how far ahead an opening is looked for.
const Horizon = 20 * 366 * 24 * time.Hour

// Interval is an open stretch of a day, from "09:00" to "18:00". A To that is
// not after From is on the next day; "24:00" ends at midnight.
type Interval struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Week holds the intervals of each day of the week; a day without is closed.
type Week struct {
	Mon []Interval `json:"mon,omitempty"`
	Tue []Interval `json:"tue,omitempty"`
	Wed []Interval `json:"wed,omitempty"`
	Thu []Interval `json:"thu,omitempty"`
	Fri []Interval `json:"fri,omitempty"`
	Sat []Interval `json:"sat,omitempty"`
	Sun []Interval `json:"sun,omitempty"`
}

// Day returns the intervals of a day of the week.
func (w Week) Day(day time.Weekday) []Interval {
	return [7][]Interval{w.Sun, w.Mon, w.Tue, w.Wed, w.Thu, w.Fri, w.Sat}[day]
}

// Holiday is a day on which nothing begins.
type Holiday struct {
	// Date is "2026-10-01".
	Date string `json:"date"`
	Name string `json:"name"`
}

// Override gives a day hours of its own, instead of its weekday's and over a
// holiday; none at all closes it.
type Override struct {
	Date      string     `json:"date"`
	Intervals []Interval `json:"intervals"`
}

// Definition is a calendar as it is written and kept.
type Definition struct {
	// TimeZone is an IANA name, "Asia/Shanghai".
	TimeZone  string     `json:"time_zone"`
	Weekly    Week       `json:"weekly"`
	Holidays  []Holiday  `json:"holidays"`
	Overrides []Override `json:"overrides"`
}

// Calendar is a named definition of a workspace.
type Calendar struct {
	ID         id.Calendar
	Name       string
	Definition Definition
	// Default is the calendar of what has no other; there is exactly one.
	Default   bool
	Version   int64
	UpdatedAt time.Time
}

// Standard returns Monday to Friday, nine to six, in a time zone: what a new
// workspace starts with.
func Standard(zone string) Definition {
	day := []Interval{{From: "09:00", To: "18:00"}}
	return Definition{
		TimeZone: zone,
		Weekly:   Week{Mon: day, Tue: day, Wed: day, Thu: day, Fri: day},
		Holidays: []Holiday{}, Overrides: []Override{},
	}
}

// Always returns hours without end.
func Always() Definition {
	day := []Interval{{From: "00:00", To: "24:00"}}
	return Definition{
		TimeZone: "UTC",
		Weekly:   Week{Mon: day, Tue: day, Wed: day, Thu: day, Fri: day, Sat: day, Sun: day},
		Holidays: []Holiday{}, Overrides: []Override{},
	}
}
