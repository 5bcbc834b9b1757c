package inbox

import "time"

// Clock is what a new entry changes in who must act by when. The owner stays.
type Clock struct {
	DueAt        time.Time
	DueAction    DueAction
	WaitingSince time.Time
}

func (c Conversation) clock() Clock { return Clock{c.DueAt, c.DueAction, c.WaitingSince} }

// With returns the conversation with the clock set.
func (c Conversation) With(clock Clock) Conversation {
	c.DueAt, c.DueAction, c.WaitingSince = clock.DueAt, clock.DueAction, clock.WaitingSince
	return c
}

// Heard is the clock after the customer wrote. A deadline that runs already
// for an earlier message goes on running: writing again buys nobody time.
func (c Conversation) Heard(at time.Time, policy Policy) Clock {
	clock := c.clock()
	if clock.WaitingSince.IsZero() {
		clock.WaitingSince = at
	}
	switch c.Owner.Kind {
	case OwnerBot:
		if c.DueAction != BotTurnMissing {
			clock.DueAt, clock.DueAction = at.Add(policy.BotTurn), BotTurnMissing
		}
	case OwnerAgent:
		if c.DueAction == CustomerSilent {
			return agentClock(c.Lease, clock.WaitingSince, at, c.Attention, c.PromisedAt, policy)
		}
	}
	return clock
}

// Answered is the clock after staff wrote to the customer.
func (c Conversation) Answered(at time.Time, policy Policy) Clock {
	switch c.Owner.Kind {
	case OwnerAgent:
		return agentClock(c.Lease, time.Time{}, at, c.Attention, c.PromisedAt, policy)
	case OwnerTicket:
		return Clock{DueAt: at.Add(policy.AsyncIdle), DueAction: PromisePassed}
	}
	return c.clock()
}

// BotAnswered is the clock after the bot answered the entry inReplyTo. What the
// customer has written since then still waits.
func (c Conversation) BotAnswered(inReplyTo int64, at time.Time, policy Policy) Clock {
	if inReplyTo < c.CustomerSeq {
		return Clock{c.CustomerAt.Add(policy.BotTurn), BotTurnMissing, c.CustomerAt}
	}
	return Clock{DueAt: at.Add(policy.Idle), DueAction: CustomerSilent}
}

func agentClock(lease Lease, waiting, at time.Time, attention time.Duration, promised time.Time, policy Policy) Clock {
	if attention == 0 {
		attention = policy.Attention
	}
	switch {
	case waiting.IsZero() && lease == Live:
		return Clock{at.Add(policy.Idle), CustomerSilent, waiting}
	case waiting.IsZero():
		return Clock{at.Add(policy.AsyncIdle), CustomerSilent, waiting}
	case lease == Live:
		return Clock{at.Add(attention), AgentSilent, waiting}
	case promised.After(at):
		return Clock{promised, AsyncDue, waiting}
	}
	return Clock{at.Add(policy.AsyncReply), AsyncDue, waiting}
}
