package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// doorkeeper knows one session, one key and one visitor of workspace 1.
type doorkeeper struct{}

func (doorkeeper) Session(_ context.Context, token string, _ time.Time) (access.Caller, error) {
	if token != "good" {
		return access.Caller{}, access.ErrSignedOut
	}
	return access.Caller{Account: 1, Scope: access.Scope{Workspace: 1, Kind: access.ActorStaff, Staff: 1, Permissions: access.Agent.Permissions()}}, nil
}

func (doorkeeper) Key(_ context.Context, key string, _ time.Time) (access.Caller, error) {
	if key != "edk_good" {
		return access.Caller{}, access.ErrBadKey
	}
	return access.Caller{Scope: access.Scope{Workspace: 1, Kind: access.ActorKey, Key: 1, Permissions: []access.Permission{access.TicketRead}}}, nil
}

func (doorkeeper) Visitor(_ context.Context, token string, _ time.Time) (access.Caller, error) {
	if token != "edv_good" {
		return access.Caller{}, access.ErrBadToken
	}
	return access.Caller{Scope: access.Visitor(1, 1)}, nil
}

type echoInput struct {
	Creates
	Body struct {
		Name  string    `json:"name" minLength:"1" maxLength:"5"`
		Order id.Ticket `json:"order,omitempty"`
	}
}

func testServer(t *testing.T) *httptest.Server {
	s := New(Ports{Auth: doorkeeper{}}, Options{
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: time.Now, Version: "test",
		Title: func(tag, code string, _ map[string]string) string { return tag + " " + code },
	})
	for door, d := range map[string]Door{"any": Anybody, "member": Member, "read": May(access.TicketRead), "manage": May(access.StaffManage), "visitor": VisitorOnly} {
		add(s, op{id: "echo-" + door, method: http.MethodPost, path: "/echo/" + door, tag: "Test", door: d, summary: "x"},
			func(_ context.Context, in *echoInput) (*struct{ Body string }, error) {
				switch in.Body.Name {
				case "panic":
					panic("secret")
				case "taken":
					return nil, fault.New(fault.Conflict, "test.taken").With("agent", "Lin")
				}
				return &struct{ Body string }{in.Body.Name}, nil
			})
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server
}

func TestEveryRefusalIsAProblemThatNamesItsField(t *testing.T) {
	server := testServer(t)
	for name, c := range map[string]struct {
		door, body string
		header     map[string]string
		status     int
		code       string
		field      string
	}{
		"not JSON":                       {"any", `{"name":`, nil, 400, "request.malformed", "body"},
		"not UTF-8":                      {"any", "{\"name\":\"\xff\"}", nil, 400, "request.malformed", "body"},
		"U+0000":                         {"any", `{"name":"a\u0000"}`, nil, 400, "request.malformed", "body"},
		"a required field is missing":    {"any", `{}`, nil, 422, "request.invalid", "body.name"},
		"a field is too long":            {"any", `{"name":"secret"}`, nil, 422, "request.invalid", "body.name"},
		"a field is of another type":     {"any", `{"name":7}`, nil, 422, "request.invalid", "body.name"},
		"a field is unknown":             {"any", `{"name":"a","x":1}`, nil, 422, "request.invalid", "body.x"},
		"the body is too large":          {"any", `{"name":"` + strings.Repeat("x", 2<<20) + `"}`, nil, 413, "request.too_large", ""},
		"a conflict":                     {"any", `{"name":"taken"}`, nil, 409, "test.taken", ""},
		"a panic":                        {"any", `{"name":"panic"}`, nil, 500, "server.internal", ""},
		"another site":                   {"any", `{"name":"a"}`, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "access.cross_site", ""},
		"nobody is signed in":            {"member", `{"name":"a"}`, nil, 401, "access.signed_out", ""},
		"a session that has ended":       {"member", `{"name":"a"}`, map[string]string{"Cookie": "__Host-everdesk_session=old"}, 401, "access.signed_out", ""},
		"a permission is missing":        {"manage", `{"name":"a"}`, map[string]string{"Cookie": "__Host-everdesk_session=good"}, 403, "access.forbidden", ""},
		"a key without the permission":   {"manage", `{"name":"a"}`, map[string]string{"Authorization": "Bearer edk_good"}, 403, "access.forbidden", ""},
		"an unknown key":                 {"read", `{"name":"a"}`, map[string]string{"Authorization": "Bearer edk_bad"}, 401, "access.bad_key", ""},
		"a cookie where a visitor is":    {"visitor", `{"name":"a"}`, map[string]string{"Cookie": "__Host-everdesk_session=good"}, 401, "access.bad_token", ""},
		"a visitor where a person is":    {"read", `{"name":"a"}`, map[string]string{"Authorization": "Bearer edv_good"}, 401, "access.bad_key", ""},
		"a key where a person is":        {"member", `{"name":"a"}`, map[string]string{"Authorization": "Bearer edk_good"}, 401, "access.signed_out", ""},
		"a cross-site post with session": {"read", `{"name":"a"}`, map[string]string{"Cookie": "__Host-everdesk_session=good", "Origin": "https://evil.example"}, 403, "access.cross_site", ""},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+Base+"/echo/"+c.door, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Accept-Language", "zh-CN")
			for k, v := range c.header {
				request.Header.Set(k, v)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil {
				t.Fatal(err)
			}
			var problem Problem
			if err := json.Unmarshal(raw, &problem); err != nil {
				t.Fatalf("%d %s: %v", response.StatusCode, raw, err)
			}
			if response.StatusCode != c.status || problem.Code != c.code || problem.Status != c.status {
				t.Errorf("answered %d %s", response.StatusCode, raw)
			}
			if got := response.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type %q", got)
			}
			if problem.Trace == "" || problem.Trace != response.Header.Get("X-Request-Id") {
				t.Errorf("trace %q, header %q", problem.Trace, response.Header.Get("X-Request-Id"))
			}
			if problem.Title != "zh-CN "+c.code {
				t.Errorf("title %q", problem.Title)
			}
			if c.field != "" && (len(problem.Fields) != 1 || problem.Fields[0].Path != c.field) {
				t.Errorf("fields %+v, want %s", problem.Fields, c.field)
			}
			if strings.Contains(string(raw), "secret") || strings.Contains(string(raw), "goroutine") {
				t.Errorf("the answer tells too much: %s", raw)
			}
		})
	}
}

func TestTheRightCallerIsLetIn(t *testing.T) {
	server := testServer(t)
	for name, c := range map[string]struct {
		door   string
		header map[string]string
	}{
		"anybody":             {"any", nil},
		"a signed-in person":  {"member", map[string]string{"Cookie": "__Host-everdesk_session=good"}},
		"a person who may":    {"read", map[string]string{"Cookie": "__Host-everdesk_session=good", "Sec-Fetch-Site": "same-origin"}},
		"a program that may":  {"read", map[string]string{"Authorization": "Bearer edk_good", "Origin": "https://elsewhere.example"}},
		"a visitor by token":  {"visitor", map[string]string{"Authorization": "Bearer edv_good"}},
		"a key, though proxy": {"read", map[string]string{"Authorization": "Bearer edk_good", "X-Forwarded-For": "10.0.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+Base+"/echo/"+c.door, strings.NewReader(`{"name":"名"}`))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			for k, v := range c.header {
				request.Header.Set(k, v)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := response.Body.Close(); err != nil {
					t.Error(err)
				}
			}()
			if response.StatusCode != http.StatusOK {
				t.Errorf("answered %d", response.StatusCode)
			}
		})
	}
}
