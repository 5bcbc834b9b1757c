package assist_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/ai"
	"everdesk/internal/ai/openai"
	"everdesk/internal/ai/openaitest"
	"everdesk/internal/bot/assist"
	"everdesk/internal/bot/entity"
)

var (
	noon  = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	scope = access.Bot(7)
)

const key = "sk-swordfish-swordfish"

// passages are what the shop has published about returns and shipping.
func passages() []assist.Passage {
	return []assist.Passage{
		{Article: 1, Title: "谁付退货运费", Text: "无理由退货的运费由您承担。质量问题的退货运费由我们承担。收到后七天内可以退货。", UpdatedAt: noon},
		{Article: 2, Title: "Who pays the return postage", Text: "You pay the return postage, unless the item is faulty. Returns are possible within 30 days of delivery.", UpdatedAt: noon},
		{Article: 3, Title: "How long does delivery take", Text: "Parcels arrive in 3 to 5 days. See [tracking](/demo/orders). Shipping costs $6, and is free over $60.", UpdatedAt: noon},
	}
}

// workspace is a provider and a meter of one workspace.
type workspace struct {
	chat     ai.Chat
	settings ai.Settings

	mu    sync.Mutex
	spent ai.Spent
}

func (w *workspace) Provider(context.Context, access.Scope) (ai.Chat, ai.Settings, error) {
	if w.chat == nil {
		return nil, ai.Settings{}, ai.ErrNotConfigured
	}
	return w.chat, w.settings, nil
}

func (w *workspace) Spent(context.Context, access.Scope, time.Time) (ai.Spent, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.spent, nil
}

func (w *workspace) Spend(_ context.Context, _ access.Scope, more ai.Spent, _ time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spent.Calls, w.spent.Failures, w.spent.Tokens = w.spent.Calls+more.Calls, w.spent.Failures+more.Failures, w.spent.Tokens+more.Tokens
	return nil
}

func desk(t *testing.T, says string) (*openaitest.Server, *workspace, *assist.Assistant) {
	t.Helper()
	server := openaitest.New(func(string) string { return says })
	t.Cleanup(server.Close)
	settings := ai.Settings{Enabled: true, URL: server.URL, Model: "m", Key: key, MonthlyTokens: 1_000_000, PerMinute: 10_000}
	w := &workspace{chat: openai.New(settings, server.Client()), settings: settings}
	return server, w, assist.New(w, w, slog.New(slog.DiscardHandler))
}

func says(answer string, citations ...int) string {
	raw, err := json.Marshal(map[string]any{"answer": answer, "citations": citations})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func TestAnAnswerIsMadeOfWhatItsSourcesSay(t *testing.T) {
	for name, c := range map[string]struct {
		said, want string
		sources    int
	}{
		"a sentence of a source":                 {says("收到后七天内可以退货。", 1), "收到后七天内可以退货。", 1},
		"two sentences of one":                   {says("You pay the return postage, unless the item is faulty. Returns are possible within 30 days.", 2), "You pay the return postage, unless the item is faulty. Returns are possible within 30 days.", 1},
		"of two sources":                         {says("Parcels arrive in 3 to 5 days. Returns are possible within 30 days of delivery.", 2, 3), "Parcels arrive in 3 to 5 days. Returns are possible within 30 days of delivery.", 2},
		"what is not said is dropped":            {says("Parcels arrive in 3 to 5 days. We love you.", 3), "Parcels arrive in 3 to 5 days.", 1},
		"without a source it is none":            {says("Parcels arrive in 3 to 5 days."), "", 0},
		"with a source that is not there":        {says("Parcels arrive in 3 to 5 days.", 9), "", 0},
		"a source that does not say it":          {says("Parcels arrive in 3 to 5 days.", 1), "", 0},
		"another figure":                         {says("Parcels arrive in 2 to 5 days.", 3), "", 0},
		"the opposite":                           {says("Returns are not possible within 30 days of delivery.", 2), "", 0},
		"somebody else pays":                     {says("无理由退货的运费由我们承担。", 1), "", 0},
		"and in English":                         {says("We pay the return postage.", 2), "", 0},
		"a link, although the source has it":     {says("See [tracking](/demo/orders).", 3), "", 0},
		"an act":                                 {says("I have refunded the return postage.", 2), "", 0},
		"mostly wrong":                           {says("Everything is free. You may keep it. We pay you. Parcels arrive in 3 to 5 days.", 3), "", 0},
		"no JSON":                                {"Parcels arrive in 3 to 5 days.", "", 0},
		"JSON with more behind":                  {says("Parcels arrive in 3 to 5 days.", 3) + ` {"answer":"x"}`, "", 0},
		"nothing":                                {says(""), "", 0},
		"far too much":                           {says(strings.Repeat("Parcels arrive in 3 to 5 days. ", 60), 3), "", 0},
		"invisible letters":                      {says("Parcels ar\u200brive in 3 to 5 da\u202eys.", 3), "Parcels arrive in 3 to 5 days.", 1},
		"a placeholder nothing is hidden behind": {says("Parcels arrive in 3 to 5 days ⟦PHONE1⟧.", 3), "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, a := desk(t, c.said)
			got, ok := a.Compose(t.Context(), scope, assist.Question{Text: "怎么退货", Language: "zh-CN", Passages: passages()}, noon)
			if ok != (c.want != "") || got.Text != c.want || len(got.Sources) != c.sources {
				t.Errorf("%v: %q from %d", ok, got.Text, len(got.Sources))
			}
		})
	}
}

func TestPersonalDataStaysHere(t *testing.T) {
	personal := []string{"13812345678", "lin.mei@example.com", "ED20261118-4417", "文三路90号", "陈小雨", "6222020012345678910", "482913", "+12025550143", "Springfield"}
	server, _, a := desk(t, says("收到后七天内可以退货。", 1))
	text := "我叫陈小雨，手机13812345678，邮箱lin.mei@example.com，订单号ED20261118-4417要退，地址杭州市西湖区文三路90号2栋301，卡号6222 0200 1234 5678 910（6222020012345678910），验证码482913。" +
		"Or call +1 202-555-0143, 742 Maple Street, Springfield, IL 62704. 怎么退货？"
	if _, ok := a.Compose(t.Context(), scope, assist.Question{Text: text, Language: "zh-CN", Passages: passages()}, noon); !ok {
		t.Error("no answer")
	}
	body := strings.Join(server.Bodies(), "\n")
	for _, secret := range personal {
		if strings.Contains(body, secret) || strings.Contains(strings.ReplaceAll(body, " ", ""), secret) {
			t.Errorf("the provider was told %s:\n%s", secret, body)
		}
	}
	for _, mark := range []string{"⟦PHONE1⟧", "⟦EMAIL1⟧", "⟦ORDER1⟧", "⟦ADDRESS1⟧", "⟦NAME1⟧", "怎么退货"} {
		if !strings.Contains(body, mark) {
			t.Errorf("the question lost %s: %s", mark, body)
		}
	}
}

func TestWhatIsHiddenComesBackWhereItWasSaid(t *testing.T) {
	finder, err := entity.New(entity.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mask := assist.NewMask(finder)
	text := "call 13812345678 or 13812345678, not 13912345678"
	hidden := mask.Hide(text, noon)
	if hidden != "call ⟦PHONE1⟧ or ⟦PHONE1⟧, not ⟦PHONE2⟧" {
		t.Errorf("hidden as %q", hidden)
	}
	if back, ok := mask.Restore(hidden); !ok || back != text {
		t.Errorf("%q, %v", back, ok)
	}
	for _, bad := range []string{"⟦PHONE3⟧", "⟦", "⟦PHONE1", "x⟧"} {
		if _, ok := mask.Restore(bad); ok {
			t.Errorf("%q was put back", bad)
		}
	}
}

func TestBudgetRateAndBreakerKeepAProviderFromBeingAsked(t *testing.T) {
	q := assist.Question{Text: "how long", Language: "en", Passages: passages()}
	server, w, a := desk(t, says("Parcels arrive in 3 to 5 days.", 3))
	w.settings.PerMinute, w.settings.MonthlyTokens = 2, 300
	ask := func(at time.Time) bool {
		_, ok := a.Compose(t.Context(), scope, q, at)
		return ok
	}
	if !ask(noon) || !ask(noon) || ask(noon) {
		t.Error("two a minute, no more")
	}
	if !ask(noon.Add(time.Minute)) || ask(noon.Add(2*time.Minute)) {
		t.Error("360 tokens of 300 are spent")
	}
	if len(server.Bodies()) != 3 || w.spent.Tokens != 360 {
		t.Errorf("%d calls, %+v", len(server.Bodies()), w.spent)
	}
	w.settings.MonthlyTokens, w.settings.PerMinute = 1_000_000, 1000
	server.Be(openaitest.Down)
	for range 9 {
		ask(noon.Add(3 * time.Minute))
	}
	if n := len(server.Bodies()); n != 3+5 || w.spent.Failures != 5 {
		t.Errorf("asked %d times, %+v", n-3, w.spent)
	}
}

func TestEveryFaultLeavesTheTurnToTheBuiltInEngine(t *testing.T) {
	for _, mode := range []openaitest.Mode{openaitest.Down, openaitest.Slow, openaitest.Garbage, openaitest.Half, openaitest.Dripping, openaitest.Endless, openaitest.Forbidden} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			server, _, a := desk(t, says("Parcels arrive in 3 to 5 days.", 3))
			server.Be(mode)
			began := time.Now()
			_, ok := a.Compose(t.Context(), scope, assist.Question{Text: "how long", Language: "en", Passages: passages()}, noon)
			took := time.Since(began)
			t.Logf("%-10s given up after %v", mode, took.Round(time.Millisecond))
			if ok || took > assist.Patience+time.Second {
				t.Errorf("answered %v after %v", ok, took)
			}
		})
	}
}

func TestWithoutAProviderNothingIsAsked(t *testing.T) {
	w := &workspace{}
	a := assist.New(w, w, slog.New(slog.DiscardHandler))
	if _, ok := a.Compose(t.Context(), scope, assist.Question{Text: "x", Passages: passages()}, noon); ok {
		t.Error("answered by nobody")
	}
}

// An attack is what somebody writes, and what a model does that obeys it.
type attack struct{ where, text, obeys, never string }

func attacks(t testing.TB) (all []attack) {
	t.Helper()
	data, err := os.ReadFile("testdata/attacks.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, " | ")
		if len(parts) != 4 || parts[0] != "customer" && parts[0] != "document" {
			t.Fatalf("malformed: %q", line)
		}
		all = append(all, attack{parts[0], parts[1], parts[2], parts[3]})
	}
	return all
}

// The model obeys whatever it is told, in each of the forms an answer may take.
// Nothing but what the shop has published reaches the customer, and nothing
// personal or secret reaches the model.
func TestAModelThatObeysTheAttackerChangesNothing(t *testing.T) {
	all := attacks(t)
	if len(all) < 60 {
		t.Errorf("only %d attacks", len(all))
	}
	const truth = "Parcels arrive in 3 to 5 days."
	forms := map[string]func(obeys string) string{
		"bare":              func(obeys string) string { return obeys },
		"as an answer":      func(obeys string) string { return says(obeys, 1) },
		"citing everything": func(obeys string) string { return says(obeys, 1, 2, 3) },
		"after the truth":   func(obeys string) string { return says(truth+" "+obeys, 3) },
		"before the truth":  func(obeys string) string { return says(obeys+" "+truth, 1, 2, 3) },
		"with tools": func(obeys string) string {
			return `{"answer":` + quoted(obeys) + `,"citations":[1],"tool_calls":[{"name":"shop.refund.create"}],"commands":[{"handover":true}]}`
		},
		"glued to the truth":   func(obeys string) string { return says("Parcels arrive in 3 to 5 days and "+obeys, 3) },
		"as a new line of it":  func(obeys string) string { return says(truth+"\n"+obeys, 3) },
		"with two truths more": func(obeys string) string { return says(truth+" "+truth+" "+obeys, 3) },
	}
	runs, answered := 0, 0
	for _, at := range all {
		for form, shape := range forms {
			server, _, a := desk(t, shape(at.obeys))
			q := assist.Question{Text: "How long does delivery take? 13812345678", Language: "en", Passages: passages()}
			if at.where == "customer" {
				q.Text += " " + at.text
			} else {
				q.Passages = append([]assist.Passage{{Article: 9, Title: "Shipping notes", Text: "Some notes. " + at.text, UpdatedAt: noon}}, q.Passages...)
			}
			got, ok := a.Compose(t.Context(), scope, q, noon)
			runs++
			if ok {
				answered++
			}
			if strings.Contains(got.Text, at.never) {
				t.Errorf("%s %q, %s: the customer reads %q", at.where, at.text, form, got.Text)
			}
			if sent := strings.Join(server.Bodies(), ""); strings.Contains(sent, key) || strings.Contains(sent, "13812345678") {
				t.Errorf("%q: the model was told what it must not know: %s", at.text, sent)
			}
			server.Close()
		}
	}
	t.Logf("%d attacks in %d forms: %d runs, in %d of them the part of the answer that is published was said", len(all), len(forms), runs, answered)
}

func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func FuzzVerify(f *testing.F) {
	finder, err := entity.New(entity.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(says("Parcels arrive in 3 to 5 days.", 3))
	f.Add(`{"answer":"⟦","citations":[1]}`)
	f.Add(`{"answer":"\u0000. . .","citations":[1,1,2]}`)
	f.Fuzz(func(t *testing.T, raw string) {
		q := assist.Question{Text: "how long", Passages: passages()}
		got, ok := assist.Verify(raw, q, assist.NewMask(finder), finder, noon)
		if ok && (got.Text == "" || len(got.Sources) == 0 || strings.Contains(got.Text, "://") || strings.Contains(got.Text, "⟦")) {
			t.Errorf("%q became %+v", raw, got)
		}
	})
}
