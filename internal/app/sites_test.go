package app_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"everdesk/internal/httpapi"
)

// otherSites are how browsers say that a request was made by a page of another
// site: new ones by Sec-Fetch-Site, old ones by Origin.
var otherSites = map[string][]string{
	"another site":       {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
	"a sibling's page":   {"Sec-Fetch-Site", "same-site", "Origin", "https://evil.127.0.0.1"},
	"an old browser":     {"Origin", "https://evil.example"},
	"a sandboxed frame":  {"Origin", "null"},
	"another port":       {"Origin", "http://127.0.0.1:9"},
	"a user's own click": {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-User", "?1"},
}

// walkSites has pages of other sites try every unsafe operation with the
// owner's cookie, and returns what is wrong.
func walkSites(t testing.TB, at http.Handler, owner guest) (wrongs []string) {
	t.Helper()
	owner.at = at
	for _, o := range operations(t, at) {
		if !o.unsafe() {
			continue
		}
		for site, headers := range otherSites {
			answer := owner.ask(t, o.method, o.at("xyz_0000000000008"), map[string]any{}, headers...)
			status, code := 403, "access.cross_site"
			if o.door == "visitor" { // takes no cookie from anywhere
				status, code = 401, "access.bad_token"
			}
			if got := problem(answer).Code; answer.Code != status || got != code || len(answer.Result().Cookies()) > 0 {
				wrongs = append(wrongs, fmt.Sprintf("%s from %s answered %d %s", o.name(), site, answer.Code, got))
			}
		}
	}
	return wrongs
}

func TestNoOtherSiteMayUseOurCookie(t *testing.T) {
	a := node(t, "")
	h := found(t, a, "heron")
	before := snapshot(t, a)
	for _, wrong := range walkSites(t, a.Handler(), h.owner) {
		t.Error(wrong)
	}
	for _, table := range before.differs(snapshot(t, a)) {
		t.Errorf("another site wrote to %s", table)
	}
	for name, headers := range map[string][]string{
		"our own page":       {"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1"},
		"a typed address":    {"Sec-Fetch-Site", "none"},
		"an old own browser": {"Origin", "http://127.0.0.1"},
	} {
		if answer := h.owner.ask(t, "PUT", "/me/presence", map[string]string{"state": "away"}, headers...); answer.Code != 200 {
			t.Errorf("%s answered %d %s", name, answer.Code, answer.Body)
		}
	}
	if answer := h.key.ask(t, "POST", "/teams", map[string]string{"name": "by a program"}, otherSites["another site"]...); answer.Code != 201 {
		t.Errorf("a key, which no browser adds by itself, answered %d %s", answer.Code, answer.Body)
	}
}

func TestTheWalkNoticesARouteThatTrustsOtherSites(t *testing.T) {
	a := node(t, "")
	h := found(t, a, "heron")
	trusting := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch && r.URL.Path == httpapi.Base+"/me" {
			r.Header.Del("Origin")
			r.Header.Del("Sec-Fetch-Site")
		}
		a.Handler().ServeHTTP(w, r)
	})
	wrongs := walkSites(t, trusting, h.owner)
	for site := range otherSites {
		if !reports(wrongs, "change-me from "+site+" answered 200") {
			t.Errorf("nobody noticed %s among %q", site, wrongs)
		}
	}
	if len(wrongs) != len(otherSites) {
		t.Errorf("also %q", wrongs)
	}
}

func TestTheCookieStaysWithTheDesk(t *testing.T) {
	a := node(t, "")
	found(t, a, "heron")
	for name, test := range map[string]struct{ address, want string }{
		"over TLS":           {"https://desk.example/api/v1/session", secureCookie + "=...; Path=/; Max-Age=...; HttpOnly; Secure; SameSite=Lax"},
		"on loopback":        {"http://127.0.0.1/api/v1/session", secureCookie + "=...; Path=/; Max-Age=...; HttpOnly; Secure; SameSite=Lax"},
		"on a plain network": {"http://desk.example/api/v1/session", "everdesk_session=...; Path=/; Max-Age=...; HttpOnly; SameSite=Lax"},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), "POST", test.address, strings.NewReader(`{"email":"owner@heron.test","password":"`+password+`"}`))
			request.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			a.Handler().ServeHTTP(answer, request)
			set := answer.Header().Values("Set-Cookie")
			if len(set) != 1 {
				t.Fatalf("%d %s set %q", answer.Code, answer.Body, set)
			}
			var shape []string
			for part := range strings.SplitSeq(set[0], "; ") {
				if key, _, valued := strings.Cut(part, "="); valued && key != "Path" && key != "SameSite" {
					part = key + "=..."
				}
				shape = append(shape, part)
			}
			if got := strings.Join(shape, "; "); got != test.want {
				t.Errorf("set %q, want %q", got, test.want)
			}
		})
	}
}

func TestNoOtherSiteMayOpenASocket(t *testing.T) {
	a := node(t, "")
	h := found(t, a, "heron")
	upgrade := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="}
	for site, headers := range otherSites {
		if site == "a sibling's page" {
			headers = headers[2:] // browsers send the origin with every socket
		}
		for _, transport := range []struct{ method, path string }{{"GET", "/live"}, {"POST", "/live/stream"}, {"GET", "/live/sse"}, {"POST", "/live/emulation"}} {
			if answer := h.owner.ask(t, transport.method, transport.path, nil, append(upgrade, headers...)...); answer.Code != 403 {
				t.Errorf("%s from %s answered %d %s", transport.path, site, answer.Code, answer.Body)
			}
		}
	}
}

// pages stand in for what Vite builds.
func pages() httpapi.Pages {
	page := &fstest.MapFile{Data: []byte("<!doctype html><title>Everdesk</title>")}
	script := &fstest.MapFile{Data: []byte("export {}")}
	return httpapi.Pages{
		Console: fstest.MapFS{"index.html": page, "assets/app.js": script},
		Widget:  fstest.MapFS{"index.html": page, "h5.html": page, "loader.js": script, "sw.js": script},
	}
}

// directive is one line of a page's policy.
func directive(policy, name string) string {
	for part := range strings.SplitSeq(policy, ";") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(part), name+" "); ok {
			return value
		}
	}
	return ""
}

func TestPagesRunTheirOwnScriptsAndStandWhereTheyMay(t *testing.T) {
	a := node(t, "")
	open, shut := found(t, a, "heron"), found(t, a, "plover")
	settings := done[map[string]any](t, shut.owner, "GET", "/channels/widget", nil)
	delete(settings, "key")
	delete(settings, "version")
	settings["hosts"] = []string{"shop.example", "*.shop.example"}
	done[any](t, shut.owner, "PUT", "/channels/widget", settings, "If-Match", `"1"`)
	at := a.Changed(pages(), func(*httpapi.Ports) {})
	for name, test := range map[string]struct {
		path   string
		frames func(ancestors string) bool
	}{
		"the console":                          {"/", exactly("'none'")},
		"a page of the console":                {"/tickets/tkt_0000000000008", exactly("'none'")},
		"a page of its own":                    {"/h5?key=" + open.widget, exactly("'none'")},
		"the page of a signed link":            {"/t/token", exactly("'none'")},
		"the API's description":                {"/docs", exactly("'none'")},
		"a widget that may stand everywhere":   {"/w/?key=" + open.widget, exactly("*")},
		"a widget of a shop":                   {"/w/?key=" + shut.widget, only("'self'", "shop.example", "*.shop.example")},
		"the widget's page by its file's name": {"/w/index.html?key=" + open.widget, exactly("'self'")},
		"a widget of nobody":                   {"/w/?key=wk_nobody", exactly("'none'")},
		"a widget without a key":               {"/w/", exactly("'none'")},
	} {
		t.Run(name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			at.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", test.path, http.NoBody))
			policy := answer.Header().Get("Content-Security-Policy")
			if answer.Code != 200 || !test.frames(directive(policy, "frame-ancestors")) {
				t.Errorf("answered %d, framed by %q", answer.Code, directive(policy, "frame-ancestors"))
			}
			scripts := directive(policy, "script-src")
			if scripts == "" {
				scripts = directive(policy, "default-src")
			}
			if scripts != "'self'" && scripts != "'none'" {
				t.Errorf("runs scripts of %q", scripts)
			}
			if base := directive(policy, "base-uri"); base != "'none'" {
				t.Errorf("has the base %q", base)
			}
			if answer.Header().Get("X-Content-Type-Options") != "nosniff" || answer.Header().Get("Referrer-Policy") == "" {
				t.Errorf("headers %v", answer.Header())
			}
		})
	}
}

func exactly(want string) func(string) bool { return func(got string) bool { return got == want } }

// only accepts these hosts, on any port of theirs, and no others.
func only(hosts ...string) func(string) bool {
	return func(got string) bool {
		found := map[string]bool{}
		for source := range strings.FieldsSeq(got) {
			found[strings.TrimSuffix(source, ":*")] = true
		}
		for _, host := range hosts {
			if !found[host] {
				return false
			}
		}
		return len(found) == len(hosts)
	}
}

func TestUploadsAreServedAsWhatTheyAreAndRunNothing(t *testing.T) {
	a := node(t, "")
	h := found(t, a, "heron")
	var picture bytes.Buffer
	must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))))
	const script = `<script>alert(1)</script>`
	for name, test := range map[string]struct {
		upload      form
		kind, shown string
		called      string
	}{
		"a picture":                       {form{"a.png", picture.Bytes()}, "image/png", "inline", "a.png"},
		"a page":                          {form{"a.html", []byte("<!doctype html>" + script)}, "application/octet-stream", "attachment", "a.html"},
		"a page that is called a picture": {form{"a.png", []byte("<!doctype html>" + script)}, "application/octet-stream", "attachment", "a.png"},
		"a page that is called a text":    {form{"a.txt", []byte("<html>" + script)}, "application/octet-stream", "attachment", "a.txt"},
		"a drawing with a script":         {form{"a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg">` + script + `</svg>`)}, "application/octet-stream", "attachment", "a.svg"},
		"an XML drawing":                  {form{"a.svg", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">` + script + `</svg>`)}, "application/octet-stream", "attachment", "a.svg"},
		"a program":                       {form{"a.js", []byte("alert(1)")}, "application/octet-stream", "attachment", "a.js"},
		"a text":                          {form{"a.txt", []byte("hello")}, "text/plain", "attachment", "a.txt"},
		"a document":                      {form{"a.pdf", []byte("%PDF-1.7\n")}, "application/pdf", "attachment", "a.pdf"},
		"a path":                          {form{"../../etc/passwd", []byte("root")}, "application/octet-stream", "attachment", "passwd"},
		"a path of Windows":               {form{`..\..\boot.ini`, []byte("root")}, "application/octet-stream", "attachment", "boot.ini"},
		"a name that turns around":        {form{"a\u202egpj.exe", []byte("MZ")}, "application/octet-stream", "attachment", "agpj.exe"},
		"a name in Chinese":               {form{"发票 📎.pdf", []byte("%PDF-1.7\n")}, "application/pdf", "attachment", "发票 📎.pdf"},
	} {
		t.Run(name, func(t *testing.T) {
			sent := done[struct{ Name, URL string }](t, h.visitor, "POST", "/client/uploads", test.upload)
			if sent.Name != test.called {
				t.Errorf("called %q", sent.Name)
			}
			answer := (guest{at: a.Handler()}).ask(t, "GET", sent.URL, nil)
			head := answer.Header()
			if answer.Code != 200 || !bytes.Equal(answer.Body.Bytes(), test.upload.content) {
				t.Fatalf("answered %d %q", answer.Code, answer.Body)
			}
			if got := head.Get("Content-Type"); got != test.kind {
				t.Errorf("served as %s", got)
			}
			if got := head.Get("Content-Disposition"); !strings.HasPrefix(got, test.shown+";") {
				t.Errorf("served %s", got)
			}
			policy := head.Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none';") || !strings.HasSuffix(policy, "; sandbox") || strings.Contains(policy, "script-src") {
				t.Errorf("policy %q", policy)
			}
			if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Cross-Origin-Resource-Policy") != "same-origin" {
				t.Errorf("headers %v", head)
			}
		})
	}
}

// What is set once and used by the desk is never shown again.
func TestSecretsAreWriteOnly(t *testing.T) {
	a := node(t, "")
	h := found(t, a, "heron")
	const secret = "swordfish-swordfish-swordfish"
	done[any](t, h.owner, "PUT", "/channels/sms", map[string]any{"url": "https://sms.example/send", "secret": secret}, "If-Match", `"0"`)
	done[any](t, h.owner, "PUT", "/channels/email", map[string]any{"host": "mail.example", "port": 587, "security": "starttls", "username": "u", "password": secret, "from": "a@b.example"}, "If-Match", `"0"`)
	done[any](t, h.owner, "PUT", "/model-provider", map[string]any{"enabled": true, "url": "https://models.example/v1", "model": "m", "key": secret, "monthly_tokens": 1, "per_minute": 1}, "If-Match", `"0"`)
	proof := done[httpapi.WidgetSecret](t, h.owner, "POST", "/channels/widget/secret", nil).Secret
	key := done[httpapi.APIKey](t, h.owner, "POST", "/api-keys", map[string]any{"name": "k", "scopes": []string{"audit.read"}}).Secret
	for _, o := range operations(t, a.Handler()) {
		if o.unsafe() || strings.Contains(o.path, "{") {
			continue
		}
		answer := h.owner.ask(t, o.method, o.path, nil)
		for name, hidden := range map[string]string{"a channel's secret": secret, "the widget's secret": proof, "a key": key, "a key's owner": h.key.bearer, "a session": h.owner.cookie, "a hash": "$argon2"} {
			if strings.Contains(answer.Body.String(), hidden) {
				t.Errorf("%s shows %s: %s", o.name(), name, answer.Body)
			}
		}
	}
	kept := stored(t, a)
	for name, hidden := range map[string]string{"a channel's secret": secret, "the widget's secret": proof, "a key": key, "a session": h.owner.cookie, "a visitor's token": h.visitor.bearer, "a password": password} {
		if strings.Contains(kept, hidden) {
			t.Errorf("the database has %s in the clear", name)
		}
	}
	if !strings.Contains(kept, "$argon2id$") {
		t.Error("no password is kept as argon2id")
	}
}

// What is set in the console must not make the desk speak to its own machine.
func TestChannelsReachNothingInside(t *testing.T) {
	a := node(t, "")
	h := found(t, a, "heron")
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the inner service was reached") }))
	defer inside.Close()
	address := inside.Listener.Addr().(*net.TCPAddr)
	done[any](t, h.owner, "PUT", "/channels/sms", map[string]any{"url": inside.URL, "secret": "swordfish-swordfish-swordfish"}, "If-Match", `"0"`)
	done[any](t, h.owner, "PUT", "/channels/email", map[string]any{"host": "127.0.0.1", "port": address.Port, "security": "none", "from": "a@b.example"}, "If-Match", `"0"`)
	for path, to := range map[string]string{"/channels/sms/test": "+8613800004417", "/channels/email/test": "lin@shop.example"} {
		trial := done[httpapi.Trial](t, h.owner, "POST", path, map[string]string{"to": to})
		if trial.State != "failed" || strings.Contains(trial.Detail, "refused") {
			t.Errorf("%s: %+v", path, trial)
		}
	}
}
