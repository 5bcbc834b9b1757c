package accessdb_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/page"
	"everdesk/internal/staff"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestSomebodyInvitedJoinsOnceAndIsSignedIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		owner, _ := d.signIn(t, "guwan@tit.example", start)
		name := "Returns"
		team, err := d.staff.MakeTeam(t.Context(), owner.Scope, nil, staff.TeamPatch{Name: &name}, start)
		must(t, err)
		made, token, err := d.Invite(t.Context(), owner.Scope, nil, "Lin@tit.example", access.Agent, []teamID{team.ID}, start)
		must(t, err)
		if mail := d.outbox.last(t); mail.To != "lin@tit.example" || !strings.Contains(mail.Subject, "Gu Wan invites you to Titmouse Clothing") {
			t.Errorf("the mail is %+v", mail)
		}
		if d.outbox.token(t, "invitation") != token {
			t.Error("the mail has another link")
		}
		invited, err := d.Invited(t.Context(), token, start)
		must(t, err)
		if invited.ID != made.ID || invited.Mail != "lin@tit.example" || invited.WorkspaceName != "Titmouse Clothing" || invited.HasAccount {
			t.Errorf("invited as %+v", invited)
		}
		_, err = d.Accept(t.Context(), access.Acceptance{Token: token, Name: "Lin", Locale: "en", Password: "short"}, here, start)
		field(t, err, "body.password", "too_short")
		_, err = d.Accept(t.Context(), access.Acceptance{Token: token, Name: " ", Password: password}, here, start)
		field(t, err, "body.name", "required")
		signed, err := d.Accept(t.Context(), access.Acceptance{Token: token, Name: "Lin", Locale: "en", Password: password}, here, start)
		must(t, err)
		caller, err := d.SessionScope(t.Context(), signed.Token, start)
		must(t, err)
		member, err := d.staff.Member(t.Context(), owner.Scope, caller.Scope.Staff)
		must(t, err)
		if member.Role != access.Agent || member.Name != "Lin" || member.Mail != "lin@tit.example" || len(member.Teams) != 1 {
			t.Errorf("joined as %+v", member)
		}
		_, err = d.Accept(t.Context(), access.Acceptance{Token: token, Name: "Lin", Password: password}, here, start)
		refused(t, err, access.ErrInvitationEnded)
		_, _, err = d.Invite(t.Context(), owner.Scope, nil, "lin@tit.example", access.Agent, nil, start)
		refused(t, err, access.ErrAlreadyMember)
	})
}

func TestTwoWhoAcceptAtOnceMakeOneMember(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		_, token, err := d.Invite(t.Context(), d.system(), nil, "lin@tit.example", access.Agent, nil, start)
		must(t, err)
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = d.Accept(t.Context(), access.Acceptance{Token: token, Name: "Lin", Password: password}, here, start)
			})
		}
		wg.Wait()
		joined := 0
		for _, err := range errs {
			if err == nil {
				joined++
			} else if fault.KindOf(err) == fault.Internal {
				t.Error(err)
			}
		}
		if n := count(t, db, `SELECT COUNT(*) FROM accounts`); joined != 1 || n != 2 {
			t.Errorf("%d joined, %d accounts", joined, n)
		}
	})
}

func TestAnAccountJoinsAnotherWorkspaceWithItsOwnPassword(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		second, err := d.Found(t.Context(), access.Founding{
			Name: "Second", Locale: "zh", TimeZone: "UTC", OwnerName: "Ann", Mail: "ann@second.example", Password: password,
		}, start)
		must(t, err)
		_, token, err := d.Invite(t.Context(), access.System(second.Workspace.ID), nil, "guwan@tit.example", access.Trainer, nil, start)
		must(t, err)
		if invited, err := d.Invited(t.Context(), token, start); err != nil || !invited.HasAccount {
			t.Errorf("%+v, %v", invited, err)
		}
		_, err = d.Accept(t.Context(), access.Acceptance{Token: token, Name: "Gu Wan", Password: other}, here, start)
		refused(t, err, access.ErrWrongSignIn)
		signed, err := d.Accept(t.Context(), access.Acceptance{Token: token, Password: password}, here, start)
		must(t, err)
		caller, err := d.SessionScope(t.Context(), signed.Token, start)
		must(t, err)
		if caller.Scope.Workspace != second.Workspace.ID || caller.Scope.Can(access.StaffManage) {
			t.Errorf("signed in as %+v", caller.Scope)
		}
		profile, err := d.Profile(t.Context(), caller)
		must(t, err)
		var names []string
		for _, w := range profile.Workspaces {
			names = append(names, w.Name)
		}
		if diff := cmp.Diff([]string{"Second", "Titmouse Clothing"}, names); diff != "" || profile.Workspace.Name != "Second" || profile.Role != access.Trainer {
			t.Error(diff, profile)
		}
		must(t, d.Switch(t.Context(), caller, d.founded.Workspace.ID))
		moved, err := d.SessionScope(t.Context(), signed.Token, start)
		must(t, err)
		if moved.Scope.Workspace != d.founded.Workspace.ID || !moved.Scope.Can(access.WorkspaceManage) {
			t.Errorf("switched to %+v", moved.Scope)
		}
		ann, _ := d.signIn(t, "ann@second.example", start)
		refused(t, d.Switch(t.Context(), ann, d.founded.Workspace.ID), fault.ErrNotFound)
	})
}

func TestInvitationsEndRenewAndStayInTheirWorkspace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		admin := d.enroll(t, "admin", access.Admin, start)
		_, _, err := d.Invite(t.Context(), admin.Scope, nil, "x@tit.example", access.Owner, nil, start)
		refused(t, err, access.ErrBeyondOwn)
		_, _, err = d.Invite(t.Context(), admin.Scope, nil, "x@tit.example", access.Agent, []teamID{77}, start)
		field(t, err, "body.teams", "not_found")
		made, old, err := d.Invite(t.Context(), admin.Scope, nil, "x@tit.example", access.Agent, nil, start)
		must(t, err)
		late := start.Add(access.InvitationLife)
		_, err = d.Invited(t.Context(), old, late)
		refused(t, err, access.ErrInvitationEnded)
		renewed, fresh, err := d.Renew(t.Context(), admin.Scope, made.ID, late)
		must(t, err)
		if !renewed.ExpiresAt.Equal(late.Add(access.InvitationLife)) {
			t.Errorf("renewed until %v", renewed.ExpiresAt)
		}
		_, err = d.Invited(t.Context(), old, late)
		refused(t, err, access.ErrInvitationEnded)
		stranger := access.System(d.founded.Workspace.ID + 1)
		refused(t, d.Withdraw(t.Context(), stranger, made.ID, late), fault.ErrNotFound)
		_, _, err = d.Renew(t.Context(), stranger, made.ID, late)
		refused(t, err, fault.ErrNotFound)
		if listed, err := d.Invitations(t.Context(), stranger, page.Request{Limit: 10}); err != nil || len(listed.Items) != 0 {
			t.Errorf("a stranger sees %v, %v", listed, err)
		}
		if listed, err := d.Invitations(t.Context(), admin.Scope, page.Request{Limit: 10}); err != nil || len(listed.Items) != 1 || listed.Items[0].InviterName != "admin" {
			t.Errorf("the admin sees %v, %v", listed, err)
		}
		must(t, d.Withdraw(t.Context(), admin.Scope, made.ID, late))
		_, err = d.Invited(t.Context(), fresh, late)
		refused(t, err, access.ErrInvitationEnded)
	})
}

func TestAKeyDoesWhatItsScopesSayUntilItIsEnded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		owner, _ := d.signIn(t, "guwan@tit.example", start)
		claim := func() *commit.Claim {
			return &commit.Claim{Workspace: owner.Scope.Workspace, Actor: owner.Scope.Actor(), Route: "POST /api-keys", Key: "a", Request: []byte("x"), At: start}
		}
		made, text, err := d.MakeKey(t.Context(), owner.Scope, claim(), "Shop", []access.Permission{access.TicketRead}, start)
		must(t, err)
		again, none, err := d.MakeKey(t.Context(), owner.Scope, claim(), "Shop", []access.Permission{access.TicketRead}, start)
		must(t, err)
		if again.ID != made.ID || none != "" {
			t.Errorf("the replay made %+v %q", again, none)
		}
		caller, err := d.KeyScope(t.Context(), text, start)
		must(t, err)
		want := access.Scope{
			Workspace: owner.Scope.Workspace, Kind: access.ActorKey, Key: made.ID, Reach: access.ReachAll,
			Permissions: []access.Permission{access.TicketRead},
		}
		if diff := cmp.Diff(want, caller.Scope); diff != "" {
			t.Error(diff)
		}
		listed, err := d.Keys(t.Context(), owner.Scope, page.Request{Limit: 10})
		must(t, err)
		key := access.APIKey{
			ID: made.ID, Name: "Shop", Hint: text[len(text)-4:], Scopes: []access.Permission{access.TicketRead},
			CreatedBy: "Gu Wan", CreatedAt: start, UsedAt: start,
		}
		if diff := cmp.Diff([]access.APIKey{key}, listed.Items); diff != "" {
			t.Error(diff)
		}
		refused(t, d.EndKey(t.Context(), access.System(owner.Scope.Workspace+1), made.ID, start), fault.ErrNotFound)
		must(t, d.EndKey(t.Context(), owner.Scope, made.ID, start))
		_, err = d.KeyScope(t.Context(), text, start)
		refused(t, err, access.ErrBadKey)
		agent := d.enroll(t, "lin", access.Agent, start)
		_, _, err = d.MakeKey(t.Context(), agent.Scope, nil, "Mine", []access.Permission{access.StaffManage}, start)
		refused(t, err, access.ErrBeyondOwn)
	})
}

func TestTheFirstRunIsSetUpOnceByWhoeverHasTheLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := empty(t, db)
		old, err := d.SetupToken(t.Context(), start.Add(-25*time.Hour))
		must(t, err)
		token, err := d.SetupToken(t.Context(), start)
		must(t, err)
		founding := access.Founding{Name: "山雀衣物", Locale: "zh-CN", TimeZone: "Asia/Shanghai", OwnerName: "顾晚", Mail: "guwan@tit.example", Password: password}
		_, err = d.Setup(t.Context(), "edu_guess", founding, here, start)
		refused(t, err, access.ErrSetupToken)
		_, err = d.Setup(t.Context(), old, founding, here, start)
		refused(t, err, access.ErrSetupToken)
		wrong := founding
		wrong.TimeZone = "Asia/Nowhere"
		_, err = d.Setup(t.Context(), token, wrong, here, start)
		field(t, err, "body.time_zone", "malformed")
		var wg sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			wg.Go(func() { _, errs[i] = d.Setup(t.Context(), token, founding, here, start) })
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			}
		}
		if n := count(t, db, `SELECT COUNT(*) FROM workspaces WHERE slug = 'desk'`); done != 1 || n != 1 {
			t.Errorf("%d were set up, %d workspaces: %v", done, n, errs)
		}
		caller, _ := d.signIn(t, "guwan@tit.example", start)
		if !caller.Scope.Can(access.WorkspaceManage) {
			t.Error("the first account does not own the workspace")
		}
		if token, err := d.SetupToken(t.Context(), start); err != nil || token != "" {
			t.Errorf("another link was made: %q, %v", token, err)
		}
	})
}

func TestPeopleAndWorkspacesChangeWhatIsTheirs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		caller, _ := d.signIn(t, "guwan@tit.example", start)
		name, tag, theme, zone := "Gu  Wan Wan", "zh-Hans", "dark", "Europe/Berlin"
		must(t, d.ChangeMe(t.Context(), caller, access.Me{Name: &name, Locale: &tag, Theme: &theme}, start))
		profile, err := d.Profile(t.Context(), caller)
		must(t, err)
		if a := profile.Account; a.Name != "Gu Wan Wan" || a.Locale != "zh-CN" || a.Theme != "dark" || profile.StaffName != "Gu Wan Wan" {
			t.Errorf("changed to %+v", profile)
		}
		field(t, d.ChangeMe(t.Context(), caller, access.Me{Theme: &tag}, start), "body.theme", "not_allowed")
		changed, err := d.ChangeWorkspace(t.Context(), caller.Scope, 1, access.WorkspacePatch{Name: &name, TimeZone: &zone}, start)
		must(t, err)
		if changed.Name != "Gu Wan Wan" || changed.TimeZone != zone || changed.Version != 2 {
			t.Errorf("changed to %+v", changed)
		}
		_, err = d.ChangeWorkspace(t.Context(), caller.Scope, 1, access.WorkspacePatch{Name: &name}, start)
		refused(t, err, fault.ErrStale)
	})
}
