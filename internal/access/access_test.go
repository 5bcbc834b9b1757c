package access_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/fault"
)

var cheap = access.Cost{Memory: 64, Passes: 1}

func TestAPasswordIsKnownByItsHashOnly(t *testing.T) {
	passwords := access.NewPasswords(cheap, 2)
	stored, err := passwords.Hash(t.Context(), "correct horse battery")
	if err != nil || strings.Contains(stored, "horse") {
		t.Fatal(stored, err)
	}
	check := func(p *access.Passwords, stored, password string) (ok, stale bool) {
		t.Helper()
		ok, stale, err := p.Check(t.Context(), stored, password)
		if err != nil {
			t.Fatal(err)
		}
		return ok, stale
	}
	if ok, stale := check(passwords, stored, "correct horse battery"); !ok || stale {
		t.Errorf("the right password: %v, stale %v", ok, stale)
	}
	if ok, _ := check(passwords, stored, "correct horse batterz"); ok {
		t.Error("a wrong password was taken")
	}
	if ok, _ := check(passwords, "", "correct horse battery"); ok {
		t.Error("nobody's password was taken")
	}
	dearer := access.NewPasswords(access.Cost{Memory: 128, Passes: 1}, 1)
	if ok, stale := check(dearer, stored, "correct horse battery"); !ok || !stale {
		t.Errorf("at another cost: %v, stale %v", ok, stale)
	}
	if _, _, err := passwords.Check(t.Context(), "$2b$12$abc", "x"); err == nil {
		t.Error("a foreign hash was read")
	}
}

func TestACrowdAtTheDoorIsTurnedAwayNotLetIntoMemory(t *testing.T) {
	passwords := access.NewPasswords(cheap, 1)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := passwords.Hash(ended, "correct horse battery"); err != nil && !errors.Is(err, fault.ErrUnavailable) {
		t.Errorf("a caller who left got %v", err)
	}
	slow := access.NewPasswords(access.Cost{Memory: 32 << 10, Passes: 3}, 1)
	var wg sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	ctx, leave := context.WithCancel(t.Context())
	for range 200 {
		wg.Go(func() {
			if _, err := slow.Hash(ctx, "correct horse battery"); errors.Is(err, fault.ErrBusy) {
				mu.Lock()
				refused++
				if refused == 100 {
					leave()
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	leave()
	if refused < 100 {
		t.Errorf("%d of 200 were turned away", refused)
	}
}

func TestEasyPasswordsAreRefused(t *testing.T) {
	for password, code := range map[string]string{
		"short":                    "too_short",
		"十个字符以内":                   "too_short",
		"aaaaaaaaaaaa":             "too_easy",
		"12341234123412":           "too_easy",
		"Password123":              "too_easy",
		"my li@x.example 1":        "too_easy",
		"xx-linyue-2026":           "too_easy",
		strings.Repeat("abc1", 70): "too_long",
		"correct horse battery":    "",
		"山雀衣物今天也要开心呀":              "",
	} {
		err := access.CheckPassword("body.password", password, "linyue@shop.example")
		if password == "my li@x.example 1" {
			err = access.CheckPassword("body.password", password, "li@x.example")
		}
		got := ""
		if e := fault.Of(err); e != nil {
			got = e.Fields[0].Code
		}
		if got != code {
			t.Errorf("%.20s: %q, want %q", password, got, code)
		}
	}
}

func TestMailAddressesHaveOneSpelling(t *testing.T) {
	for given, want := range map[string]string{
		" Lin@Shop.Example ": "lin@shop.example", "a+b@c.example": "a+b@c.example",
		"": "", "lin": "", "Lin <lin@shop.example>": "", "a@b@c": "", "a b@c.example": "", "a@b.example\nBcc: x": "",
		strings.Repeat("a", 250) + "@b.example": "",
	} {
		got, err := access.CleanMail("body.email", given)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.40q became %q, %v", given, got, err)
		}
	}
}

func TestATokenIsFoundByItsHash(t *testing.T) {
	token := access.NewToken(access.KeyToken)
	if !strings.HasPrefix(token.Text, "edk_") || access.KeyToken.Hash(token.Text) != token.Hash {
		t.Errorf("%+v is not found", token)
	}
	for _, text := range []string{"", "edk_", token.Text + "x", "eds_" + token.Text[4:], token.Text[:20]} {
		if got := access.KeyToken.Hash(text); got != "" {
			t.Errorf("%q has hash %s", text, got)
		}
	}
	if access.NewToken(access.KeyToken) == token {
		t.Error("two tokens are equal")
	}
}

func TestASessionEndsIdleOrOld(t *testing.T) {
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := access.SessionEnd(made, made); !got.Equal(made.AddDate(0, 0, 14)) {
		t.Errorf("a fresh one ends %v", got)
	}
	if got := access.SessionEnd(made, made.AddDate(0, 0, 85)); !got.Equal(made.AddDate(0, 0, 90)) {
		t.Errorf("a used one ends %v", got)
	}
}

func TestFailingCostsMoreEachTime(t *testing.T) {
	throttle := access.Throttle{Free: 3, First: time.Second, Most: 10 * time.Second}
	var got []time.Duration
	for tries := range 9 {
		got = append(got, throttle.Wait(tries)/time.Second)
	}
	if diff := cmp.Diff([]time.Duration{0, 0, 0, 1, 2, 4, 8, 10, 10}, got); diff != "" {
		t.Error(diff)
	}
	if throttle.Wait(1<<40) != 10*time.Second {
		t.Error("many tries overflow")
	}
}

func TestNobodyGivesOutMoreThanTheyHold(t *testing.T) {
	may := func(role access.Role) access.Scope {
		return access.Scope{Workspace: 1, Kind: access.ActorStaff, Staff: 1, Permissions: role.Permissions()}
	}
	for giver, roles := range map[access.Role]map[access.Role]bool{
		access.Owner:      {access.Owner: true, access.Admin: true, access.Agent: true, access.Trainer: true},
		access.Admin:      {access.Owner: false, access.Admin: true, access.Supervisor: true, access.Trainer: true},
		access.Supervisor: {access.Supervisor: false, access.Agent: false},
		access.Agent:      {access.Agent: false},
	} {
		for role, want := range roles {
			if got := may(giver).MayGrant(role); got != want || giver.MayGrant(role) != want {
				t.Errorf("%s gives out %s: %v, want %v", giver, role, got, want)
			}
		}
	}
	if may(access.Owner).MayGrant("king") || !access.System(1).MayGrant(access.Owner) {
		t.Error("an unknown role, or the system")
	}
	_, err := access.CheckScopes("body.scopes", may(access.Supervisor), []access.Permission{access.TicketRead, access.WorkspaceManage})
	if !errors.Is(err, access.ErrBeyondOwn) {
		t.Errorf("a supervisor's key may manage the workspace: %v", err)
	}
	if _, err := access.CheckScopes("body.scopes", may(access.Owner), []access.Permission{"all"}); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("an unknown scope: %v", err)
	}
	scopes, err := access.CheckScopes("body.scopes", may(access.Agent), []access.Permission{access.TicketRead, access.ConversationRead, access.TicketRead})
	if diff := cmp.Diff([]access.Permission{access.ConversationRead, access.TicketRead}, scopes); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestEveryPermissionIsHeldByTheOwner(t *testing.T) {
	owner := access.Scope{Kind: access.ActorStaff, Permissions: access.Owner.Permissions()}
	for _, p := range access.AllPermissions {
		if !owner.Can(p) {
			t.Errorf("the owner may not %s", p)
		}
	}
	if len(access.AllPermissions) != len(access.Owner.Permissions()) {
		t.Error("the owner holds a permission that is not listed")
	}
}

func TestDevicesAreNamed(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36":               "Chrome · macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50": "WeChat · iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0":           "Edge · Windows",
		"curl/8.5.0": "curl", "": "", "something else": "",
	} {
		if got := access.Device(agent); got != want {
			t.Errorf("%.40q is %q, want %q", agent, got, want)
		}
	}
}

func TestSlugsAndTimeZonesAreChecked(t *testing.T) {
	for slug, good := range map[string]bool{"shanque": true, "a": true, "a-b2": true, "": false, "-a": false, "a-": false, "A": false, "a_b": false, strings.Repeat("a", 41): false} {
		if err := access.CheckSlug("body.slug", slug); (err == nil) != good {
			t.Errorf("%q: %v", slug, err)
		}
	}
	for zone, good := range map[string]bool{"Asia/Shanghai": true, "UTC": true, "": false, "Local": false, "Asia/Nowhere": false, "../etc/passwd": false} {
		if err := access.CheckTimeZone("body.time_zone", zone); (err == nil) != good {
			t.Errorf("%q: %v", zone, err)
		}
	}
}
