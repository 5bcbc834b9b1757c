package demo

import (
	"regexp"
	"strings"
	"time"
)

// days turns the pack's day offsets into times.
type days struct {
	// loaded is the day of loading, which is day 0 for ever.
	loaded time.Time
	now    time.Time
	zone   *time.Location
}

func newDays(now time.Time) (days, error) {
	zone, err := time.LoadLocation(timeZone)
	return days{now.In(zone), now.In(zone), zone}, err
}

// at is the time of a clock, "09:30", on a day.
func (d days) at(day int, clock string) time.Time {
	hour, minute := 12, 0
	if at, err := time.Parse("15:04", clock); err == nil {
		hour, minute = at.Hour(), at.Minute()
	}
	return time.Date(d.loaded.Year(), d.loaded.Month(), d.loaded.Day()+day, hour, minute, 0, 0, d.zone)
}

// date is a day as calendars and order numbers write it.
func (d days) date(day int) time.Time { return d.at(day, "00:00") }

// begin is when a talk began.
func (d days) begin(t talk) time.Time {
	if t.MinutesAgo > 0 {
		return d.now.Add(-time.Duration(t.MinutesAgo) * time.Minute).Truncate(time.Second)
	}
	return d.at(t.Day, t.Time)
}

// promised is when a talk got its ticket, or when it began if it has none.
func (d days) promised(t talk) time.Time {
	at := d.begin(t)
	for _, entry := range t.Entries {
		if entry.Ticket {
			return at.Add(time.Duration(entry.Minute) * time.Minute)
		}
	}
	return at
}

var orderNumber = regexp.MustCompile(`ED\d{8}-\d{4}`)

// redate gives the orders numbers of the days they were placed on, in their own
// list and wherever the talks mention them.
func (p *pack) redate(d days) {
	renamed := map[string]string{}
	for i := range p.orders {
		o := &p.orders[i]
		number := "ED" + d.date(o.Placed).Format("20060102") + o.Number[strings.IndexByte(o.Number, '-'):]
		renamed[o.Number] = number
		o.Number = number
	}
	replace := func(text string) string {
		return orderNumber.ReplaceAllStringFunc(text, func(old string) string {
			if number, known := renamed[old]; known {
				return number
			}
			return old
		})
	}
	for i := range p.talks {
		t := &p.talks[i]
		t.Subject = replace(t.Subject)
		if t.Ticket != nil {
			t.Ticket.Subject = replace(t.Ticket.Subject)
		}
		for j := range t.Entries {
			t.Entries[j].Text = replace(t.Entries[j].Text)
		}
	}
}
