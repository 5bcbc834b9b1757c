package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"everdesk/internal/fault"
)

// dayMinutes is a day on the wall, whatever the clocks do.
const dayMinutes = 24 * 60

// stretch is an interval in minutes from midnight. To is beyond dayMinutes when
// it ends on the next day.
type stretch struct{ from, to int64 }

// Hours is a checked definition, ready to answer. It is never changed, so it
// may be shared.
type Hours struct {
	zone      *time.Location
	weekly    [7][]stretch
	holidays  map[int64]bool      // by day number
	overrides map[int64][]stretch // by day number
	// never is set when no weekday has hours; lastOverride is then the last day
	// number on which the desk may open.
	never        bool
	lastOverride int64
}

var weekdayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Compile checks a definition. What is wrong is named field by field:
// "body.weekly.mon[0].from".
func Compile(d Definition) (*Hours, error) {
	c := compiler{}
	h := &Hours{holidays: map[int64]bool{}, overrides: map[int64][]stretch{}, never: true}
	h.zone = c.zone("body.time_zone", d.TimeZone)
	for day, name := range weekdayNames {
		h.weekly[day] = c.day("body.weekly."+name, d.Weekly.Day(time.Weekday(day)))
		h.never = h.never && len(h.weekly[day]) == 0
	}
	if len(d.Holidays) > MaxDates {
		c.wrong("body.holidays", "too_many", fmt.Sprintf("at most %d", MaxDates))
		return nil, c.err
	}
	if len(d.Overrides) > MaxDates {
		c.wrong("body.overrides", "too_many", fmt.Sprintf("at most %d", MaxDates))
		return nil, c.err
	}
	for i, holiday := range d.Holidays {
		path := fmt.Sprintf("body.holidays[%d]", i)
		number, ok := c.date(path+".date", holiday.Date)
		if ok && h.holidays[number] {
			c.wrong(path+".date", "duplicate", "the day is listed twice")
		}
		if utf8.RuneCountInString(holiday.Name) > MaxName {
			c.wrong(path+".name", "too_long", fmt.Sprintf("at most %d characters", MaxName))
		}
		h.holidays[number] = true
	}
	for i, override := range d.Overrides {
		path := fmt.Sprintf("body.overrides[%d]", i)
		number, ok := c.date(path+".date", override.Date)
		if _, twice := h.overrides[number]; ok && twice {
			c.wrong(path+".date", "duplicate", "the day is listed twice")
		}
		hours := c.day(path+".intervals", override.Intervals)
		h.overrides[number] = hours
		if len(hours) > 0 {
			h.lastOverride = max(h.lastOverride, number)
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	return h, nil
}

// CheckName refuses a name that is empty or too long.
func CheckName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return ErrInvalid.At("body.name", "required", "")
	case utf8.RuneCountInString(name) > MaxName:
		return ErrInvalid.At("body.name", "too_long", fmt.Sprintf("at most %d characters", MaxName))
	}
	return nil
}

// compiler collects what is wrong.
type compiler struct{ err error }

func (c *compiler) wrong(path, code, detail string) {
	if known := fault.Of(c.err); known != nil {
		c.err = known.At(path, code, detail)
		return
	}
	c.err = ErrInvalid.At(path, code, detail)
}

func (c *compiler) zone(path, name string) *time.Location {
	// The empty name and "Local" load, but name no place.
	if name == "" || name == "Local" {
		c.wrong(path, "required", "an IANA name such as Asia/Shanghai")
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		c.wrong(path, "unknown", "an IANA name such as Asia/Shanghai")
	}
	return zone
}

func (c *compiler) day(path string, intervals []Interval) []stretch {
	if len(intervals) > MaxIntervals {
		c.wrong(path, "too_many", fmt.Sprintf("at most %d a day", MaxIntervals))
		return nil
	}
	type placed struct {
		stretch
		index int
	}
	day := make([]placed, 0, len(intervals))
	for i, interval := range intervals {
		at := fmt.Sprintf("%s[%d]", path, i)
		from, fine := c.clock(at+".from", interval.From, false)
		to, also := c.clock(at+".to", interval.To, true)
		if !fine || !also {
			continue
		}
		if from == to {
			c.wrong(at, "empty", "it ends when it begins; write 00:00 to 24:00 for a whole day")
			continue
		}
		if to < from {
			to += dayMinutes
		}
		day = append(day, placed{stretch{from, to}, i})
	}
	slices.SortFunc(day, func(a, b placed) int { return int(a.from - b.from) })
	stretches := make([]stretch, len(day))
	for i, p := range day {
		stretches[i] = p.stretch
		if i > 0 && p.from < day[i-1].to {
			c.wrong(fmt.Sprintf("%s[%d]", path, p.index), "overlaps", "another interval of the day covers part of it")
		}
	}
	return stretches
}

// clock reads "HH:MM" as minutes from midnight; only an end may be "24:00".
func (c *compiler) clock(path, text string, end bool) (int64, bool) {
	if end && text == "24:00" {
		return dayMinutes, true
	}
	digit := func(i int) int64 { return int64(text[i]) - '0' }
	if len(text) == 5 && text[2] == ':' {
		valid := true
		for _, i := range []int{0, 1, 3, 4} {
			valid = valid && text[i] >= '0' && text[i] <= '9'
		}
		if hour, minute := digit(0)*10+digit(1), digit(3)*10+digit(4); valid && hour < 24 && minute < 60 {
			return hour*60 + minute, true
		}
	}
	c.wrong(path, "malformed", "a time of day such as 09:00")
	return 0, false
}

// date reads "2026-10-01" as a day number.
func (c *compiler) date(path, text string) (int64, bool) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1970 || day.Year() > 2200 {
		c.wrong(path, "malformed", "a date such as 2026-10-01")
		return 0, false
	}
	return day.Unix() / daySeconds, true
}
