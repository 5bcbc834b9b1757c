package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"everdesk/internal/app"
)

// One question a row is what makes a list slow on the day it is needed: however
// many rows it shows, a list asks the database as often.
func TestNoListAsksTheDatabaseOnceARow(t *testing.T) {
	eachNode(t, func(t *testing.T, a *app.App) {
		h := found(t, a, "heron")
		h.furnish(t)
		must(t, a.IndexAll(t.Context()))
		lists := h.lists(t, a)
		few := asked(t, a, lists)
		h.furnishMore(t)
		must(t, a.IndexAll(t.Context()))
		grown := 0
		for name, more := range asked(t, a, lists) {
			if more.rows > few[name].rows {
				grown++
			}
			if more.statements > few[name].statements {
				t.Errorf("%s asks %d times for %d rows, and %d times for %d", name, few[name].statements, few[name].rows, more.statements, more.rows)
			}
		}
		if grown < 8 {
			t.Errorf("only %d of %d lists have more rows than before: furnish more", grown, len(lists))
		}
	})
}

// list is a question that answers with items.
type list struct {
	by   guest
	path string
}

// lists are all operations that read without changing anything.
func (h *house) lists(t testing.TB, a *app.App) map[string]list {
	t.Helper()
	all := map[string]list{}
	for _, o := range operations(t, a.Handler()) {
		collection := o.collection(t)
		if o.unsafe() || strings.Contains(o.at(h.one[collection]), "no-such") {
			continue
		}
		by := h.owner
		if o.door == "visitor" {
			by = h.visitor
		}
		query := strings.ReplaceAll(queries[o.id], "{widget}", h.widget)
		if query == "" && o.door == "public" && strings.Contains(o.path, "/client/") {
			query = "?key=" + h.widget
		}
		all[o.id] = list{by, o.at(h.one[collection]) + query}
	}
	return all
}

type cost struct {
	rows       int
	statements uint64
}

// asked calls each list a few times and returns its least cost: the first call
// may fill a cache.
func asked(t testing.TB, a *app.App, lists map[string]list) map[string]cost {
	t.Helper()
	costs := map[string]cost{}
	for name, l := range lists {
		for try := range 3 {
			before := a.Reads()
			answer := l.by.ask(t, http.MethodGet, l.path, nil)
			statements := a.Reads() - before
			if answer.Code != http.StatusOK {
				break // no list
			}
			if try == 0 || statements < costs[name].statements {
				costs[name] = cost{strings.Count(answer.Body.String(), `"id":`), statements}
			}
		}
	}
	return costs
}

// furnishMore adds rows to the lists that grow with use.
func (h *house) furnishMore(t testing.TB) {
	t.Helper()
	type object = map[string]any
	for n := range 9 {
		word := fmt.Sprint(h.word, n)
		done[any](t, h.visitor, "POST", "/client/conversations", object{"client_id": word, "body": says(word + " question")})
		visitor, _ := h.arrives(t)
		done[any](t, visitor, "POST", "/client/conversations", object{
			"client_id": "c1", "body": says(word + " question"), "pre_chat": object{"name": word, "email": word + "@heron.test", "topic": word},
		})
		done[any](t, h.visitor, "POST", "/client/conversations/"+h.one["conversations"]+"/entries", object{"client_id": word, "body": says(word)})
		done[any](t, h.visitor, "POST", "/client/tickets", object{"client_id": word, "subject": word, "text": word, "email": "lin@" + h.word + ".test"})
		done[any](t, h.owner, "POST", "/teams", object{"name": word})
		done[any](t, h.owner, "POST", "/knowledge", object{"locale": "en", "title": word, "body": word})
		done[any](t, h.owner, "POST", "/snippets", object{"key": word, "title": word, "text": word, "locale": "en"})
		done[any](t, h.owner, "POST", "/invitations", object{"email": word + "@" + h.word + ".test", "role": "agent"})
		done[any](t, h.owner, "POST", "/calendars", object{"name": word, "time_zone": "UTC", "weekly": object{}})
	}
}
