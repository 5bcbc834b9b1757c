package inbox

import "time"

// Resolve ends a conversation. SeenSeq is the newest entry the caller has seen:
// a customer's entry after it wins, and the conversation stays open. Resolving
// a resolved one reports false.
func (c Conversation) Resolve(seenSeq int64, by Author, force bool, reason ReasonCode, at time.Time) (Move, bool, error) {
	switch {
	case c.State == Resolved:
		return Move{}, false, nil
	case c.CustomerSeq > seenSeq:
		return Move{}, false, ErrNewerMessage
	case by.Kind == ByStaff && c.Owner.Kind == OwnerAgent && c.Owner.Staff != by.Staff && !force:
		return Move{}, false, ErrTaken
	}
	m := c.move(at, by, WasResolved, Reason{Code: reason})
	m.State, m.To, m.Lease = Resolved, Owner{Kind: OwnerNone}, NoLease
	m.WaitingSince, m.Avoid = time.Time{}, 0
	return m, true, nil
}

// Reopening says who is there for a conversation that comes back.
type Reopening struct {
	// LastAgentFree says that the last agent is present and under capacity.
	LastAgentFree bool
	Queue         Queue
}

// Reopen brings a resolved conversation back: to its last agent if they are
// free, else to the queue if a person had it and somebody is there, if it has a
// ticket or if a person was asked for, else to the bot. A member who reopens
// gets it. Reopening an open one reports false.
func (c Conversation) Reopen(by Author, reason ReasonCode, who Reopening, at time.Time, policy Policy) (Move, bool) {
	if c.State != Resolved {
		return Move{}, false
	}
	m := c.move(at, by, Reopened, Reason{Code: reason})
	m.WaitingSince = at
	switch {
	case by.Kind == ByStaff && reason == ReasonReopened:
		return c.toAgent(m, by.Staff, policy), true
	case c.LastStaff != 0 && who.LastAgentFree:
		return c.toAgent(m, c.LastStaff, policy), true
	case reason == ReasonAskedForPerson, c.Ticket != 0, c.LastStaff != 0 && who.Queue.Present > 0:
		return c.toQueue(m, who.Queue, policy), true
	}
	return c.toBot(m, policy), true
}
