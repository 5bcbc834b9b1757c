package entity

import (
	"strings"
)

const (
	eweekday = `(mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b`
	emonth   = `(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\.?`
	enumber  = `(\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|a couple of|a few)`
	eunit    = `(minutes?|mins?|hours?|hrs?|days?|business days?|working days?|weeks?|fortnights?|months?|years?)`
	eordinal = `(\d{1,2})(?:st|nd|rd|th)`
	emeridem = ` ?(a\.?m\.?|p\.?m\.?)`
	ehour    = `(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})`
)

var englishTimes = func() rules {
	digits := []rule{
		{form(`(\d{1,2})(?::(\d\d))?(?: ?(a\.?m\.?|p\.?m\.?))? ?(?:-|to|until|till|and) ?(\d{1,2})(?::(\d\d))?` + emeridem), meridiemRange},
		{form(`(\d{1,2})(?::(\d\d))?` + emeridem), meridiemTime},
		{form(`(\d{1,2}) o'?clock`), func(c *clock, m []string, w *when) bool { return hourOnly(m[1], w) }},
		{form(`(\d{1,2})(?:st|nd|rd|th)?(?: |-)?(?:of )?` + emonth + `,? (\d{4})`), func(c *clock, m []string, w *when) bool { return monthName(c, m[2], m[1], m[3], w) }},
		{form(`(\d{1,2})(?:st|nd|rd|th)? ?(?:-|to) ?(\d{1,2})(?:st|nd|rd|th)? (?:of )?` + emonth), func(c *clock, m []string, w *when) bool {
			return monthDays(c, m[3], m[1], m[2], w)
		}},
		{form(`(\d{1,2})(?:st|nd|rd|th)? (?:of )?` + emonth), func(c *clock, m []string, w *when) bool { return monthName(c, m[2], m[1], "", w) }},
		{form(eordinal + ` of (this month|next month|last month)`), func(c *clock, m []string, w *when) bool { return ordinalOf(c, m[1], m[2], w) }},
		{form(eordinal + `(?: of the month)?`), dayOfMonth},
		{form(`(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})`), slashes},
		{form(`(\d{1,2})\.(\d{1,2})\.(\d{4})`), dots},
		{form(`(\d{1,2})/(\d{1,2})`), slashes},
		{form(enumber + ` ` + eunit + ` (ago|from now|later|earlier|from today)`), ago},
	}
	words := []rule{
		{form(`the day before yesterday`), func(c *clock, _ []string, w *when) bool { return days(w, c.day(-2), 1, "day") }},
		{form(`the day after tomorrow|overmorrow`), func(c *clock, _ []string, w *when) bool { return days(w, c.day(2), 1, "day") }},
		{form(`(?:day before yesterday)`), func(c *clock, _ []string, w *when) bool { return days(w, c.day(-2), 1, "day") }},
		{form(`(?:day after tomorrow)`), func(c *clock, _ []string, w *when) bool { return days(w, c.day(2), 1, "day") }},
		{form(`(yesterday|today|tomorrow|tmrw|tmr|tomorow)`), func(c *clock, m []string, w *when) bool {
			offset := map[string]int{"yesterday": -1, "today": 0}
			n, ok := offset[m[1]]
			if !ok {
				n = 1
			}
			return days(w, c.day(n), 1, "day")
		}},
		{form(`(tonight|last night|this morning|this afternoon|this evening)`), thisPart},
		{form(`(next|this|last|this coming|the coming|coming|the following|past|this past) ` + eweekday), weekdayNamed},
		{form(`(?:on |the )?` + eweekday + ` (?:after next)`), func(c *clock, m []string, w *when) bool {
			return days(w, c.monday(2).AddDate(0, 0, dayNumber(m[1])), 1, "day")
		}},
		{form(eweekday + ` (?:next week|week)`), func(c *clock, m []string, w *when) bool {
			return days(w, c.monday(1).AddDate(0, 0, dayNumber(m[1])), 1, "day")
		}},
		{form(`(monday|tuesday|wednesday|thursday|friday|saturday|sunday|tues?|thurs?|fri|mon)\b`), func(c *clock, m []string, w *when) bool {
			w.open, w.weekday = c.weekday(dayNumber(m[1])), true
			return true
		}},
		{form(`(?:the )?weekend after (?:this|the coming one)`), func(c *clock, _ []string, w *when) bool {
			return days(w, c.monday(1).AddDate(0, 0, 5), 2, "weekend")
		}},
		{form(`(next|this|last|the coming|the) weekend|weekend`), func(c *clock, m []string, w *when) bool {
			offset := map[string]int{"next": 1, "last": -1}[m[1]]
			return days(w, c.monday(offset).AddDate(0, 0, 5), 2, "weekend")
		}},
		{form(`(next|this|last) week,? (?:on )?` + eweekday), func(c *clock, m []string, w *when) bool {
			return days(w, c.monday(step(m[1])).AddDate(0, 0, dayNumber(m[2])), 1, "day")
		}},
		{form(`(next|this|last|the coming) week`), func(c *clock, m []string, w *when) bool {
			return days(w, c.monday(step(m[1])), 7, "week")
		}},
		{form(`(?:the )?(end|beginning|start|middle) of (?:the|this|next|last) (?:month|week|year)`), edgeOf},
		{form(`(next|this|last) month`), func(c *clock, m []string, w *when) bool {
			from := c.month(step(m[1]))
			return days(w, from, lengthOf(from), "month")
		}},
		{form(emonth + ` (\d{1,2})(?:st|nd|rd|th)? ?(?:-|to) ?(\d{1,2})(?:st|nd|rd|th)?`), func(c *clock, m []string, w *when) bool {
			return monthDays(c, m[1], m[2], m[3], w)
		}},
		{form(emonth + ` (?:the )?(\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?`), func(c *clock, m []string, w *when) bool { return monthName(c, m[1], m[2], m[3], w) }},
		{form(`the (\d{1,2})(?:st|nd|rd|th) of ` + emonth + `(?:,? (\d{4}))?`), func(c *clock, m []string, w *when) bool { return monthName(c, m[2], m[1], m[3], w) }},
		{form(`(?:the )` + eordinal), dayOfMonth},
		{form(`(?:between|from) (\d{1,2})(?::(\d\d))?(?: ?(a\.?m\.?|p\.?m\.?))? (?:and|to|until|till) (noon|midnight|\d{1,2})(?::(\d\d))?(?: ?(a\.?m\.?|p\.?m\.?))?`), clockBetween},
		{form(`in ` + enumber + ` ` + eunit + `(?:' time)?`), func(c *clock, m []string, w *when) bool { return c.countEnglish(w, m[1], m[2], 1, false) }},
		{form(`within (?:the next |the last )?` + enumber + ` ` + eunit), func(c *clock, m []string, w *when) bool { return c.countEnglish(w, m[1], m[2], 1, true) }},
		{form(`(?:the )?(last|past|previous) ` + enumber + ` (days|weeks|months)`), func(c *clock, m []string, w *when) bool { return latelyEnglish(c, m, w, -1) }},
		{form(`(?:the )?(next|coming|following) ` + enumber + ` (days|weeks|months)`), func(c *clock, m []string, w *when) bool { return latelyEnglish(c, m, w, 1) }},
		{form(`in a fortnight`), func(c *clock, _ []string, w *when) bool { return days(w, c.day(14), 1, "day") }},
		{form(enumber + ` ` + eunit + ` (ago|from now|later|earlier|from today)`), ago},
		{form(`half past ` + ehour), func(c *clock, m []string, w *when) bool { return hourAnd(m[1], 30, w) }},
		{form(`(?:a )?quarter past ` + ehour), func(c *clock, m []string, w *when) bool { return hourAnd(m[1], 15, w) }},
		{form(`(?:a )?quarter (?:to|before) ` + ehour), func(c *clock, m []string, w *when) bool { return hourAnd(m[1], -15, w) }},
		{form(`(five|ten|twenty|twenty-five) (past|to) ` + ehour), func(c *clock, m []string, w *when) bool {
			n, _ := english(m[1])
			if m[2] == "to" {
				n = -n
			}
			return hourAnd(m[3], n, w)
		}},
		{form(ehour + ` o'?clock`), func(c *clock, m []string, w *when) bool { return hourOnly(m[1], w) }},
		{form(ehour + emeridem), func(c *clock, m []string, w *when) bool { return meridiemTime(c, []string{"", m[1], "", m[2]}, w) }},
		{form(`(?:at )(\d{1,2})(?::(\d\d))?`), func(c *clock, m []string, w *when) bool {
			if m[2] != "" {
				return colonTime(c, m, w)
			}
			w.doubtful = true
			return hourOnly(m[1], w)
		}},
		{form(`(noon|midday|midnight)`), func(c *clock, m []string, w *when) bool {
			w.part = "midday"
			if m[1] == "midnight" {
				w.part = "midnight"
			}
			return true
		}},
		{form(`(in the |at )?(early morning|morning|afternoon|evening|night)`), func(c *clock, m []string, w *when) bool {
			w.part = map[string]string{"early morning": "dawn", "morning": "morning", "afternoon": "afternoon", "evening": "evening", "night": "evening"}[m[2]]
			w.bare = m[1] == ""
			return true
		}},
		{form(`(new year's day|new year's eve|new year's|valentine's day|halloween|singles'? day|christmas eve|christmas day|christmas|xmas|boxing day|chinese new year|lunar new year|spring festival|mid-autumn festival|dragon boat festival|thanksgiving|black friday|cyber monday)`), festival},
	}
	return rules{digit: digits, latin: words}
}()

func step(word string) int {
	switch word {
	case "next", "the following":
		return 1
	case "last":
		return -1
	}
	return 0
}

func dayNumber(name string) int {
	return map[string]int{"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}[name[:3]]
}

func monthNumber(name string) int {
	return map[string]int{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}[name[:3]]
}

// weekdayNamed reads "next Friday" as that of the next calendar week and "last
// Monday" as the nearest one gone by.
func weekdayNamed(c *clock, m []string, w *when) bool {
	day := dayNumber(m[2])
	switch m[1] {
	case "next", "the following":
		return days(w, c.monday(1).AddDate(0, 0, day), 1, "day")
	case "this":
		return days(w, c.monday(0).AddDate(0, 0, day), 1, "day")
	case "last", "past", "this past":
		from := c.monday(0).AddDate(0, 0, day)
		if !from.Before(c.today) {
			from = from.AddDate(0, 0, -7)
		}
		return days(w, from, 1, "day")
	}
	from := c.monday(0).AddDate(0, 0, day)
	if !from.After(c.today) {
		from = from.AddDate(0, 0, 7)
	}
	return days(w, from, 1, "day")
}

func thisPart(c *clock, m []string, w *when) bool {
	switch m[1] {
	case "last night":
		days(w, c.day(-1), 1, "day")
		w.part = "evening"
		return true
	case "tonight", "this evening":
		w.part = "evening"
	case "this morning":
		w.part = "morning"
	default:
		w.part = "afternoon"
	}
	return days(w, c.today, 1, "day")
}

func monthName(c *clock, month, day, yearText string, w *when) bool {
	d, ok := whole(day)
	if !ok || d < 1 || d > 31 {
		return false
	}
	if yearText != "" {
		y, ok := year(yearText)
		from, real := c.date(y, monthNumber(month), d)
		return ok && real && days(w, from, 1, "day")
	}
	w.open = c.nearest(monthNumber(month), d)
	_, _, real := w.open(false)
	return real
}

func monthDays(c *clock, month, first, last string, w *when) bool {
	n, ok := numbers(first, last)
	if !ok {
		return false
	}
	from, _, ok := c.nearest(monthNumber(month), n[0])(false)
	return ok && c.stretch(w, from.Year(), monthNumber(month), n[0], n[1])
}

func ordinalOf(c *clock, day, which string, w *when) bool {
	month := c.month(step(strings.Fields(which)[0]))
	n, ok := whole(day)
	from, real := c.date(month.Year(), int(month.Month()), n)
	return ok && real && days(w, from, 1, "day")
}

// slashes reads 11/20/2026, and 03/04 in the order of the region, in doubt.
func slashes(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[2])
	if !ok {
		return false
	}
	month, day := n[0], n[1]
	if month > 12 || !c.monthFirst && day <= 12 {
		month, day = day, month
	}
	w.doubtful = n[0] <= 12 && n[1] <= 12 && n[0] != n[1]
	if len(m) > 3 {
		y, ok := year(m[3])
		from, real := c.date(y, month, day)
		return ok && real && days(w, from, 1, "day")
	}
	if month < 1 || month > 12 {
		return false
	}
	w.open = c.nearest(month, day)
	_, _, real := w.open(false)
	return real
}

// dots is the European order: 20.11.2026.
func dots(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[2])
	y, fits := year(m[3])
	if !ok || !fits {
		return false
	}
	from, real := c.date(y, n[1], n[0])
	return real && days(w, from, 1, "day")
}

func ago(c *clock, m []string, w *when) bool {
	sign := 1
	if m[3] == "ago" || m[3] == "earlier" {
		sign = -1
	}
	return c.countEnglish(w, m[1], m[2], sign, false)
}

func (c *clock) countEnglish(w *when, amount, unit string, sign int, within bool) bool {
	n, ok := english(amount)
	if amount == "a few" {
		n, ok, w.vague = 3, true, true
	}
	if !ok || n > 1000 {
		return false
	}
	kind := "天"
	switch {
	case strings.HasPrefix(unit, "min"):
		kind = "分钟"
	case strings.HasPrefix(unit, "h"):
		kind = "小时"
	case strings.HasPrefix(unit, "business"), strings.HasPrefix(unit, "working"):
		kind = "工作日"
	case strings.HasPrefix(unit, "week"):
		kind = "周"
	case strings.HasPrefix(unit, "fortnight"):
		n, kind = n*2, "周"
	case strings.HasPrefix(unit, "month"):
		kind = "月"
	case strings.HasPrefix(unit, "year"):
		kind = "年"
	}
	direction := "后"
	switch {
	case within:
		direction = "内"
	case sign < 0:
		direction = "前"
	}
	return c.count(w, n, false, kind, direction)
}

func latelyEnglish(c *clock, m []string, w *when, sign int) bool {
	n, ok := english(m[2])
	if m[2] == "a few" {
		n, ok = 3, true
	}
	if !ok {
		return false
	}
	unit := map[string]string{"days": "天", "weeks": "周", "months": "个月"}[m[3]]
	return lately(c, []string{"", number(number(n) * one).String(), unit}, w, sign)
}

func edgeOf(c *clock, m []string, w *when) bool {
	w.vague = true
	offset := 0
	if strings.Contains(m[0], "next") {
		offset = 1
	}
	if strings.Contains(m[0], "last") {
		offset = -1
	}
	part := map[string]string{"end": "底", "beginning": "初", "start": "初", "middle": "中"}[m[1]]
	switch {
	case strings.HasSuffix(m[0], "week"):
		from := c.monday(offset)
		if m[1] == "end" {
			from = from.AddDate(0, 0, 4)
		}
		return days(w, from, 2, "days")
	case strings.HasSuffix(m[0], "year"):
		month := 12
		if part == "初" {
			month = 1
		}
		from, _ := c.date(c.today.Year()+offset, month, 1)
		return days(w, from, 31, "month")
	}
	from, n := third(c.month(offset), part)
	return days(w, from, n, "days")
}

func hourOnly(text string, w *when) bool { return hourAnd(text, 0, w) }

func hourAnd(text string, minutes int, w *when) bool {
	h, ok := english(text)
	if !ok || h > 24 {
		return false
	}
	if minutes < 0 {
		h, minutes = (h+11)%12, 60+minutes
	}
	w.timed, w.hour, w.minute = true, h, minutes
	return true
}

func meridiem(hour int, mark string) int {
	pm := strings.HasPrefix(mark, "p")
	switch {
	case pm && hour < 12:
		return hour + 12
	case !pm && hour == 12:
		return 0
	}
	return hour
}

func meridiemTime(c *clock, m []string, w *when) bool {
	h, ok := english(m[1])
	minute := 0
	if m[2] != "" {
		minute, _ = whole(m[2])
	}
	if !ok || h > 12 || minute > 59 {
		return false
	}
	w.timed, w.marked, w.hour, w.minute = true, true, meridiem(h, m[3]), minute
	return true
}

// clockBetween reads "between 10 and 12" and "between 8am and noon".
func clockBetween(c *clock, m []string, w *when) bool {
	switch m[4] {
	case "noon":
		m[4], m[6] = "12", "pm"
	case "midnight":
		m[4] = "24"
	}
	if m[6] != "" {
		return meridiemRange(c, m, w)
	}
	n, ok := numbers(m[1], m[4])
	if !ok || n[0] > 24 || n[1] > 24 {
		return false
	}
	end := &when{timed: true, hour: n[1], marked: n[1] > 12}
	w.timed, w.hour, w.until = true, n[0], end
	if m[3] != "" {
		w.hour, w.marked = meridiem(n[0], m[3]), true
	}
	if m[2] != "" {
		w.minute, _ = whole(m[2])
	}
	if m[5] != "" {
		end.minute, _ = whole(m[5])
	}
	return w.minute < 60 && end.minute < 60
}

func meridiemRange(c *clock, m []string, w *when) bool {
	n, ok := numbers(m[1], m[4])
	if !ok || n[0] > 12 || n[1] > 12 {
		return false
	}
	end := &when{timed: true, marked: true, hour: meridiem(n[1], m[6])}
	if m[5] != "" {
		end.minute, _ = whole(m[5])
	}
	mark := m[3]
	if mark == "" {
		mark = m[6]
		// "11 to 2pm" begins in the morning.
		if n[0]%12 > n[1]%12 {
			mark = "a"
		}
	}
	w.timed, w.marked, w.hour, w.until = true, true, meridiem(n[0], mark), end
	if m[2] != "" {
		w.minute, _ = whole(m[2])
	}
	return w.minute < 60 && end.minute < 60
}
