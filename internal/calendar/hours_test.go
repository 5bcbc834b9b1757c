package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"everdesk/internal/calendar"
)

func compile(t testing.TB, d calendar.Definition) *calendar.Hours {
	t.Helper()
	hours, err := calendar.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return hours
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestHoursByExample(t *testing.T) {
	shanghai := calendar.Standard("Asia/Shanghai")
	shanghai.Holidays = []calendar.Holiday{{"2026-10-01", "National Day"}, {"2026-10-02", "National Day"}}
	shanghai.Overrides = []calendar.Override{{"2026-10-10", []calendar.Interval{{"10:00", "16:00"}}}}
	night := calendar.Definition{TimeZone: "Europe/Berlin", Weekly: calendar.Week{Sat: []calendar.Interval{{"22:00", "06:00"}}}}
	for name, test := range map[string]struct {
		definition calendar.Definition
		at         string
		open       bool
		next       string
		add        time.Duration
		done       string
	}{
		"in the middle of a day":               {shanghai, "2026-09-28T10:00:00+08:00", true, "2026-09-28T10:00:00+08:00", time.Hour, "2026-09-28T11:00:00+08:00"},
		"at opening time it is open":           {shanghai, "2026-09-28T09:00:00+08:00", true, "2026-09-28T09:00:00+08:00", 9 * time.Hour, "2026-09-28T18:00:00+08:00"},
		"at closing time it is closed":         {shanghai, "2026-09-28T18:00:00+08:00", false, "2026-09-29T09:00:00+08:00", time.Minute, "2026-09-29T09:01:00+08:00"},
		"asked from another zone":              {shanghai, "2026-09-28T01:00:00Z", true, "2026-09-28T01:00:00Z", 0, "2026-09-28T01:00:00Z"},
		"over holidays and a weekend":          {shanghai, "2026-09-30T17:30:00+08:00", true, "2026-09-30T17:30:00+08:00", time.Hour, "2026-10-05T09:30:00+08:00"},
		"a worked Saturday counts":             {shanghai, "2026-10-09T18:00:00+08:00", false, "2026-10-10T10:00:00+08:00", 7 * time.Hour, "2026-10-12T10:00:00+08:00"},
		"past midnight":                        {night, "2026-11-22T05:59:00+01:00", true, "2026-11-22T05:59:00+01:00", 2 * time.Minute, "2026-11-28T22:01:00+01:00"},
		"a night in which the clocks go ahead": {night, "2026-03-28T22:00:00+01:00", true, "2026-03-28T22:00:00+01:00", 7 * time.Hour, "2026-03-29T06:00:00+02:00"},
		"a night in which the clocks go back":  {night, "2026-10-24T22:00:00+02:00", true, "2026-10-24T22:00:00+02:00", 9 * time.Hour, "2026-10-25T06:00:00+01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			hours, at := compile(t, test.definition), moment(t, test.at)
			if open := hours.Open(at); open != test.open {
				t.Errorf("open %v", open)
			}
			if next, ok := hours.NextOpening(at); !ok || !next.Equal(moment(t, test.next)) {
				t.Errorf("next opening %v %v, want %v", next, ok, test.next)
			}
			if done, ok := hours.Add(at, test.add); !ok || !done.Equal(moment(t, test.done)) {
				t.Errorf("%v later is %v %v, want %v", test.add, done, ok, test.done)
			}
		})
	}
}

func TestHoursThatNeverComeAreSaidSo(t *testing.T) {
	at := moment(t, "2026-11-20T12:00:00Z")
	past := calendar.Definition{TimeZone: "UTC", Overrides: []calendar.Override{{"2026-11-19", []calendar.Interval{{"00:00", "24:00"}}}}}
	for name, d := range map[string]calendar.Definition{"no hours at all": {TimeZone: "UTC"}, "hours only in the past": past} {
		hours := compile(t, d)
		if next, ok := hours.NextOpening(at); ok {
			t.Errorf("%s: opens at %v", name, next)
		}
		if done, ok := hours.Add(at, time.Minute); ok {
			t.Errorf("%s: done at %v", name, done)
		}
	}
	tail := calendar.Definition{TimeZone: "UTC", Overrides: []calendar.Override{{"2026-11-19", []calendar.Interval{{"20:00", "13:00"}}}}}
	if next, ok := compile(t, tail).NextOpening(at); !ok || !next.Equal(at) {
		t.Errorf("the tail of the last open day is lost: %v %v", next, ok)
	}
	if working := compile(t, tail).WorkingBetween(at, at.Add(-time.Hour)); working != 0 {
		t.Errorf("%v pass backwards", working)
	}
}

// oracle answers by looking at the wall clock, minute by minute.
type oracle struct {
	d    calendar.Definition
	zone *time.Location
}

func (o oracle) day(date time.Time) []calendar.Interval {
	text := date.Format(time.DateOnly)
	for _, override := range o.d.Overrides {
		if override.Date == text {
			return override.Intervals
		}
	}
	for _, holiday := range o.d.Holidays {
		if holiday.Date == text {
			return nil
		}
	}
	return o.d.Weekly.Day(date.Weekday())
}

func (o oracle) open(at time.Time) bool {
	local := at.In(o.zone)
	clock := local.Format("15:04")
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	for _, i := range o.day(today) {
		if clock >= i.From && (clock < i.To || i.To <= i.From) {
			return true
		}
	}
	for _, i := range o.day(today.AddDate(0, 0, -1)) {
		if i.To <= i.From && clock < i.To {
			return true
		}
	}
	return false
}

// around are moments at which the clocks do something.
var around = map[string][]string{
	"Asia/Shanghai":              {"2026-05-01T00:00:00Z"},
	"America/New_York":           {"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"},
	"Europe/London":              {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"},
	"Australia/Lord_Howe":        {"2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"}, // half an hour
	"America/Sao_Paulo":          {"2018-11-04T03:00:00Z", "2018-02-18T02:00:00Z"}, // at midnight
	"Pacific/Apia":               {"2011-12-30T10:00:00Z"},                         // a day that never was
	"Asia/Kathmandu":             {"2026-07-01T00:00:00Z"},                         // a quarter of an hour off
	"Africa/Casablanca":          {"2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z"},
	"America/Godthab":            {"2023-03-25T22:00:00Z"},
	"Antarctica/Troll":           {"2026-03-29T01:00:00Z"}, // two hours
	"Europe/Dublin":              {"2026-10-25T01:00:00Z"},
	"Pacific/Chatham":            {"2026-04-04T14:00:00Z"},
	"America/Argentina/San_Luis": {"2009-10-11T04:00:00Z"},
}

func randomDay(r *rand.Rand) []calendar.Interval {
	// Cut the day at distinct quarters of an hour and keep every other piece.
	day := []calendar.Interval{}
	at := r.IntN(40)
	for len(day) < 3 {
		from := at + r.IntN(24)
		to := from + 1 + r.IntN(30)
		if from >= 96 {
			break
		}
		clock := func(quarter int) string { return fmt.Sprintf("%02d:%02d", quarter/4, quarter%4*15) }
		switch {
		case to == 96:
			day = append(day, calendar.Interval{From: clock(from), To: "24:00"})
		case to > 96:
			return append(day, calendar.Interval{From: clock(from), To: clock(to - 96)})
		default:
			day = append(day, calendar.Interval{From: clock(from), To: clock(to)})
		}
		at = to
	}
	return day
}

func randomDefinition(r *rand.Rand, zone string, around time.Time) calendar.Definition {
	d := calendar.Definition{TimeZone: zone}
	for _, day := range []*[]calendar.Interval{&d.Weekly.Mon, &d.Weekly.Tue, &d.Weekly.Wed, &d.Weekly.Thu, &d.Weekly.Fri, &d.Weekly.Sat, &d.Weekly.Sun} {
		if r.IntN(4) > 0 {
			*day = randomDay(r)
		}
	}
	for _, offset := range r.Perm(9)[:r.IntN(3)] {
		d.Holidays = append(d.Holidays, calendar.Holiday{Date: around.AddDate(0, 0, offset-4).Format(time.DateOnly)})
	}
	for _, offset := range r.Perm(9)[:r.IntN(3)] {
		d.Overrides = append(d.Overrides, calendar.Override{Date: around.AddDate(0, 0, offset-4).Format(time.DateOnly), Intervals: randomDay(r)})
	}
	return d
}

func TestHoursAgreeWithAWallClockWatchedMinuteByMinute(t *testing.T) {
	const days, rounds = 6, 12
	for zone, changes := range around {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			location, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range changes {
				change := moment(t, text)
				for round := range uint64(rounds) {
					r := rand.New(rand.NewPCG(uint64(i), round))
					d := randomDefinition(r, zone, change)
					watch(t, r, oracle{d, location}, change.AddDate(0, 0, -days/2), days*24*60)
				}
			}
		})
	}
}

// watch compares every answer over some minutes with the oracle's.
func watch(t *testing.T, r *rand.Rand, o oracle, start time.Time, minutes int) {
	t.Helper()
	hours := compile(t, o.d)
	// worked[n] is how many of the first n minutes were open.
	worked := make([]int, minutes+1)
	for n := range minutes {
		at := start.Add(time.Duration(n) * time.Minute)
		open := o.open(at)
		worked[n+1] = worked[n]
		if open {
			worked[n+1]++
		}
		if hours.Open(at) != open {
			t.Fatalf("open at %v: %v\n%+v", at.In(o.zone), !open, o.d)
		}
	}
	for range 150 {
		a := r.IntN(minutes)
		b := a + r.IntN(minutes-a)
		at, until := start.Add(time.Duration(a)*time.Minute), start.Add(time.Duration(b)*time.Minute)
		want := time.Duration(worked[b]-worked[a]) * time.Minute
		if got := hours.WorkingBetween(at, until); got != want {
			t.Fatalf("between %v and %v: %v, want %v\n%+v", at.In(o.zone), until.In(o.zone), got, want, o.d)
		}
		next := a
		for next < minutes && worked[next+1] == worked[next] {
			next++
		}
		if got, ok := hours.NextOpening(at); next < minutes && (!ok || !got.Equal(start.Add(time.Duration(next)*time.Minute))) {
			t.Fatalf("next opening at %v: %v %v, want minute %d\n%+v", at.In(o.zone), got, ok, next, o.d)
		}
		if want == 0 {
			continue
		}
		done := a
		for worked[done]-worked[a] < worked[b]-worked[a] {
			done++
		}
		if got, ok := hours.Add(at, want); !ok || !got.Equal(start.Add(time.Duration(done)*time.Minute)) {
			t.Fatalf("%v after %v: %v %v, want %v\n%+v", want, at.In(o.zone), got, ok, start.Add(time.Duration(done)*time.Minute).In(o.zone), o.d)
		}
	}
}

func FuzzNoDefinitionBreaksTheAnswers(f *testing.F) {
	f.Add("Asia/Shanghai", "09:00", "18:00", "2026-10-01", int64(1790000000), int64(3600))
	f.Add("America/Sao_Paulo", "23:30", "00:15", "2018-11-04", int64(1541300400), int64(1))
	f.Add("UTC", "24:00", "24:00", "", int64(-1), int64(-1))
	f.Fuzz(func(t *testing.T, zone, from, to, date string, at, seconds int64) {
		interval := []calendar.Interval{{from, to}}
		hours, err := calendar.Compile(calendar.Definition{
			TimeZone: zone, Weekly: calendar.Week{Mon: interval, Sun: interval},
			Holidays: []calendar.Holiday{{date, ""}}, Overrides: []calendar.Override{{date, interval}},
		})
		if err != nil {
			return
		}
		// Any moment a ticket may have: 1970 to 2150.
		begin := time.Unix(((at%5_680_000_000)+5_680_000_000)%5_680_000_000, 0)
		working := time.Duration(seconds%(30*24*3600)) * time.Second
		done, ok := hours.Add(begin, working)
		if ok && working > 0 && hours.WorkingBetween(begin, done) != working {
			t.Errorf("%v after %v is %v, with %v in between", working, begin, done, hours.WorkingBetween(begin, done))
		}
		next, ok := hours.NextOpening(begin)
		if ok && (!hours.Open(next) || next.Before(begin) || hours.WorkingBetween(begin, next) != 0) {
			t.Errorf("%v after %v is no next opening", next, begin)
		}
	})
}

func BenchmarkAddEightWorkingHours(b *testing.B) {
	hours := compile(b, calendar.Standard("Europe/Berlin"))
	at := moment(b, "2026-11-20T18:00:00Z")
	for b.Loop() {
		hours.Add(at, 8*time.Hour)
	}
}
