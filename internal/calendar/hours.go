package calendar

import (
	"iter"
	"time"
)

const (
	daySeconds   = dayMinutes * 60
	second       = int64(time.Second / time.Microsecond)
	endOfAllTime = int64(1) << 62
)

// Zone is the time zone the desk's clock shows.
func (h *Hours) Zone() *time.Location { return h.zone }

// Open reports whether the desk is open.
func (h *Hours) Open(at time.Time) bool {
	_, offset := at.In(h.zone).Zone()
	wall := at.Unix() + int64(offset)
	number := floor(wall, daySeconds)
	minute := (wall - number*daySeconds) / 60
	for _, s := range h.begins(number) {
		if s.from <= minute && minute < s.to {
			return true
		}
	}
	for _, s := range h.begins(number - 1) {
		if minute < s.to-dayMinutes {
			return true
		}
	}
	return false
}

// NextOpening returns the first moment, at or after at, when the desk is open:
// at itself if it is open then. It returns false if the desk does not open
// within the Horizon. Times are exact to the microsecond.
func (h *Hours) NextOpening(at time.Time) (time.Time, bool) {
	for from := range h.open(at.UnixMicro(), at.Add(Horizon).UnixMicro()) {
		return h.time(from), true
	}
	return time.Time{}, false
}

// Add returns the earliest moment by which working of open time has passed
// since at. An amount used up exactly at closing time ends at closing time, not
// at the next opening. It returns false if the Horizon does not hold so much.
func (h *Hours) Add(at time.Time, working time.Duration) (time.Time, bool) {
	if working <= 0 {
		return at, true
	}
	left := working.Microseconds()
	for from, to := range h.open(at.UnixMicro(), at.Add(Horizon).UnixMicro()) {
		if to-from >= left {
			return h.time(from + left), true
		}
		left -= to - from
	}
	return time.Time{}, false
}

// WorkingBetween returns how long the desk is open between two moments; zero if
// b is not after a.
func (h *Hours) WorkingBetween(a, b time.Time) time.Duration {
	sum := int64(0)
	for from, to := range h.open(a.UnixMicro(), b.UnixMicro()) {
		sum += to - from
	}
	return time.Duration(sum) * time.Microsecond
}

func (h *Hours) time(micros int64) time.Time { return time.UnixMicro(micros).In(h.zone) }

// begins returns the stretches that begin on a day.
func (h *Hours) begins(number int64) []stretch {
	if own, ok := h.overrides[number]; ok {
		return own
	}
	if h.holidays[number] {
		return nil
	}
	// Day 0 was a Thursday.
	return h.weekly[((number+4)%7+7)%7]
}

// open yields, in order and without touching, the stretches of real time
// between two moments (microseconds) in which the desk is open. It goes from
// one change of the clocks to the next: in between, wall and real time differ
// by a constant.
func (h *Hours) open(from, until int64) iter.Seq2[int64, int64] {
	return func(yield func(int64, int64) bool) {
		var begun, ended int64 // what is not yet yielded, if it is not empty
		for from < until {
			local := time.UnixMicro(from).In(h.zone)
			_, offset := local.Zone()
			end := until
			if _, change := local.ZoneBounds(); !change.IsZero() {
				end = min(end, change.UnixMicro())
			}
			shift := int64(offset) * second
			for number := floor(from+shift, daySeconds*second); number*daySeconds*second-shift < end; number++ {
				if h.never && number > h.lastOverride+1 {
					end = endOfAllTime
					break
				}
				for _, s := range h.pieces(number) {
					a := max(number*daySeconds*second+s.from*60*second-shift, from)
					b := min(number*daySeconds*second+s.to*60*second-shift, end)
					switch {
					case a >= b:
					case begun < ended && a <= ended:
						ended = max(ended, b)
					default:
						if begun < ended && !yield(begun, ended) {
							return
						}
						begun, ended = a, b
					}
				}
			}
			from = end
		}
		if begun < ended {
			yield(begun, ended)
		}
	}
}

// pieces returns the open parts of a day on the wall: what begins on it, cut at
// midnight, after the tails of what began the day before.
func (h *Hours) pieces(number int64) []stretch {
	today := h.begins(number)
	whole := true
	for _, s := range today {
		whole = whole && s.to <= dayMinutes
	}
	var tail int64
	for _, s := range h.begins(number - 1) {
		tail = max(tail, s.to-dayMinutes)
	}
	if whole && tail <= 0 {
		return today
	}
	parts := make([]stretch, 0, len(today)+1)
	if tail > 0 {
		parts = append(parts, stretch{0, tail})
	}
	for _, s := range today {
		s.from, s.to = max(s.from, tail), min(s.to, dayMinutes)
		if s.from < s.to {
			parts = append(parts, s)
		}
	}
	return parts
}

func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
