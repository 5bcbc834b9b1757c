package inboxdb

import (
	"time"

	"everdesk/internal/inbox"
)

// Plant replaces parts of the law by broken ones, to see the property test miss
// them. Nil and false leave a part whole.
type Plant struct {
	// Ignores is a due action the reconciler does not know.
	Ignores inbox.DueAction
	// LeaseForEver has the leases of sockets never end.
	LeaseForEver bool
	// NoFence lets the bot speak at an epoch that has passed.
	NoFence bool
}

// Break plants bugs.
func (s *Store) Break(p Plant) {
	if p.Ignores != "" {
		s.decide = func(c inbox.Conversation, at time.Time) (inbox.Step, inbox.ReasonCode) {
			if c.DueAction == p.Ignores {
				return inbox.StepNone, ""
			}
			return c.Due(at)
		}
	}
	if p.LeaseForEver {
		s.lapsed = func(_, _ time.Time) bool { return false }
	}
	s.fenced = !p.NoFence
}
