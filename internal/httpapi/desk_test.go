package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/access/accessdb"
	"everdesk/internal/audit/auditdb"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/job"
	"everdesk/internal/locale"
	"everdesk/internal/seal"
	"everdesk/internal/staff"
	"everdesk/internal/staff/staffdb"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const password = "correct horse battery"

// desk is the API over a real store, with a clock the test owns.
type desk struct {
	url    string
	access *accessdb.Store
	staff  *staffdb.Store
	record *auditdb.Store
	runner *job.Runner
	api    *httpapi.Server

	mu    sync.Mutex
	now   time.Time
	mails []access.Mail
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) wait(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// Send takes mails where a mail account would.
func (d *desk) Send(_ context.Context, mail access.Mail) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mails = append(d.mails, mail)
	return nil
}

// mailed sends what is queued and returns the token of the newest mail's link.
func (d *desk) mailed(t *testing.T, page string) string {
	t.Helper()
	_, err := d.runner.Drain(t.Context(), d.clock())
	must(t, err)
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.mails) == 0 {
		t.Fatal("no mail was sent")
	}
	_, after, _ := strings.Cut(d.mails[len(d.mails)-1].Text, "https://desk.example/"+page+"#")
	token, _, _ := strings.Cut(after, "\n")
	return token
}

// doors resolves sessions and keys; visitors have a door of their own.
type doors struct{ *accessdb.Store }

func (d doors) Session(ctx context.Context, token string, at time.Time) (access.Caller, error) {
	return d.SessionScope(ctx, token, at)
}

func (d doors) Key(ctx context.Context, key string, at time.Time) (access.Caller, error) {
	return d.KeyScope(ctx, key, at)
}

func (doors) Visitor(context.Context, string, time.Time) (access.Caller, error) {
	return access.Caller{}, access.ErrBadToken
}

type nobodyHere struct{}

func (nobodyHere) Presences(context.Context, access.Scope, []id.Staff, time.Time) (map[id.Staff]staff.Presence, error) {
	return nil, nil
}

type noCalendars struct{}

func (noCalendars) Exists(context.Context, access.Scope, id.Calendar) (bool, error) {
	return false, nil
}

func newDesk(t *testing.T, db *store.DB) *desk {
	t.Helper()
	ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
	must(t, err)
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	d := &desk{now: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), record: auditdb.New(db, ring)}
	d.staff = staffdb.New(db, ring, d.record, noCalendars{})
	d.access = accessdb.New(db, accessdb.Options{
		Ring: ring, Passwords: access.NewPasswords(access.Cost{Memory: 64, Passes: 1}, 4), Members: d.staff, Audit: d.record,
		Mailer: d, PublicURL: "https://desk.example", Log: log,
	})
	d.runner = job.NewRunner(db, log, 1, d.clock)
	d.runner.Handle(accessdb.MailJob, d.access.HandleMail)
	d.api = httpapi.New(httpapi.Ports{
		Auth: doors{d.access}, Sessions: d.access, Workspaces: d.access, Members: d.staff, Presences: nobodyHere{}, Resets: d.access,
		Teams: d.staff, Keys: d.access, Invitations: d.access, Record: d.record,
	}, httpapi.Options{Log: log, Now: d.clock, Title: locale.Text, Version: "test"})
	server := httptest.NewServer(d.api)
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// found makes a workspace and returns its owner, signed in.
func (d *desk) found(t *testing.T, name string) *caller {
	t.Helper()
	mail := "owner@" + name + ".example"
	_, err := d.access.Found(t.Context(), access.Founding{
		Name: name, Slug: name, Locale: "en", TimeZone: "Asia/Shanghai", OwnerName: name + " owner", Mail: mail, Password: password,
	}, d.clock())
	must(t, err)
	return d.signIn(t, mail)
}

// enroll adds somebody to owner's workspace and signs them in.
func (d *desk) enroll(t *testing.T, owner *caller, name string, role access.Role) *caller {
	t.Helper()
	var workspace id.Workspace
	must(t, workspace.UnmarshalText([]byte(owner.session(t).Workspace.ID.String())))
	_, err := d.access.Enroll(t.Context(), access.System(workspace), access.Account{Mail: name + "@tit.example", Name: name, Locale: "en"}, password, role, nil, d.clock())
	must(t, err)
	return d.signIn(t, name+"@tit.example")
}

func (d *desk) signIn(t *testing.T, mail string) *caller {
	t.Helper()
	c := d.visitor()
	c.call(t, "POST", "/session", map[string]string{"email": mail, "password": password}).is(t, 200, "")
	return c
}

// visitor is nobody yet; signing in gives them a cookie.
func (d *desk) visitor() *caller { return &caller{desk: d, header: http.Header{}} }

// caller keeps cookies as a browser does, and headers.
type caller struct {
	desk   *desk
	cookie *http.Cookie
	header http.Header
}

// with is the caller with one more header.
func (c *caller) with(name, value string) *caller {
	other := *c
	other.header = c.header.Clone()
	other.header.Set(name, value)
	return &other
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (c *caller) call(t *testing.T, method, path string, body any) answer {
	t.Helper()
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		must(t, err)
		sent = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, c.desk.url+httpapi.Base+path, sent)
	must(t, err)
	request.Header = c.header.Clone()
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.cookie != nil {
		request.AddCookie(&http.Cookie{Name: c.cookie.Name, Value: c.cookie.Value})
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	read, err := io.ReadAll(response.Body)
	must(t, errors.Join(err, response.Body.Close()))
	for _, cookie := range response.Cookies() {
		if c.cookie = cookie; cookie.MaxAge < 0 {
			c.cookie = nil
		}
	}
	return answer{response.StatusCode, response.Header, read}
}

// is checks status and, for refusals, the code.
func (a answer) is(t *testing.T, status int, code string) answer {
	t.Helper()
	var problem httpapi.Problem
	if a.status >= 400 {
		if err := json.Unmarshal(a.body, &problem); err != nil {
			t.Fatalf("%d %s: %v", a.status, a.body, err)
		}
	}
	if a.status != status || problem.Code != code {
		t.Fatalf("answered %d %s, want %d %s", a.status, a.body, status, code)
	}
	return a
}

// names checks that a refusal names the field at path.
func (a answer) names(t *testing.T, path string) {
	t.Helper()
	var problem httpapi.Problem
	must(t, json.Unmarshal(a.body, &problem))
	if len(problem.Fields) != 1 || problem.Fields[0].Path != path {
		t.Errorf("%s does not name %s alone", a.body, path)
	}
}

func read[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	if a.status >= 300 {
		t.Fatalf("answered %d %s", a.status, a.body)
	}
	must(t, json.Unmarshal(a.body, &v))
	return v
}

type listOf[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next_cursor"`
}

func (c *caller) session(t *testing.T) httpapi.Session {
	t.Helper()
	return read[httpapi.Session](t, c.call(t, "GET", "/session", nil))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
