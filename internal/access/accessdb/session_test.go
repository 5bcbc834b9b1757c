package accessdb_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/staff"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestASignedInBrowserIsKnownByItsToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		caller, signed := d.signIn(t, " GuWan@Tit.example ", start)
		want := access.Scope{
			Workspace: d.founded.Workspace.ID, Kind: access.ActorStaff, Staff: d.founded.Staff,
			Permissions: access.Owner.Permissions(), Reach: access.ReachAll,
		}
		if diff := cmp.Diff(want, caller.Scope); diff != "" {
			t.Error(diff)
		}
		if n := count(t, db, `SELECT COUNT(*) FROM sessions WHERE token_hash = $1 OR address LIKE '%192%'`, signed.Token); n != 0 {
			t.Error("the token or the address can be read in the database")
		}
		if n := count(t, db, `SELECT COUNT(*) FROM accounts WHERE mail LIKE '%guwan%' OR mail_index LIKE '%guwan%' OR password LIKE '%horse%'`); n != 0 {
			t.Error("the mail address or the password can be read in the database")
		}
		for _, token := range []string{"", "eds_", signed.Token + "x", access.NewToken(access.SessionToken).Text} {
			_, err := d.SessionScope(t.Context(), token, start)
			refused(t, err, access.ErrSignedOut)
		}
	})
}

func TestASessionLivesWhileItIsUsedButNotForEver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		_, idle := d.signIn(t, "guwan@tit.example", start)
		_, used := d.signIn(t, "guwan@tit.example", start)
		at := start
		for range 9 {
			at = at.Add(9 * 24 * time.Hour)
			_, err := d.SessionScope(t.Context(), used.Token, at)
			must(t, err)
		}
		_, err := d.SessionScope(t.Context(), idle.Token, start.Add(access.SessionIdle))
		refused(t, err, access.ErrSignedOut)
		_, err = d.SessionScope(t.Context(), used.Token, start.Add(access.SessionMost))
		refused(t, err, access.ErrSignedOut)
		if swept, err := d.Sweep(t.Context(), start.Add(access.SessionMost+time.Second), 100); err != nil || swept < 2 {
			t.Errorf("swept %d, %v", swept, err)
		}
		if n := count(t, db, `SELECT COUNT(*) FROM sessions`); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

func TestSessionsAreListedAndEndedByTheirOwner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		caller, signed := d.signIn(t, "guwan@tit.example", start)
		_, err := d.SignIn(t.Context(), "guwan@tit.example", password, there, start.Add(time.Hour))
		must(t, err)
		_, err = d.SessionScope(t.Context(), signed.Token, start.Add(2*time.Hour))
		must(t, err)
		sessions, err := d.Sessions(t.Context(), caller.Account, start.Add(2*time.Hour))
		must(t, err)
		var got []string
		for _, s := range sessions {
			got = append(got, s.Device+" "+s.Address+" "+s.SeenAt.Sub(start).String())
		}
		if diff := cmp.Diff([]string{"curl 198.51.100.9 1h0m0s", "Firefox · Linux 192.0.2.7 2h0m0s"}, got); diff != "" {
			t.Error(diff)
		}
		stranger := d.enroll(t, "lin", access.Agent, start)
		refused(t, d.EndSession(t.Context(), stranger, caller.Session, start), fault.ErrNotFound)
		must(t, d.EndSession(t.Context(), caller, caller.Session, start))
		_, err = d.SessionScope(t.Context(), signed.Token, start.Add(2*time.Hour))
		refused(t, err, access.ErrSignedOut)
		refused(t, d.EndSession(t.Context(), caller, caller.Session, start), fault.ErrNotFound)
	})
}

func TestAnotherRoleTeamOrEndCountsWithTheNextRequest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		_, err := d.Enroll(t.Context(), d.system(), access.Account{Mail: "lin@tit.example", Name: "Lin"}, password, access.Agent, nil, start)
		must(t, err)
		caller, signed := d.signIn(t, "lin@tit.example", start)
		name := "Returns"
		team, err := d.staff.MakeTeam(t.Context(), d.system(), nil, staff.TeamPatch{Name: &name}, start)
		must(t, err)
		change := func(patch staff.Patch) (access.Caller, error) {
			t.Helper()
			member, err := d.staff.Member(t.Context(), d.system(), caller.Scope.Staff)
			must(t, err)
			_, err = d.staff.Change(t.Context(), d.system(), member.ID, member.Version, patch, start)
			must(t, err)
			return d.SessionScope(t.Context(), signed.Token, start)
		}
		supervisor := access.Supervisor
		now, err := change(staff.Patch{Role: &supervisor, Teams: &[]teamID{team.ID}})
		must(t, err)
		if !now.Scope.Can(access.AuditRead) || now.Scope.Reach != access.ReachAll || len(now.Scope.Teams) != 1 {
			t.Errorf("as supervisor: %+v", now.Scope)
		}
		no, yes := false, true
		_, err = change(staff.Patch{Active: &no})
		refused(t, err, access.ErrSignedOut)
		_, err = d.SignIn(t.Context(), "lin@tit.example", password, here, start)
		refused(t, err, access.ErrNoWorkspace)
		_, err = change(staff.Patch{Active: &yes})
		must(t, err)
	})
}

func TestGuessingIsSlowedDownWithoutLockingOthersOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		try := func(mail, word string, visit access.Visit, at time.Time) error {
			_, err := d.SignIn(t.Context(), mail, word, visit, at)
			return err
		}
		for range access.ThrottlePair.Free {
			refused(t, try("guwan@tit.example", "wrong password", there, start), access.ErrWrongSignIn)
		}
		err := try("guwan@tit.example", password, there, start.Add(time.Second))
		refused(t, err, access.ErrTooManyTries)
		if wait := fault.Of(err).RetryAfter; wait != time.Second {
			t.Errorf("told to wait %v", wait)
		}
		// From elsewhere the owner gets in, and it does not clear the guesser.
		must(t, try("guwan@tit.example", password, here, start.Add(time.Second)))
		refused(t, try("guwan@tit.example", "wrong", there, start.Add(time.Second)), access.ErrTooManyTries)
		// Each further failure costs double.
		refused(t, try("guwan@tit.example", "wrong", there, start.Add(2*time.Second)), access.ErrWrongSignIn)
		refused(t, try("guwan@tit.example", password, there, start.Add(5*time.Second)), access.ErrTooManyTries)
		must(t, try("guwan@tit.example", password, there, start.Add(6*time.Second)))
		// A success starts afresh.
		refused(t, try("guwan@tit.example", "wrong", there, start.Add(7*time.Second)), access.ErrWrongSignIn)
		must(t, try("guwan@tit.example", password, there, start.Add(7*time.Second)))
		// Somebody who does not exist is throttled just the same.
		for range access.ThrottlePair.Free {
			refused(t, try("nobody@tit.example", "wrong", there, start), access.ErrWrongSignIn)
		}
		refused(t, try("nobody@tit.example", "wrong", there, start), access.ErrTooManyTries)
		if n := count(t, db, `SELECT COUNT(*) FROM throttles WHERE name LIKE '%tit%' OR name LIKE '%198%'`); n != 0 {
			t.Error("the table says who was tried")
		}
	})
}

func TestManyGuessesAtOnceCountAsMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		var wg sync.WaitGroup
		var mu sync.Mutex
		checked := 0
		for range 40 {
			wg.Go(func() {
				_, err := d.SignIn(t.Context(), "guwan@tit.example", "wrong password", there, start)
				mu.Lock()
				defer mu.Unlock()
				if e := fault.Of(err); e != nil && e.Code == access.ErrWrongSignIn.Code {
					checked++
				}
			})
		}
		wg.Wait()
		if checked != access.ThrottlePair.Free {
			t.Errorf("%d of 40 passwords were looked at, want %d", checked, access.ThrottlePair.Free)
		}
	})
}

func TestAPasswordMovesToTodaysCost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db)
		d.Passwords = access.NewPasswords(access.Cost{Memory: 128, Passes: 1}, 1)
		for range 2 {
			d.signIn(t, "guwan@tit.example", start)
		}
		if n := count(t, db, `SELECT COUNT(*) FROM accounts WHERE password LIKE '%m=128,%'`); n != 1 {
			t.Error("the password kept its cost")
		}
	})
}
