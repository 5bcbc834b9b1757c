package staffdb_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/audit"
	"everdesk/internal/audit/auditdb"
	"everdesk/internal/commit"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/seal"
	"everdesk/internal/staff"
	"everdesk/internal/staff/staffdb"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// calendars are those of workspace 1.
type calendars []id.Calendar

func (c calendars) Exists(_ context.Context, scope access.Scope, calendar id.Calendar) (bool, error) {
	return scope.Workspace == 1 && slices.Contains(c, calendar), nil
}

type desk struct {
	*staffdb.Store
	t      *testing.T
	db     *store.DB
	ring   *seal.Ring
	record *auditdb.Store
}

func open(t *testing.T, db *store.DB) desk {
	t.Helper()
	ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
	must(t, err)
	record := auditdb.New(db, ring)
	return desk{staffdb.New(db, ring, record, calendars{5}), t, db, ring, record}
}

// join makes a member of workspace with an account of their own.
func (d desk) join(workspace id.Workspace, name string, role access.Role, teams ...id.Team) access.Scope {
	d.t.Helper()
	scope := access.Scope{Workspace: workspace, Kind: access.ActorStaff, Permissions: role.Permissions(), Reach: role.Reach()}
	must(d.t, d.db.Atomically(d.t.Context(), func(ctx context.Context) (err error) {
		tx := store.Current(ctx)
		account := id.New[id.Account](tx.IDs())
		mail := name + "@tit.example"
		tx.Queue(`INSERT INTO accounts(id, mail, mail_index, name, password, locale, theme, last_workspace, created_at)
			VALUES ($1, $2, $3, $4, '', 'en', 'system', 0, $5)`, account, d.ring.Seal(access.SealedMail, mail),
			d.ring.Index(access.SealedMail, account.String()), name, start)
		scope.Staff, err = d.Join(ctx, access.System(workspace), account, name, role, teams, start)
		return err
	}))
	return scope
}

func (d desk) member(scope access.Scope, member id.Staff) staff.Member {
	d.t.Helper()
	found, err := d.Member(d.t.Context(), scope, member)
	must(d.t, err)
	return found
}

func (d desk) team(scope access.Scope, name string) staff.Team {
	d.t.Helper()
	made, err := d.MakeTeam(d.t.Context(), scope, nil, staff.TeamPatch{Name: &name}, start)
	must(d.t, err)
	return made
}

// events are the kinds emitted in workspace, in order.
func (d desk) events(workspace id.Workspace) (kinds []string) {
	d.t.Helper()
	records, err := d.db.Events(d.t.Context(), store.PartOf(workspace), 0, 100)
	must(d.t, err)
	for _, record := range records {
		if record.Workspace == workspace {
			kinds = append(kinds, record.Kind)
		}
	}
	return kinds
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, want *fault.Error) {
	t.Helper()
	if e := fault.Of(err); e == nil || e.Code != want.Code {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestMembersAreListedInPagesToTheirWorkspaceOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		owner := d.join(1, "gu", access.Owner)
		team := d.team(owner, "Returns")
		d.join(2, "stranger", access.Owner)
		d.join(1, "lin", access.Agent, team.ID)
		d.join(1, "wu", access.Trainer)
		var got []string
		request := page.Request{Limit: 2}
		for {
			listed, err := d.Members(t.Context(), owner, request)
			must(t, err)
			for _, m := range listed.Items {
				got = append(got, m.Name+" "+m.Mail+" "+string(m.Role)+" "+string(m.Reach)+strings.Repeat(" team", len(m.Teams)))
			}
			if listed.Next.IsZero() {
				break
			}
			request.After = listed.Next
		}
		want := []string{"gu gu@tit.example owner all", "lin lin@tit.example agent team team", "wu wu@tit.example trainer all"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAMemberIsChangedWithAnAuditRowAndAnEvent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		owner := d.join(1, "gu", access.Owner)
		lin := d.join(1, "lin", access.Agent)
		team := d.team(owner, "Returns")
		before := len(d.events(1))
		no := false
		changed, err := d.Change(t.Context(), owner, lin.Staff, 1, staff.Patch{
			Teams: &[]id.Team{team.ID, team.ID}, Capacity: &staff.Capacity{Chat: 6, Async: 2}, Active: &no,
		}, start)
		must(t, err)
		if diff := cmp.Diff(changed, d.member(owner, lin.Staff)); diff != "" {
			t.Errorf("answered and kept differ:\n%s", diff)
		}
		if changed.Version != 2 || changed.Active || len(changed.Teams) != 1 || changed.Capacity != (staff.Capacity{Chat: 6, Async: 2}) {
			t.Errorf("changed to %+v", changed)
		}
		if diff := cmp.Diff([]string{event.StaffDeactivated{}.Kind()}, d.events(1)[before:]); diff != "" {
			t.Error(diff)
		}
		rows, err := d.record.List(t.Context(), owner, audit.Filter{Object: lin.Staff.String(), Action: "staff.deactivated"}, page.Request{Limit: 10})
		must(t, err)
		if len(rows.Items) != 1 || rows.Items[0].Actor != owner.Actor() || !strings.Contains(rows.Items[0].Before, `"active":true`) ||
			!strings.Contains(rows.Items[0].After, `"active":false`) || strings.Contains(rows.Items[0].After, "lin@tit") {
			t.Errorf("audited as %+v", rows.Items)
		}
		_, err = d.Change(t.Context(), owner, lin.Staff, 1, staff.Patch{Active: &no}, start)
		refused(t, err, fault.ErrStale)
	})
}

func TestNobodyChangesWhoStandsAboveThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		owner, admin := d.join(1, "gu", access.Owner), d.join(1, "ann", access.Admin)
		stranger := d.join(2, "out", access.Owner)
		agent, up, name := access.Agent, access.Owner, "New"
		change := func(scope access.Scope, member id.Staff, patch staff.Patch) error {
			_, err := d.Change(t.Context(), scope, member, 1, patch, start)
			return err
		}
		refused(t, change(admin, owner.Staff, staff.Patch{Role: &agent}), access.ErrBeyondOwn)
		refused(t, change(admin, owner.Staff, staff.Patch{Name: &name}), access.ErrBeyondOwn)
		refused(t, change(admin, admin.Staff, staff.Patch{Role: &up}), access.ErrBeyondOwn)
		refused(t, change(stranger, admin.Staff, staff.Patch{Name: &name}), fault.ErrNotFound)
		refused(t, change(admin, admin.Staff, staff.Patch{Teams: &[]id.Team{d.team(stranger, "Far").ID}}), fault.ErrInvalid)
		must(t, change(admin, admin.Staff, staff.Patch{Role: &agent}))
	})
}

func TestAWorkspaceKeepsAnOwner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		first := d.join(1, "gu", access.Owner)
		admin, no := access.Admin, false
		_, err := d.Change(t.Context(), first, first.Staff, 1, staff.Patch{Role: &admin}, start)
		refused(t, err, staff.ErrLastOwner)
		_, err = d.Change(t.Context(), first, first.Staff, 1, staff.Patch{Active: &no}, start)
		refused(t, err, staff.ErrLastOwner)
		second := d.join(1, "wu", access.Owner)
		// Both step back at once: one of them has to stay.
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, scope := range []access.Scope{first, second} {
			wg.Go(func() { _, errs[i] = d.Change(t.Context(), scope, scope.Staff, 1, staff.Patch{Role: &admin}, start) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("stepping back gave %v and %v", errs[0], errs[1])
		}
	})
}

func TestWhoLeftComesBackAsTheSameMember(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		owner, lin := d.join(1, "gu", access.Owner), d.join(1, "lin", access.Agent)
		account := d.member(owner, lin.Staff).Account
		again := func() error {
			return db.Atomically(t.Context(), func(ctx context.Context) error {
				_, err := d.Join(ctx, access.System(1), account, "lin", access.Supervisor, nil, start)
				return err
			})
		}
		refused(t, again(), access.ErrAlreadyMember)
		no := false
		_, err := d.Change(t.Context(), owner, lin.Staff, 1, staff.Patch{Active: &no}, start)
		must(t, err)
		must(t, again())
		if m := d.member(owner, lin.Staff); !m.Active || m.Role != access.Supervisor || m.Reach != access.ReachAll {
			t.Errorf("came back as %+v", m)
		}
	})
}

func TestATeamIsMadeOncePerKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		owner := d.join(1, "gu", access.Owner)
		name := "Returns"
		var made [2]staff.Team
		for i := range made {
			claim := &commit.Claim{Workspace: 1, Actor: owner.Actor(), Route: "POST /teams", Key: "a", Request: []byte("x"), At: start}
			var err error
			made[i], err = d.MakeTeam(t.Context(), owner, claim, staff.TeamPatch{Name: &name, Members: &[]id.Staff{owner.Staff}}, start)
			must(t, err)
			if claim.Replayed != (i == 1) {
				t.Errorf("try %d was replayed: %v", i, claim.Replayed)
			}
		}
		if diff := cmp.Diff(made[0], made[1]); diff != "" {
			t.Error(diff)
		}
		_, err := d.MakeTeam(t.Context(), owner, nil, staff.TeamPatch{Name: &name}, start)
		refused(t, err, staff.ErrTeamName)
	})
}

func TestATeamIsChangedAndItsPeopleHearOfIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		owner, lin, stranger := d.join(1, "gu", access.Owner), d.join(1, "lin", access.Agent), d.join(2, "out", access.Owner)
		team, second := d.team(owner, "Returns"), d.team(owner, "Sizes")
		name, calendar, far, attention := "Sizes", id.Calendar(5), id.Calendar(6), time.Minute
		change := func(scope access.Scope, version int64, patch staff.TeamPatch) error {
			_, err := d.ChangeTeam(t.Context(), scope, team.ID, version, patch, start)
			return err
		}
		refused(t, change(owner, 1, staff.TeamPatch{Name: &name}), staff.ErrTeamName)
		refused(t, change(owner, 1, staff.TeamPatch{Calendar: &far}), fault.ErrInvalid)
		refused(t, change(owner, 1, staff.TeamPatch{Members: &[]id.Staff{stranger.Staff}}), fault.ErrInvalid)
		refused(t, change(stranger, 1, staff.TeamPatch{Attention: &attention}), fault.ErrNotFound)
		refused(t, change(owner, 9, staff.TeamPatch{Attention: &attention}), fault.ErrStale)
		before := len(d.events(1))
		must(t, change(owner, 1, staff.TeamPatch{Calendar: &calendar, Attention: &attention, Members: &[]id.Staff{lin.Staff, owner.Staff}}))
		must(t, change(owner, 2, staff.TeamPatch{Members: &[]id.Staff{owner.Staff}}))
		got, err := d.Team(t.Context(), owner, team.ID)
		must(t, err)
		want := team
		want.Version, want.Calendar, want.Attention, want.Members = 3, 5, time.Minute, []id.Staff{owner.Staff}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"staff.changed", "staff.changed", "staff.changed"}, d.events(1)[before:]); diff != "" {
			t.Error(diff)
		}
		refused(t, d.RemoveTeam(t.Context(), stranger, team.ID, start), fault.ErrNotFound)
		must(t, d.RemoveTeam(t.Context(), owner, team.ID, start))
		if m := d.member(owner, owner.Staff); len(m.Teams) != 0 {
			t.Errorf("still in %v", m.Teams)
		}
		if kinds := d.events(1); !slices.Contains(kinds, event.TeamRemoved{}.Kind()) {
			t.Errorf("heard only %v", kinds)
		}
		refused(t, d.RemoveTeam(t.Context(), owner, second.ID, start), staff.ErrLastTeam)
	})
}
