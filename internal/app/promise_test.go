package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/channel/channeltest"
	"everdesk/internal/config"
	"everdesk/internal/httpapi"
	"everdesk/internal/store/storetest"
)

// embedded is the database of a desk that is given none.
const embedded = ""

func TestMain(m *testing.M) { storetest.Main(m) }

// desk is a whole node, reached over the wire only.
type desk struct {
	url, key, widget string
}

// caller speaks to a desk with a bearer token.
type caller struct {
	desk  desk
	token string
}

// open starts a node with one workspace. No agent is there: nobody has a page
// open.
func open(t *testing.T, database string, targets ...string) desk {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	node := config.Node{Data: t.TempDir(), LogLevel: "error", DB: database, AllowTargets: targets}
	ctx, stop := context.WithCancel(context.Background())
	a, err := app.New(ctx, node, "test", listener.Addr().String())
	must(t, err)
	workspace, err := a.AddUser(ctx, app.NewUser{
		NewWorkspace: "Finch Wear", Mail: "owner@finch.test", Name: "Cheng Ye", Password: "correct horse battery", Locale: "en", TimeZone: "Asia/Shanghai",
	})
	must(t, err)
	key, err := a.AddKey(ctx, workspace, "test", string(access.Owner))
	must(t, err)
	served := make(chan error, 1)
	go func() { served <- a.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-served, a.Close()); err != nil {
			t.Errorf("leaving: %v", err)
		}
	})
	d := desk{url: "http://" + listener.Addr().String(), key: key}
	d.widget = get[httpapi.Widget](t, d.staff(), "/channels/widget").Key
	return d
}

func (d desk) staff() caller { return caller{d, d.key} }

func (d desk) visitor(t *testing.T) caller {
	t.Helper()
	visit := post[httpapi.Visit](t, caller{d, ""}, "/client/visitors", map[string]any{"key": d.widget, "locale": "en", "time_zone": "Europe/Berlin"})
	return caller{d, visit.Token}
}

func (c caller) call(t *testing.T, method, path string, body any, headers ...string) (int, []byte) {
	t.Helper()
	raw, err := json.Marshal(body)
	must(t, err)
	request, err := http.NewRequestWithContext(t.Context(), method, c.desk.url+httpapi.Base+path, bytes.NewReader(raw))
	must(t, err)
	if body == nil {
		request.Body = http.NoBody
	} else {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	answer, err := io.ReadAll(response.Body)
	must(t, errors.Join(err, response.Body.Close()))
	return response.StatusCode, answer
}

func get[T any](t *testing.T, c caller, path string) T {
	t.Helper()
	status, answer := c.call(t, http.MethodGet, path, nil)
	return decode[T](t, path, status, answer)
}

func post[T any](t *testing.T, c caller, path string, body any, headers ...string) T {
	t.Helper()
	status, answer := c.call(t, http.MethodPost, path, body, headers...)
	return decode[T](t, path, status, answer)
}

func decode[T any](t *testing.T, path string, status int, answer []byte) (v T) {
	t.Helper()
	if status >= 300 {
		t.Fatalf("%s answered %d %s", path, status, answer)
	}
	if len(answer) > 0 {
		must(t, json.Unmarshal(answer, &v))
	}
	return v
}

// until asks again until what it waits for is there.
func until[T any](t *testing.T, what string, look func() (T, bool)) T {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		found, ok := look()
		if ok {
			return found
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s; last %+v", what, found)
		}
		<-tick.C
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// words returns the plain text of a mail.
func words(t *testing.T, message *mail.Message) string {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	must(t, err)
	body, encoding := message.Body, message.Header.Get("Content-Transfer-Encoding")
	if kind == "multipart/alternative" {
		part, err := multipart.NewReader(message.Body, parameters["boundary"]).NextRawPart()
		must(t, err)
		body, encoding = part, part.Header.Get("Content-Transfer-Encoding")
	}
	switch encoding {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	must(t, err)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func subject(t *testing.T, message *mail.Message) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	must(t, err)
	return text
}

// withMail sets the workspace's mail account to a real server.
func withMail(t *testing.T, database string, boxes ...string) (desk, *channeltest.Postfix) {
	t.Helper()
	server := channeltest.StartPostfix(t, boxes...)
	d := open(t, database, server.Addr())
	settings := map[string]any{"host": "127.0.0.1", "port": server.Port, "security": "none", "from": "Finch Wear <help@finch.test>"}
	if status, answer := d.staff().call(t, http.MethodPut, "/channels/email", settings, "If-Match", `"0"`); status != 200 {
		t.Fatalf("setting the mail account: %d %s", status, answer)
	}
	return d, server
}

var link = regexp.MustCompile(`http://\S+/t/(\S+)`)

// The main promise: everybody is away, the customer leaves an address, gets a
// number and a time, and the answer reaches them there with a link that opens
// their ticket and nobody else's.
func TestTheAnswerReachesACustomerWhoFoundNobodyThere(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { reach(t, embedded) })
	t.Run("postgres", func(t *testing.T) { reach(t, storetest.PostgresURL(t)) })
}

func reach(t *testing.T, database string) {
	d, server := withMail(t, database, "lin")
	lin, staff := d.visitor(t), d.staff()
	started := post[httpapi.Started](t, lin, "/client/conversations", map[string]any{
		"client_id": "c1", "locale": "en", "body": map[string]any{"type": "text", "text": "Where is my parcel?\nIt says delivered."},
	})
	talk := "/client/conversations/" + started.Conversation.ID.String()
	post[any](t, lin, talk+"/handover", map[string]any{})
	carried := until(t, "the ticket", func() (httpapi.ClientConversation, bool) {
		c := get[httpapi.ClientConversation](t, lin, talk)
		return c, c.Ticket != nil
	})
	if !carried.ContactNeeded || carried.Ticket.PromisedAt == nil {
		t.Errorf("carried: %+v", carried)
	}
	post[any](t, lin, talk+"/contact", map[string]any{"email": "lin@customer.test", "name": "Lin"})

	received := server.Mail(t, "lin", 1)[0]
	number := fmt.Sprintf("#%d", carried.Ticket.Number)
	if got := subject(t, received); !strings.Contains(got, number) || !strings.Contains(got, "Where is my parcel?") {
		t.Errorf("subject %q", got)
	}
	if text := words(t, received); !strings.Contains(text, number) || link.FindString(text) == "" {
		t.Errorf("text %q", text)
	}

	ticket := "/tickets/" + carried.Ticket.ID.String()
	post[any](t, staff, ticket+"/replies", map[string]any{"client_id": "r1", "text": "It is at the front desk."})
	replied := until(t, "the answer", func() (*mail.Message, bool) {
		for _, m := range server.Mail(t, "lin", 2) {
			if strings.HasPrefix(subject(t, m), "Re:") {
				return m, true
			}
		}
		return nil, false
	})
	text := words(t, replied)
	if !strings.Contains(text, "It is at the front desk.") || replied.Header.Get("References") != received.Header.Get("References") {
		t.Errorf("answer %q, references %q", text, replied.Header.Get("References"))
	}
	waiting := get[httpapi.Ticket](t, staff, ticket)
	if waiting.Status != "waiting" || waiting.Requester.Name != "Lin" {
		t.Errorf("after the answer: %+v", waiting)
	}

	followLink(t, d, link.FindStringSubmatch(text)[1], waiting)
}

var promised = regexp.MustCompile(`by (.*\d\d:\d\d)`)

func TestAPromiseNamesOneTimeHoweverOftenItIsTold(t *testing.T) {
	d, _ := withMail(t, embedded, "lin")
	for name, zone := range map[string]string{"of a customer somewhere": "Europe/Berlin", "of a customer nobody knows where": ""} {
		visit := post[httpapi.Visit](t, caller{d, ""}, "/client/visitors", map[string]any{"key": d.widget, "locale": "en", "time_zone": zone})
		lin := caller{d, visit.Token}
		started := post[httpapi.Started](t, lin, "/client/conversations", map[string]any{
			"client_id": "c1", "locale": "en", "body": map[string]any{"type": "text", "text": "Where is my parcel?"},
		})
		talk := "/client/conversations/" + started.Conversation.ID.String()
		post[any](t, lin, talk+"/handover", map[string]any{})
		until(t, "the ticket", func() (bool, bool) {
			return true, get[httpapi.ClientConversation](t, lin, talk).Ticket != nil
		})
		post[any](t, lin, talk+"/contact", map[string]any{"email": "lin@customer.test"})
		var times []string
		for _, entry := range get[struct{ Items []httpapi.Entry }](t, lin, talk+"/entries").Items {
			if found := promised.FindStringSubmatch(entry.Body.Plain()); found != nil {
				times = append(times, found[1])
			}
		}
		if len(times) != 2 || times[0] != times[1] {
			t.Errorf("%s: told %q", name, times)
		}
	}
}

// followLink opens the link of a mail somewhere else, answers there, and is let
// into nothing more.
func followLink(t *testing.T, d desk, token string, waiting httpapi.Ticket) {
	t.Helper()
	opened := post[httpapi.LinkOpened](t, caller{d, ""}, "/client/links", map[string]any{"token": token})
	if opened.TicketID != waiting.ID || opened.Key != d.widget {
		t.Errorf("the link opened %+v", opened)
	}
	elsewhere := caller{d, opened.Token}
	post[any](t, elsewhere, "/client/tickets/"+waiting.ID.String()+"/replies", map[string]any{"client_id": "e1", "text": "Found it. Thanks!"})
	if now := get[httpapi.Ticket](t, d.staff(), "/tickets/"+waiting.ID.String()); now.Status != "open" {
		t.Errorf("after the customer's answer: %+v", now)
	}
	said := get[struct{ Items []httpapi.Entry }](t, elsewhere, "/client/conversations/"+opened.ConversationID.String()+"/entries")
	if n := len(said.Items); n < 4 {
		t.Errorf("the thread has %d entries", n)
	}
	stranger := d.visitor(t)
	if status, answer := stranger.call(t, http.MethodGet, "/client/tickets/"+waiting.ID.String(), nil); status != 404 {
		t.Errorf("a stranger got %d %s", status, answer)
	}
	forged := token[:len(token)-1] + "A"
	if forged == token {
		forged = token[:len(token)-1] + "B"
	}
	if status, answer := (caller{d, ""}).call(t, http.MethodPost, "/client/links", map[string]any{"token": forged}); status != 401 {
		t.Errorf("a forged link got %d %s", status, answer)
	}
}

func TestATicketMadeByAProgramIsPromisedOnceAndSettled(t *testing.T) {
	d, server := withMail(t, embedded, "chen")
	staff := d.staff()
	draft := map[string]any{"subject": "发票抬头写错了", "body": "请改成公司名。", "locale": "zh-CN", "priority": "high", "customer": map[string]any{"name": "陈晨", "email": "Chen@customer.test"}}
	made := post[httpapi.Ticket](t, staff, "/tickets", draft, "Idempotency-Key", "k1")
	again := post[httpapi.Ticket](t, staff, "/tickets", draft, "Idempotency-Key", "k1")
	if made.ID != again.ID || made.Requester.Name != "陈晨" || made.PromiseBasis != "working_hours" {
		t.Errorf("made %+v, again %+v", made, again)
	}
	received := server.Mail(t, "chen", 1)[0]
	if got, want := subject(t, received), fmt.Sprintf("[#%d] 发票抬头写错了", made.Number); got != want {
		t.Errorf("subject %q, want %q", got, want)
	}
	if received.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("header %v", received.Header)
	}
	entries := get[struct{ Items []httpapi.Entry }](t, staff, "/conversations/"+made.ConversationID.String()+"/entries").Items
	seen := entries[len(entries)-1].Seq
	settled := post[httpapi.Ticket](t, staff, "/tickets/"+made.ID.String()+"/resolve", map[string]any{"seen_seq": seen})
	if settled.Status != "resolved" || settled.ResolvedAt == nil {
		t.Errorf("settled %+v", settled)
	}
	if mails := server.Mail(t, "chen", 2); len(mails) != 2 {
		t.Errorf("%d mails", len(mails))
	}
	found := get[struct{ Items []httpapi.Ticket }](t, staff, "/tickets?view=resolved&q=%23"+fmt.Sprint(made.Number))
	if len(found.Items) != 1 || found.Items[0].ID != made.ID {
		t.Errorf("found %+v", found.Items)
	}
}

func TestAMailThatCannotBeSentIsSeenToFail(t *testing.T) {
	d, _ := withMail(t, embedded, "lin")
	staff := d.staff()
	trial := post[httpapi.Trial](t, staff, "/channels/email/test", map[string]any{"to": "nobody@customer.test"})
	if trial.State != "failed" || trial.Reason != "address_refused" {
		t.Errorf("trial %+v", trial)
	}
	made := post[httpapi.Ticket](t, staff, "/tickets", map[string]any{"subject": "Hello", "body": "Hello?", "customer": map[string]any{"email": "nobody@customer.test"}})
	delivery := until(t, "the failure", func() (httpapi.Delivery, bool) {
		for _, e := range get[struct{ Items []httpapi.Entry }](t, staff, "/conversations/"+made.ConversationID.String()+"/entries").Items {
			if e.Delivery != nil && e.Delivery.State == "failed" {
				return *e.Delivery, true
			}
		}
		return httpapi.Delivery{}, false
	})
	if !strings.HasPrefix(delivery.Reason, "address_refused") || strings.Contains(delivery.Reason, "nobody@") {
		t.Errorf("failed for %q", delivery.Reason)
	}
}

// Every refusal names its field and writes nothing.
func TestWhatIsWrongWithATicketOrASettingIsNamed(t *testing.T) {
	d := open(t, embedded)
	staff, lin := d.staff(), d.visitor(t)
	made := post[httpapi.Ticket](t, staff, "/tickets", map[string]any{"subject": "Hello", "body": "Hello?", "customer": map[string]any{"phone": "+8613800004417"}})
	one := "/tickets/" + made.ID.String()
	week := map[string]any{"mon": []any{map[string]string{"from": "9:00", "to": "18:00"}}}
	for name, test := range map[string]struct {
		by           caller
		method, path string
		body         any
		match        string
		status       int
		code, field  string
	}{
		"no way to answer":            {staff, "POST", "/tickets", map[string]any{"subject": "x", "body": "y", "customer": map[string]any{}}, "", 422, "ticket.invalid", "body.customer"},
		"a mail that is none":         {staff, "POST", "/tickets", map[string]any{"subject": "x", "body": "y", "customer": map[string]any{"email": "x"}}, "", 422, "identity.malformed", "body.email"},
		"an unknown priority":         {staff, "POST", "/tickets", map[string]any{"subject": "x", "body": "y", "priority": "soon", "customer": map[string]any{"email": "a@b.test"}}, "", 422, "request.invalid", "body.priority"},
		"another's team":              {staff, "POST", "/tickets", map[string]any{"subject": "x", "body": "y", "team_id": "tea_0000000000008", "customer": map[string]any{"email": "a@b.test"}}, "", 422, "request.invalid", "body.team_id"},
		"no version":                  {staff, "PATCH", one, map[string]any{"subject": "z"}, "", 428, "request.version_required", "header.If-Match"},
		"a stale version":             {staff, "PATCH", one, map[string]any{"subject": "z"}, `"9"`, 412, "request.stale_version", ""},
		"resolving by hand":           {staff, "PATCH", one, map[string]any{"status": "resolved"}, `"1"`, 422, "request.invalid", "body.status"},
		"somebody who is not here":    {staff, "PATCH", one, map[string]any{"assignee_id": "stf_0000000000008"}, `"1"`, 422, "request.invalid", "body.assignee_id"},
		"no such ticket":              {staff, "GET", "/tickets/tkt_0000000000008", nil, "", 404, "ticket.not_found", ""},
		"a ticket of staff":           {lin, "GET", one, nil, "", 401, "access.bad_key", ""},
		"a ticket of another":         {lin, "GET", "/client" + one, nil, "", 404, "ticket.not_found", ""},
		"a form without an address":   {lin, "POST", "/client/tickets", map[string]any{"client_id": "1", "subject": "x", "text": "y"}, "", 422, "ticket.invalid", "body.email"},
		"a link that is none":         {caller{d, ""}, "POST", "/client/links", map[string]any{"token": "x"}, "", 401, "ticket.link_ended", ""},
		"a time of four letters":      {staff, "POST", "/calendars", map[string]any{"name": "x", "time_zone": "UTC", "weekly": week}, "", 422, "calendar.invalid", "body.weekly.mon[0].from"},
		"an unknown zone":             {staff, "POST", "/calendars", map[string]any{"name": "x", "time_zone": "Mars/Olympus", "weekly": map[string]any{}}, "", 422, "calendar.invalid", "body.time_zone"},
		"mail across the net, bare":   {staff, "PUT", "/channels/email", map[string]any{"host": "smtp.test", "port": 25, "security": "none", "from": "a@b.test"}, `"0"`, 422, "channel.invalid", "body.security"},
		"a short secret":              {staff, "PUT", "/channels/sms", map[string]any{"url": "https://sms.test", "secret": "s"}, `"0"`, 422, "channel.invalid", "body.secret"},
		"a trial of what is not set":  {staff, "POST", "/channels/email/test", map[string]any{"to": "a@b.test"}, "", 409, "channel.not_configured", ""},
		"a widget of nobody":          {caller{d, ""}, "GET", "/client/config?key=wk_nobody", nil, "", 404, "channel.not_found", ""},
		"a quick reply without words": {staff, "POST", "/snippets", map[string]any{"key": "a b", "title": "x", "text": "y", "locale": "en"}, "", 422, "channel.invalid", "body.key"},
	} {
		t.Run(name, func(t *testing.T) {
			headers := []string{}
			if test.match != "" {
				headers = []string{"If-Match", test.match}
			}
			status, answer := test.by.call(t, test.method, test.path, test.body, headers...)
			var problem httpapi.Problem
			must(t, json.Unmarshal(answer, &problem))
			if status != test.status || problem.Code != test.code {
				t.Fatalf("answered %d %s", status, answer)
			}
			if test.field != "" && (len(problem.Fields) != 1 || problem.Fields[0].Path != test.field) {
				t.Errorf("fields %+v, want %s", problem.Fields, test.field)
			}
			if problem.Title == problem.Code {
				t.Errorf("%s has no title", problem.Code)
			}
		})
	}
	if all := get[struct{ Items []httpapi.Ticket }](t, staff, "/tickets?view=all"); len(all.Items) != 1 {
		t.Errorf("%d tickets were written", len(all.Items))
	}
}

func TestAWidgetShowsItsSettingsToItsOwnPagesOnly(t *testing.T) {
	d := open(t, embedded)
	widget := get[map[string]any](t, d.staff(), "/channels/widget")
	delete(widget, "key")
	delete(widget, "version")
	widget["hosts"] = []string{"shop.test"}
	if status, answer := d.staff().call(t, http.MethodPut, "/channels/widget", widget, "If-Match", `"1"`); status != 200 {
		t.Fatalf("set: %d %s", status, answer)
	}
	for origin, want := range map[string]string{"https://shop.test": "https://shop.test", "https://evil.test": "", d.url: d.url, "null": ""} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+httpapi.Base+"/client/config?key="+d.widget, http.NoBody)
		must(t, err)
		request.Header.Set("Origin", origin)
		response, err := http.DefaultClient.Do(request)
		must(t, err)
		answer, err := io.ReadAll(response.Body)
		must(t, errors.Join(err, response.Body.Close()))
		if got := response.Header.Get("Access-Control-Allow-Origin"); response.StatusCode != 200 || got != want || response.Header.Get("Cache-Control") != "public, max-age=60" {
			t.Errorf("%s: %d, allowed %q, %v %s", origin, response.StatusCode, got, response.Header, answer)
		}
		if bytes.Contains(answer, []byte("secret")) || bytes.Contains(answer, []byte("shop.test")) {
			t.Errorf("too much is shown: %s", answer)
		}
	}
}
