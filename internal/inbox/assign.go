package inbox

import (
	"time"

	"everdesk/internal/id"
)

// liveFor is how long after their last words a customer whose conversation
// already became a ticket still counts as sitting there.
const liveFor = 10 * time.Minute

// Take gives the conversation to a member of staff who asks for it. It reports
// false if they have it already, so that a retried take succeeds.
//
// Epoch is the owner_epoch the caller saw; zero skips the check. Force takes it
// from another agent, which is for those who may assign.
func (c Conversation) Take(staff id.Staff, epoch int64, force bool, at time.Time, policy Policy) (Move, bool, error) {
	mine := c.Owner.Kind == OwnerAgent && c.Owner.Staff == staff
	switch {
	case c.State == Resolved:
		return Move{}, false, ErrResolved
	case mine:
		return Move{}, false, nil
	case c.Owner.Kind == OwnerAgent && (!force || epoch != 0 && epoch != c.OwnerEpoch):
		return Move{}, false, ErrTaken
	case epoch != 0 && epoch != c.OwnerEpoch:
		return Move{}, false, ErrMoved
	}
	m := c.move(at, Member(staff), Assigned, Reason{Code: ReasonTaken})
	return c.toAgent(m, staff, policy), true, nil
}

// Assign gives a queued conversation to the agent routing chose.
func (c Conversation) Assign(staff id.Staff, reason ReasonCode, at time.Time, policy Policy) (Move, error) {
	if c.State != Open || c.Owner.Kind != OwnerQueue {
		return Move{}, ErrMoved
	}
	m := c.move(at, System, Assigned, Reason{Code: reason})
	return c.toAgent(m, staff, policy), nil
}

// Target is where a transfer goes: to a member of staff, a team or the bot.
type Target struct {
	Staff id.Staff
	Team  id.Team
	Bot   bool
}

// Transfer passes an open conversation on. An agent passes on their own, or
// what no agent has; force passes on another agent's.
func (c Conversation) Transfer(to Target, by Author, epoch int64, force bool, at time.Time, queue Queue, policy Policy) (Move, bool, error) {
	switch {
	case c.State == Resolved:
		return Move{}, false, ErrResolved
	case c.Owner.Kind == OwnerAgent && c.Owner.Staff != by.Staff && !force:
		return Move{}, false, ErrTaken
	case epoch != 0 && epoch != c.OwnerEpoch:
		return Move{}, false, ErrMoved
	}
	m := c.move(at, by, Transferred, Reason{Code: ReasonTransferred})
	switch {
	case to.Staff != 0:
		if c.Owner.Kind == OwnerAgent && c.Owner.Staff == to.Staff {
			return Move{}, false, nil
		}
		return c.toAgent(m, to.Staff, policy), true, nil
	case to.Bot:
		if c.Owner.Kind == OwnerBot {
			return Move{}, false, nil
		}
		m.Happening, m.Reason = ReturnedToBot, Reason{Code: ReasonToBot}
		return c.toBot(m, policy), true, nil
	}
	if to.Team == c.Team && c.Owner.Kind != OwnerQueue {
		m.Happening, m.Reason = ReturnedToQueue, Reason{Code: ReasonReturned}
	} else if to.Team == c.Team {
		return Move{}, false, nil
	}
	m.Team = to.Team
	return c.toQueue(m, queue, policy), true, nil
}

// toAgent completes a move to an agent.
func (c Conversation) toAgent(m Move, staff id.Staff, policy Policy) Move {
	m.To = Owner{Kind: OwnerAgent, Staff: staff}
	m.Lease, m.Attention, m.Avoid = c.LeaseAt(m.At), policy.Attention, 0
	clock := agentClock(m.Lease, m.WaitingSince, m.At, m.Attention, c.PromisedAt, policy)
	m.DueAt, m.DueAction = clock.DueAt, clock.DueAction
	return m
}

// LeaseAt is the lease an agent would get: live while the customer sits there,
// else async.
func (c Conversation) LeaseAt(at time.Time) Lease {
	if c.Channel.Kind.Live() && (c.Ticket == 0 || at.Sub(c.CustomerAt) < liveFor) {
		return Live
	}
	return Async
}

// toBot completes a move to the bot. A question that waits is the bot's now.
func (c Conversation) toBot(m Move, policy Policy) Move {
	m.To, m.Lease, m.Avoid = Owner{Kind: OwnerBot}, NoLease, 0
	m.DueAt, m.DueAction = m.At.Add(policy.Idle), CustomerSilent
	if !m.WaitingSince.IsZero() {
		m.DueAt, m.DueAction = m.At.Add(policy.BotTurn), BotTurnMissing
	}
	return m
}

// toQueue completes a move to the team's queue. Where there is nobody to wait
// for, or no room to wait in, the queue is left for a ticket at once.
func (c Conversation) toQueue(m Move, queue Queue, policy Policy) Move {
	m.To, m.Lease = Owner{Kind: OwnerQueue, Team: m.Team}, NoLease
	if m.WaitingSince.IsZero() {
		m.WaitingSince = m.At
	}
	m.Attention = policy.Attention
	switch {
	case queue.Present == 0:
		m.DueAt, m.DueAction = m.At, NobodyPresent
	case queue.MaxWaiting > 0 && queue.Waiting >= queue.MaxWaiting:
		m.DueAt, m.DueAction = m.At, QueueFull
	default:
		m.DueAt, m.DueAction = m.At.Add(policy.MaxWait), QueueWaitOver
	}
	return m
}
