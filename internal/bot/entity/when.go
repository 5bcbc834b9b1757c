package entity

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// A when is what a time expression says so far: a stretch of days, a part of
// the day, a time of the clock. Its pieces come in any order.
type when struct {
	start, end int
	// from and to are midnights around the days named, if dayed.
	from, to time.Time
	dayed    bool
	// grain is what the days are: day, week, weekend, month, year.
	grain string
	// open picks the days once it is known whether the past is talked of.
	open func(past bool) (from, to time.Time, ok bool)
	part string
	// hour and minute are as they were written; until is a second time of the
	// clock, for "2 to 4".
	timed  bool
	marked bool // am, pm, or a form that leaves no doubt
	hour   int
	minute int
	until  *when
	// exact is counted from now: "in two hours".
	exact    [2]time.Time
	counted  bool
	vague    bool
	doubtful bool
	// weekday says that the days are only the name of a weekday, bare that a
	// part of the day stands alone as in greetings.
	weekday bool
	bare    bool
}

// A clock is what time expressions are counted from.
type clock struct {
	now, today time.Time
	// monthFirst says how 03/04 is read.
	monthFirst bool
	source     *source
}

func (c *clock) day(offset int) time.Time { return c.today.AddDate(0, 0, offset) }

func (c *clock) date(year, month, day int) (time.Time, bool) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, c.today.Location())
	// Impossible dates do not roll over into the next month.
	return t, t.Day() == day && int(t.Month()) == month
}

// monday is the first day of the week offset weeks from this one.
func (c *clock) monday(offset int) time.Time {
	return c.day(-(int(c.today.Weekday())+6)%7 + 7*offset)
}

func (c *clock) month(offset int) time.Time {
	return time.Date(c.today.Year(), c.today.Month()+time.Month(offset), 1, 0, 0, 0, 0, c.today.Location())
}

// A rule reads one piece at the beginning of a text.
type rule struct {
	form *regexp.Regexp
	read func(c *clock, m []string, w *when) bool
}

// rules by what an expression begins with.
type rules struct{ digit, han, latin []rule }

func (r rules) at(first rune) []rule {
	switch {
	case digit(first):
		return r.digit
	case latin(first):
		return r.latin
	case han(first):
		return r.han
	}
	return nil
}

func form(text string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + text + `)`) }

// spaced are what may stand between the pieces of one expression.
var spaced = form(` ?[()] ?|的|大概|大约|差不多|那天的?|当天的?|t| ?,? ?(?:(?:at|on|in the|in|of|around|about|@|the) )*`)

// through leads from the beginning of a range to its end.
var (
	through    = form(` ?(?:到|至|~|--?|to|until|till|through|thru) ?(?:the )?`)
	throughAnd = form(` ?(?:and|和|与|跟|到|至|-|~) ?`)
	// open ends, before and behind an expression.
	beforeWord = regexp.MustCompile(`(?:^|[^a-z])(before|by|until|till|no later than|prior to|since|after|from|between)(?: the)? $`)
	again      = regexp.MustCompile(`(?:每个?|每逢|\bevery |\beach )(?:月|年|周|星期|天)?(?:的)?$`)
	behindWord = form(` ?(?:(之前|以前|前)|(之后|以后|后|起|开始|以来|onwards?|or later)|(or earlier|or before))`)
)

// times reads the time expressions of a text.
func (f *Finder) times(s *source, at time.Time) (all []Entity) {
	local := at.In(f.zone)
	c := &clock{source: s, now: local, today: time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, f.zone)}
	c.monthFirst = f.region == "US" || f.region == "CN" || f.region == "CA"
	for i := 0; i < len(s.text); {
		w, ok := c.expression(s, i)
		if !ok {
			_, size := utf8.DecodeRuneInString(s.text[i:])
			i += size
			continue
		}
		if e, ok := c.entity(s, w); ok {
			all = append(all, e)
		}
		i = w.end
	}
	return all
}

// entity is an expression, with what makes a range of it, as an entity.
func (c *clock) entity(s *source, w when) (Entity, bool) {
	// What comes again and again is no day.
	front, at := s.lead(w.start)
	if again.MatchString(front) {
		return Entity{}, false
	}
	lead := ""
	if m := beforeWord.FindStringSubmatchIndex(front); m != nil {
		lead = front[m[2]:m[3]]
		if e, end, ok := c.ranged(s, w, lead == "between" || lead == "from"); ok {
			e.Start, e.End = at+m[2], end
			if lead != "between" && lead != "from" {
				e.Start = w.start
			}
			return e, true
		}
		if open, ok := c.openEnd(w, lead); ok {
			open.Start, open.End = at+m[2], w.end
			return open, true
		}
	} else if e, end, ok := c.ranged(s, w, false); ok {
		e.Start, e.End = w.start, end
		return e, true
	}
	if m := behindWord.FindStringSubmatchIndex(s.window(w.end)); m != nil && !w.counted {
		word := "after"
		if m[2] >= 0 || m[6] >= 0 {
			word = "before"
		}
		if open, ok := c.openEnd(w, word); ok && c.behindFits(s, w.end+m[1], s.text[w.end:w.end+m[1]]) {
			open.Start, open.End = w.start, w.end+m[1]
			return open, true
		}
	}
	e, ok := c.settle(w)
	e.Start, e.End = w.start, w.end
	return e, ok
}

// behindFits keeps 前 and 后 from being read off the words they begin.
func (c *clock) behindFits(s *source, end int, word string) bool {
	if word != "前" && word != "后" && word != "起" {
		return true
	}
	switch s.after(end) {
	case '面', '台', '天', '续', '来', '悔', '盖', '床':
		return false
	}
	return true
}

// ranged reads "to Wednesday" behind an expression.
func (c *clock) ranged(s *source, w when, and bool) (Entity, int, bool) {
	rest := s.window(w.end)
	m := through.FindStringIndex(rest)
	if m == nil && and {
		m = throughAnd.FindStringIndex(rest)
	}
	if m == nil {
		if m = form(` ?(?:和|与|跟) ?`).FindStringIndex(rest); m == nil {
			return Entity{}, 0, false
		}
		second, ok := c.expression(s, w.end+m[1])
		if !ok || !form(` ?之间`).MatchString(s.text[second.end:]) {
			return Entity{}, 0, false
		}
		e, ok := c.span(w, second)
		return e, second.end + len("之间"), ok
	}
	second, ok := c.expression(s, w.end+m[1])
	if !ok {
		return Entity{}, 0, false
	}
	e, ok := c.span(w, second)
	return e, second.end, ok
}

// span is the range from one expression to another, each taking from the other
// what it leaves out.
func (c *clock) span(a, b when) (Entity, bool) {
	if a.counted || b.counted || a.until != nil || b.until != nil {
		return Entity{}, false
	}
	if a.timed && b.timed {
		if b.part == "" && !b.marked {
			b.part = a.part
			if a.marked {
				b.marked = a.hour <= b.hour
			}
		}
		if a.part == "" && !a.marked && (b.part != "" || b.marked) {
			a.part = b.part
			if b.marked && b.hour >= 12 && a.hour+12 <= b.hour {
				a.hour += 12
			}
			a.marked = true
		}
	}
	// A date and a time of the clock are no range.
	if a.timed != b.timed && !(a.dayed && b.dayed) && !(a.open != nil && b.open != nil) {
		return Entity{}, false
	}
	switch {
	case a.hasDays() && !b.hasDays():
		if !b.timed && b.part == "" {
			return Entity{}, false
		}
		b.from, b.to, b.dayed, b.open, b.grain = a.from, a.to, a.dayed, a.open, a.grain
	case b.hasDays() && !a.hasDays():
		a.from, a.to, a.dayed, a.open, a.grain = b.from, b.to, b.dayed, b.open, b.grain
	}
	from, _, _, first, ok := c.bounds(a)
	if !ok {
		return Entity{}, false
	}
	start, to, _, second, ok := c.bounds(b)
	if b.timed {
		to = start
	}
	for range 2 {
		// "from Friday to Monday" ends in the next week, "9 to 5" in the afternoon.
		if ok && !to.After(from) {
			switch {
			case b.open != nil:
				to = to.AddDate(0, 0, 7)
			case b.timed && !b.marked && to.Hour() < 12:
				to = to.Add(12 * time.Hour)
			}
		}
	}
	if !ok || !to.After(from) {
		return Entity{}, false
	}
	return ranging(from, to, min(first, second)), true
}

func (w *when) hasDays() bool { return w.dayed || w.open != nil }

// openEnd is everything before or after an expression.
func (c *clock) openEnd(w when, word string) (Entity, bool) {
	from, to, _, confidence, ok := c.bounds(w)
	if !ok || word == "between" || word == "from" || w.until != nil {
		return Entity{}, false
	}
	e := Entity{Kind: Range, Confidence: confidence}
	switch word {
	case "before", "prior to":
		e.Value, e.Parts = ".."+"/"+stamp(from), map[string]string{"to": stamp(from)}
	case "by", "until", "till", "no later than":
		if w.timed {
			to = from
		}
		e.Value, e.Parts = ".."+"/"+stamp(to), map[string]string{"to": stamp(to)}
	default:
		if word == "after" && !w.timed {
			from = to
		}
		e.Value, e.Parts = stamp(from)+"/"+"..", map[string]string{"from": stamp(from)}
	}
	e.Parts["open"] = "yes"
	return e, true
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

func ranging(from, to time.Time, confidence float64) Entity {
	return Entity{
		Kind: Range, Value: stamp(from) + "/" + stamp(to), Confidence: confidence,
		Parts: map[string]string{"from": stamp(from), "to": stamp(to)},
	}
}

// expression reads the longest time expression at byte i.
func (c *clock) expression(s *source, i int) (when, bool) {
	w := when{start: i, end: i}
	first := s.after(i)
	before := s.before(i)
	switch {
	case digit(first) && (alphanum(before) || before == '.' || before == '#' || before == '¥' || before == '$'):
		return w, false
	case latin(first) && (alphanum(before) || before == '\''):
		return w, false
	case han(first) && numeric(first) && numeric(before):
		return w, false
	}
	if !c.piece(s, i, &w) {
		return w, false
	}
	for {
		if c.piece(s, w.end, &w) {
			continue
		}
		if s.after(w.end) == ' ' && c.piece(s, w.end+1, &w) {
			continue
		}
		m := spaced.FindStringIndex(s.window(w.end))
		if m == nil || m[1] == 0 || !c.piece(s, w.end+m[1], &w) {
			break
		}
	}
	return w, true
}

func numeric(r rune) bool {
	_, ok := chineseDigit[r]
	return ok || r == '十' || r == '百' || r == '千' || r == '万'
}

// piece adds to w what stands at byte i, if it is a piece and fits.
func (c *clock) piece(s *source, i int, w *when) bool {
	rest := s.window(i)
	first := s.after(i)
	sets := []rules{englishTimes, chineseTimes}
	for _, set := range sets {
		for _, r := range set.at(first) {
			m := r.form.FindStringSubmatch(rest)
			if m == nil {
				continue
			}
			if last := m[0][len(m[0])-1]; (asciiLetter(last) || digit(rune(last))) && alphanum(s.after(i+len(m[0]))) && !(digit(rune(last)) && s.after(i+len(m[0])) == 't') {
				continue
			}
			var next when
			if vetoed(m[0], s.text[max(0, i-60):i], s.window(i+len(m[0]))) || !r.read(c, m, &next) || !w.join(next) {
				continue
			}
			w.end = i + len(m[0])
			return true
		}
	}
	return false
}

// misread are words that begin like a piece of a time expression.
var misread = []struct{ ends, next string }{
	{"号", "楼线店门柜院码客馆桥机"}, {"日", "元本常用志期历"}, {"点", "建要问原疑意不希儿击赞餐评名击心"}, {"早上", "好"}, {"上午", "好"}, {"中午", "好"},
	{"下午", "好茶"}, {"晚上", "好"}, {"早晨", "好"}, {"一", "路场班级元块街"}, {"618", "元块号"}, {"双11", "元块"}, {"十二", "元块"}, {"月", "饼"}, {"前", "面台"}, {"中秋", "月"},
	{"礼拜天", "堂"}, {"morning", "!"}, {"春节", "款联"}, {"圣诞", "树帽"}, {"christmas", "-"},
}

// vetoed reports whether a piece is the beginning of another word.
func vetoed(piece, before, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	for _, m := range misread {
		if rest != "" && strings.HasSuffix(piece, m.ends) && strings.ContainsRune(m.next, next) {
			return true
		}
	}
	if strings.HasPrefix(rest, "的月饼") || strings.HasPrefix(rest, "活动") && !strings.HasSuffix(piece, "天") {
		return true
	}
	// A day of the month that its month does not have is no day of this one.
	if last, _ := utf8.DecodeLastRuneInString(piece); (last == '号' || last == '日' || strings.HasSuffix(piece, "th") || strings.HasSuffix(piece, "st")) && afterMonth.MatchString(before) {
		return true
	}
	if strings.HasPrefix(piece, "at ") && notAnHour.MatchString(rest) {
		return true
	}
	switch piece {
	case "一点":
		return strings.HasSuffix(before, "快") || strings.HasSuffix(before, "有") || !daytime.MatchString(before)
	case "morning", "afternoon", "evening", "night":
		return strings.HasSuffix(before, "good ")
	}
	return false
}

var (
	afterMonth = regexp.MustCompile(`(?:\d|[一二三四五六七八九十])月(?:份)?$|(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.? $`)
	notAnHour  = form(` ?(?:o'?clock|a\.?m|p\.?m|%|:|/|[.,]\d|dollar|euro|pound|yuan|usd|[a-z]+ street)`)
)

// daytime is what makes of 一点 one o'clock and not "a little".
var daytime = regexp.MustCompile(`(?:[上下中]午|凌晨|晚上?|夜里|半夜|[今明后昨]天|到|[一二三四五六日天]|[日号])$`)

// join adds a piece, unless it says again what is said already. A weekday
// beside a date is said for safety.
func (w *when) join(p when) bool {
	if w.counted || p.counted && w.end > w.start || w.timed && p.timed || w.part != "" && p.part != "" {
		return false
	}
	if w.hasDays() && p.hasDays() {
		if w.weekday == p.weekday {
			return false
		}
		if p.weekday {
			p.dayed, p.open = false, nil
		}
	}
	if p.hasDays() {
		w.from, w.to, w.dayed, w.open, w.grain, w.weekday = p.from, p.to, p.dayed, p.open, p.grain, p.weekday
	}
	if p.part != "" {
		w.part, w.bare = p.part, p.bare
	}
	if p.timed {
		w.timed, w.marked, w.hour, w.minute, w.until = true, p.marked, p.hour, p.minute, p.until
	}
	if p.counted {
		w.exact, w.counted = p.exact, true
	}
	w.vague, w.doubtful = w.vague || p.vague, w.doubtful || p.doubtful
	return true
}

func days(w *when, from time.Time, n int, grain string) bool {
	w.from, w.to, w.dayed, w.grain = from, from.AddDate(0, 0, n), true, grain
	return true
}
