package calendar_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/calendar"
	"everdesk/internal/fault"
)

func TestADefinitionIsRefusedFieldByField(t *testing.T) {
	fine := func() calendar.Definition { return calendar.Standard("Asia/Shanghai") }
	many := func(n int) []calendar.Interval { return make([]calendar.Interval, n) }
	for name, test := range map[string]struct {
		change func(d *calendar.Definition)
		want   []string
	}{
		"a standard week is fine":       {func(*calendar.Definition) {}, nil},
		"a zone is required":            {func(d *calendar.Definition) { d.TimeZone = "" }, []string{"body.time_zone required"}},
		"the machine's zone is no zone": {func(d *calendar.Definition) { d.TimeZone = "Local" }, []string{"body.time_zone required"}},
		"an unknown zone is refused":    {func(d *calendar.Definition) { d.TimeZone = "Mars/Olympus" }, []string{"body.time_zone unknown"}},
		"a zone is not a path":          {func(d *calendar.Definition) { d.TimeZone = "../../etc/passwd" }, []string{"body.time_zone unknown"}},
		"a whole day is fine":           {func(d *calendar.Definition) { d.Weekly.Sat = []calendar.Interval{{"00:00", "24:00"}} }, nil},
		"a night is fine":               {func(d *calendar.Definition) { d.Weekly.Sat = []calendar.Interval{{"22:00", "06:00"}} }, nil},
		"only an end may be 24:00":      {func(d *calendar.Definition) { d.Weekly.Sat = []calendar.Interval{{"24:00", "06:00"}} }, []string{"body.weekly.sat[0].from malformed"}},
		"a time has five letters":       {func(d *calendar.Definition) { d.Weekly.Sun = []calendar.Interval{{"9:00", "25:00"}} }, []string{"body.weekly.sun[0].from malformed", "body.weekly.sun[0].to malformed"}},
		"a time is made of digits":      {func(d *calendar.Definition) { d.Weekly.Sun = []calendar.Interval{{"+9:00", "1a:00"}} }, []string{"body.weekly.sun[0].from malformed", "body.weekly.sun[0].to malformed"}},
		"an interval is not empty":      {func(d *calendar.Definition) { d.Weekly.Mon = []calendar.Interval{{"09:00", "09:00"}} }, []string{"body.weekly.mon[0] empty"}},
		"intervals of a day do not cross": {func(d *calendar.Definition) {
			d.Weekly.Mon = []calendar.Interval{{"12:00", "18:00"}, {"09:00", "12:01"}}
		}, []string{"body.weekly.mon[0] overlaps"}},
		"intervals of a day may touch": {func(d *calendar.Definition) {
			d.Weekly.Mon = []calendar.Interval{{"12:00", "18:00"}, {"09:00", "12:00"}}
		}, nil},
		"a day has so many intervals": {func(d *calendar.Definition) { d.Weekly.Mon = many(13) }, []string{"body.weekly.mon too_many"}},
		"a holiday has a date":        {func(d *calendar.Definition) { d.Holidays = []calendar.Holiday{{"2026-02-30", "x"}} }, []string{"body.holidays[0].date malformed"}},
		"a holiday is listed once": {func(d *calendar.Definition) {
			d.Holidays = []calendar.Holiday{{"2026-02-03", "a"}, {"2026-02-03", "b"}}
		}, []string{"body.holidays[1].date duplicate"}},
		"a holiday's name is short": {func(d *calendar.Definition) {
			d.Holidays = []calendar.Holiday{{"2026-02-03", strings.Repeat("春", 101)}}
		}, []string{"body.holidays[0].name too_long"}},
		"an override is listed once": {func(d *calendar.Definition) {
			d.Overrides = []calendar.Override{{"2026-02-03", nil}, {"2026-02-03", nil}}
		}, []string{"body.overrides[1].date duplicate"}},
		"an override is checked like a day": {func(d *calendar.Definition) {
			d.Overrides = []calendar.Override{{"1066-10-14", []calendar.Interval{{"", "x"}}}}
		}, []string{"body.overrides[0].date malformed", "body.overrides[0].intervals[0].from malformed", "body.overrides[0].intervals[0].to malformed"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := fine()
			test.change(&d)
			_, err := calendar.Compile(d)
			var got []string
			if f := fault.Of(err); f != nil {
				for _, field := range f.Fields {
					got = append(got, field.Path+" "+field.Code)
				}
			} else if err != nil {
				t.Fatalf("%v is not a fault", err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestANameIsNeitherEmptyNorLong(t *testing.T) {
	for name, fine := range map[string]bool{"Office": true, " ": false, strings.Repeat("办", 100): true, strings.Repeat("办", 101): false} {
		if err := calendar.CheckName(name); (err == nil) != fine {
			t.Errorf("%q: %v", name, err)
		}
	}
}
