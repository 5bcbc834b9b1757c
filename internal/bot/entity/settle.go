package entity

import (
	"regexp"
	"strings"
	"time"
)

// settle turns an expression into a Date, a Time or a Range.
func (c *clock) settle(w when) (Entity, bool) {
	from, to, kind, confidence, ok := c.bounds(w)
	if !ok {
		return Entity{}, false
	}
	switch kind {
	case Date:
		return Entity{
			Kind: Date, Value: from.Format(time.DateOnly), Confidence: confidence,
			Parts: map[string]string{"from": stamp(from), "to": stamp(to)},
		}, true
	case Time:
		return Entity{Kind: Time, Value: stamp(from), Confidence: confidence, Parts: map[string]string{"date": from.Format(time.DateOnly), "clock": from.Format("15:04")}}, true
	}
	return ranging(from, to, confidence), true
}

// bounds are the beginning and end of an expression, what it is, and how sure.
func (c *clock) bounds(w when) (from, to time.Time, kind Kind, confidence float64, ok bool) {
	confidence = 0.95
	if w.vague || w.doubtful {
		confidence = 0.6
	}
	if w.counted {
		if w.exact[0].Equal(w.exact[1]) {
			return w.exact[0], w.exact[1], Time, confidence, true
		}
		return w.exact[0], w.exact[1], Range, confidence, true
	}
	named := w.hasDays()
	if w.open != nil {
		var fits bool
		if w.from, w.to, fits = w.open(c.past(w)); !fits {
			return from, to, "", 0, false
		}
		w.grain = "day"
	}
	if !named {
		w.from, w.to, w.grain = c.today, c.day(1), "day"
		confidence = min(confidence, 0.8)
	}
	part, hasPart := dayParts[w.part]
	switch {
	case w.timed:
		if w.to.Sub(w.from) > 25*time.Hour {
			return from, to, "", 0, false
		}
		at, sure := c.at(w, named)
		confidence = min(confidence, sure)
		if w.until != nil {
			end := *w.until
			end.from, end.to, end.part = w.from, w.to, w.part
			to, _ = c.at(end, true)
			if !end.marked && !to.After(at) && to.Hour() < 12 {
				to = to.Add(12 * time.Hour)
			}
			return at, to, Range, confidence, to.After(at)
		}
		return at, at, Time, confidence, true
	case hasPart:
		if !named && w.bare {
			return from, to, "", 0, false
		}
		if w.to.Sub(w.from) > 25*time.Hour {
			return w.from, w.to, Range, 0.6, true
		}
		from, to = clockOn(w.from, part.from, 0), clockOn(w.from, part.to, 0)
		if part.from == part.to {
			return from, to, Time, confidence, true
		}
		if !named {
			confidence = 0.6
		}
		return from, to, Range, confidence, true
	case w.grain == "day" && w.to.Sub(w.from) < 26*time.Hour:
		return w.from, w.to, Date, confidence, true
	}
	return w.from, w.to, Range, min(confidence, 0.9), true
}

func clockOn(day time.Time, hour, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location())
}

// at is the time of the clock an expression names on its day. Without am, pm or
// a part of the day it is the next such time, or the one in business hours.
func (c *clock) at(w when, named bool) (time.Time, float64) {
	part, ok := dayParts[w.part]
	if ok && !w.marked {
		return clockOn(w.from, part.hour(w.hour), w.minute), 0.95
	}
	if ok && w.hour < 12 && part.from >= 12 {
		return clockOn(w.from, part.hour(w.hour), w.minute), 0.95
	}
	if w.marked || w.hour > 12 || w.hour == 0 {
		at := clockOn(w.from, w.hour, w.minute)
		if !named && at.Before(c.now) {
			at = at.AddDate(0, 0, 1)
		}
		return at, 0.95
	}
	guess := w.hour
	if guess < 7 {
		guess += 12
	}
	if w.from.Equal(c.today) {
		for _, h := range []int{w.hour, w.hour + 12} {
			if at := clockOn(w.from, h, w.minute); h < 24 && !at.Before(c.now) {
				return at, 0.75
			}
		}
		if !named {
			return clockOn(c.day(1), guess, w.minute), 0.65
		}
	}
	return clockOn(w.from, guess, w.minute), 0.75
}

// A dayPart is a part of the day, in hours; hour turns an hour as it is said in
// that part into one of 24, or more past midnight.
type dayPart struct {
	from, to int
	hour     func(said int) int
}

func asSaid(h int) int { return h }

func afternoon(h int) int {
	if h < 12 {
		return h + 12
	}
	return h
}

func night(h int) int {
	switch {
	case h == 12 || h == 24:
		return 24
	case h < 5:
		return h + 24
	case h < 12:
		return h + 12
	}
	return h
}

var dayParts = map[string]dayPart{
	"small hours": {0, 6, func(h int) int { return h % 12 }},
	"dawn":        {5, 8, asSaid},
	"early":       {6, 10, asSaid},
	"forenoon":    {8, 12, asSaid},
	"morning":     {6, 12, asSaid},
	"noon": {11, 13, func(h int) int {
		if h < 5 {
			return h + 12
		}
		return h
	}},
	"midday":    {12, 12, asSaid},
	"afternoon": {12, 18, afternoon},
	"dusk":      {17, 19, afternoon},
	"evening":   {18, 24, night},
	"late":      {22, 24, night},
	"midnight":  {24, 24, night},
}

var (
	pastBehind = regexp.MustCompile(`^[^,。.!?;]{0,6}?(?:买的|买了|买过|下单|下的|下了|收到|签收|付的|付了|付款|拍的|拍了|寄出|发的货|发出|订的|购买的|申请的|退的)`)
	pastBefore = regexp.MustCompile(`(?:bought|ordered|placed|received|paid|purchased|arrived|delivered|got|came|shipped|returned|sent|called|asked|told|wrote|complained|tried|booked|was|were|did|since)(?: [a-z']+){0,4} ?(?:on |the )*$`)
	aheadAny   = regexp.MustCompile(`(?:will|can|could|would|please|want|need|should|be) (?:[a-z]+ ){0,4}(?:[a-z]+ ){0,3}$`)
	boughtNear = regexp.MustCompile(`(?:买的|下单|收到|签收|付款|拍的)[^,。]{0,4}(?:是|在|于)?$`)
)

// past reports whether the words around an expression tell of what was.
func (c *clock) past(w when) bool {
	behind := c.source.window(w.end)
	before, _ := c.source.lead(w.start)
	if m := pastBehind.FindStringIndex(behind); m != nil && !strings.ContainsAny(behind[:m[1]], "要能想会可得前") || boughtNear.MatchString(before) {
		return true
	}
	return pastBefore.MatchString(before) && !aheadAny.MatchString(before)
}
