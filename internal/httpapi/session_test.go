package httpapi_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/httpapi"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

type object = map[string]any

func TestSigningInGivesACookieOnlyTheServerReads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		c := owner.cookie
		if c.Name != "__Host-everdesk_session" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("the cookie is %+v", c)
		}
		session := owner.session(t)
		if session.Account.Email != "owner@titmouse.example" || session.Staff.Role != access.Owner || session.Workspace.Name != "titmouse" ||
			session.Staff.Presence.State != "offline" || len(session.Permissions) != len(access.AllPermissions) || session.Locale != "en" {
			t.Errorf("signed in as %+v", session)
		}
		stolen := *owner
		owner.call(t, "DELETE", "/session", nil).is(t, 204, "")
		if owner.cookie != nil {
			t.Error("signing out left the cookie")
		}
		owner.call(t, "GET", "/session", nil).is(t, 401, "access.signed_out")
		stolen.call(t, "GET", "/session", nil).is(t, 401, "access.signed_out")
	})
}

func TestWhoIsUnknownAndWhoForgotLookAlike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		d.found(t, "titmouse")
		answers := map[string]string{}
		for _, mail := range []string{"owner@titmouse.example", "nobody@titmouse.example", "not an address"} {
			c := d.visitor().with("X-Request-Id", "same")
			a := c.call(t, "POST", "/session", object{"email": mail, "password": "wrong password"}).is(t, 401, "access.wrong_sign_in")
			answers[string(a.body)] = mail
			if strings.Contains(string(a.body), "wrong password") || c.cookie != nil {
				t.Errorf("%s: %s", mail, a.body)
			}
		}
		if len(answers) != 1 {
			t.Errorf("the answers differ: %v", answers)
		}
		zh := d.visitor().with("Accept-Language", "zh-CN").call(t, "POST", "/session", object{"email": "x@y.example", "password": "z"}).is(t, 401, "access.wrong_sign_in")
		if !strings.Contains(string(zh.body), "邮箱或密码不正确") {
			t.Errorf("in Chinese: %s", zh.body)
		}
	})
}

func TestTryingPasswordsIsSlowedDown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		d.found(t, "titmouse")
		try := func(word string) answer {
			t.Helper()
			return d.visitor().call(t, "POST", "/session", object{"email": "owner@titmouse.example", "password": word})
		}
		for range access.ThrottlePair.Free {
			try("wrong password").is(t, 401, "access.wrong_sign_in")
		}
		if a := try(password).is(t, 429, "access.too_many_tries"); a.header.Get("Retry-After") != "2" {
			t.Errorf("told to wait %q seconds", a.header.Get("Retry-After"))
		}
		d.wait(2 * time.Second)
		try(password).is(t, 200, "")
		// One address cannot keep the desk busy hashing, whoever it tries.
		last := answer{}
		for n := range 40 {
			last = d.visitor().call(t, "POST", "/session", object{"email": strings.Repeat("x", n+1) + "@y.example", "password": "z"})
		}
		last.is(t, 429, "request.too_many")
	})
}

func TestSessionsAreListedAndEndedFromAnyOfThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		laptop := d.found(t, "titmouse")
		d.wait(time.Hour)
		phone := d.signIn(t, "owner@titmouse.example")
		sessions := read[listOf[httpapi.Device]](t, laptop.call(t, "GET", "/sessions", nil)).Items
		if len(sessions) != 2 || sessions[0].Current || !sessions[1].Current || sessions[0].Address != "127.0.0.1" {
			t.Fatalf("listed %+v", sessions)
		}
		stranger := d.found(t, "second")
		stranger.call(t, "DELETE", "/sessions/"+sessions[0].ID.String(), nil).is(t, 404, "request.not_found")
		laptop.call(t, "DELETE", "/sessions/"+sessions[0].ID.String(), nil).is(t, 204, "")
		phone.call(t, "GET", "/session", nil).is(t, 401, "access.signed_out")
		laptop.session(t)
		laptop.call(t, "DELETE", "/sessions/ses_nonsense", nil).is(t, 422, "request.invalid")
	})
}

func TestAnotherSiteCannotUseTheCookie(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		for _, c := range []*caller{owner.with("Origin", "https://evil.example"), owner.with("Sec-Fetch-Site", "cross-site")} {
			c.call(t, "POST", "/teams", object{"name": "Evil"}).is(t, 403, "access.cross_site")
			c.call(t, "DELETE", "/session", nil).is(t, 403, "access.cross_site")
			c.call(t, "POST", "/session", object{"email": "a@b.example", "password": "x"}).is(t, 403, "access.cross_site")
		}
		owner.with("Origin", d.url).call(t, "POST", "/teams", object{"name": "Good"}).is(t, 201, "")
	})
}

func TestAForgottenPasswordIsSetByTheMailedLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		d.visitor().call(t, "POST", "/password/forgot", object{"email": "nobody@titmouse.example"}).is(t, 204, "")
		d.visitor().call(t, "POST", "/password/forgot", object{"email": "owner@titmouse.example"}).is(t, 204, "")
		token := d.mailed(t, "reset")
		reset := func(token, word string) answer {
			return d.visitor().call(t, "POST", "/password/reset", object{"token": token, "password": word})
		}
		reset("edr_guess", "eleven blue umbrellas").is(t, 404, "account.reset_ended")
		reset(token, "1234567890").is(t, 422, "request.invalid").names(t, "body.password")
		reset(token, "eleven blue umbrellas").is(t, 204, "")
		reset(token, "eleven blue umbrellas").is(t, 404, "account.reset_ended")
		owner.call(t, "GET", "/session", nil).is(t, 401, "access.signed_out")
		owner.call(t, "POST", "/session", object{"email": "owner@titmouse.example", "password": "eleven blue umbrellas"}).is(t, 200, "")
		owner.call(t, "PUT", "/password", object{"current": "wrong", "password": password}).is(t, 422, "account.wrong_password").names(t, "body.current")
		owner.call(t, "PUT", "/password", object{"current": "eleven blue umbrellas", "password": password}).is(t, 204, "")
		d.signIn(t, "owner@titmouse.example")
	})
}

func TestTheFirstRunMakesAnOwnerOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		token, err := d.access.SetupToken(t.Context(), d.clock())
		must(t, err)
		if got := read[httpapi.Setup](t, d.visitor().call(t, "GET", "/setup", nil)); !got.Needed {
			t.Error("nothing is said to be needed")
		}
		input := object{
			"token": token, "workspace_name": "山雀衣物", "time_zone": "Asia/Shanghai", "name": "顾晚", "email": "guwan@tit.example", "password": password,
		}
		with := func(name, value string) object {
			changed := object{}
			maps.Copy(changed, input)
			changed[name] = value
			return changed
		}
		d.visitor().call(t, "POST", "/setup", with("token", "edu_guess")).is(t, 403, "setup.wrong_token")
		d.visitor().call(t, "POST", "/setup", with("time_zone", "Mars")).is(t, 422, "request.invalid").names(t, "body.time_zone")
		d.visitor().call(t, "POST", "/setup", with("password", "short")).is(t, 422, "request.invalid").names(t, "body.password")
		owner := d.visitor().with("Accept-Language", "zh-CN")
		owner.call(t, "POST", "/setup", input).is(t, 201, "")
		if s := owner.session(t); s.Workspace.Locale != "zh-CN" || s.Locale != "zh-CN" || s.Workspace.Slug != "desk" {
			t.Errorf("set up %+v", s)
		}
		d.visitor().call(t, "POST", "/setup", input).is(t, 409, "setup.done")
		if got := read[httpapi.Setup](t, d.visitor().call(t, "GET", "/setup", nil)); got.Needed {
			t.Error("it is said to be needed again")
		}
	})
}

func TestPeopleChangeWhatIsTheirs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		changed := read[httpapi.Session](t, owner.call(t, "PATCH", "/me", object{"name": "Gu Wan", "locale": "zh", "theme": "dark"}))
		if changed.Account.Name != "Gu Wan" || changed.Staff.Name != "Gu Wan" || changed.Locale != "zh-CN" || changed.Account.Theme != "dark" {
			t.Errorf("changed to %+v", changed)
		}
		owner.call(t, "PATCH", "/me", object{"theme": "pink"}).is(t, 422, "request.invalid").names(t, "body.theme")
		first := owner.call(t, "GET", "/workspace", nil).is(t, 200, "")
		owner.call(t, "PATCH", "/workspace", object{"name": "New"}).is(t, 428, "request.version_required")
		matched := owner.with("If-Match", first.header.Get("ETag"))
		matched.call(t, "PATCH", "/workspace", object{"name": "New"}).is(t, 200, "")
		matched.call(t, "PATCH", "/workspace", object{"name": "Newer"}).is(t, 412, "request.stale_version")
	})
}

func TestOneAccountSwitchesBetweenItsWorkspaces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		first, second := d.found(t, "first"), d.found(t, "second")
		invited := read[httpapi.Invitation](t, second.call(t, "POST", "/invitations", object{"email": "owner@first.example", "role": "trainer"}))
		_, token, _ := strings.Cut(invited.URL, "#")
		first.call(t, "POST", "/invitations/accept", object{"token": token, "password": password}).is(t, 201, "")
		session := first.session(t)
		names := []string{}
		for _, w := range session.Workspaces {
			names = append(names, w.Name)
		}
		if diff := cmp.Diff([]string{"first", "second"}, names); diff != "" || session.Workspace.Name != "second" || session.Staff.Role != access.Trainer {
			t.Error(diff, session)
		}
		moved := read[httpapi.Session](t, first.call(t, "PUT", "/session/workspace", object{"workspace_id": session.Workspaces[0].ID}))
		if moved.Workspace.Name != "first" || moved.Staff.Role != access.Owner {
			t.Errorf("moved to %+v", moved)
		}
		second.call(t, "PUT", "/session/workspace", object{"workspace_id": session.Workspaces[0].ID}).is(t, 404, "request.not_found")
	})
}
