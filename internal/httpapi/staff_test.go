package httpapi_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestAnotherRoleCountsWithTheNextRequest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		agent := d.enroll(t, owner, "lin", access.Agent)
		path := "/staff/" + agent.session(t).Staff.ID.String()
		change := func(body object) answer {
			t.Helper()
			etag := owner.call(t, "GET", path, nil).is(t, 200, "").header.Get("ETag")
			return owner.with("If-Match", etag).call(t, "PATCH", path, body)
		}
		agent.call(t, "GET", "/audit", nil).is(t, 403, "access.forbidden")
		change(object{"role": "supervisor"}).is(t, 200, "")
		agent.call(t, "GET", "/audit", nil).is(t, 200, "")
		change(object{"role": "agent"}).is(t, 200, "")
		agent.call(t, "GET", "/audit", nil).is(t, 403, "access.forbidden")
		changed := read[httpapi.Staff](t, change(object{"active": false}))
		if changed.Active || changed.Version != 4 {
			t.Errorf("changed to %+v", changed)
		}
		agent.call(t, "GET", "/session", nil).is(t, 401, "access.signed_out")
		agent.call(t, "POST", "/session", object{"email": "lin@tit.example", "password": password}).is(t, 403, "access.no_workspace")
		owner.call(t, "PATCH", path, object{"active": true}).is(t, 428, "request.version_required")
		owner.with("If-Match", `"1"`).call(t, "PATCH", path, object{"active": true}).is(t, 412, "request.stale_version")
		change(object{"role": "king"}).is(t, 422, "request.invalid").names(t, "body.role")
		change(object{"capacity": object{"chat": 1000, "async": 1}}).is(t, 422, "request.invalid").names(t, "body.capacity.chat")
		own := "/staff/" + owner.session(t).Staff.ID.String()
		owner.with("If-Match", `"1"`).call(t, "PATCH", own, object{"role": "agent"}).is(t, 409, "staff.last_owner")
	})
}

func TestAnAdminCannotRaiseThemselvesThroughAnybody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		admin := d.enroll(t, owner, "ann", access.Admin)
		self, boss := "/staff/"+admin.session(t).Staff.ID.String(), "/staff/"+owner.session(t).Staff.ID.String()
		matched := admin.with("If-Match", `"1"`)
		matched.call(t, "PATCH", self, object{"role": "owner"}).is(t, 403, "access.beyond_own")
		matched.call(t, "PATCH", boss, object{"active": false}).is(t, 403, "access.beyond_own")
		admin.call(t, "POST", boss+"/password-link", nil).is(t, 403, "access.beyond_own")
		admin.call(t, "POST", "/invitations", object{"email": "me2@tit.example", "role": "owner"}).is(t, 403, "access.beyond_own")
		admin.call(t, "POST", "/api-keys", object{"name": "x", "scopes": []string{"workspace.manage"}}).is(t, 403, "access.beyond_own")
		link := read[httpapi.Link](t, owner.call(t, "POST", self+"/password-link", nil).is(t, 201, ""))
		_, token, _ := strings.Cut(link.URL, "https://desk.example/reset#")
		d.visitor().call(t, "POST", "/password/reset", object{"token": token, "password": "eleven blue umbrellas"}).is(t, 204, "")
	})
}

func TestTeamsAreMadeOnceAndChangedByVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		me := owner.session(t).Staff.ID
		keyed := owner.with("Idempotency-Key", "one")
		made := keyed.call(t, "POST", "/teams", object{"name": "Returns", "members": []id.Staff{me}}).is(t, 201, "")
		again := keyed.call(t, "POST", "/teams", object{"name": "Returns", "members": []id.Staff{me}}).is(t, 201, "")
		if diff := cmp.Diff(string(made.body), string(again.body)); diff != "" || again.header.Get("Idempotent-Replay") != "true" || made.header.Get("Idempotent-Replay") != "" {
			t.Error(diff, again.header)
		}
		keyed.call(t, "POST", "/teams", object{"name": "Other"}).is(t, 422, "request.key_reused")
		owner.call(t, "POST", "/teams", object{"name": "Returns"}).is(t, 409, "team.name_taken")
		owner.call(t, "POST", "/teams", object{}).is(t, 422, "request.invalid").names(t, "body.name")
		team := read[httpapi.Team](t, made)
		path := "/teams/" + team.ID.String()
		changed := read[httpapi.Team](t, owner.with("If-Match", made.header.Get("ETag")).call(t, "PATCH", path,
			object{"wait_policy": object{"max_wait_seconds": 60, "max_queue": 5}, "attention_seconds": 90, "members": []string{}}))
		team.Wait, team.Attention, team.Members, team.Version = httpapi.WaitPolicy{MaxWaitSeconds: 60, MaxQueue: 5}, 90, []id.Staff{}, 2
		if diff := cmp.Diff(team, changed); diff != "" {
			t.Error(diff)
		}
		owner.with("If-Match", `"1"`).call(t, "PATCH", path, object{"name": "x"}).is(t, 412, "request.stale_version")
		owner.with("If-Match", `"2"`).call(t, "PATCH", path, object{"calendar_id": id.Calendar(5 << 40)}).is(t, 422, "request.invalid").names(t, "body.calendar_id")
		owner.with("If-Match", `"2"`).call(t, "PATCH", path, object{"calendar_id": "tkt_1"}).is(t, 422, "request.invalid").names(t, "body.calendar_id")
		owner.call(t, "DELETE", path, nil).is(t, 409, "team.last_one")
		owner.call(t, "POST", "/teams", object{"name": "Sizes"}).is(t, 201, "")
		owner.call(t, "DELETE", path, nil).is(t, 204, "")
		owner.call(t, "GET", path, nil).is(t, 404, "request.not_found")
	})
}

func TestAnInvitationIsAcceptedByLink(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		keyed := owner.with("Idempotency-Key", "one")
		made := read[httpapi.Invitation](t, keyed.call(t, "POST", "/invitations", object{"email": "lin@tit.example", "role": "agent"}).is(t, 201, ""))
		if again := read[httpapi.Invitation](t, keyed.call(t, "POST", "/invitations", object{"email": "lin@tit.example", "role": "agent"})); again.ID != made.ID || again.URL != "" {
			t.Errorf("the replay is %+v", again)
		}
		token := d.mailed(t, "invitation")
		if made.URL != "https://desk.example/invitation#"+token || made.InvitedBy == nil || made.InvitedBy.Name != "titmouse owner" {
			t.Errorf("made %+v", made)
		}
		shown := read[httpapi.Invited](t, d.visitor().call(t, "GET", "/invitations/by-token/"+token, nil))
		if shown.Workspace != "titmouse" || shown.Email != "lin@tit.example" || shown.HasAccount {
			t.Errorf("shown as %+v", shown)
		}
		lin := d.visitor()
		lin.call(t, "POST", "/invitations/accept", object{"token": token, "name": "Lin", "password": "lin@tit.example"}).is(t, 422, "request.invalid")
		lin.call(t, "POST", "/invitations/accept", object{"token": token, "name": "Lin", "password": password, "locale": "en"}).is(t, 201, "")
		if s := lin.session(t); s.Staff.Name != "Lin" || s.Staff.Role != access.Agent {
			t.Errorf("joined as %+v", s)
		}
		d.visitor().call(t, "GET", "/invitations/by-token/"+token, nil).is(t, 404, "invitation.ended")
		owner.call(t, "POST", "/invitations", object{"email": "lin@tit.example", "role": "agent"}).is(t, 409, "invitation.already_member")
		second := read[httpapi.Invitation](t, owner.call(t, "POST", "/invitations", object{"email": "wu@tit.example", "role": "agent"}))
		renewed := read[httpapi.Invitation](t, owner.call(t, "POST", "/invitations/"+second.ID.String()+"/renew", nil))
		if renewed.URL == "" || renewed.URL == second.URL {
			t.Errorf("renewed as %+v", renewed)
		}
		if all := read[listOf[httpapi.Invitation]](t, owner.call(t, "GET", "/invitations", nil)); len(all.Items) != 1 {
			t.Errorf("waiting: %+v", all.Items)
		}
		owner.call(t, "DELETE", "/invitations/"+second.ID.String(), nil).is(t, 204, "")
		d.wait(access.InvitationLife)
		d.visitor().call(t, "GET", "/invitations/by-token/"+renewed.URL[len("https://desk.example/invitation#"):], nil).is(t, 404, "invitation.ended")
	})
}

func TestAKeyOpensWhatItsScopesSay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		made := read[httpapi.APIKey](t, owner.with("Idempotency-Key", "k").call(t, "POST", "/api-keys", object{"name": "Shop", "scopes": []string{"staff.read"}}).is(t, 201, ""))
		if again := read[httpapi.APIKey](t, owner.with("Idempotency-Key", "k").call(t, "POST", "/api-keys", object{"name": "Shop", "scopes": []string{"staff.read"}})); again.ID != made.ID || again.Secret != "" {
			t.Errorf("the replay is %+v", again)
		}
		program := d.visitor().with("Authorization", "Bearer "+made.Secret)
		program.call(t, "GET", "/staff", nil).is(t, 200, "")
		program.call(t, "GET", "/audit", nil).is(t, 403, "access.forbidden")
		program.call(t, "POST", "/teams", object{"name": "x"}).is(t, 403, "access.forbidden")
		program.call(t, "GET", "/session", nil).is(t, 401, "access.signed_out")
		// A program sends no Origin a browser would; what it sends does not matter.
		program.with("Origin", "https://shop.example").call(t, "GET", "/teams", nil).is(t, 200, "")
		owner.call(t, "POST", "/api-keys", object{"name": "x", "scopes": []string{"everything"}}).is(t, 422, "request.invalid").names(t, "body.scopes")
		listed := read[listOf[httpapi.APIKey]](t, owner.call(t, "GET", "/api-keys", nil)).Items
		if len(listed) != 1 || listed[0].Secret != "" || listed[0].LastUsedAt == nil || !strings.HasSuffix(made.Secret, listed[0].Hint) {
			t.Errorf("listed %+v", listed)
		}
		owner.call(t, "DELETE", "/api-keys/"+made.ID.String(), nil).is(t, 204, "")
		program.call(t, "GET", "/staff", nil).is(t, 401, "access.bad_key")
	})
}

func TestTheRecordTellsWhoDidWhatFromWhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		team := read[httpapi.Team](t, owner.with("X-Request-Id", "abc123").call(t, "POST", "/teams", object{"name": "Returns"}))
		rows := read[listOf[httpapi.AuditRow]](t, owner.call(t, "GET", "/audit?action=team&object="+team.ID.String(), nil)).Items
		if len(rows) != 1 {
			t.Fatalf("found %+v", rows)
		}
		row := rows[0]
		me := owner.session(t).Staff
		want := httpapi.AuditRow{
			ID: row.ID, At: d.clock(), Actor: httpapi.Actor{Kind: "staff", ID: me.ID.String(), Name: me.Name}, Action: "team.made",
			Object: httpapi.Object{Kind: "team", ID: team.ID.String()}, After: row.After,
			Route: "POST /api/v1/teams", Address: "127.0.0.1", Trace: "abc123",
		}
		if diff := cmp.Diff(want, row); diff != "" || !strings.Contains(string(row.After), `"Returns"`) {
			t.Error(diff, string(row.After))
		}
		_, err := d.record.ChainAll(t.Context(), "node")
		must(t, err)
		if got := read[httpapi.Integrity](t, owner.call(t, "GET", "/audit/integrity", nil)); !got.Intact || got.Chained < 3 || got.Pending != 0 {
			t.Errorf("found %+v", got)
		}
		must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
			_, err := store.Current(ctx).Exec(`UPDATE audit_rows SET actor = 'system' WHERE id = $1`, row.ID)
			return err
		}))
		if got := read[httpapi.Integrity](t, owner.call(t, "GET", "/audit/integrity", nil)); got.Intact || got.Broken.Row != row.ID || got.Broken.Reason != "changed" {
			t.Errorf("a changed row was not found: %+v", got)
		}
		owner.call(t, "GET", "/audit?action=DROP", nil).is(t, 422, "request.invalid").names(t, "query.action")
		owner.call(t, "GET", "/audit?cursor=zzz", nil).is(t, 422, "request.invalid_cursor")
	})
}

// What belongs to one workspace does not exist for another, by any route here.
func TestAWorkspaceNeverMeetsAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		ours, theirs := d.found(t, "ours"), d.found(t, "theirs")
		member := theirs.session(t).Staff.ID.String()
		team := read[httpapi.Team](t, theirs.call(t, "POST", "/teams", object{"name": "Returns"})).ID.String()
		theirs.call(t, "POST", "/teams", object{"name": "Second"}).is(t, 201, "")
		invitation := read[httpapi.Invitation](t, theirs.call(t, "POST", "/invitations", object{"email": "x@y.example", "role": "agent"})).ID.String()
		key := read[httpapi.APIKey](t, theirs.call(t, "POST", "/api-keys", object{"name": "k", "scopes": []string{"staff.read"}})).ID.String()
		for _, c := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/staff/" + member, nil},
			{"PATCH", "/staff/" + member, object{"name": "x"}},
			{"POST", "/staff/" + member + "/password-link", nil},
			{"GET", "/teams/" + team, nil},
			{"PATCH", "/teams/" + team, object{"name": "x"}},
			{"DELETE", "/teams/" + team, nil},
			{"POST", "/invitations/" + invitation + "/renew", nil},
			{"DELETE", "/invitations/" + invitation, nil},
			{"DELETE", "/api-keys/" + key, nil},
		} {
			ours.with("If-Match", `"1"`).call(t, c.method, c.path, c.body).is(t, 404, "request.not_found")
		}
		own := "/staff/" + ours.session(t).Staff.ID.String()
		ours.with("If-Match", `"1"`).call(t, "PATCH", own, object{"teams": []string{team}}).is(t, 422, "request.invalid").names(t, "body.teams")
		ours.call(t, "POST", "/teams", object{"name": "x", "members": []string{member}}).is(t, 422, "request.invalid").names(t, "body.members")
		ours.call(t, "POST", "/invitations", object{"email": "z@y.example", "role": "agent", "teams": []string{team}}).is(t, 422, "request.invalid").names(t, "body.teams")
		for _, path := range []string{"/staff", "/teams", "/invitations", "/api-keys", "/audit", "/audit?object=" + team, "/sessions"} {
			a := ours.call(t, "GET", path, nil).is(t, 200, "")
			for _, foreign := range []string{member, team, invitation, key} {
				if strings.Contains(string(a.body), `"id":"`+foreign) {
					t.Errorf("%s shows %s", path, foreign)
				}
			}
		}
	})
}

// Every operation behind a permission is shut for the role that lacks it and
// for nobody at all.
func TestEveryPermissionIsAskedFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newDesk(t, db)
		owner := d.found(t, "titmouse")
		callers := map[access.Role]*caller{
			access.Supervisor: d.enroll(t, owner, "sue", access.Supervisor), access.Agent: d.enroll(t, owner, "lin", access.Agent),
			access.Trainer: d.enroll(t, owner, "tao", access.Trainer), access.Admin: d.enroll(t, owner, "ann", access.Admin),
		}
		asked := 0
		for path, item := range d.api.OpenAPI().Paths {
			for method, operation := range map[string]*huma.Operation{
				http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
			} {
				if operation == nil {
					continue
				}
				permission := access.Permission(operation.Extensions["x-door"].(string))
				if !slices.Contains(access.AllPermissions, permission) {
					continue
				}
				target := strings.TrimPrefix(strings.NewReplacer("{id}", "x", "{seq}", "1", "{token}", "x").Replace(path), httpapi.Base)
				d.visitor().call(t, method, target, nil).is(t, 401, "access.signed_out")
				for role, c := range callers {
					if slices.Contains(role.Permissions(), permission) {
						continue
					}
					asked++
					c.call(t, method, target, nil).is(t, 403, "access.forbidden")
				}
			}
		}
		if asked < 20 {
			t.Errorf("only %d refusals were looked at", asked)
		}
	})
}
