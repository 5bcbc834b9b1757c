package staffdb_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/routing"
	"everdesk/internal/staff"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestRoutingSeesWhoAnswersCustomers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		var roster routing.Roster = d.Roster()
		system := access.System(1)
		if none, err := roster.Team(t.Context(), system, 7); err != nil || none.ID != 0 {
			t.Errorf("a workspace without teams has %+v, %v", none, err)
		}
		owner := d.join(1, "gu", access.Owner)
		first, second := d.team(owner, "Sizes"), d.team(owner, "Returns")
		lin, gone := d.join(1, "lin", access.Agent, first.ID), d.join(1, "wu", access.Agent, first.ID)
		trainer := d.join(1, "tao", access.Trainer, first.ID)
		d.join(2, "out", access.Agent)
		no := false
		_, err := d.Change(t.Context(), owner, gone.Staff, 1, staff.Patch{Active: &no}, start)
		must(t, err)
		names := func(team id.Team) (names []string) {
			t.Helper()
			members, err := roster.Members(t.Context(), system, team)
			must(t, err)
			for _, m := range members {
				names = append(names, m.Name)
			}
			return names
		}
		if diff := cmp.Diff([]string{"lin"}, names(first.ID)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"gu", "lin"}, names(0)); diff != "" {
			t.Error(diff)
		}
		for who, active := range map[id.Staff]bool{lin.Staff: true, gone.Staff: false, trainer.Staff: false} {
			member, err := roster.Member(t.Context(), system, who)
			if err != nil || member.Active != active || member.Capacity != (routing.Capacity{Chat: 4, Async: 12}) {
				t.Errorf("%+v, %v, want active %v", member, err, active)
			}
		}
		_, err = roster.Member(t.Context(), access.System(2), lin.Staff)
		refused(t, err, fault.ErrNotFound)
		for asked, want := range map[id.Team]string{0: "Sizes", second.ID: "Returns", 99: "Sizes"} {
			if got, err := roster.Team(t.Context(), system, asked); err != nil || got.Name != want || got.MaxWait != 3*time.Minute || got.MaxQueue != 30 {
				t.Errorf("team %d is %+v, %v", asked, got, err)
			}
		}
	})
}
