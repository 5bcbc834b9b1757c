package entity

import "time"

// fixed are the festivals of the solar calendar.
var fixed = map[string][2]int{
	"元旦": {1, 1}, "情人节": {2, 14}, "妇女节": {3, 8}, "劳动节": {5, 1}, "五一": {5, 1}, "儿童节": {6, 1}, "六一": {6, 1}, "618": {6, 18}, "教师节": {9, 10},
	"国庆": {10, 1}, "国庆节": {10, 1}, "十一黄金周": {10, 1}, "双十一": {11, 11}, "双11": {11, 11}, "双十二": {12, 12}, "双12": {12, 12},
	"平安夜": {12, 24}, "圣诞": {12, 25}, "圣诞节": {12, 25},
	"new year's day": {1, 1}, "new year": {1, 1}, "new year's": {1, 1}, "new year's eve": {12, 31}, "valentine's day": {2, 14}, "halloween": {10, 31},
	"singles' day": {11, 11}, "singles day": {11, 11}, "christmas eve": {12, 24}, "christmas day": {12, 25}, "christmas": {12, 25}, "xmas": {12, 25}, "boxing day": {12, 26},
}

// lunar are the days of the lunar calendar's feasts, by year. A year that is
// not in the table has none: a wrong day would be worse.
var lunar = map[string]map[int][2]int{
	"spring": {2024: {2, 10}, 2025: {1, 29}, 2026: {2, 17}, 2027: {2, 6}, 2028: {1, 26}, 2029: {2, 13}, 2030: {2, 3}, 2031: {1, 23}, 2032: {2, 11}},
	"dragon": {2024: {6, 10}, 2025: {5, 31}, 2026: {6, 19}, 2027: {6, 9}, 2028: {5, 28}, 2029: {6, 16}, 2030: {6, 5}},
	"autumn": {2024: {9, 17}, 2025: {10, 6}, 2026: {9, 25}, 2027: {9, 15}, 2028: {10, 3}, 2029: {9, 22}, 2030: {9, 12}},
}

// feasts are the names of those, and how many days after them.
var feasts = map[string]struct {
	name string
	days int
}{
	"春节": {"spring", 0}, "大年初一": {"spring", 0}, "除夕": {"spring", -1}, "元宵": {"spring", 14}, "元宵节": {"spring", 14},
	"端午": {"dragon", 0}, "端午节": {"dragon", 0}, "中秋": {"autumn", 0}, "中秋节": {"autumn", 0},
	"chinese new year": {"spring", 0}, "lunar new year": {"spring", 0}, "spring festival": {"spring", 0}, "mid-autumn festival": {"autumn", 0},
	"dragon boat festival": {"dragon", 0},
}

func festival(c *clock, m []string, w *when) bool {
	if day, ok := fixed[m[1]]; ok {
		w.open = c.nearest(day[0], day[1])
		return true
	}
	feast, ok := feasts[m[1]]
	if !ok {
		return thanksgiving(c, m[1], w)
	}
	w.open = func(past bool) (from, to time.Time, ok bool) {
		best := time.Duration(1<<63 - 1)
		for offset := -1; offset <= 1; offset++ {
			y := c.today.Year() + offset
			day, known := lunar[feast.name][y]
			if !known {
				continue
			}
			t, _ := c.date(y, day[0], day[1])
			t = t.AddDate(0, 0, feast.days)
			distance := t.Sub(c.today)
			// What lies ahead is meant more often: people plan for feasts.
			if past && distance > 0 || !past && distance < -30*24*time.Hour {
				continue
			}
			if distance = distance.Abs(); distance < best {
				best, from, ok = distance, t, true
			}
		}
		return from, from.AddDate(0, 0, 1), ok
	}
	return true
}

// thanksgiving is the fourth Thursday of November; what follows it is known by
// its distance from it.
func thanksgiving(c *clock, name string, w *when) bool {
	after, ok := map[string]int{"thanksgiving": 0, "black friday": 1, "cyber monday": 4}[name]
	if !ok {
		return false
	}
	w.open = func(past bool) (from, to time.Time, ok bool) {
		for _, offset := range []int{0, 1, -1} {
			first, _ := c.date(c.today.Year()+offset, 11, 1)
			t := first.AddDate(0, 0, (int(time.Thursday)-int(first.Weekday())+7)%7+21+after)
			if past == t.Before(c.today) || t.Equal(c.today) {
				return t, t.AddDate(0, 0, 1), true
			}
		}
		return from, to, false
	}
	return true
}
