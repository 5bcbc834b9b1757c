package staff_test

import (
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/staff"
)

func TestANewRoleBringsItsReach(t *testing.T) {
	member := staff.Member{Role: access.Supervisor, Reach: access.ReachOwn}
	agent := access.Agent
	if got, err := (staff.Patch{Role: &agent}).Apply(member); err != nil || got.Reach != access.ReachTeam {
		t.Errorf("an agent reaches %s, %v", got.Reach, err)
	}
	same := access.Supervisor
	if got, err := (staff.Patch{Role: &same}).Apply(member); err != nil || got.Reach != access.ReachOwn {
		t.Errorf("the same role changed the reach to %s, %v", got.Reach, err)
	}
	own := access.ReachOwn
	if got, err := (staff.Patch{Role: &agent, Reach: &own}).Apply(member); err != nil || got.Reach != access.ReachOwn {
		t.Errorf("both together give %s, %v", got.Reach, err)
	}
}

func TestWrongChangesNameTheirField(t *testing.T) {
	role, reach, name := access.Role("king"), access.Reach("everywhere"), "  "
	seconds, wait, queue := 5*time.Second, staff.WaitPolicy{Wait: time.Second, Queue: 5}, staff.WaitPolicy{Wait: time.Minute}
	of := func(_ any, err error) error { return err }
	member := func(p staff.Patch) error { return of(p.Apply(staff.Member{})) }
	team := func(p staff.TeamPatch) error { return of(p.Apply(staff.Team{})) }
	for path, err := range map[string]error{
		"body.role":                         member(staff.Patch{Role: &role}),
		"body.reach":                        member(staff.Patch{Reach: &reach}),
		"body.name":                         member(staff.Patch{Name: &name}),
		"body.capacity":                     member(staff.Patch{Capacity: &staff.Capacity{Chat: 101}}),
		"body.attention_seconds":            team(staff.TeamPatch{Attention: &seconds}),
		"body.wait_policy.max_wait_seconds": team(staff.TeamPatch{Wait: &wait}),
		"body.wait_policy.max_queue":        team(staff.TeamPatch{Wait: &queue}),
	} {
		if e := fault.Of(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
}
