package app_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"everdesk/internal/app"
	"everdesk/internal/customer"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
)

type object = map[string]any

// refusal is a request and the answer it has to get.
type refusal struct {
	by           guest
	method, path string
	body         any
	headers      []string
	status       int
	code, field  string
}

// What people, programs and attackers get wrong: each gets the right status and
// code, the field by its name, and nothing is written in any table.
func TestWhatIsMalformedIsNamedAndWritesNothing(t *testing.T) {
	eachNode(t, func(t *testing.T, a *app.App) {
		own, other := found(t, a, "heron"), found(t, a, "plover")
		own.furnish(t)
		other.furnish(t)
		tried := 0
		for _, table := range []map[string]refusal{
			spoilt(own), requests(t, own), turns(t, own), foreign(own, other), keys(t, a, own), people(t, a, own, other), uploads(own),
		} {
			for _, name := range sorted(table) {
				tried++
				t.Run(name, func(t *testing.T) { table[name].try(t, a, name) })
			}
		}
		t.Logf("%d malformed requests", tried)
	})
}

func sorted(table map[string]refusal) []string {
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (r refusal) try(t *testing.T, a *app.App, name string) {
	t.Helper()
	before := snapshot(t, a)
	answer := r.by.ask(t, r.method, r.path, r.body, r.headers...)
	p := problem(answer)
	if answer.Code != r.status || p.Code != r.code {
		t.Errorf("answered %d %.300s, want %d %s", answer.Code, answer.Body, r.status, r.code)
	}
	var fields []string
	for _, field := range p.Fields {
		fields = append(fields, field.Path)
	}
	if r.field != "" && !slices.Contains(fields, r.field) {
		t.Errorf("names %v, want %s", p.Fields, r.field)
	}
	if p.Title == "" || p.Title == p.Code || p.Trace == "" || p.Trace != answer.Header().Get("X-Request-Id") {
		t.Errorf("title %q, trace %q", p.Title, p.Trace)
	}
	for _, table := range before.differs(snapshot(t, a)) {
		t.Errorf("wrote to %s", table)
	}
	t.Logf("| %s | %s %.60s | %d | %s | %s |", name, r.method, r.path, answer.Code, p.Code, strings.Join(fields, ", "))
}

// text is a message of JSON written by hand.
func text(raw string) string { return `{"client_id":"m","body":{"type":"text","text":` + raw + `}}` }

// spoilt are bodies that are no message.
func spoilt(h *house) map[string]refusal {
	path := "/client/conversations/" + h.one["conversations"] + "/entries"
	post := func(body any, status int, code, field string, headers ...string) refusal {
		return refusal{h.visitor, "POST", path, body, headers, status, code, field}
	}
	message := func(body any) object { return object{"client_id": "m", "body": body} }
	return map[string]refusal{
		"no body at all":                post(nil, 400, "request.malformed", "body"),
		"an empty body":                 post("", 400, "request.malformed", "body"),
		"half a body":                   post(`{"client_id":"m","body":{"type":"text"`, 400, "request.malformed", "body"),
		"two bodies":                    post(text(`"x"`)+text(`"y"`), 400, "request.malformed", "body"),
		"a list for an object":          post(`[]`, 422, "request.invalid", "body"),
		"null for an object":            post(`null`, 422, "request.invalid", "body"),
		"a form for JSON":               post(`client_id=m`, 415, "request.unsupported_media_type", "", "Content-Type", "application/x-www-form-urlencoded"),
		"XML for JSON":                  post(`<m/>`, 415, "request.unsupported_media_type", "", "Content-Type", "application/xml"),
		"a text that is no UTF-8":       post(text("\"\xff\xfe\""), 400, "request.malformed", "body"),
		"half a surrogate, as bytes":    post(text("\"\xed\xa0\x80\""), 400, "request.malformed", "body"),
		"a NUL in a text":               post(text(`"a\u0000b"`), 400, "request.malformed", "body"),
		"a bare NUL":                    post(text("\"a\x00b\""), 400, "request.malformed", "body"),
		"a hundred thousand brackets":   post(text(strings.Repeat("[", 100_000)), 400, "request.malformed", "body"),
		"nine thousand levels":          post(text(strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000)), 422, "request.invalid", "body.body.text"),
		"more than a megabyte":          post(text(`"`+strings.Repeat("x", 2<<20)+`"`), 413, "request.too_large", ""),
		"a number for a text":           post(text(`7`), 422, "request.invalid", "body.body.text"),
		"a text for a number":           post(`{"client_id":"m","body":{"type":"text","text":"x"},"reply_to":"one"}`, 422, "request.invalid", "body.reply_to"),
		"a number beyond all numbers":   post(`{"client_id":"m","body":{"type":"text","text":"x"},"reply_to":1e999}`, 422, "request.invalid", "body"),
		"a number beyond 64 bits":       post(`{"client_id":"m","body":{"type":"text","text":"x"},"reply_to":99999999999999999999}`, 422, "request.invalid", "body.reply_to"),
		"a negative seq":                post(`{"client_id":"m","body":{"type":"text","text":"x"},"reply_to":-1}`, 422, "request.invalid", "body.reply_to"),
		"half a seq":                    post(`{"client_id":"m","body":{"type":"text","text":"x"},"reply_to":1.5}`, 422, "request.invalid", "body.reply_to"),
		"a message without a body":      post(object{"client_id": "m"}, 422, "request.invalid", "body.body"),
		"a message without a client id": post(object{"body": says("x")}, 422, "request.invalid", "body.client_id"),
		"a client id of a kilobyte":     post(object{"client_id": strings.Repeat("x", 1024), "body": says("x")}, 422, "request.invalid", "body.client_id"),
		"a field nobody knows":          post(object{"client_id": "m", "kind": "note", "body": says("x")}, 422, "request.invalid", "body.kind"),
		"an unknown type of message":    post(message(object{"type": "hologram"}), 422, "request.invalid", "body.body.type"),
		"a message of no type":          post(message(object{"text": "x"}), 422, "request.invalid", "body.body.type"),
		"an empty text":                 post(message(says(" \n\t")), 422, "message.invalid", "body.body.text"),
		"ten thousand characters":       post(message(says(strings.Repeat("字", 10_000))), 422, "message.invalid", "body.body.text"),
		"ten thousand emoji":            post(message(says(strings.Repeat("👩‍👩‍👧‍👦", 10_000))), 422, "message.invalid", "body.body"),
		"an event forged by a visitor":  post(message(object{"type": "event", "event": "resolved", "facts": object{}}), 422, "message.invalid", "body.body.type"),
		"an answer forged by a visitor": post(message(object{"type": "answer", "text": "x", "sources": []any{}}), 422, "message.invalid", "body.body.type"),
		"an image without a file":       post(message(object{"type": "image"}), 422, "message.invalid", "body.body.file.id"),
		"a reply to what is not there":  post(object{"client_id": "m", "body": says("x"), "reply_to": 99}, 422, "request.invalid", "body.reply_to"),
		"the first id with other words": post(object{"client_id": "v2", "body": says("other")}, 422, "request.key_reused", ""),
		"a script for a link":           {h.owner, "POST", "/conversations/" + h.one["conversations"] + "/entries", object{"client_id": "m", "kind": "message", "body": object{"type": "card", "title": "x", "buttons": []any{object{"label": "x", "action": "link", "value": "javascript:alert(1)"}}}}, nil, 422, "message.invalid", "body.body.buttons[0].value"},
		"a place that is nowhere":       post(message(object{"type": "location", "lat": 91, "lon": 0, "label": "x"}), 422, "message.invalid", "body.body.lat"),
	}
}

// requests are wrong in their address or their headers.
func requests(t *testing.T, h *house) map[string]refusal {
	t.Helper()
	talk, team := "/conversations/"+h.one["conversations"], "/teams/"+h.one["teams"]
	get := func(path string, status int, code, field string) refusal {
		return refusal{h.owner, "GET", path, nil, nil, status, code, field}
	}
	patch := func(match string, status int, code, field string) refusal {
		var headers []string
		if match != "" {
			headers = []string{"If-Match", match}
		}
		return refusal{h.owner, "PATCH", team, object{"name": "x"}, headers, status, code, field}
	}
	return map[string]refusal{
		"a page that is not there":          get("/nothing", 404, "request.not_found", ""),
		"a method nobody has":               {h.owner, "PUT", talk, object{}, nil, 405, "request.method_not_allowed", ""},
		"a number for an id":                get("/conversations/12345", 422, "request.invalid", "path.id"),
		"a ticket's id for another thing's": get("/conversations/"+h.one["tickets"], 422, "request.invalid", "path.id"),
		"SQL for an id":                     get("/conversations/cnv_1'%20OR%201=1--", 422, "request.invalid", "path.id"),
		"a path that climbs":                get("/conversations/..%2f..%2fetc%2fpasswd", 422, "request.invalid", "path.id"),
		"a NUL in a path":                   get("/conversations/cnv_%00", 400, "request.malformed", "path"),
		"a path that is no UTF-8":           get("/conversations/%ff%fe", 400, "request.malformed", "path"),
		"a NUL in a query":                  get("/search?q=%00", 400, "request.malformed", "query"),
		"a query that is no UTF-8":          get("/search?q=%c3%28", 400, "request.malformed", "query"),
		"a query that is not escaped":       get("/search?q=%zz", 400, "request.malformed", "query"),
		"a search for nothing":              get("/search?q=%21%21", 422, "search.nothing_to_find", "query.q"),
		"another list's cursor":             get("/search?q=x&cursor=AAAA", 422, "request.invalid_cursor", "query.cursor"),
		"a parameter nobody knows":          get("/conversations?order=random", 422, "request.invalid", "query.order"),
		"a limit of nothing":                get("/conversations?limit=0", 422, "request.invalid", "query.limit"),
		"a limit of a thousand":             get("/conversations?limit=1000", 422, "request.invalid", "query.limit"),
		"a limit beyond 64 bits":            get("/conversations?limit=99999999999999999999", 422, "request.invalid", "query.limit"),
		"a limit in words":                  get("/conversations?limit=ten", 422, "request.invalid", "query.limit"),
		"a cursor of another making":        get("/conversations?cursor=!!!", 422, "request.invalid_cursor", "query.cursor"),
		"a cursor of a kilobyte":            get("/conversations?cursor="+strings.Repeat("x", 1024), 422, "request.invalid", "query.cursor"),
		"a view nobody has":                 get("/conversations?view=secret", 422, "request.invalid", "query.view"),
		"before and after at once":          get(talk+"/entries?before=3&after=1", 422, "request.invalid", "query.before"),
		"a search of a novel":               get("/knowledge?q="+strings.Repeat("x", 201), 422, "request.invalid", "query.q"),
		"no version":                        patch("", 428, "request.version_required", "header.If-Match"),
		"a stale version":                   patch(`"99"`, 412, "request.stale_version", ""),
		"a version in words":                patch(`"latest"`, 400, "request.malformed", "header.If-Match"),
		"a version beyond 64 bits":          patch(`"99999999999999999999"`, 400, "request.malformed", "header.If-Match"),
		"a priority nobody has":             {h.owner, "PATCH", talk, object{"priority": "asap"}, []string{"If-Match", `"1"`}, 422, "request.invalid", "body.priority"},
		"a tag of a page":                   {h.owner, "POST", talk + "/tags", object{"add": []string{strings.Repeat("x", 51)}}, nil, 422, "request.invalid", "body.add"},
		"a host that ends the policy":       {h.owner, "PUT", "/channels/widget", widgetWith(t, h, "hosts", []string{"shop.example; script-src *"}), []string{"If-Match", `"1"`}, 422, "channel.invalid", "body.hosts[0]"},
		"a colour that is none":             {h.owner, "PUT", "/channels/widget", widgetWith(t, h, "brand_color", "red;}"), []string{"If-Match", `"1"`}, 422, "channel.invalid", "body.brand_color"},
		"six stars":                         {h.visitor, "POST", "/client" + talk + "/rating", object{"score": 6}, nil, 422, "request.invalid", "body.score"},
		"an address that is none":           {h.visitor, "POST", "/client" + talk + "/contact", object{"email": "@"}, nil, 422, "identity.malformed", "body.email"},
		"an address with a second line":     {h.visitor, "POST", "/client" + talk + "/contact", object{"email": "a@b.test\r\nBcc: c@d.test"}, nil, 422, "identity.malformed", "body.email"},
	}
}

// turns are requests that are not the caller's to make now.
func turns(t *testing.T, h *house) map[string]refusal {
	t.Helper()
	bots := done[struct{ Conversation thing }](t, h.stranger, "POST", "/client/conversations", object{"client_id": "b", "body": says("x")}).Conversation.ID
	talk := "/conversations/" + h.one["conversations"]
	return map[string]refusal{
		"resolving what was not seen":        {h.owner, "POST", talk + "/resolve", object{"seen_seq": 1}, nil, 409, "conversation.newer_message", ""},
		"taking as a program, who is nobody": {h.key, "POST", talk + "/take", object{"owner_epoch": 0}, nil, 403, "access.forbidden", ""},
		"a transfer to nobody":               {h.owner, "POST", talk + "/transfer", object{"to": object{}, "owner_epoch": 1}, nil, 422, "request.invalid", "body.to"},
		"rating what is not over":            {h.stranger, "POST", "/client/conversations/" + bots + "/rating", object{"score": 5}, nil, 409, "conversation.not_ratable", ""},
		"speaking in the bot's turn":         {h.owner, "POST", "/conversations/" + bots + "/entries", object{"client_id": "m", "kind": "message", "body": says("x")}, nil, 409, "conversation.not_owner", ""},
		"a transition by hand":               {h.owner, "POST", talk + "/entries", object{"client_id": "m", "kind": "transition", "body": says("x")}, nil, 422, "request.invalid", "body.kind"},
		"editing the customer's words":       {h.owner, "PATCH", talk + "/entries/2", object{"client_id": "m", "body": says("x")}, nil, 409, "entry.not_editable", ""},
		"editing what is not there":          {h.owner, "PATCH", talk + "/entries/99", object{"client_id": "m", "body": says("x")}, nil, 404, "entry.not_found", ""},
		"recalling without an id":            {h.owner, "DELETE", talk + "/entries/2", nil, nil, 422, "request.invalid", "query.client_id"},
		"a transfer to two at once":          {h.owner, "POST", talk + "/transfer", object{"to": object{"bot": true, "team": h.one["teams"]}, "owner_epoch": 1}, nil, 422, "request.invalid", "body.to"},
		"judging a question":                 {h.visitor, "POST", "/client" + talk + "/feedback", object{"seq": 2, "value": "up"}, nil, 409, "entry.not_editable", ""},
		"no stars at all":                    {h.visitor, "POST", "/client" + talk + "/rating", object{}, nil, 422, "request.invalid", "body.score"},
		"a state nobody is in":               {h.owner, "PUT", "/me/presence", object{"state": "asleep"}, nil, 422, "request.invalid", "body.state"},
		"settling a ticket unseen":           {h.owner, "POST", "/tickets/" + h.one["tickets"] + "/resolve", object{"seen_seq": 1}, nil, 409, "conversation.newer_message", ""},
		"a trial of what is not set up":      {h.owner, "POST", "/channels/email/test", object{"to": "a@b.test"}, nil, 409, "channel.not_configured", ""},
	}
}

func widgetWith(t *testing.T, h *house, field string, value any) object {
	t.Helper()
	settings := done[object](t, h.owner, "GET", "/channels/widget", nil)
	delete(settings, "key")
	delete(settings, "version")
	settings[field] = value
	return settings
}

// foreign are requests about what is somebody else's.
func foreign(own, other *house) map[string]refusal {
	mine := "/conversations/" + own.one["conversations"]
	file := func(which string) object {
		return object{"client_id": "f", "body": object{"type": "file", "file": object{"id": which}}}
	}
	return map[string]refusal{
		"another workspace's conversation": {own.owner, "GET", "/conversations/" + other.one["conversations"], nil, nil, 404, "conversation.not_found", ""},
		"a ticket of another workspace":    {own.key, "GET", "/tickets/" + other.one["tickets"], nil, nil, 404, "ticket.not_found", ""},
		"a conversation of nobody":         {own.owner, "GET", "/conversations/" + id.Conversation(1<<50).String(), nil, nil, 404, "conversation.not_found", ""},
		"another visitor's conversation":   {own.stranger, "POST", "/client" + mine + "/entries", object{"client_id": "m", "body": says("x")}, nil, 404, "conversation.not_found", ""},
		"another workspace's file":         {own.visitor, "POST", "/client" + mine + "/entries", file(other.one["files"]), nil, 422, "file.not_found", "body.body.file.id"},
		"another visitor's file":           {own.stranger, "POST", "/client/conversations", file(own.one["visitor-files"]), nil, 422, "file.not_found", "body.body.file.id"},
		"another workspace's team":         {own.owner, "POST", mine + "/transfer", object{"to": object{"team": other.one["teams"]}, "owner_epoch": 2}, nil, 422, "request.invalid", "body.to.team"},
		"a widget nobody has":              {guest{at: own.owner.at}, "POST", "/client/visitors", object{"key": "wk_nobody"}, nil, 404, "request.not_found", "body.key"},
		"a file by no signature":           {guest{at: own.owner.at}, "GET", strings.Split(own.file, "?")[0], nil, nil, 404, "request.not_found", ""},
		"a file by another's signature":    {guest{at: own.owner.at}, "GET", strings.Split(own.file, "?")[0] + "?" + strings.Split(other.file, "?")[1], nil, nil, 404, "request.not_found", ""},
	}
}

// keys are keys of idempotency that were used for something else.
func keys(t *testing.T, a *app.App, h *house) map[string]refusal {
	t.Helper()
	key := []string{"Idempotency-Key", "k1"}
	done[any](t, h.owner, "POST", "/teams", object{"name": "first"}, key...)
	done[any](t, h.owner, "POST", "/snippets", object{"key": "first", "title": "x", "text": "x", "locale": "en"}, key...)
	before := snapshot(t, a)
	again := h.owner.ask(t, "POST", "/teams", object{"name": "first"}, key...)
	if again.Code != 201 || again.Header().Get("Idempotent-Replay") != "true" || len(before.differs(snapshot(t, a))) > 0 {
		t.Errorf("the same again answered %d %s", again.Code, again.Body)
	}
	return map[string]refusal{
		"a key with another name":           {h.owner, "POST", "/teams", object{"name": "second"}, key, 422, "request.key_reused", ""},
		"a key with another text":           {h.owner, "POST", "/snippets", object{"key": "first", "title": "y", "text": "x", "locale": "en"}, key, 422, "request.key_reused", ""},
		"a key of a kilobyte":               {h.owner, "POST", "/teams", object{"name": "x"}, []string{"Idempotency-Key", strings.Repeat("k", 1024)}, 422, "request.invalid", "header.Idempotency-Key"},
		"a form's id with another subject":  {h.visitor, "POST", "/client/tickets", object{"client_id": "t1", "subject": "other", "text": "x", "email": "a@b.test"}, nil, 422, "request.key_reused", ""},
		"a conversation's id, other words":  {h.visitor, "POST", "/client/conversations", object{"client_id": "c1", "body": says("other")}, nil, 422, "request.key_reused", ""},
		"an entry's id of staff, reused":    {h.owner, "POST", "/conversations/" + h.one["conversations"] + "/entries", object{"client_id": "o1", "kind": "message", "body": says("other")}, nil, 422, "request.key_reused", ""},
		"an answer's id in a ticket, again": {h.owner, "POST", "/tickets/" + h.one["tickets"] + "/replies", object{"client_id": "", "text": "x"}, nil, 422, "request.invalid", "body.client_id"},
	}
}

// proof is a token that a host's page shows, of these parts.
func proof(secret string, header, claims object) string {
	head, _ := json.Marshal(header)
	body, _ := json.Marshal(claims)
	signed := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// people are callers who are not who they say.
func people(t *testing.T, a *app.App, h, other *house) map[string]refusal {
	t.Helper()
	secret := done[httpapi.WidgetSecret](t, h.owner, "POST", "/channels/widget/secret", nil).Secret
	foreignSecret := done[httpapi.WidgetSecret](t, other.owner, "POST", "/channels/widget/secret", nil).Secret
	ended := signIn(t, a.Handler(), "owner@heron.test")
	done[any](t, guest{at: a.Handler(), cookie: ended}, "DELETE", "/session", nil)
	now := time.Now()
	hs256 := object{"alg": "HS256", "typ": "JWT"}
	claims := func(sub string, issued, expires time.Duration) object {
		return object{"sub": sub, "iat": now.Add(issued).Unix(), "exp": now.Add(expires).Unix(), "attrs": object{"tier": "gold"}}
	}
	good := claims("u1", 0, time.Minute)
	unsigned := func(header object) string {
		return strings.Join(strings.Split(proof(secret, header, good), ".")[:2], ".") + "."
	}
	changed := strings.Split(proof(secret, hs256, good), ".")
	changed[1] = strings.Split(proof("", hs256, claims("somebody-else", 0, time.Minute)), ".")[1]
	identify := func(token, code string) refusal {
		return refusal{h.visitor, "POST", "/client/visitors/identify", object{"identity_token": token}, nil, 401, code, ""}
	}
	forged, stale := customer.ErrProof.Code, customer.ErrProofStale.Code
	got := map[string]refusal{
		"a proof without an algorithm":        identify(unsigned(object{"alg": "none"}), forged),
		"a proof with no signature":           identify(unsigned(hs256), forged),
		"a proof of another algorithm":        identify(proof(secret, object{"alg": "HS512"}, good), forged),
		"a proof by a wrong secret":           identify(proof("guess", hs256, good), forged),
		"a proof by an empty secret":          identify(proof("", hs256, good), forged),
		"a proof by another shop's secret":    identify(proof(foreignSecret, hs256, good), forged),
		"a proof with changed words":          identify(strings.Join(changed, "."), forged),
		"a proof that has expired":            identify(proof(secret, hs256, claims("u1", -2*time.Minute, -time.Minute)), stale),
		"a proof from the future":             identify(proof(secret, hs256, claims("u1", 10*time.Minute, 11*time.Minute)), forged),
		"a proof for a day":                   identify(proof(secret, hs256, claims("u1", 0, 24*time.Hour)), forged),
		"a proof without an end":              identify(proof(secret, hs256, object{"sub": "u1", "iat": now.Unix()}), forged),
		"a proof of nobody":                   identify(proof(secret, hs256, claims("", 0, time.Minute)), forged),
		"a proof that is no token":            identify("e30.e30.e30", forged),
		"a proof of a novel":                  {h.visitor, "POST", "/client/visitors/identify", object{"identity_token": strings.Repeat("x", 4001)}, nil, 422, "request.invalid", "body.identity_token"},
		"attributes nobody signed":            {h.visitor, "POST", "/client/visitors/identify", object{"identity_token": proof(secret, hs256, good), "attrs": object{"tier": "gold"}}, nil, 422, "request.invalid", "body.attrs"},
		"a newcomer with a forged proof":      {guest{at: a.Handler()}, "POST", "/client/visitors", object{"key": h.widget, "identity_token": proof("guess", hs256, good)}, nil, 401, forged, ""},
		"a newcomer with a tier of their own": {guest{at: a.Handler()}, "POST", "/client/visitors", object{"key": h.widget, "tier": "gold"}, nil, 422, "request.invalid", "body.tier"},
		"nobody at all":                       {guest{at: a.Handler()}, "GET", "/conversations", nil, nil, 401, "access.signed_out", ""},
		"an ended session":                    {guest{at: a.Handler(), cookie: ended}, "POST", "/teams", object{"name": "x"}, nil, 401, "access.signed_out", ""},
		"a forged visitor":                    {guest{at: a.Handler(), bearer: "edv_forged"}, "GET", "/client/conversations", nil, nil, 401, "access.bad_token", ""},
		"a forged key":                        {guest{at: a.Handler(), bearer: "edk_forged"}, "GET", "/conversations", nil, nil, 401, "access.bad_key", ""},
		"a visitor among staff":               {guest{at: a.Handler(), bearer: h.visitor.bearer}, "GET", "/conversations", nil, nil, 401, "access.bad_key", ""},
		"a cookie from another site":          {h.owner, "POST", "/teams", object{"name": "x"}, []string{"Sec-Fetch-Site", "cross-site"}, 403, "access.cross_site", ""},
		"a link that was never sent":          {guest{at: a.Handler()}, "POST", "/client/links", object{"token": "x"}, nil, 401, "ticket.link_ended", ""},
		"a password that is none":             {h.owner, "PUT", "/password", object{"current": password, "password": "short"}, nil, 422, "request.invalid", "body.password"},
		"a key with more than one has":        {h.owner, "POST", "/api-keys", object{"name": "x", "scopes": []string{"everything"}}, nil, 422, "request.invalid", "body.scopes"},
	}
	if _, err := customer.VerifyProof(proof(secret, hs256, good), []byte(secret), now); err != nil {
		t.Fatalf("the good proof is none: %v", err)
	}
	return got
}

// uploads are files that are refused, or refused under a name.
func uploads(h *house) map[string]refusal {
	send := func(body any, status int, code, field string, headers ...string) refusal {
		return refusal{h.visitor, "POST", "/client/uploads", body, headers, status, code, field}
	}
	return map[string]refusal{
		"an upload without a form":    send(`{"file":"x"}`, 415, "request.unsupported_media_type", ""),
		"an upload of nothing":        send(form{"a.txt", nil}, 422, "request.invalid", "body.file"),
		"an upload of 27 MiB":         send(form{"a.bin", make([]byte, 27<<20)}, 413, "request.too_large", ""),
		"an upload just over the top": send(form{"a.bin", make([]byte, 25<<20+1)}, 413, "file.too_large", "body.file"),
		"half a form":                 send("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nxx", 400, "request.malformed", "body", "Content-Type", "multipart/form-data; boundary=b"),
		"a form without the file":     send("--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n", 422, "request.invalid", "body.file", "Content-Type", "multipart/form-data; boundary=b"),
		"a picture that is broken":    send(form{"a.png", append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100)...)}, 422, "file.not_an_image", "body.file"),
		"an import of a program":      {h.owner, "POST", "/knowledge/imports", form{"a.exe", []byte("MZ")}, nil, 422, "import.unknown_format", "body.file"},
	}
}
