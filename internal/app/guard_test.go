package app_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/config"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/store/storetest"
)

// secureCookie is the console's cookie over TLS and on loopback.
const secureCookie = "__Host-everdesk_session"

// guest asks a handler with what it carries.
type guest struct {
	at     http.Handler
	cookie string // the session's
	bearer string
}

// form is the body of an upload.
type form struct {
	name    string
	content []byte
}

// addresses gives every request one of its own, so that no limit for one
// address stands in the way.
var addresses atomic.Uint32

// ask sends a body as JSON, a string as it is, a form as an upload.
func (g guest) ask(t testing.TB, method, path string, body any, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	if !strings.HasPrefix(path, "/files/") && !strings.HasPrefix(path, httpapi.Base) {
		path = httpapi.Base + path
	}
	content, kind := encoded(t, body)
	request := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, bytes.NewReader(content))
	if content == nil {
		request.Body = http.NoBody
	} else {
		request.Header.Set("Content-Type", kind)
	}
	if g.bearer != "" {
		request.Header.Set("Authorization", "Bearer "+g.bearer)
	}
	if g.cookie != "" {
		request.AddCookie(&http.Cookie{Name: secureCookie, Value: g.cookie})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	n := addresses.Add(1)
	request.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:999", byte(n>>16), byte(n>>8), byte(n))
	answer := httptest.NewRecorder()
	g.at.ServeHTTP(answer, request)
	return answer
}

func encoded(t testing.TB, body any) ([]byte, string) {
	t.Helper()
	switch b := body.(type) {
	case nil:
		return nil, ""
	case string:
		return []byte(b), "application/json"
	case form:
		var buffer bytes.Buffer
		writer := multipart.NewWriter(&buffer)
		part, err := writer.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="file"; filename="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(b.name) + `"`}, "Content-Type": {"image/png"},
		})
		if err == nil {
			_, err = part.Write(b.content)
		}
		if err != nil || writer.Close() != nil {
			t.Fatal("no form: ", err)
		}
		return buffer.Bytes(), writer.FormDataContentType()
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return raw, "application/json"
}

// done asks for what has to succeed.
func done[T any](t testing.TB, g guest, method, path string, body any, headers ...string) (v T) {
	t.Helper()
	answer := g.ask(t, method, path, body, headers...)
	if answer.Code >= 300 {
		t.Fatalf("%s %s answered %d %s", method, path, answer.Code, answer.Body)
	}
	if answer.Body.Len() > 0 {
		if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// node is a whole desk in a directory of its own. Nothing works in the
// background, so what is written was written by a request.
func node(t *testing.T, url string) *app.App {
	t.Helper()
	a, err := app.New(t.Context(), config.Node{Data: t.TempDir(), DB: url, LogLevel: "error"}, "test", "127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// eachNode runs fn on a desk of either engine.
func eachNode(t *testing.T, fn func(t *testing.T, a *app.App)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, node(t, "")) })
	t.Run("postgres", func(t *testing.T) { fn(t, node(t, storetest.PostgresURL(t))) })
}

// house is a workspace with something of everything; each text in it has its
// word.
type house struct {
	word              string
	workspace         id.Workspace
	owner, key        guest
	visitor, stranger guest // two customers
	widget, file      string
	// one is the id of one thing, by the collection it is in.
	one map[string]string
	// hear has a text of real traffic wait for its label.
	hear func(t testing.TB, text string)
}

const password = "correct horse battery"

// found makes a workspace with its owner.
func found(t *testing.T, a *app.App, word string) *house {
	t.Helper()
	workspace, err := a.AddUser(t.Context(), app.NewUser{
		NewWorkspace: word, Mail: "owner@" + word + ".test", Name: word + " Owner", Password: password, Locale: "en", TimeZone: "Asia/Shanghai",
	})
	must(t, err)
	h := &house{word: word, workspace: workspace, one: map[string]string{"workspaces": workspace.String()}}
	h.owner = guest{at: a.Handler(), cookie: signIn(t, a.Handler(), "owner@"+word+".test")}
	key, err := a.AddKey(t.Context(), workspace, word, string(access.Owner))
	must(t, err)
	h.key = guest{at: a.Handler(), bearer: key}
	h.widget = done[httpapi.Widget](t, h.owner, "GET", "/channels/widget", nil).Key
	h.visitor, h.one["customers"] = h.arrives(t)
	h.stranger, _ = h.arrives(t)
	h.hear = func(t testing.TB, text string) {
		t.Helper()
		if err := a.KeepSample(t.Context(), workspace, text); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// signIn returns the value of the cookie.
func signIn(t testing.TB, at http.Handler, mail string) string {
	t.Helper()
	answer := guest{at: at}.ask(t, "POST", "/session", map[string]string{"email": mail, "password": password})
	for _, cookie := range answer.Result().Cookies() {
		if cookie.Name == secureCookie {
			return cookie.Value
		}
	}
	t.Fatalf("%s could not sign in: %d %s", mail, answer.Code, answer.Body)
	return ""
}

func (h *house) arrives(t testing.TB) (guest, string) {
	t.Helper()
	visit := done[httpapi.Visit](t, guest{at: h.owner.at}, "POST", "/client/visitors", map[string]string{"key": h.widget, "locale": "en"})
	return guest{at: h.owner.at, bearer: visit.Token}, visit.Visitor.CustomerID.String()
}

type thing struct {
	ID string `json:"id"`
}

func says(text string) map[string]any { return map[string]any{"type": "text", "text": text} }

// furnish puts something of everything into the workspace.
func (h *house) furnish(t testing.TB) {
	t.Helper()
	type object = map[string]any
	make := func(collection, method, path string, body any) {
		t.Helper()
		h.one[collection] = done[thing](t, h.owner, method, path, body).ID
	}
	make("files", "POST", "/uploads", form{h.word + ".txt", []byte(h.word + " file")})
	asked := done[struct{ Conversation thing }](t, h.visitor, "POST", "/client/conversations", object{
		"client_id": "c1", "body": says(h.word + " question"), "pre_chat": object{"name": h.word + " Lin", "email": "lin@" + h.word + ".test", "topic": h.word + " topic"},
	})
	h.one["conversations"] = asked.Conversation.ID
	talk := "/conversations/" + asked.Conversation.ID
	done[any](t, h.owner, "POST", talk+"/take", object{"owner_epoch": done[httpapi.Conversation](t, h.owner, "GET", talk, nil).OwnerEpoch})
	done[any](t, h.owner, "POST", talk+"/entries", object{"client_id": "o1", "kind": "message", "body": says(h.word + " answer")})
	done[any](t, h.owner, "POST", talk+"/entries", object{"client_id": "o2", "kind": "note", "body": says(h.word + " note")})
	sent := done[struct {
		ID   string
		File string `json:"url"`
	}](t, h.visitor, "POST", "/client/uploads", form{h.word + "-visitor.txt", []byte(h.word + " visitor's file")})
	h.one["visitor-files"], h.file = sent.ID, sent.File
	done[any](t, h.visitor, "POST", "/client"+talk+"/entries", object{"client_id": "v2", "body": object{"type": "file", "file": object{"id": sent.ID}}})
	h.one["tickets"] = done[thing](t, h.visitor, "POST", "/client/tickets", object{
		"client_id": "t1", "subject": h.word + " subject", "text": h.word + " ticket", "email": "lin@" + h.word + ".test",
	}).ID
	make("teams", "POST", "/teams", object{"name": h.word + " team"})
	make("knowledge", "POST", "/knowledge", object{"locale": "en", "title": h.word + " title", "body": h.word + " body"})
	done[any](t, h.owner, "POST", "/knowledge/"+h.one["knowledge"]+"/publish", nil)
	make("imports", "POST", "/knowledge/imports", form{"faq.csv", []byte("title,body\n" + h.word + " row," + h.word + " text\n")})
	make("calendars", "POST", "/calendars", object{"name": h.word + " hours", "time_zone": "UTC", "weekly": object{}})
	make("snippets", "POST", "/snippets", object{"key": h.word, "title": h.word, "text": h.word + " words", "locale": "en"})
	make("api-keys", "POST", "/api-keys", object{"name": h.word + " program", "scopes": []string{"audit.read"}})
	make("invitations", "POST", "/invitations", object{"email": "new@" + h.word + ".test", "role": "agent"})
	make("connectors", "POST", "/connectors", object{"document": connectorOf(h.word), "secrets": object{"token": h.word + " secret"}})
	make("flows", "POST", "/flows", object{"document": flowOf(h.word)})
	done[any](t, h.owner, "POST", "/flows/"+h.one["flows"]+"/publish", object{}, "If-Match", `"1"`)
	make("intents", "POST", "/training/intents", object{"key": "help." + h.word, "titles": object{"en": h.word + " help"}})
	make("examples", "POST", "/training/intents/"+h.one["intents"]+"/examples", object{"text": h.word + " please", "locale": "en"})
	make("tests", "POST", "/training/tests", object{"name": h.word + " exam", "lines": []object{{"intent": "help." + h.word, "text": h.word + " now"}}})
	make("models", "POST", "/training/models", object{"activate": false})
	h.hear(t, h.word+" unheard of")
	first := func(path string) string {
		t.Helper()
		items := done[struct{ Items []thing }](t, h.owner, "GET", path, nil).Items
		if len(items) == 0 {
			t.Fatalf("%s has nothing", path)
		}
		return items[0].ID
	}
	h.one["staff"], h.one["sessions"], h.one["audit"] = first("/staff"), first("/sessions"), first("/audit")
	h.one["samples"] = first("/training/samples")
}

func connectorOf(word string) map[string]any {
	type object = map[string]any
	return object{
		"format": "everdesk.connector/1", "key": "shop", "title": object{"en": word + " shop"}, "base": "https://" + word + ".test",
		"auth":       object{"kind": "bearer", "secret": "token"},
		"operations": object{"order.get": object{"effect": "read", "input": object{"id": "string"}, "request": object{"method": "GET", "path": "/orders/{{id}}"}}},
	}
}

func flowOf(word string) map[string]any {
	type object = map[string]any
	return object{
		"format": "everdesk.flow/1", "key": "help", "title": object{"en": word + " flow"}, "entry": "person",
		"starts": []object{{"examples": object{"en": []string{word + " please"}}}},
		"nodes":  object{"person": object{"type": "handover", "reason": "asked"}},
	}
}

// operation is one line of the API's document.
type operation struct{ id, method, path, door string }

// name is how a guard reports the operation.
func (o operation) name() string { return o.id + " (" + o.method + " " + o.path + ")" }

// unsafe reports whether a browser's other sites must not be able to call it.
func (o operation) unsafe() bool { return o.method != http.MethodGet }

// at is the operation's path for one thing.
func (o operation) at(which string) string {
	return strings.NewReplacer("{id}", which, "{seq}", "2", "{number}", "1", "{token}", "no-such-token").Replace(o.path)
}

// operations reads every registered operation from the document.
func operations(t testing.TB, at http.Handler) []operation {
	t.Helper()
	answer := httptest.NewRecorder()
	at.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", http.NoBody))
	var document struct {
		Paths map[string]map[string]struct {
			ID   string `json:"operationId"`
			Door string `json:"x-door"`
		}
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	var all []operation
	for path, methods := range document.Paths {
		for method, o := range methods {
			all = append(all, operation{o.ID, strings.ToUpper(method), path, o.Door})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return cmp.Compare(a.id, b.id) })
	if len(all) < 100 {
		t.Fatalf("only %d operations: the document has changed its form", len(all))
	}
	return all
}

// problem reads a refusal.
func problem(answer *httptest.ResponseRecorder) (p httpapi.Problem) {
	if strings.HasPrefix(answer.Header().Get("Content-Type"), "application/problem+json") {
		// What cannot be read has no code, which no guard accepts.
		_ = json.Unmarshal(answer.Body.Bytes(), &p)
	}
	return p
}
