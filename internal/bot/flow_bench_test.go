package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/bot/flow"
	"everdesk/internal/connector"
)

var benchAt = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// manyFlows serves n published flows from memory, as a database would.
type manyFlows struct {
	openings  []flow.Opening
	documents map[string]json.RawMessage
}

func published(b *testing.B, n int) *manyFlows {
	b.Helper()
	m := &manyFlows{documents: map[string]json.RawMessage{}}
	things := []string{"parcel", "refund", "address", "invoice", "coupon", "account", "password", "delivery", "size", "warranty"}
	verbs := []string{"change", "cancel", "check", "ask for", "repeat", "move", "merge", "split", "print", "send", "hide", "open", "close", "book", "lend"}
	for i := range n {
		wish := fmt.Sprintf("%s my %s number %d", verbs[i%len(verbs)], things[(i/len(verbs))%len(things)], i)
		raw := fmt.Sprintf(`{"format":"everdesk.flow/1","key":"flow_%d","title":{"en":%q,"zh":"流程 %d"},
			"starts":[{"examples":{"en":[%q,"please %s","I want to %s","help me %s"],"zh":["办理第 %d 项","我要办 %d 号"]}}],
			"slots":{"order":{"type":"order","ask":{"en":"Which order?","zh":"哪个订单？"}}},"entry":"which",
			"nodes":{"which":{"type":"ask","slot":"order","next":"is","giveup":"person"},
			 "is":{"type":"branch","cases":[{"when":"slots.order.startsWith('ED')","next":"ok"}],"else":"person"},
			 "ok":{"type":"end","outcome":"done","text":{"en":"Done with {{slots.order}}.","zh":"{{slots.order}} 已办好。"}},
			 "person":{"type":"handover","reason":"x"}}}`, i, wish, i, wish, wish, wish, wish, i, i)
		d, problems := flow.Decode([]byte(raw))
		if len(problems) > 0 {
			b.Fatal(problems)
		}
		m.openings = append(m.openings, flow.Opening{Key: d.Key, Hash: d.Hash(), Title: d.Title, Starts: d.Starts})
		m.documents[d.Hash()] = json.RawMessage(raw)
	}
	return m
}

func (m *manyFlows) Revision(context.Context, access.Scope) (int64, error) { return 1, nil }

func (m *manyFlows) Openings(context.Context, access.Scope) ([]flow.Opening, error) {
	return m.openings, nil
}

func (m *manyFlows) Document(_ context.Context, _ access.Scope, hash string) (json.RawMessage, error) {
	return m.documents[hash], nil
}

func (m *manyFlows) Connectors(context.Context, access.Scope) ([]connector.Connector, error) {
	return nil, nil
}

// BenchmarkTurnAmongFlows takes the two turns of a small flow, with 10 published flows and
// with 2,000, and tells what the published ones weigh.
func BenchmarkTurnAmongFlows(b *testing.B) {
	for _, n := range []int{10, 2000} {
		b.Run(fmt.Sprintf("flows=%d", n), func(b *testing.B) {
			store := published(b, n)
			books := bot.NewFlowbooks(store, nil)
			scope := access.System(7)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			book, err := books.Book(b.Context(), scope)
			if err != nil {
				b.Fatal(err)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			machine := book.Machine()
			reader := flow.Reader{Machine: machine}
			i := 0
			for b.Loop() {
				wish := store.openings[i%n].Starts[0].Examples["en"][0]
				i += 7
				d := flow.Dialogue{ID: "cnv_1", Locale: "en"}
				for _, text := range []string{wish, "ED20261118-4417"} {
					m := flow.Message{Texts: []string{text}, Guesses: func(clause string) []flow.Guess { return book.Guess(clause, "en") }}
					d, _ = machine.Step(d, flow.Event{Kind: flow.Heard, Seq: d.Cursor + 1, Commands: reader.Read(d, m)}, benchAt)
				}
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-published")
		})
	}
}
