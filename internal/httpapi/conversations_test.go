package httpapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
)

type entries struct {
	Items   []httpapi.Entry `json:"items"`
	LastSeq int64           `json:"last_seq"`
	HasMore bool            `json:"has_more"`
}

// The main job over HTTP: a customer asks, a person is found, answers and
// resolves, the customer rates.
func TestACustomerIsAnsweredByAPerson(t *testing.T) {
	eachTalk(t, func(t *testing.T, d *talk) {
		d.open(t, "shop")
		lin := d.signIn(t, "owner@shop.example")
		visitor := d.arrives(t, "shop")
		started := visitor.asks(t, "c1", "Where is my parcel?")
		path := "/conversations/" + started.Conversation.ID.String()
		if started.Conversation.Owner.Kind != inbox.OwnerBot {
			t.Errorf("it begins with %+v", started.Conversation.Owner)
		}
		read[httpapi.Present](t, lin.call(t, "PUT", "/me/presence", map[string]any{"state": "online"}))
		waiting := read[httpapi.ClientConversation](t, visitor.call(t, "POST", "/client"+path+"/handover", nil))
		if waiting.Owner.Kind != inbox.OwnerQueue || waiting.Queue == nil || waiting.Queue.Position != 1 || waiting.Queue.Basis != "none" {
			t.Errorf("waiting as %+v", waiting)
		}
		d.tick(t)
		mine := read[listOf[httpapi.Conversation]](t, lin.call(t, "GET", "/conversations?view=mine", nil))
		if len(mine.Items) != 1 || !mine.Items[0].Unread || mine.Items[0].LastEntry.Preview != "Where is my parcel?" {
			t.Fatalf("the agent sees %+v", mine.Items)
		}
		answer := lin.call(t, "POST", path+"/entries", map[string]any{"client_id": "a1", "kind": "message", "body": text("On its way.")}).is(t, 201, "")
		again := lin.call(t, "POST", path+"/entries", map[string]any{"client_id": "a1", "kind": "message", "body": text("On its way.")}).is(t, 201, "")
		if again.header.Get("Idempotent-Replay") != "true" || read[httpapi.Entry](t, again).Seq != read[httpapi.Entry](t, answer).Seq {
			t.Error("a repeated answer is another one")
		}
		lin.call(t, "POST", path+"/entries", map[string]any{"client_id": "n1", "kind": "note", "body": text("Second time this month.")}).is(t, 201, "")
		lin.call(t, "POST", path+"/typing", map[string]any{}).is(t, 204, "")
		visitor.call(t, "POST", "/client"+path+"/typing", map[string]any{}).is(t, 204, "")
		if len(d.typed) != 2 || d.typed[1].Kind != inbox.ByCustomer {
			t.Errorf("typing was told of %+v", d.typed)
		}
		lin.call(t, "POST", path+"/viewing", map[string]any{}).is(t, 204, "")
		lin.call(t, "POST", path+"/viewing", map[string]any{"leaving": true}).is(t, 204, "")
		if len(d.viewed) != 2 || d.viewed[0] == 0 || d.viewed[1] != 0 {
			t.Errorf("colleagues were told of %+v", d.viewed)
		}
		said := read[entries](t, visitor.call(t, "GET", "/client"+path+"/entries?after=0", nil))
		var kinds []string
		for _, e := range said.Items {
			if e.Private || strings.Contains(string(e.Kind), "note") {
				t.Errorf("the customer reads %+v", e)
			}
			kinds = append(kinds, string(e.Kind))
		}
		if got := strings.Join(kinds, " "); got != "transition message transition transition message" || said.LastSeq != said.Items[len(said.Items)-1].Seq {
			t.Errorf("the customer sees %s up to %d", got, said.LastSeq)
		}
		visitor.call(t, "POST", "/client"+path+"/read", map[string]any{"seq": said.LastSeq}).is(t, 200, "")
		now := read[httpapi.Conversation](t, lin.call(t, "GET", path, nil))
		if now.CustomerReadSeq != said.LastSeq || now.Owner.Staff == nil || now.Owner.Staff.Name != "shop owner" {
			t.Errorf("after reading %+v", now)
		}
		visitor.call(t, "POST", "/client"+path+"/rating", map[string]any{"score": 9}).is(t, 422, "request.invalid")
		visitor.call(t, "POST", "/client"+path+"/entries", map[string]any{"client_id": "c2", "body": text("Thanks!")}).is(t, 201, "")
		lin.call(t, "POST", path+"/resolve", map[string]any{"seen_seq": now.LastSeq}).is(t, 409, "conversation.newer_message")
		lin.call(t, "POST", path+"/resolve", map[string]any{"seen_seq": now.LastSeq + 1}).is(t, 200, "")
		rated := read[httpapi.ClientConversation](t, visitor.call(t, "POST", "/client"+path+"/rating", map[string]any{"score": 5, "comment": "quick"}))
		if rated.Rating != 5 || rated.State != inbox.Resolved {
			t.Errorf("rated as %+v", rated)
		}
		history := read[listOf[httpapi.Transition]](t, lin.call(t, "GET", path+"/transitions", nil))
		var moves []string
		for _, m := range history.Items {
			moves = append(moves, fmt.Sprint(m.Event, " by ", m.Actor.Kind))
		}
		if got := strings.Join(moves, ", "); got != "started by customer, handed_over by customer, assigned by system, resolved by staff" {
			t.Errorf("history: %s", got)
		}
	})
}

func TestNobodyThereTellsTheCustomerANumberAndATime(t *testing.T) {
	eachTalk(t, func(t *testing.T, d *talk) {
		d.open(t, "shop")
		visitor := d.arrives(t, "shop")
		path := "/client/conversations/" + visitor.asks(t, "c1", "hello").Conversation.ID.String()
		visitor.call(t, "POST", path+"/handover", nil).is(t, 200, "")
		d.tick(t)
		now := read[httpapi.ClientConversation](t, visitor.call(t, "GET", path, nil))
		if now.Owner.Kind != inbox.OwnerTicket || now.Ticket == nil || now.Ticket.Number != 1042 || now.Ticket.PromisedAt == nil || !now.ContactNeeded {
			t.Errorf("told %+v", now)
		}
		now = read[httpapi.ClientConversation](t, visitor.call(t, "POST", path+"/contact", map[string]any{"email": "ada@x.example", "name": "Ada"}))
		if now.ContactNeeded {
			t.Error("still asked for an address")
		}
		visitor.call(t, "POST", path+"/contact", map[string]any{"email": "not an address"}).is(t, 422, "identity.malformed").names(t, "body.email")
	})
}

func TestTwoAgentsTakeAtOnce(t *testing.T) {
	eachTalk(t, func(t *testing.T, d *talk) {
		owner := d.open(t, "shop")
		ann, ben := d.enroll(t, owner, "ann", access.Agent), d.enroll(t, owner, "ben", access.Agent)
		team := read[httpapi.Team](t, owner.call(t, "POST", "/teams", map[string]any{"name": "Support"}))
		started := d.arrives(t, "shop").asks(t, "c1", "hello")
		path := "/conversations/" + started.Conversation.ID.String()
		epoch := read[httpapi.Conversation](t, owner.call(t, "GET", path, nil)).OwnerEpoch
		// Agents see their teams' conversations, and these two are in none yet.
		ann.call(t, "POST", path+"/take", map[string]any{"owner_epoch": epoch}).is(t, 404, "conversation.not_found")
		for _, agent := range []*caller{ann, ben} {
			me := "/staff/" + agent.session(t).Staff.ID.String()
			seen := owner.call(t, "GET", me, nil).header.Get("ETag")
			owner.with("If-Match", seen).call(t, "PATCH", me, map[string]any{"teams": []any{team.ID}}).is(t, 200, "")
		}
		ann.call(t, "POST", path+"/take", map[string]any{"owner_epoch": epoch}).is(t, 200, "")
		lost := ben.call(t, "POST", path+"/take", map[string]any{"owner_epoch": epoch}).is(t, 409, "conversation.taken")
		if !strings.Contains(string(lost.body), `"agent":"ann"`) {
			t.Errorf("the loser is told %s", lost.body)
		}
		ben.call(t, "POST", path+"/entries", map[string]any{"client_id": "x", "kind": "message", "body": text("me too")}).is(t, 409, "conversation.taken")
	})
}

func TestAHostsCustomerIsRecognised(t *testing.T) {
	eachTalk(t, func(t *testing.T, d *talk) {
		owner := d.open(t, "shop")
		visitor := d.arrives(t, "shop")
		proof := customer.Proof{
			Subject: "user-81", Name: "Lin Xiao", Mail: "lin@shop.example", Tier: "gold", IssuedAt: d.clock(), ExpiresAt: d.clock().Add(time.Hour),
		}
		visitor.call(t, "POST", "/client/visitors/identify", map[string]any{"identity_token": customer.SignProof(proof, []byte("a guess"))}).is(t, 401, "identity.bad_proof")
		known := read[httpapi.CustomerSummary](t, visitor.call(t, "POST", "/client/visitors/identify", map[string]any{"identity_token": customer.SignProof(proof, []byte(hostSecret))}))
		if known.Name != "Lin Xiao" || known.Tier != "gold" {
			t.Errorf("known as %+v", known)
		}
		shown := read[httpapi.Customer](t, owner.call(t, "GET", "/customers/"+known.ID.String(), nil))
		if shown.Email != "lin@shop.example" || len(shown.Identities) != 2 {
			t.Errorf("the owner sees %+v", shown)
		}
		trainer := d.enroll(t, owner, "tam", access.Trainer)
		trainer.call(t, "GET", "/customers/"+known.ID.String(), nil).is(t, 403, "access.forbidden")
		found := read[listOf[httpapi.Customer]](t, owner.call(t, "GET", "/customers?q=lin@shop.example", nil))
		if len(found.Items) != 1 || found.Items[0].ID != known.ID {
			t.Errorf("found %+v", found.Items)
		}
		owner.call(t, "GET", "/customers/"+id.Customer(1<<50).String()+"/conversations", nil).is(t, 404, "customer.not_found")
		owner.call(t, "PATCH", "/customers/"+known.ID.String(), map[string]any{"tier": "platinum"}).is(t, 428, "request.version_required")
		etag := owner.call(t, "GET", "/customers/"+known.ID.String(), nil).header.Get("ETag")
		owner.with("If-Match", etag).call(t, "PATCH", "/customers/"+known.ID.String(), map[string]any{"tier": "platinum"}).is(t, 200, "")
		owner.with("If-Match", etag).call(t, "PATCH", "/customers/"+known.ID.String(), map[string]any{"tier": "lead"}).is(t, 412, "request.stale_version")
	})
}

func TestNoCallerReachesAcrossWorkspacesOrVisitors(t *testing.T) {
	eachTalk(t, func(t *testing.T, d *talk) {
		d.open(t, "shop")
		other := d.open(t, "bank")
		visitor, stranger, elsewhere := d.arrives(t, "shop"), d.arrives(t, "shop"), d.arrives(t, "bank")
		started := visitor.asks(t, "c1", "hello")
		path := "/conversations/" + started.Conversation.ID.String()
		for _, c := range []struct {
			method, path string
			body         any
		}{
			{"GET", path, nil},
			{"GET", path + "/entries", nil},
			{"GET", path + "/transitions", nil},
			{"GET", path + "/entries/2/history", nil},
			{"POST", path + "/entries", map[string]any{"client_id": "x", "kind": "note", "body": text("x")}},
			{"PATCH", path + "/entries/2", map[string]any{"client_id": "x", "body": text("x")}},
			{"DELETE", path + "/entries/2?client_id=x", nil},
			{"POST", path + "/take", map[string]any{"owner_epoch": 1}},
			{"POST", path + "/resolve", map[string]any{"seen_seq": 9}},
			{"POST", path + "/reopen", nil},
			{"POST", path + "/transfer", map[string]any{"to": map[string]any{"bot": true}, "owner_epoch": 1}},
			{"POST", path + "/read", map[string]any{"seq": 2}},
			{"POST", path + "/tags", map[string]any{"add": []string{"x"}}},
			{"POST", path + "/typing", map[string]any{}},
		} {
			if answer := other.call(t, c.method, c.path, c.body); answer.status != 404 {
				t.Errorf("another workspace's owner: %s %s answers %d %s", c.method, c.path, answer.status, answer.body)
			}
		}
		for name, caller := range map[string]*caller{"another visitor": stranger, "another workspace's visitor": elsewhere} {
			for _, c := range []struct {
				method, path string
				body         any
			}{
				{"GET", path, nil},
				{"GET", path + "/entries", nil},
				{"POST", path + "/entries", map[string]any{"client_id": "x", "body": text("x")}},
				{"POST", path + "/handover", nil},
				{"POST", path + "/read", map[string]any{"seq": 1}},
				{"POST", path + "/rating", map[string]any{"score": 5}},
				{"POST", path + "/contact", map[string]any{"email": "a@x.example"}},
				{"POST", path + "/typing", nil},
				{"POST", path + "/feedback", map[string]any{"seq": 2, "value": "up"}},
			} {
				if answer := caller.call(t, c.method, "/client"+c.path, c.body); answer.status != 404 {
					t.Errorf("%s: %s %s answers %d %s", name, c.method, c.path, answer.status, answer.body)
				}
			}
		}
		visitor.call(t, "GET", path, nil).is(t, 401, "access.bad_key")
		d.visitor().call(t, "GET", "/client"+path, nil).is(t, 401, "access.bad_token")
		other.call(t, "GET", "/client"+path, nil).is(t, 401, "access.bad_token")
	})
}
