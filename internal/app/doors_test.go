package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/httpapi"
)

// publicOperations may be called by anybody. Each stands here because somebody
// thought about it.
var publicOperations = []string{
	"accept-invitation", "client-config", "client-follow-link", "client-get-help", "client-list-help", "create-visitor",
	"forgot-password", "get-meta", "get-setup", "read-invitation", "reset-password", "set-up", "sign-in",
}

// ownOperations need a session and no permission: what is everybody's own.
var ownOperations = []string{
	"change-me", "change-password", "end-session", "get-presence", "get-session", "list-sessions", "set-presence", "sign-out", "switch-workspace",
}

// readingOperations change nothing although they are no GET.
var readingOperations = []string{"run-test-set", "try-knowledge", "try-training"}

// visitant is somebody at the doors, with what each door has to say to them.
type visitant struct {
	name string
	guest
	// refused is the status at a door, 0 where they are let in.
	refused func(door string) int
}

// walkDoors tries every operation as everybody and returns what is wrong.
//
// Where somebody is to be refused, the request is one that would do something.
// Where they are to be let in, it has a parameter no operation knows, which is
// refused behind the door, so that the walk changes nothing.
func walkDoors(t testing.TB, at http.Handler, everybody []visitant) (wrongs []string) {
	t.Helper()
	all := operations(t, at)
	for _, o := range all {
		for door, known := range map[string][]string{"public": publicOperations, "session": ownOperations} {
			if (o.door == door) != slices.Contains(known, o.id) {
				wrongs = append(wrongs, fmt.Sprintf("%s has the door %q", o.name(), o.door))
			}
		}
		if o.unsafe() && strings.HasSuffix(o.door, ".read") && !slices.Contains(readingOperations, o.id) {
			wrongs = append(wrongs, fmt.Sprintf("%s asks only for %s", o.name(), o.door))
		}
		for _, v := range everybody {
			v.at = at
			if wrong := tryDoor(t, o, v); wrong != "" {
				wrongs = append(wrongs, fmt.Sprintf("%s as %s: %s", o.name(), v.name, wrong))
			}
		}
	}
	return wrongs
}

func tryDoor(t testing.TB, o operation, v visitant) string {
	t.Helper()
	want := v.refused(o.door)
	path := o.at("xyz_0000000000008")
	if want == 0 {
		path += "?walk=1"
	}
	var body any
	if o.unsafe() {
		body = map[string]any{}
	}
	answer := v.ask(t, o.method, path, body)
	p := problem(answer)
	switch {
	case p.Code == "" || p.Trace == "":
		return fmt.Sprintf("answered %d %.80s, no problem", answer.Code, answer.Body)
	case want == 0 && (answer.Code == 401 || answer.Code == 403 || answer.Code >= 500):
		return fmt.Sprintf("refused with %d %s", answer.Code, p.Code)
	case want != 0 && answer.Code != want:
		return fmt.Sprintf("answered %d %s, want %d", answer.Code, p.Code, want)
	case want == 403 && p.Facts["permission"] != o.door:
		return fmt.Sprintf("refused for %q, the door is %q", p.Facts["permission"], o.door)
	}
	return ""
}

// everybody returns one of each kind of caller.
func everybody(t *testing.T, a *app.App, h *house) []visitant {
	t.Helper()
	at := a.Handler()
	ended := signIn(t, at, "owner@"+h.word+".test")
	done[any](t, guest{at: at, cookie: ended}, "DELETE", "/session", nil)
	weak := done[httpapi.APIKey](t, h.owner, "POST", "/api-keys", map[string]any{"name": "weak", "scopes": []string{"audit.read"}}).Secret
	dead := done[httpapi.APIKey](t, h.owner, "POST", "/api-keys", map[string]any{"name": "dead", "scopes": []string{"audit.read"}})
	done[any](t, h.owner, "DELETE", "/api-keys/"+dead.ID.String(), nil)
	unless := func(open bool, status int) int {
		if open {
			return 0
		}
		return status
	}
	stranger := func(door string) int { return unless(door == "public", 401) }
	all := []visitant{
		{"nobody", guest{}, stranger},
		{"an ended session", guest{cookie: ended}, stranger},
		{"a forged session", guest{cookie: "forged"}, stranger},
		{"an ended key", guest{bearer: dead.Secret}, stranger},
		{"a session's token as a key", guest{bearer: h.owner.cookie}, stranger},
		{"a visitor", h.visitor, func(door string) int { return unless(door == "public" || door == "visitor", 401) }},
		{"a key for the audit", guest{bearer: weak}, func(door string) int {
			if door == "session" || door == "visitor" {
				return 401
			}
			return unless(door == "public" || door == "audit.read", 403)
		}},
	}
	for _, role := range access.Roles {
		mail := string(role) + "@roles.test"
		_, err := a.AddUser(t.Context(), app.NewUser{Workspace: h.word, Mail: mail, Name: "A " + string(role), Password: password, Role: string(role), Locale: "en"})
		must(t, err)
		all = append(all, visitant{string(role), guest{cookie: signIn(t, at, mail)}, func(door string) int {
			if door == "visitor" {
				return 401
			}
			return unless(door == "public" || door == "session" || slices.Contains(role.Permissions(), access.Permission(door)), 403)
		}})
	}
	return all
}

func TestEveryDoorLetsInWhomItSays(t *testing.T) {
	a := node(t, "")
	h := found(t, a, "heron")
	callers := everybody(t, a, h)
	for _, wrong := range walkDoors(t, a.Handler(), callers) {
		t.Error(wrong)
	}
	t.Logf("%d operations, %d callers", len(operations(t, a.Handler())), len(callers))
}

// What nobody but an owner may do stays that way: the roles are sets, and a
// permission that slips into one opens every route it guards.
func TestEachRoleHasNoMoreThanItsShare(t *testing.T) {
	for permission, roles := range map[access.Permission][]access.Role{
		access.WorkspaceManage: {access.Owner},
		access.APIKeyManage:    {access.Owner, access.Admin},
		access.StaffManage:     {access.Owner, access.Admin},
		access.ChannelManage:   {access.Owner, access.Admin},
		access.SettingsManage:  {access.Owner, access.Admin},
		access.AuditRead:       {access.Owner, access.Admin, access.Supervisor},
		access.TeamManage:      {access.Owner, access.Admin, access.Supervisor},
		access.CustomerRead:    {access.Owner, access.Admin, access.Supervisor, access.Agent},
	} {
		for _, role := range access.Roles {
			if has := slices.Contains(role.Permissions(), permission); has != slices.Contains(roles, role) {
				t.Errorf("%s has %s: %v", role, permission, has)
			}
		}
	}
}

// lenient lets in whom the real one refuses, or gives them more.
type lenient struct {
	httpapi.Authenticator
	owner string
	more  []access.Permission
}

func (l lenient) Session(ctx context.Context, token string, at time.Time) (access.Caller, error) {
	caller, err := l.Authenticator.Session(ctx, token, at)
	if err != nil && l.owner != "" {
		return l.Authenticator.Session(ctx, l.owner, at)
	}
	caller.Scope.Permissions = append(slices.Clone(caller.Scope.Permissions), l.more...)
	return caller, err
}

// asOwner answers one request of everybody as if the owner had made it.
func asOwner(h *house, method, prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == method && strings.HasPrefix(r.URL.Path, httpapi.Base+prefix) {
			r.Header.Set("Authorization", "Bearer "+h.key.bearer)
		}
		h.key.at.ServeHTTP(w, r)
	})
}

// redocumented changes the document of a desk.
func redocumented(at http.Handler, before, after string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/openapi.json" {
			at.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		at.ServeHTTP(answer, r)
		// The recorder of the test takes everything.
		_, _ = w.Write(bytes.ReplaceAll(answer.Body.Bytes(), []byte(before), []byte(after)))
	})
}

func TestTheWalkNoticesADoorLeftOpen(t *testing.T) {
	a := node(t, "")
	h := found(t, a, "heron")
	callers := everybody(t, a, h)
	for name, test := range map[string]struct {
		at   http.Handler
		want []string // of each, some report has all words
	}{
		"a handler that ignores its door": {asOwner(h, "DELETE", "/snippets/"), []string{"remove-snippet as nobody answered", "remove-snippet as an ended session"}},
		"a route that is public":          {redocumented(asOwner(h, "GET", "/audit"), `"x-door":"audit.read"`, `"x-door":"public"`), []string{`list-audit has the door "public"`}},
		"a change for those who may read": {redocumented(a.Handler(), `"x-door":"team.manage"`, `"x-door":"staff.read"`), []string{"make-team asks only for staff.read", "remove-team as trainer"}},
		"sessions that never end": {a.Changed(httpapi.Pages{}, func(p *httpapi.Ports) {
			p.Auth = lenient{Authenticator: p.Auth, owner: h.owner.cookie}
		}), []string{"list-staff as an ended session", "sign-out as an ended session"}},
		"a permission for everybody": {a.Changed(httpapi.Pages{}, func(p *httpapi.Ports) {
			p.Auth = lenient{Authenticator: p.Auth, more: []access.Permission{access.APIKeyManage}}
		}), []string{"make-api-key as agent", "list-api-keys as trainer"}},
	} {
		t.Run(name, func(t *testing.T) {
			wrongs := walkDoors(t, test.at, callers)
			for _, want := range test.want {
				if !reports(wrongs, want) {
					t.Errorf("nobody noticed %q among %q", want, wrongs)
				}
			}
		})
	}
}

// reports says whether one of the reports has all the words.
func reports(wrongs []string, words string) bool {
	return slices.ContainsFunc(wrongs, func(wrong string) bool {
		for word := range strings.FieldsSeq(words) {
			if !strings.Contains(wrong, word) {
				return false
			}
		}
		return true
	})
}
