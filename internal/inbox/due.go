package inbox

import "time"

// Step is what the reconciler must do with a conversation whose time has come.
type Step uint8

// The steps.
const (
	// StepNone leaves it: it is not due.
	StepNone Step = iota
	// StepQueue puts it in its team's queue.
	StepQueue
	// StepPromise makes a ticket of it.
	StepPromise
	// StepResolve resolves it for the customer's silence.
	StepResolve
	// StepOverdue tells of the broken promise and sets the next time to tell.
	StepOverdue
)

// Due decides what the passing of its due time means for a conversation, and
// under which reason. What should not exist, an open conversation without owner
// or due time, is put in the queue.
func (c Conversation) Due(at time.Time) (Step, ReasonCode) {
	if c.State != Open {
		return StepNone, ""
	}
	whole := c
	whole.DueAt = at
	if whole.Stranded(at) || c.DueAt.IsZero() {
		return StepQueue, ReasonRepaired
	}
	if c.DueAt.After(at) {
		return StepNone, ""
	}
	switch c.DueAction {
	case BotTurnMissing:
		return StepQueue, ReasonBotTurnMissing
	case AgentSilent:
		return StepQueue, ReasonAgentSilent
	case AsyncDue:
		return StepQueue, ReasonAsyncDue
	case QueueWaitOver:
		return StepPromise, ReasonQueueWaitOver
	case NobodyPresent:
		return StepPromise, ReasonNobodyPresent
	case QueueFull:
		return StepPromise, ReasonQueueFull
	case CustomerSilent:
		return StepResolve, ReasonCustomerSilent
	case PromisePassed:
		return StepOverdue, ReasonPromisePassed
	}
	return StepQueue, ReasonRepaired
}

// Lapse puts a conversation back in the queue because its owner did not act, is
// gone, or must not have it any more. Whoever was silent is avoided next time.
func (c Conversation) Lapse(reason ReasonCode, by Author, at time.Time, queue Queue, policy Policy) Move {
	happening := ReturnedToQueue
	if c.Owner.Kind != OwnerAgent {
		happening = Queued
	}
	m := c.move(at, by, happening, Reason{Code: reason})
	m.Avoid = 0
	if reason == ReasonAgentSilent {
		m.Avoid = c.Owner.Staff
	}
	return c.toQueue(m, queue, policy)
}

// Overdue keeps a conversation with its ticket whose promise has passed, and
// sets when to tell of it again.
func (c Conversation) Overdue(at time.Time, policy Policy) Move {
	m := c.move(at, System, Overdue, Reason{Code: ReasonPromisePassed})
	m.To = c.Owner
	m.DueAt, m.DueAction = at.Add(policy.Again), PromisePassed
	return m
}

// Postpone keeps the owner and tries the due action again a little later,
// because what it needs (a ticket, say) could not be had.
func (c Conversation) Postpone(at time.Time, policy Policy) Clock {
	clock := c.clock()
	clock.DueAt = at.Add(policy.Retry)
	return clock
}

// WaitsAgain is the clock of a queued conversation that was to become a ticket
// because nobody was there, when somebody is by now: it waits for them as if it
// had just been queued. It reports false where a ticket is still due.
func (c Conversation) WaitsAgain(at time.Time, queue Queue, policy Policy) (Clock, bool) {
	if c.Owner.Kind != OwnerQueue || c.DueAction != NobodyPresent || queue.Present == 0 {
		return Clock{}, false
	}
	return Clock{DueAt: at.Add(policy.MaxWait), DueAction: QueueWaitOver, WaitingSince: c.WaitingSince}, true
}
