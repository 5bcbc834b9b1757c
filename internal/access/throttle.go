package access

import "time"

// Throttle slows down whoever keeps failing. A try is counted before its
// outcome is known, so that many at once count as many.
type Throttle struct {
	// Free is how many tries cost nothing.
	Free int
	// First is the wait after the first try that costs; each further one
	// doubles it, up to Most.
	First, Most time.Duration
	// Window is how long tries count together, from the first one.
	Window time.Duration
}

// The throttles of the doors. An account is throttled per address, so that
// nobody can lock somebody else out from afar; the wider counts slow down
// guessing one account from many addresses and many accounts from one. An
// address may be that of a whole office, so its count is generous.
var (
	ThrottlePair    = Throttle{Free: 5, First: 2 * time.Second, Most: 15 * time.Minute, Window: 6 * time.Hour}
	ThrottleAccount = Throttle{Free: 60, First: time.Second, Most: time.Minute, Window: time.Hour}
	ThrottleAddress = Throttle{Free: 300, First: time.Second, Most: time.Minute, Window: time.Hour}
	ThrottleMail    = Throttle{Free: 3, First: 5 * time.Minute, Most: 6 * time.Hour, Window: 24 * time.Hour}
)

// Wait returns how long the next try has to wait after this many.
func (t Throttle) Wait(tries int) time.Duration {
	if tries < t.Free {
		return 0
	}
	doublings := tries - t.Free
	if doublings > 30 || t.First<<doublings > t.Most {
		return t.Most
	}
	return t.First << doublings
}
