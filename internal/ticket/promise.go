package ticket

import "time"

// Policy says how much working time an answer may take.
type Policy struct {
	Urgent, High, Normal, Low time.Duration
	// Again is after how much working time a broken promise is told of again.
	Again time.Duration
	// Silence is after how long without the customer's answer (elapsed time)
	// a waiting ticket is resolved.
	Silence time.Duration
}

// DefaultPolicy is what a workspace starts with: one, two, eight and sixteen
// working hours.
var DefaultPolicy = Policy{
	Urgent: time.Hour, High: 2 * time.Hour, Normal: 8 * time.Hour, Low: 16 * time.Hour,
	Again: 2 * time.Hour, Silence: 7 * 24 * time.Hour,
}

// Allowed is how much working time a priority has.
func (p Policy) Allowed(priority Priority) time.Duration {
	switch priority {
	case Urgent:
		return p.Urgent
	case High:
		return p.High
	case Low:
		return p.Low
	}
	return p.Normal
}

// Hours reckons in working time; *calendar.Hours is the one.
type Hours interface {
	Add(at time.Time, working time.Duration) (time.Time, bool)
}

// Terms are what a promise is made on: a policy and a team's hours.
type Terms struct {
	Policy Policy
	Hours  Hours
}

// Promise returns by when something of a priority is answered. If the calendar
// has no such time left, the promise is made in elapsed time.
func (t Terms) Promise(priority Priority, at time.Time) (time.Time, Basis) {
	return t.after(at, t.Policy.Allowed(priority))
}

func (t Terms) after(at time.Time, working time.Duration) (time.Time, Basis) {
	if by, ok := t.Hours.Add(at, working); ok {
		return by.UTC().Truncate(time.Microsecond), WorkingHours
	}
	return at.Add(working).UTC().Truncate(time.Microsecond), ElapsedHours
}
