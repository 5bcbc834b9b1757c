package event

import "everdesk/internal/id"

// StaffDeactivated says that a member no longer works here: what they own must
// find somebody else.
type StaffDeactivated struct {
	Staff id.Staff `json:"staff"`
}

// Kind returns "staff.deactivated".
func (StaffDeactivated) Kind() string { return "staff.deactivated" }

// StaffChanged says that a member's role, reach, teams or capacity changed, or
// that they work here again: what they may see and are given must be looked at
// anew.
type StaffChanged struct {
	Staff id.Staff `json:"staff"`
}

// Kind returns "staff.changed".
func (StaffChanged) Kind() string { return "staff.changed" }

// TeamRemoved says that a team is gone: what waits in its queue must move.
type TeamRemoved struct {
	Team id.Team `json:"team"`
}

// Kind returns "team.removed".
func (TeamRemoved) Kind() string { return "team.removed" }
