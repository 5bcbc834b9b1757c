package rest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"everdesk/internal/connector"
	"everdesk/internal/connector/rest"
	"everdesk/internal/outbound"
)

const document = `{"format":"everdesk.connector/1","key":"shop","title":{"en":"Shop"},"base":"BASE/api","auth":{"kind":"bearer","secret":"token"},"timeout":"300ms",
"operations":{
 "order.get":{"effect":"read","identity":"order","subject":"id","input":{"id":"string"},"request":{"method":"GET","path":"/orders/{{id}}","query":{"of":"{{id}}"}},
   "output":{"status":"$.status","first":"$.items[0].name"},"errors":{"404":"not_found"}},
 "refund":{"effect":"write","identity":"order","subject":"id","input":{"id":"string","amount":"number","to":"object"},
   "request":{"method":"POST","path":"/orders/{{id}}/refunds","body":{"amount":"{{amount}}","to":"{{to}}","note":"for {{id}}"}},"output":{"number":"$.number"},"errors":{"409 not_allowed":"not_allowed"},"retry":"key"},
 "once":{"effect":"write","input":{"id":"string"},"request":{"method":"POST","path":"/once"}}}}`

func client(t *testing.T, base string, breakers *rest.Breakers, exceptions ...string) *rest.Client {
	t.Helper()
	d, err := connector.Parse([]byte(strings.Replace(document, "BASE", base, 1)))
	if err != nil {
		t.Fatal(err)
	}
	guard, err := outbound.New(append(exceptions, strings.TrimPrefix(base, "http://")))
	if err != nil {
		t.Fatal(err)
	}
	return rest.New(d, rest.Options{HTTP: guard.Client(5 * time.Second), Secret: "s3cret", Breakers: breakers, Owner: "shop"})
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func order(id string) connector.Call {
	return connector.Call{
		Operation: "shop.order.get", Args: map[string]any{"id": id},
		Proof: &connector.Proof{Level: connector.Order, Subject: id, Method: "code", At: time.Unix(0, 0).UTC()},
	}
}

func refund() connector.Call {
	c := order("E1")
	c.Operation, c.Key = "shop.refund", "key-1"
	c.Args["amount"], c.Args["to"] = 19.5, map[string]any{"card": "x"}
	return c
}

func code(err error) string {
	if failure, ok := errors.AsType[*connector.Failure](err); ok {
		return failure.Code
	}
	return ""
}

func TestACallIsFilledInSentAndRead(t *testing.T) {
	var path, auth, key, proof string
	var body map[string]any
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		path, auth, key, proof = r.URL.EscapedPath()+"?"+r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key"), r.Header.Get("Everdesk-Proof")
		raw, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(raw, &body)
		_, _ = io.WriteString(w, `{"status":"paid","number":"R1","items":[{"name":"kettle"}],"secret":"x"}`)
	})
	got, err := client(t, at, nil).Call(t.Context(), refund())
	if err != nil || got.Data["number"] != "R1" || len(got.Data) != 1 {
		t.Errorf("refund: %v, %v", got.Data, err)
	}
	if path != "/api/orders/E1/refunds?" || auth != "Bearer s3cret" || key != "key-1" || !strings.Contains(proof, ".") {
		t.Errorf("sent %q, %q, %q, %q", path, auth, key, proof)
	}
	if body["amount"] != 19.5 || body["note"] != "for E1" || body["to"].(map[string]any)["card"] != "x" {
		t.Errorf("sent %v", body)
	}
	got, err = client(t, at, nil).Call(t.Context(), order("../admin?x=1&y"))
	if err != nil || got.Data["first"] != "kettle" || got.Data["secret"] != nil {
		t.Errorf("order: %v, %v", got.Data, err)
	}
	if !strings.HasPrefix(path, "/api/orders/..%2Fadmin%3Fx=1&y?of=") {
		t.Errorf("an argument left its segment: %q", path)
	}
}

func TestHowCallsFail(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		call    connector.Call
		want    string
		tries   int32
	}{
		"an error with a name":            {status(404, `{}`), order("E1"), "not_found", 1},
		"an error with a code":            {status(409, `{"error":"not_allowed"}`), refund(), "not_allowed", 1},
		"an error nobody named":           {status(418, `{}`), order("E1"), connector.Refused, 1},
		"a redirect":                      {status(302, ``), order("E1"), connector.Refused, 1},
		"no JSON":                         {status(200, `<html>`), order("E1"), connector.Refused, 1},
		"an answer without an end":        {status(200, `"`+strings.Repeat("x", 2<<20)+`"`), order("E1"), connector.Refused, 1},
		"an answer too deep":              {status(200, strings.Repeat("[", 40)+strings.Repeat("]", 40)), order("E1"), connector.Refused, 1},
		"a read that is down":             {status(503, `{}`), order("E1"), connector.Unavailable, 3},
		"a write with a key that is down": {status(503, `{}`), refund(), connector.Unknown, 3},
		"a write without a key":           {status(503, `{}`), connector.Call{Operation: "shop.once", Args: map[string]any{"id": "E1"}}, connector.Unknown, 1},
		"no proof":                        {status(200, `{}`), connector.Call{Operation: "shop.order.get", Args: map[string]any{"id": "E1"}}, connector.Refused, 0},
		"a proof of another":              {status(200, `{}`), connector.Call{Operation: "shop.order.get", Args: map[string]any{"id": "E2"}, Proof: order("E1").Proof}, connector.Refused, 0},
		"no such operation":               {status(200, `{}`), connector.Call{Operation: "shop.x"}, connector.Refused, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var tries atomic.Int32
			at := serve(t, func(w http.ResponseWriter, r *http.Request) {
				tries.Add(1)
				c.handler(w, r)
			})
			_, err := client(t, at, nil).Call(t.Context(), c.call)
			if code(err) != c.want || tries.Load() != c.tries {
				t.Errorf("%d tries, %v", tries.Load(), err)
			}
		})
	}
}

func status(n int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if n == 302 {
			w.Header().Set("Location", "http://127.0.0.1/")
		}
		w.WriteHeader(n)
		_, _ = io.WriteString(w, body)
	}
}

func TestASystemThatComesBackIsReachedInTheSameCall(t *testing.T) {
	var tries atomic.Int32
	at := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch tries.Add(1) {
		case 1:
			w.WriteHeader(503)
		case 2:
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done() // longer than the time-out
		default:
			_, _ = io.WriteString(w, `{"number":"R1"}`)
		}
	})
	got, err := client(t, at, nil).Call(t.Context(), refund())
	if err != nil || got.Attempts != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhoIsDownIsLeftInPeaceForAWhile(t *testing.T) {
	var tries atomic.Int32
	at := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		tries.Add(1)
		w.WriteHeader(503)
	})
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	c := client(t, at, rest.NewBreakers(func() time.Time { return now }))
	for range 4 {
		_, err := c.Call(t.Context(), order("E1"))
		if code(err) != connector.Unavailable {
			t.Errorf("%v", err)
		}
	}
	if n := tries.Load(); n != 5 {
		t.Errorf("asked %d times, want 5", n)
	}
	now = now.Add(11 * time.Second)
	_, err := c.Call(t.Context(), order("E1"))
	if n := tries.Load(); n != 6 || code(err) != connector.Unavailable {
		t.Errorf("asked %d times, %v", n, err)
	}
}

// The operator's own network is reached by the operator's leave alone.
func TestTheGuardStandsBeforeEveryCall(t *testing.T) {
	at := serve(t, status(200, `{}`))
	d, err := connector.Parse([]byte(strings.Replace(document, "BASE", at, 1)))
	if err != nil {
		t.Fatal(err)
	}
	guard, err := outbound.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rest.New(d, rest.Options{HTTP: guard.Client(time.Second), Secret: "x"}).Call(t.Context(), order("E1"))
	if code(err) != connector.Unavailable || !strings.Contains(err.Error(), "blocked_target") {
		t.Errorf("got %v", err)
	}
}
