package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
)

// bodies are what operations on one thing need to come as far as the thing.
var bodies = map[string]any{
	"edit-entry":             map[string]any{"client_id": "x", "body": says("x")},
	"post-entry":             map[string]any{"client_id": "x", "kind": "message", "body": says("x")},
	"client-post-entry":      map[string]any{"client_id": "x", "body": says("x")},
	"take-conversation":      map[string]any{"owner_epoch": 1},
	"transfer-conversation":  map[string]any{"owner_epoch": 1, "to": map[string]any{"bot": true}},
	"resolve-conversation":   map[string]any{"seen_seq": 99},
	"read-conversation":      map[string]any{"seq": 1},
	"client-read":            map[string]any{"seq": 1},
	"client-rate":            map[string]any{"score": 5},
	"client-feedback":        map[string]any{"seq": 2, "value": "up"},
	"client-leave-contact":   map[string]any{"email": "x@x.test"},
	"client-reply-to-ticket": map[string]any{"client_id": "x", "text": "x"},
	"update-conversation":    map[string]any{"subject": "x"},
	"tag-conversation":       map[string]any{"add": []string{"x"}},
	"update-customer":        map[string]any{"name": "x"},
	"change-ticket":          map[string]any{"subject": "x"},
	"reply-to-ticket":        map[string]any{"client_id": "x", "text": "x"},
	"resolve-ticket":         map[string]any{"seen_seq": 99},
	"change-article":         map[string]any{"locale": "en", "title": "x", "body": "x"},
	"replace-calendar":       map[string]any{"name": "x", "time_zone": "UTC", "weekly": map[string]any{}},
	"change-snippet":         map[string]any{"text": "x"},
	"change-connector":       map[string]any{"document": connectorOf("x")},
	"try-connector":          map[string]any{"operation": "order.get"},
	"save-flow":              map[string]any{"document": flowOf("x")},
	"change-intent":          map[string]any{"key": "x"},
	"add-example":            map[string]any{"text": "x"},
	"move-example":           map[string]any{"intent_id": "itn_2000000000000"},
	"label-sample":           map[string]any{"intent_id": "itn_2000000000000"},
	"change-test-set":        map[string]any{"name": "x", "lines": []map[string]any{{"intent": "x", "text": "x"}}},
	"change-staff":           map[string]any{"name": "x"},
	"change-team":            map[string]any{"name": "x"},
}

// queries are what some of them need in their address.
var queries = map[string]string{"recall-entry": "?client_id=x", "client-get-help": "?key={widget}", "search": "?q=question"}

// collection is what an operation on one thing takes its id from.
func (o operation) collection(t testing.TB) string {
	t.Helper()
	head, _, one := strings.Cut(o.path, "/{id}")
	if !one {
		return ""
	}
	name := head[strings.LastIndexByte(head, '/')+1:]
	if name == "help" {
		return "knowledge"
	}
	return name
}

// lets reports whether a door may open for a caller at all.
func lets(door string, g guest) bool {
	switch door {
	case "public":
		return true
	case "visitor":
		return strings.HasPrefix(g.bearer, "edv_")
	case "session":
		return g.cookie != ""
	}
	return !strings.HasPrefix(g.bearer, "edv_")
}

// crossing is somebody of one workspace who knows every id of another.
type crossing struct {
	callers map[string]guest
	widget  string
	// foreign are the other's ids, by collection; secret are words of theirs.
	foreign map[string]string
	secret  []string
}

// walkTenants tries every operation that takes an id with one that is not the
// caller's, every list for what it shows, and returns what is wrong.
func walkTenants(t testing.TB, at http.Handler, c crossing) (wrongs []string) {
	t.Helper()
	tried := 0
	for _, o := range operations(t, at) {
		collection := o.collection(t)
		if collection == "" && (o.unsafe() || strings.Contains(o.path, "{")) {
			continue
		}
		which := c.foreign[collection]
		if collection != "" && which == "" {
			t.Fatalf("%s takes ids of %s, and the crossed workspace has none: furnish it", o.name(), collection)
		}
		for name, caller := range c.callers {
			caller.at = at
			tried++
			if wrong := cross(t, o, caller, which, c); wrong != "" {
				wrongs = append(wrongs, o.name()+" as "+name+": "+wrong)
			}
		}
	}
	t.Logf("%d crossings tried", tried)
	return wrongs
}

func cross(t testing.TB, o operation, caller guest, which string, c crossing) string {
	t.Helper()
	var body any
	if o.unsafe() && o.method != http.MethodDelete {
		if body = bodies[o.id]; body == nil {
			body = map[string]any{}
		}
	}
	query := strings.ReplaceAll(queries[o.id], "{widget}", c.widget)
	if which == "" && strings.HasPrefix(o.path, httpapi.Base+"/client/") && o.door == "public" {
		query = "?key=" + c.widget
	}
	answer := caller.ask(t, o.method, o.at(which)+query, body, "If-Match", `"1"`)
	if wrong := leaks(answer, c); wrong != "" {
		return wrong
	}
	open := lets(o.door, caller)
	switch {
	case answer.Code == 404 || answer.Code == 403 || !open && answer.Code == 401:
		return ""
	case which == "" && answer.Code == 200:
		return ""
	}
	return fmt.Sprintf("answered %d %.150s", answer.Code, answer.Body)
}

// leaks reports the other's words in an answer.
func leaks(answer *httptest.ResponseRecorder, c crossing) string {
	shown := strings.ToLower(answer.Body.String())
	for _, word := range c.secret {
		if strings.Contains(shown, strings.ToLower(word)) {
			return fmt.Sprintf("shows %q: %.150s", word, answer.Body)
		}
	}
	return ""
}

// against is the crossing from one house into another.
func (h *house) against(other *house) crossing {
	return crossing{
		callers: map[string]guest{"the owner": h.owner, "a key": h.key, "a visitor": h.visitor},
		widget:  h.widget, foreign: other.one, secret: append(slices.Collect(maps.Values(other.one)), other.word),
	}
}

func TestNobodyCrossesIntoAnotherWorkspace(t *testing.T) {
	eachNode(t, func(t *testing.T, a *app.App) {
		heron, plover := found(t, a, "heron"), found(t, a, "plover")
		heron.furnish(t)
		plover.furnish(t)
		must(t, a.IndexAll(t.Context()))
		before := snapshot(t, a)
		for _, wrong := range walkTenants(t, a.Handler(), heron.against(plover)) {
			t.Error(wrong)
		}
		for _, wrong := range foreignReferences(t, heron, plover) {
			t.Error(wrong)
		}
		for _, table := range before.differs(snapshot(t, a)) {
			t.Errorf("the crossing wrote to %s", table)
		}
	})
}

// foreignReferences names the other's things in bodies and filters of requests
// about one's own.
func foreignReferences(t *testing.T, own, other *house) (wrongs []string) {
	t.Helper()
	type object = map[string]any
	mine, theirs := own.one, other.one
	talk, file := "/conversations/"+mine["conversations"], object{"type": "file", "file": object{"id": theirs["files"]}}
	epoch := done[httpapi.Conversation](t, own.owner, "GET", talk, nil).OwnerEpoch
	for _, r := range []struct {
		by           guest
		method, path string
		body         any
	}{
		{own.owner, "PUT", "/session/workspace", object{"workspace_id": theirs["workspaces"]}},
		{own.owner, "PATCH", "/tickets/" + mine["tickets"], object{"assignee_id": theirs["staff"]}},
		{own.owner, "PATCH", "/tickets/" + mine["tickets"], object{"team_id": theirs["teams"]}},
		{own.key, "POST", "/tickets", object{"subject": "x", "body": "x", "customer": object{"email": "x@x.test"}, "team_id": theirs["teams"]}},
		{own.owner, "POST", talk + "/transfer", object{"owner_epoch": epoch, "to": object{"staff": theirs["staff"]}}},
		{own.owner, "POST", talk + "/transfer", object{"owner_epoch": epoch, "to": object{"team": theirs["teams"]}}},
		{own.owner, "PATCH", "/teams/" + mine["teams"], object{"members": []string{theirs["staff"]}}},
		{own.owner, "PATCH", "/teams/" + mine["teams"], object{"calendar_id": theirs["calendars"]}},
		{own.key, "POST", "/teams", object{"name": "x", "members": []string{theirs["staff"]}}},
		{own.key, "POST", "/teams", object{"name": "x", "calendar_id": theirs["calendars"]}},
		{own.owner, "POST", "/invitations", object{"email": "x@x.test", "role": "agent", "teams": []string{theirs["teams"]}}},
		{own.owner, "PATCH", "/staff/" + mine["staff"], object{"teams": []string{theirs["teams"]}}},
		{own.owner, "POST", talk + "/entries", object{"client_id": "x", "kind": "message", "body": file}},
		{own.visitor, "POST", "/client" + talk + "/entries", object{"client_id": "x", "kind": "message", "body": file}},
		{own.visitor, "POST", "/client/conversations", object{"client_id": "x", "body": file}},
	} {
		var match []string
		if r.method == http.MethodPatch {
			match = []string{"If-Match", r.by.ask(t, "GET", r.path, nil).Header().Get("ETag")}
		}
		answer := r.by.ask(t, r.method, r.path, r.body, match...)
		// Anything else would refuse something other than the reference.
		if answer.Code != 404 && answer.Code != 422 || len(problem(answer).Fields) == 0 && answer.Code == 422 {
			wrongs = append(wrongs, fmt.Sprintf("%s %s with %v answered %d %.150s", r.method, r.path, r.body, answer.Code, answer.Body))
		}
	}
	for _, path := range []string{
		"/search?q=" + other.word, "/conversations?team=" + theirs["teams"], "/customers?q=lin@" + other.word + ".test", "/tickets?view=all&q=" + other.word,
		"/knowledge?q=" + other.word, "/audit?object=" + theirs["teams"], "/audit?actor=" + theirs["staff"], "/client/help?q=" + other.word + "&key=" + own.widget,
	} {
		answer := own.owner.ask(t, "GET", path, nil)
		if answer.Code != 200 || !strings.Contains(answer.Body.String(), `"items":[]`) {
			wrongs = append(wrongs, fmt.Sprintf("%s answered %d %.150s", path, answer.Code, answer.Body))
		}
	}
	address := strings.Replace(other.file, other.workspace.String(), own.workspace.String(), 1)
	if answer := own.owner.ask(t, "GET", address, nil); answer.Code != 404 {
		wrongs = append(wrongs, fmt.Sprintf("%s answered %d", address, answer.Code))
	}
	return wrongs
}

// Two customers of one shop are as far from each other as two shops are.
func TestNobodyCrossesIntoAnotherVisitorsThings(t *testing.T) {
	eachNode(t, func(t *testing.T, a *app.App) {
		h := found(t, a, "heron")
		h.furnish(t)
		before := snapshot(t, a)
		ids := maps.Clone(h.one)
		ids["knowledge"] = id.Article(8).String() // published for everybody
		c := crossing{map[string]guest{"another visitor": h.stranger}, h.widget, ids, []string{h.word + " question", h.word + " ticket", "lin@", h.one["conversations"], h.one["tickets"], h.one["customers"]}}
		for _, wrong := range walkTenants(t, a.Handler(), c) {
			t.Error(wrong)
		}
		for _, file := range []string{h.one["visitor-files"], h.one["files"]} {
			answer := h.stranger.ask(t, "POST", "/client/conversations", map[string]any{"client_id": "s", "body": map[string]any{"type": "file", "file": map[string]any{"id": file}}})
			if answer.Code != 422 || problem(answer).Code != "file.not_found" {
				t.Errorf("sending another's file answered %d %s", answer.Code, answer.Body)
			}
		}
		for address, want := range map[string]int{h.file: 200, strings.Replace(h.file, "sig=", "sig=A", 1): 404, strings.Replace(h.file, h.one["visitor-files"], h.one["files"], 1): 404} {
			if answer := h.stranger.ask(t, "GET", address, nil); answer.Code != want {
				t.Errorf("%s answered %d, want %d", address, answer.Code, want)
			}
		}
		for _, table := range before.differs(snapshot(t, a)) {
			t.Errorf("the crossing wrote to %s", table)
		}
		for name, path := range map[string]string{"entries": "/client/conversations/" + h.one["conversations"] + "/entries", "the conversation": "/client/conversations/" + h.one["conversations"]} {
			if answer := h.visitor.ask(t, "GET", path, nil); answer.Code != 200 || strings.Contains(answer.Body.String(), h.word+" note") {
				t.Errorf("%s show a note: %d %s", name, answer.Code, answer.Body)
			}
		}
	})
}

func TestNobodyListensToAnothersConversation(t *testing.T) {
	a := node(t, "")
	heron, plover := found(t, a, "heron"), found(t, a, "plover")
	heron.furnish(t)
	plover.furnish(t)
	server := httptest.NewServer(a.Handler())
	defer server.Close()
	for name, test := range map[string]struct {
		by      guest
		channel string
		heard   bool
	}{
		"their own conversation":                {heron.owner, "conversation:" + heron.one["conversations"], true},
		"another workspace's conversation":      {heron.owner, "conversation:" + plover.one["conversations"], false},
		"another workspace's rows":              {heron.owner, "workspace:" + plover.workspace.String(), false},
		"another's hints":                       {heron.owner, "staff:" + plover.one["staff"], false},
		"another workspace's team":              {heron.owner, "team:" + plover.one["teams"], false},
		"a customer's feed":                     {heron.owner, "customer:" + heron.one["customers"], false},
		"a visitor: the notes of staff":         {heron.visitor, "conversation:" + heron.one["conversations"], false},
		"a visitor: another customer":           {heron.stranger, "customer:" + heron.one["customers"], false},
		"a visitor: all rows of the workspace":  {heron.visitor, "workspace:" + heron.workspace.String(), false},
		"a key, which may open no socket":       {heron.key, "conversation:" + heron.one["conversations"], false},
		"nobody":                                {guest{}, "conversation:" + heron.one["conversations"], false},
		"a channel of nothing in particular":    {heron.owner, "conversation:", false},
		"a channel that is not the desk's kind": {heron.owner, "$everything", false},
	} {
		t.Run(name, func(t *testing.T) {
			if heard := subscribed(t, server.URL, test.by, test.channel); heard != test.heard {
				t.Errorf("listens: %v", heard)
			}
		})
	}
}

// subscribed reports whether a guest may listen to a channel.
func subscribed(t *testing.T, url string, by guest, channel string) bool {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	token, _ := json.Marshal(by.bearer)
	commands := fmt.Sprintf(`{"id":1,"connect":{"token":%s}}`+"\n"+`{"id":2,"subscribe":{"channel":%q}}`, token, channel)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+httpapi.Base+"/live/stream", strings.NewReader(commands))
	must(t, err)
	if by.cookie != "" {
		request.AddCookie(&http.Cookie{Name: secureCookie, Value: by.cookie})
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { must(t, response.Body.Close()) }()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		var frame struct {
			ID        int
			Error     json.RawMessage
			Subscribe json.RawMessage
			Push      struct{ Disconnect json.RawMessage }
		}
		if json.Unmarshal(lines.Bytes(), &frame) != nil {
			continue
		}
		if frame.ID == 2 || frame.Push.Disconnect != nil {
			return frame.Error == nil && frame.Subscribe != nil
		}
	}
	return false
}

// careless are ports that forget whose workspace it is.
type careless struct {
	httpapi.Conversations
	whole access.Scope
}

func (c careless) Get(ctx context.Context, _ access.Scope, which id.Conversation) (inbox.Conversation, error) {
	return c.Conversations.Get(ctx, c.whole, which)
}

type carelessKnowledge struct {
	httpapi.Knowledge
	whole access.Scope
}

func (c carelessKnowledge) Delete(ctx context.Context, _ access.Scope, which id.Article, _ int64, at time.Time) error {
	return c.Knowledge.Delete(ctx, c.whole, which, 0, at)
}

func TestTheWalkNoticesAPortThatForgetsTheWorkspace(t *testing.T) {
	a := node(t, "")
	heron, plover := found(t, a, "heron"), found(t, a, "plover")
	heron.furnish(t)
	plover.furnish(t)
	whole := access.System(plover.workspace)
	for name, test := range map[string]struct {
		forget func(*httpapi.Ports)
		want   string
	}{
		"reading a conversation": {func(p *httpapi.Ports) { p.Conversations = careless{p.Conversations, whole} }, "get-conversation as the owner: shows"},
		"hinting as a visitor":   {func(p *httpapi.Ports) { p.Conversations = careless{p.Conversations, whole} }, "client-typing as a visitor: answered"},
		"removing an article":    {func(p *httpapi.Ports) { p.Knowledge = carelessKnowledge{p.Knowledge, whole} }, "remove-article answered 204"},
	} {
		t.Run(name, func(t *testing.T) {
			wrongs := walkTenants(t, a.Changed(httpapi.Pages{}, test.forget), heron.against(plover))
			if !reports(wrongs, test.want) {
				t.Errorf("nobody noticed %q among %q", test.want, wrongs)
			}
		})
	}
}

// A member who sees their own teams' work only is as far from the rest.
func TestNobodyCrossesBeyondTheirReach(t *testing.T) {
	eachNode(t, func(t *testing.T, a *app.App) {
		h := found(t, a, "heron")
		h.furnish(t)
		_, err := a.AddUser(t.Context(), app.NewUser{Workspace: h.word, Mail: "newcomer@agents.test", Name: "A newcomer", Password: password, Role: string(access.Agent), Locale: "en"})
		must(t, err)
		// What has no team is everybody's.
		ticket := "/tickets/" + h.one["tickets"]
		version := h.owner.ask(t, "GET", ticket, nil).Header().Get("ETag")
		done[any](t, h.owner, "PATCH", ticket, map[string]any{"team_id": h.one["teams"]}, "If-Match", version)
		newcomer := guest{at: a.Handler(), cookie: signIn(t, a.Handler(), "newcomer@agents.test")}
		must(t, a.IndexAll(t.Context()))
		if all := h.owner.ask(t, "GET", "/search?q=question", nil); !strings.Contains(all.Body.String(), h.one["conversations"]) {
			t.Fatalf("the owner finds %s", all.Body)
		}
		before := snapshot(t, a)
		c := crossing{widget: h.widget, secret: []string{h.word + " question", h.word + " ticket", h.word + " topic", h.word + " note", h.one["conversations"], h.one["tickets"]}}
		for _, o := range operations(t, a.Handler()) {
			collection := o.collection(t)
			if collection != "conversations" && collection != "tickets" && (collection != "" || o.unsafe() || strings.Contains(o.path, "{")) {
				continue
			}
			if wrong := cross(t, o, newcomer, h.one[collection], c); wrong != "" {
				t.Errorf("%s: %s", o.name(), wrong)
			}
		}
		of := "/customers/" + h.one["customers"] + "/conversations"
		if answer := newcomer.ask(t, "GET", of, nil); leaks(answer, c) != "" {
			t.Errorf("the customer's page %s", leaks(answer, c))
		}
		for _, table := range before.differs(snapshot(t, a)) {
			t.Errorf("the crossing wrote to %s", table)
		}
		server := httptest.NewServer(a.Handler())
		defer server.Close()
		if subscribed(t, server.URL, newcomer, "conversation:"+h.one["conversations"]) {
			t.Error("listens to a conversation beyond their reach")
		}
	})
}
