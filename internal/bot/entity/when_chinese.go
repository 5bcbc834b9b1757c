package entity

import (
	"strings"
	"time"
)

const (
	zn      = `(\d{1,4}|[零〇一二两三四五六七八九十百]{1,5})`
	zweek   = `(?:个)?(?:周|星期|礼拜)`
	zclock  = `(\d{1,2}|[零〇一二两三四五六七八九十]{1,3})`
	zminute = `(半|一刻|三刻|整|钟|过?(?:\d{1,2}|[零〇一二三四五六七八九十]{1,3})分?)?`
)

var chineseDays = map[string]int{
	"大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "昨儿": -1, "今天": 0, "今日": 0, "今儿": 0, "当天": 0,
	"明天": 1, "明日": 1, "明儿": 1, "后天": 2, "后日": 2, "大后天": 3,
}

var chineseParts = map[string]string{
	"凌晨": "small hours", "清晨": "dawn", "清早": "dawn", "大清早": "dawn", "一大早": "dawn", "早上": "early", "早晨": "early", "早间": "early", "早": "early",
	"上午": "forenoon", "正午": "noon", "中午": "noon", "午间": "noon", "午后": "afternoon", "下午": "afternoon", "傍晚": "dusk", "黄昏": "dusk",
	"晚上": "evening", "晚间": "evening", "夜里": "evening", "夜间": "evening", "夜晚": "evening", "晚": "evening", "夜": "evening",
	"一早": "dawn", "半夜": "late", "深夜": "late", "午夜": "late",
}

var chineseWeekdays = map[string]int{
	"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6,
}

var chineseWeeks = map[string]int{"上上": -2, "上": -1, "这": 0, "本": 0, "这一": 0, "下": 1, "下下": 2, "下一": 1, "上一": -1}

var chineseTimes = func() rules {
	number := []rule{
		{form(`(\d{4})(?:年| ?[-./] ?)` + zn + `(?:月| ?[-./] ?)` + zn + `[日号]?(?:-|到|至|~)` + zn + `[日号]?`), dayRange},
		{form(`(\d{4}|[零〇一二三四五六七八九]{4}|\d{2})年` + zn + `月` + zn + `[日号]?`), fullDate},
		{form(`(\d{4})[-./](\d{1,2})[-./](\d{1,2})`), fullDate},
		{form(`(\d{4}|[零〇一二三四五六七八九]{4})年` + zn + `月(?:份)?`), yearMonth},
		{form(zn + `月` + zn + `[日号]?(?:-|到|至|~)` + zn + `[日号]`), monthDayRange},
		{form(zn + `月(?:份的?)?` + zn + `[日号]?`), monthDay},
		{form(zn + `月(?:份)?(初|上旬|中旬|中|下旬|底|末)`), monthPart},
		{form(zn + `(?:-|到|至|~)` + zn + `[日号]`), dayOfMonthRange},
		{form(zn + `[日号]`), dayOfMonth},
		{form(`(?:过)?` + zn + `(个半|个)?(工作日|小时|钟头|分钟|天|日|周|星期|礼拜|月|年)(半)?(之?前|以前|之?后|以后|过后|(?:之|以)?内)`), counted},
		{form(`半(个)?(小时|钟头|天|月|年)(之?前|以前|之?后|以后|(?:之|以)?内)`), halfCounted},
		{form(zclock + `(?:点|时)?(?:-|到|至|~)` + zclock + `点(半)?`), clockRange},
		{form(zclock + `点` + zminute), clockTime},
		{form(zclock + `时(?:` + `(\d{1,2}|[零〇一二三四五六七八九十]{1,3})分` + `)`), clockTime},
		{form(`(\d{1,2}):(\d{2})(?::\d{2})?(?:-|~|到|至)(\d{1,2}):(\d{2})`), colonRange},
		{form(`(\d{1,2}):(\d{2})(?::\d{2})?`), colonTime},
	}
	hanOnly := []rule{
		{form(`(大前天|前天|前日|昨天|昨日|昨儿|今天|今日|今儿|当天|明天|明日|明儿|大后天|后天|后日)`), func(c *clock, m []string, w *when) bool {
			return days(w, c.day(chineseDays[m[1]]), 1, "day")
		}},
		{form(`(今|昨|明|当|前|后)(早|晚|夜)(?:上|间)?`), dayAndPart},
		{form(`(上上|上一|上|这一|这|本|下下|下一|下)` + zweek + `末`), func(c *clock, m []string, w *when) bool {
			return days(w, c.monday(chineseWeeks[m[1]]).AddDate(0, 0, 5), 2, "weekend")
		}},
		{form(`(上上|上一|上|这一|这|本|下下|下一|下)` + zweek + `([一二三四五六日天1-7])`), func(c *clock, m []string, w *when) bool {
			w.weekday = true
			return days(w, c.monday(chineseWeeks[m[1]]).AddDate(0, 0, chineseWeekdays[m[2]]), 1, "day")
		}},
		{form(`(上上|上一|上|这一|这|本|下下|下一|下)` + zweek), func(c *clock, m []string, w *when) bool {
			return days(w, c.monday(chineseWeeks[m[1]]), 7, "week")
		}},
		{form(`(?:周|星期|礼拜)末`), func(c *clock, _ []string, w *when) bool { return days(w, c.monday(0).AddDate(0, 0, 5), 2, "weekend") }},
		{form(`(?:周|星期|礼拜)([一二三四五六日天1-7])`), func(c *clock, m []string, w *when) bool {
			w.open, w.weekday = c.weekday(chineseWeekdays[m[1]]), true
			return true
		}},
		{form(`(去年|前年|今年|明年|后年|本年)的?` + zn + `月` + zn + `[日号]?`), yearDate},
		{form(`(去年|前年|今年|明年|后年|本年)的?` + zn + `月(?:份)?`), yearDate},
		{form(`(这个月|本月|当月|上上个月|上个月|上月|下下个月|下个月|下月)的?` + zn + `[日号]`), monthOfDay},
		{form(`(这个月|本月|当月|上上个月|上个月|上月|下下个月|下个月|下月|月)的?(初|中|底|末|上旬|中旬|下旬)`), monthOfPart},
		{form(`(这个月|本月|当月|上上个月|上个月|上月|下下个月|下个月|下月)`), func(c *clock, m []string, w *when) bool {
			from := c.month(relative(m[1]))
			return days(w, from, lengthOf(from), "month")
		}},
		{form(`(去年|前年|明年|今年|年)年?(底|初|末)`), yearEdge},
		{form(`(?:最近|近|过去|这|前)` + zn + `(天|个月|周|个星期|个礼拜)`), func(c *clock, m []string, w *when) bool { return lately(c, m, w, -1) }},
		{form(`(?:未来|接下来|之后|往后)(?:的)?` + zn + `(天|个月|周|个星期|个礼拜)`), func(c *clock, m []string, w *when) bool { return lately(c, m, w, 1) }},
		{form(`(元旦|情人节|妇女节|劳动节|五一|儿童节|六一|618|教师节|国庆节?|十一黄金周|双十一|双11|双十二|双12|平安夜|圣诞节?|春节|大年初一|除夕|元宵节?|端午节?|中秋节?)(?:假期|当天|那天)?`), festival},
		{form(`(凌晨|清晨|清早|大清早|一大早|一早|早上|早晨|早间|上午|正午|中午|午间|午后|下午|傍晚|黄昏|晚上|晚间|夜里|夜间|夜晚|半夜|深夜|午夜)`), partOfDay},
		{form(`差` + zclock + `(分|刻)(?:钟)?(?:到)?` + zclock + `点`), shortOf},
	}
	return rules{
		digit: append(number, rule{form(`(双11|618)`), festival}),
		han:   append(append([]rule{}, number...), append(hanOnly, shortPart)...),
	}
}()

// shortPart is the part of the day in one letter, which says so only before a
// time of the clock.
var shortPart = rule{form(`([早晚])(\d{1,2}|[一二两三四五六七八九十]{1,3})点` + zminute), func(c *clock, m []string, w *when) bool {
	w.part = chineseParts[m[1]]
	return clockTime(c, []string{"", m[2], m[3]}, w)
}}

func partOfDay(c *clock, m []string, w *when) bool {
	w.part = chineseParts[m[1]]
	return true
}

func dayAndPart(c *clock, m []string, w *when) bool {
	days(w, c.day(map[string]int{"前": -2, "昨": -1, "今": 0, "当": 0, "明": 1, "后": 2}[m[1]]), 1, "day")
	w.part = chineseParts[m[2]]
	return true
}

func numbers(texts ...string) (all []int, ok bool) {
	for _, text := range texts {
		n, ok := whole(text)
		if !ok {
			return nil, false
		}
		all = append(all, n)
	}
	return all, true
}

func year(text string) (int, bool) {
	n, ok := whole(text)
	if ok && n < 100 {
		n += 2000
	}
	return n, ok && n >= 1900 && n <= 2200
}

func fullDate(c *clock, m []string, w *when) bool {
	y, ok := year(m[1])
	n, fits := numbers(m[2], m[3])
	if !ok || !fits {
		return false
	}
	from, ok := c.date(y, n[0], n[1])
	return ok && days(w, from, 1, "day")
}

func dayRange(c *clock, m []string, w *when) bool {
	y, ok := year(m[1])
	n, fits := numbers(m[2], m[3], m[4])
	if !ok || !fits {
		return false
	}
	return c.stretch(w, y, n[0], n[1], n[2])
}

// stretch is from one day of a month to another.
func (c *clock) stretch(w *when, year, month, first, last int) bool {
	from, ok := c.date(year, month, first)
	to, fits := c.date(year, month, last)
	if !ok || !fits || !to.After(from) {
		return false
	}
	w.from, w.to, w.dayed, w.grain = from, to.AddDate(0, 0, 1), true, "days"
	return true
}

func yearMonth(c *clock, m []string, w *when) bool {
	y, ok := year(m[1])
	n, fits := numbers(m[2])
	if !ok || !fits {
		return false
	}
	from, ok := c.date(y, n[0], 1)
	return ok && days(w, from, lengthOf(from), "month")
}

func lengthOf(month time.Time) int { return month.AddDate(0, 1, -1).Day() }

// nearest is the occurrence of a day of the year that lies nearest, or the last
// or next one where the past or the future is talked of.
func (c *clock) nearest(month, day int) func(past bool) (from, to time.Time, ok bool) {
	return func(past bool) (from, to time.Time, ok bool) {
		best := time.Duration(1<<63 - 1)
		for offset := -1; offset <= 1; offset++ {
			t, real := c.date(c.today.Year()+offset, month, day)
			distance := t.Sub(c.today)
			if !real || past && distance > 0 {
				continue
			}
			if distance < 0 {
				distance = -distance
			}
			if distance < best {
				best, from, ok = distance, t, true
			}
		}
		return from, from.AddDate(0, 0, 1), ok
	}
}

func monthDay(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[2])
	if !ok || n[0] < 1 || n[0] > 12 || n[1] < 1 || n[1] > 31 {
		return false
	}
	w.open = c.nearest(n[0], n[1])
	_, _, real := w.open(false)
	return real
}

func monthDayRange(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[2], m[3])
	if !ok {
		return false
	}
	from, _, ok := c.nearest(n[0], n[1])(false)
	return ok && c.stretch(w, from.Year(), n[0], n[1], n[2])
}

// third are the days of the parts of a month.
func third(month time.Time, part string) (from time.Time, n int) {
	last := lengthOf(month)
	switch part {
	case "初", "上旬":
		return month, 10
	case "中", "中旬":
		return month.AddDate(0, 0, 10), 10
	case "下旬":
		return month.AddDate(0, 0, 20), last - 20
	}
	return month.AddDate(0, 0, last-3), 3
}

func monthPart(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1])
	if !ok {
		return false
	}
	from, _, ok := c.nearest(n[0], 1)(false)
	if !ok {
		return false
	}
	from, length := third(from, m[2])
	w.vague = true
	return days(w, from, length, "days")
}

func dayOfMonth(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1])
	if !ok || n[0] < 1 || n[0] > 31 {
		return false
	}
	w.open = c.ofMonth(n[0])
	return true
}

// ofMonth is the next day of that number, today included, or the last.
func (c *clock) ofMonth(day int) func(past bool) (from, to time.Time, ok bool) {
	return func(past bool) (from, to time.Time, ok bool) {
		step, want := 1, func(t time.Time) bool { return !t.Before(c.today) }
		if past {
			step, want = -1, func(t time.Time) bool { return !t.After(c.today) }
		}
		for offset := range 4 {
			month := c.month(step * offset)
			if t, real := c.date(month.Year(), int(month.Month()), day); real && want(t) {
				return t, t.AddDate(0, 0, 1), true
			}
		}
		return from, to, false
	}
}

func dayOfMonthRange(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[2])
	if !ok || n[0] < 1 || n[0] > 31 || n[1] <= n[0] {
		return false
	}
	from, _, ok := c.ofMonth(n[1])(false)
	return ok && c.stretch(w, from.Year(), int(from.Month()), n[0], n[1])
}

// counted reads 三天前, 两小时后, 一周内.
func counted(c *clock, m []string, w *when) bool {
	n, ok := whole(m[1])
	if !ok || n > 1000 {
		return false
	}
	half := m[2] == "个半" || m[4] != ""
	return c.count(w, n, half, m[3], m[5])
}

func halfCounted(c *clock, m []string, w *when) bool { return c.count(w, 0, true, m[2], m[3]) }

func (c *clock) count(w *when, n int, half bool, unit, direction string) bool {
	sign := 1
	if strings.Contains(direction, "前") {
		sign = -1
	}
	within := strings.Contains(direction, "内")
	move := func(t time.Time) time.Time {
		switch unit {
		case "小时", "钟头":
			d := time.Duration(n) * time.Hour
			if half {
				d += 30 * time.Minute
			}
			return t.Add(time.Duration(sign) * d)
		case "分钟":
			return t.Add(time.Duration(sign*n) * time.Minute)
		case "工作日":
			return workdays(t, sign*n)
		case "周", "星期", "礼拜":
			return t.AddDate(0, 0, sign*7*n)
		case "月":
			if half {
				t = t.AddDate(0, 0, sign*15)
			}
			return t.AddDate(0, sign*n, 0)
		case "年":
			if half {
				t = t.AddDate(0, sign*6, 0)
			}
			return t.AddDate(sign*n, 0, 0)
		}
		if half {
			t = t.Add(time.Duration(sign) * 12 * time.Hour)
		}
		return t.AddDate(0, 0, sign*n)
	}
	switch {
	case within:
		w.exact, w.counted = [2]time.Time{c.now, move(c.now)}, true
		return true
	case unit == "小时" || unit == "钟头" || unit == "分钟" || half && unit == "天":
		w.exact, w.counted = [2]time.Time{move(c.now), move(c.now)}, true
		return true
	}
	return days(w, move(c.today), 1, "day")
}

// workdays moves over Mondays to Fridays; holidays are the calendar's business.
func workdays(t time.Time, n int) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		t = t.AddDate(0, 0, step)
		if t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
			n--
		}
	}
	return t
}

func clockTime(c *clock, m []string, w *when) bool {
	h, ok := whole(m[1])
	if !ok || h > 24 {
		return false
	}
	minute, text := 0, strings.TrimSuffix(strings.TrimPrefix(m[2], "过"), "分")
	switch text {
	case "", "整", "钟":
	case "半":
		minute = 30
	case "一刻":
		minute = 15
	case "三刻":
		minute = 45
	default:
		if minute, ok = whole(strings.TrimPrefix(text, "零")); !ok || minute > 59 {
			return false
		}
	}
	w.timed, w.hour, w.minute = true, h, minute
	return true
}

func clockRange(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[2])
	if !ok || n[0] > 24 || n[1] > 24 {
		return false
	}
	end := &when{timed: true, hour: n[1]}
	if m[3] != "" {
		end.minute = 30
	}
	w.timed, w.hour, w.until = true, n[0], end
	return true
}

func colonTime(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[2])
	if !ok || n[0] > 24 || n[1] > 59 {
		return false
	}
	w.timed, w.hour, w.minute, w.marked = true, n[0], n[1], len(m[1]) == 2
	return true
}

func colonRange(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[2], m[3], m[4])
	if !ok || n[0] > 24 || n[1] > 59 || n[2] > 24 || n[3] > 59 {
		return false
	}
	w.timed, w.hour, w.minute, w.marked = true, n[0], n[1], len(m[1]) == 2
	w.until = &when{timed: true, hour: n[2], minute: n[3], marked: len(m[3]) == 2}
	return true
}

func shortOf(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[3])
	if !ok || n[1] < 1 || n[1] > 24 || n[0] > 59 {
		return false
	}
	if m[2] == "刻" {
		n[0] *= 15
	}
	w.timed, w.hour, w.minute = true, n[1]-1, 60-n[0]
	return w.minute >= 0 && w.minute < 60
}

func relative(text string) int {
	switch text {
	case "上上个月":
		return -2
	case "下下个月":
		return 2
	case "上个月", "上月":
		return -1
	case "下个月", "下月":
		return 1
	}
	return 0
}

func yearDate(c *clock, m []string, w *when) bool {
	y := c.today.Year() + map[string]int{"前年": -2, "去年": -1, "明年": 1, "后年": 2}[m[1]]
	n, ok := numbers(m[2])
	if !ok {
		return false
	}
	day := 1
	if len(m) > 3 {
		if day, ok = whole(m[3]); !ok {
			return false
		}
	}
	from, ok := c.date(y, n[0], day)
	if !ok {
		return false
	}
	if len(m) > 3 {
		return days(w, from, 1, "day")
	}
	return days(w, from, lengthOf(from), "month")
}

func monthOfDay(c *clock, m []string, w *when) bool {
	month := c.month(relative(m[1]))
	n, ok := whole(m[2])
	if !ok {
		return false
	}
	from, ok := c.date(month.Year(), int(month.Month()), n)
	return ok && days(w, from, 1, "day")
}

func monthOfPart(c *clock, m []string, w *when) bool {
	month := c.month(relative(m[1]))
	from, n := third(month, m[2])
	// 月初 is the next one once this month's is over, unless the past is told.
	if m[1] == "月" && from.AddDate(0, 0, n).Before(c.today) {
		later, length := third(c.month(1), m[2])
		w.open = func(past bool) (time.Time, time.Time, bool) {
			if past {
				return from, from.AddDate(0, 0, n), true
			}
			return later, later.AddDate(0, 0, length), true
		}
		w.vague = true
		return true
	}
	w.vague = true
	return days(w, from, n, "days")
}

func yearEdge(c *clock, m []string, w *when) bool {
	y := c.today.Year() + map[string]int{"前年": -2, "去年": -1, "明年": 1}[m[1]]
	w.vague = true
	month := 12
	if m[2] == "初" {
		month = 1
	}
	from, _ := c.date(y, month, 1)
	return days(w, from, 31, "month")
}

// lately are the days up to now, or from now on.
func lately(c *clock, m []string, w *when, sign int) bool {
	n, ok := whole(m[1])
	if !ok || n < 1 || n > 1000 {
		return false
	}
	w.vague = true
	edge := c.day(sign * n)
	switch m[2] {
	case "个月":
		edge = c.today.AddDate(0, sign*n, 0)
	case "周", "个星期", "个礼拜":
		edge = c.day(sign * 7 * n)
	}
	if sign < 0 {
		w.from, w.to = edge, c.today
	} else {
		w.from, w.to = c.today, edge
	}
	w.dayed, w.grain = true, "days"
	return true
}

// weekday is the next day of that name, today included, or the last.
func (c *clock) weekday(day int) func(past bool) (from, to time.Time, ok bool) {
	return func(past bool) (from, to time.Time, ok bool) {
		from = c.monday(0).AddDate(0, 0, day)
		switch {
		case past && from.After(c.today):
			from = from.AddDate(0, 0, -7)
		case !past && from.Before(c.today):
			from = from.AddDate(0, 0, 7)
		}
		return from, from.AddDate(0, 0, 1), true
	}
}
