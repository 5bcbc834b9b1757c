package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"everdesk/internal/httpapi"
	"everdesk/internal/id"
)

// What people, programs and attackers get wrong: each gets the right status and
// code, the field by its name, and nothing is written.
func TestMalformedConversationRequests(t *testing.T) {
	eachTalk(t, func(t *testing.T, d *talk) {
		owner := d.open(t, "shop")
		visitor := d.arrives(t, "shop")
		started := visitor.asks(t, "c1", "hello")
		path := "/conversations/" + started.Conversation.ID.String()
		client, nowhere := "/client"+path, "/conversations/"+id.Conversation(1<<50).String()
		message := func(body any) map[string]any { return map[string]any{"client_id": "m", "body": body} }
		before := read[httpapi.Conversation](t, owner.call(t, "GET", path, nil))
		for name, test := range map[string]struct {
			caller       *caller
			method, path string
			body         any
			status       int
			code, field  string
		}{
			"a message without a body":           {visitor, "POST", client + "/entries", map[string]any{"client_id": "m"}, 422, "request.invalid", "body.body"},
			"a message without a client id":      {visitor, "POST", client + "/entries", map[string]any{"body": text("x")}, 422, "request.invalid", "body.client_id"},
			"a client id of a kilobyte":          {visitor, "POST", client + "/entries", map[string]any{"client_id": strings.Repeat("x", 1024), "body": text("x")}, 422, "request.invalid", "body.client_id"},
			"an unknown type of message":         {visitor, "POST", client + "/entries", message(map[string]any{"type": "hologram"}), 422, "", ""},
			"an empty text":                      {visitor, "POST", client + "/entries", message(text("  ")), 422, "message.invalid", "body.body.text"},
			"a text of a novel":                  {visitor, "POST", client + "/entries", message(text(strings.Repeat("字", 8001))), 422, "message.invalid", "body.body.text"},
			"an event forged by a visitor":       {visitor, "POST", client + "/entries", message(map[string]any{"type": "event", "event": "resolved", "facts": map[string]any{}}), 422, "message.invalid", "body.body.type"},
			"an answer forged by a visitor":      {visitor, "POST", client + "/entries", message(map[string]any{"type": "answer", "text": "x", "sources": []any{}}), 422, "message.invalid", "body.body.type"},
			"somebody's upload":                  {visitor, "POST", client + "/entries", message(map[string]any{"type": "image", "file": map[string]any{"id": id.File(1 << 50).String()}}), 422, "file.not_found", "body.body.file.id"},
			"an image without a file":            {visitor, "POST", client + "/entries", message(map[string]any{"type": "image"}), 422, "message.invalid", "body.body.file.id"},
			"a reply to what is not there":       {visitor, "POST", client + "/entries", map[string]any{"client_id": "m", "body": text("x"), "reply_to": 99}, 422, "request.invalid", "body.reply_to"},
			"a note by a visitor":                {visitor, "POST", client + "/entries", map[string]any{"client_id": "m", "kind": "note", "body": text("x")}, 422, "request.invalid", "body.kind"},
			"the first key with other words":     {visitor, "POST", "/client/conversations", map[string]any{"client_id": "c1", "body": text("other")}, 422, "request.key_reused", ""},
			"a conversation without words":       {visitor, "POST", "/client/conversations", map[string]any{"client_id": "c2"}, 422, "request.invalid", "body.body"},
			"a conversation that is not there":   {owner, "GET", nowhere, nil, 404, "conversation.not_found", ""},
			"a ticket's id for a conversation's": {owner, "GET", "/conversations/" + id.Ticket(1<<50).String(), nil, 422, "request.invalid", "path.id"},
			"a number for an id":                 {owner, "GET", "/conversations/12345", nil, 422, "request.invalid", "path.id"},
			"a view nobody has":                  {owner, "GET", "/conversations?view=secret", nil, 422, "request.invalid", "query.view"},
			"a limit of a thousand":              {owner, "GET", "/conversations?limit=1000", nil, 422, "request.invalid", "query.limit"},
			"a cursor of another making":         {owner, "GET", "/conversations?cursor=!!!", nil, 422, "request.invalid_cursor", "query.cursor"},
			"a parameter nobody knows":           {owner, "GET", "/conversations?order=random", nil, 422, "request.invalid", "query.order"},
			"before and after at once":           {owner, "GET", path + "/entries?before=3&after=1", nil, 422, "request.invalid", "query.before"},
			"a seq that is no number":            {owner, "GET", path + "/entries?after=x", nil, 422, "request.invalid", "query.after"},
			"speaking in the bot's turn":         {owner, "POST", path + "/entries", map[string]any{"client_id": "m", "kind": "message", "body": text("x")}, 409, "conversation.not_owner", ""},
			"an entry of a kind nobody posts":    {owner, "POST", path + "/entries", map[string]any{"client_id": "m", "kind": "transition", "body": text("x")}, 422, "request.invalid", "body.kind"},
			"editing the customer's words":       {owner, "PATCH", path + "/entries/2", map[string]any{"client_id": "m", "body": text("x")}, 409, "entry.not_editable", ""},
			"editing what is not there":          {owner, "PATCH", path + "/entries/99", map[string]any{"client_id": "m", "body": text("x")}, 404, "entry.not_found", ""},
			"recalling without a key":            {owner, "DELETE", path + "/entries/2", nil, 422, "request.invalid", "query.client_id"},
			"taking at an epoch that has passed": {owner, "POST", path + "/take", map[string]any{"owner_epoch": 7}, 409, "conversation.moved", ""},
			"a transfer to nobody":               {owner, "POST", path + "/transfer", map[string]any{"to": map[string]any{}, "owner_epoch": 1}, 422, "request.invalid", "body.to"},
			"a transfer to two at once":          {owner, "POST", path + "/transfer", map[string]any{"to": map[string]any{"bot": true, "team": id.Team(9).String()}, "owner_epoch": 1}, 422, "request.invalid", "body.to"},
			"resolving what was not seen":        {owner, "POST", path + "/resolve", map[string]any{"seen_seq": 1}, 409, "conversation.newer_message", ""},
			"a change without a version":         {owner, "PATCH", path, map[string]any{"subject": "x"}, 428, "request.version_required", "header.If-Match"},
			"a priority nobody has":              {owner.with("If-Match", `"1"`), "PATCH", path, map[string]any{"priority": "asap"}, 422, "request.invalid", "body.priority"},
			"a stale change":                     {owner.with("If-Match", `"9"`), "PATCH", path, map[string]any{"subject": "x"}, 412, "request.stale_version", ""},
			"a tag of a page":                    {owner, "POST", path + "/tags", map[string]any{"add": []string{strings.Repeat("x", 51)}}, 422, "request.invalid", "body.add"},
			"a state nobody is in":               {owner, "PUT", "/me/presence", map[string]any{"state": "asleep"}, 422, "request.invalid", "body.state"},
			"rating what is not over":            {visitor, "POST", client + "/rating", map[string]any{"score": 5}, 409, "conversation.not_ratable", ""},
			"no stars at all":                    {visitor, "POST", client + "/rating", map[string]any{}, 422, "request.invalid", "body.score"},
			"judging a question":                 {visitor, "POST", client + "/feedback", map[string]any{"seq": 2, "value": "up"}, 409, "entry.not_editable", ""},
			"an address without a value":         {visitor, "POST", client + "/contact", map[string]any{"email": "@"}, 422, "identity.malformed", "body.email"},
			"a widget nobody has":                {d.visitor(), "POST", "/client/visitors", map[string]any{"key": "wk_nobody"}, 404, "request.not_found", "body.key"},
			"a forged visitor":                   {d.visitor().with("Authorization", "Bearer edv_forged"), "GET", client, nil, 401, "access.bad_token", ""},
			"a forged proof":                     {visitor, "POST", "/client/visitors/identify", map[string]any{"identity_token": "e30.e30.e30"}, 401, "identity.bad_proof", ""},
			"a method nobody has":                {owner, "PUT", path, map[string]any{}, 405, "request.method_not_allowed", ""},
			"a customer who is not there":        {owner, "GET", "/customers/" + id.Customer(1<<50).String(), nil, 404, "customer.not_found", ""},
			"a cookie from another site":         {owner.with("Sec-Fetch-Site", "cross-site"), "POST", path + "/take", map[string]any{"owner_epoch": 1}, 403, "access.cross_site", ""},
			"nobody at all":                      {d.visitor(), "GET", path, nil, 401, "access.signed_out", ""},
		} {
			t.Run(name, func(t *testing.T) {
				answer := test.caller.call(t, test.method, test.path, test.body)
				if test.code != "" {
					answer.is(t, test.status, test.code)
				} else if answer.status != test.status {
					t.Fatalf("answered %d %s, want %d", answer.status, answer.body, test.status)
				}
				if test.field != "" {
					answer.names(t, test.field)
				}
				if got := answer.header.Get("Content-Type"); !strings.HasPrefix(got, "application/problem+json") {
					t.Errorf("answered as %s", got)
				}
				if answer.header.Get("X-Request-Id") == "" {
					t.Error("answered without a request id")
				}
			})
		}
		after := read[httpapi.Conversation](t, owner.call(t, "GET", path, nil))
		if after.LastSeq != before.LastSeq || after.OwnerEpoch != before.OwnerEpoch || after.Version != before.Version || len(after.Tags) != 0 {
			t.Errorf("something was written: %+v", after)
		}
		raw := func(body string) {
			t.Helper()
			request, err := http.NewRequestWithContext(t.Context(), "POST", d.url+httpapi.Base+client+"/entries", strings.NewReader(body))
			must(t, err)
			request.Header = visitor.header.Clone()
			request.Header.Set("Content-Type", "application/json")
			response, err := http.DefaultClient.Do(request)
			must(t, err)
			must(t, response.Body.Close())
			if response.StatusCode != 400 && response.StatusCode != 422 {
				t.Errorf("%.40q answers %d", body, response.StatusCode)
			}
		}
		raw(`{"client_id":"m","body":{"type":"text","text":"` + "\xff" + `"}}`)
		raw(`{"client_id":"m","body":{"type":"text","text":"\u0000"}}`)
		raw(`{"client_id":"m","body":{"type":"text","text":"x"`)
		raw(`[]`)
	})
}
