package flow_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/bot/flow"
	"everdesk/internal/connector"
	"everdesk/internal/inbox"
)

// desk is a random dialogue: a customer who says anything at any time, calls
// that come back late, twice or never, codes that are right or wrong, people who
// take over, a process that dies between deciding and writing.
type desk struct {
	t       *testing.T
	random  *rand.Rand
	machine flow.Machine
	d       flow.Dialogue
	now     time.Time
	seq     int64
	owner   string // "bot" or "people"
	// calls and codes are under way.
	calls []flow.Effect
	codes []flow.Effect
	timer flow.Effect
	// made are the keys of writes that were really carried out, with what was
	// proven and agreed to when they were.
	made  map[string]int
	trail []string
}

const right = "hash of 482913"

func (k *desk) note(format string, args ...any) {
	k.trail = append(k.trail, fmt.Sprintf(format, args...))
}

func (k *desk) fail(format string, args ...any) {
	k.t.Helper()
	raw, err := json.MarshalIndent(k.d, "", " ")
	if err != nil {
		raw = nil
	}
	k.t.Fatalf("%s\nafter:\n%s\nstate: %s", fmt.Sprintf(format, args...), strings.Join(k.trail, "\n"), raw)
}

// step takes an event, tries the same once more from a state that went through
// the database, and looks at what must always hold.
func (k *desk) step(e flow.Event) {
	k.t.Helper()
	before := k.d
	d, effects := k.machine.Step(before, e, k.now)
	again, same := k.machine.Step(reload(k.t, before), e, k.now)
	if diff := cmp.Diff(effects, same); diff != "" {
		k.fail("a second try does something else:\n%s", diff)
	}
	if diff := cmp.Diff(reload(k.t, d), again); diff != "" {
		k.fail("a second try ends elsewhere:\n%s", diff)
	}
	if k.random.IntN(20) == 0 {
		k.note("  (died before it was written)")
		d, effects = k.machine.Step(reload(k.t, before), e, k.now)
	}
	k.d = reload(k.t, d)
	spoke := false
	for _, effect := range effects {
		k.note("  %s %s%s%s %.60s", effect.Kind, effect.Op, effect.Reason, effect.Outcome, said(effect))
		switch effect.Kind {
		case flow.Speak:
			spoke = true
			if err := effect.Body.Check(); err != nil {
				k.fail("said what cannot be said: %v", err)
			}
		case flow.Invoke:
			k.guard(effect)
			k.calls = append(k.calls, effect)
			spoke = true
		case flow.SendCode:
			k.codes = append(k.codes, effect)
			spoke = true
		case flow.SetTimer:
			k.timer = effect
		case flow.GiveUp, flow.MakeTicket:
			spoke, k.owner = true, "people"
		case flow.Trouble:
			k.fail("trouble: %s %s", effect.Reason, effect.Text)
		case flow.Ended, flow.Rated:
		}
	}
	if e.Kind == flow.Heard && !spoke {
		k.fail("a message was met with silence")
	}
	k.holds()
}

func said(e flow.Effect) string {
	if e.Kind == flow.Speak {
		return e.Body.Plain()
	}
	return e.Text
}

func reload(t *testing.T, d flow.Dialogue) (c flow.Dialogue) {
	t.Helper()
	raw, err := json.Marshal(d)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 64<<10 {
		t.Fatalf("the state has %d bytes", len(raw))
	}
	return c
}

// holds is what is always true.
func (k *desk) holds() {
	k.t.Helper()
	switch {
	case k.owner == "people":
		if k.d.Wait != nil || len(k.d.Frames) > 0 {
			k.fail("people have it, and the bot still waits")
		}
	case len(k.d.Frames) > 0 && k.d.Wait == nil:
		k.fail("a flow stands still and waits for nothing")
	case k.d.Wait != nil && (k.d.Wait.Due.IsZero() || k.d.Wait.ID == ""):
		k.fail("a wait has no end")
	case k.d.Wait != nil && (k.timer.Wait != k.d.Wait.ID || !k.timer.At.Equal(k.d.Wait.Due)):
		k.fail("the timer %+v is not that of the wait", k.timer)
	}
	if len(k.d.Frames) > 4 || len(k.d.Agenda) > 3 || len(k.d.Parked) > 3 {
		k.fail("%d frames, %d wishes, %d put aside", len(k.d.Frames), len(k.d.Agenda), len(k.d.Parked))
	}
}

// guard is the law of writes: a proof of the subject, a yes to these very
// arguments, and one key once.
func (k *desk) guard(e flow.Effect) {
	k.t.Helper()
	op, ok := k.machine.Operations.Operation(e.Op)
	if !ok || op.Contact {
		k.fail("called %s", e.Op)
	}
	subject, _ := e.Args[op.Subject].(string)
	if op.Identity != connector.NoIdentity && (e.Proof == nil || e.Proof.Value != subject || !e.Proof.Until.After(k.now)) {
		k.fail("called %s for %q with the proof %+v", e.Op, subject, e.Proof)
	}
	if op.Effect != connector.Write {
		return
	}
	top := k.d.Frames[len(k.d.Frames)-1]
	if top.Yes == nil {
		k.fail("wrote %s without a yes", e.Op)
	}
	for _, n := range e.Args {
		if text, ok := n.(string); ok && !strings.Contains(fmt.Sprint(top.Yes.Slots), text) {
			k.fail("wrote %q, which nobody said yes to: %v", text, top.Yes.Slots)
		}
	}
	if k.made[e.Key] > 0 {
		k.fail("the key %s was used for two writes", e.Key)
	}
	k.made[e.Key]++
}

var (
	anything = []string{
		"改地址", "我要退款", "我的包裹到哪了", "取消订单", "开发票", "change my address", "refund please", "where is my parcel",
		"ED20261118-4417", "ED20261118-4418", "不是，应该是ED20261118-4419", "sorry, I meant ED20261118-4420",
		"杭州市西湖区文三路90号2栋301", "12 High Street, London SW1A 1AA", "写错了，是8栋", "地址是上海市浦东新区", "是8栋",
		"是", "对", "不是", "no", "yes", "确认", "算了", "cancel", "上一步", "再说一遍", "为什么", "嗯", "？", "aaaa", "第一个", "2",
		"太慢了", "收到时破损", "不想要了", "重新发送", "帮到了", "finch@customer.test", "改地址，看看物流，ED20261118-4417",
		"退款，然后查快递", "对，但是寄到杭州市西湖区文一路1号3栋", "没收到验证码",
	}
	outcomes = []string{"", "", "", "", "unavailable", "not_found", "too_late", "not_allowed", "none", "unknown", "refused"}
)

// event does one random thing.
func (k *desk) event() {
	k.now = k.now.Add(time.Duration(k.random.IntN(90)) * time.Second)
	if k.owner == "people" {
		if k.random.IntN(3) == 0 {
			k.note("people give it back")
			k.owner = "bot"
			k.calls, k.codes = nil, nil
			k.step(flow.Event{Kind: flow.Returned})
		}
		return
	}
	switch n := k.random.IntN(100); {
	case n < 8 && len(k.calls)+len(k.codes) == 0:
		k.now = k.now.Add(time.Duration(k.random.IntN(40)) * time.Minute)
		k.tick()
	case n < 12:
		k.tick()
	case n < 14:
		k.note("people take it")
		k.step(flow.Event{Kind: flow.Taken})
		k.owner = "people"
	case len(k.codes) > 0 && n < 60:
		k.codeSent()
	case len(k.calls) > 0 && n < 70:
		k.comesBack()
	case n < 74:
		k.note("a call nobody waits for comes back")
		k.step(flow.Event{Kind: flow.Called, Key: "stale", Data: map[string]any{"status": "paid"}})
	default:
		k.speaks()
	}
}

func (k *desk) tick() {
	w := k.timer.Wait
	if k.d.Wait != nil && k.random.IntN(2) == 0 {
		k.now = later(k.now, k.d.Wait.Due)
	}
	k.note("the timer of %s at %s", w, k.now.Format(time.TimeOnly))
	k.step(flow.Event{Kind: flow.Ticked, Wait: w, Timer: k.timer.Timer})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (k *desk) codeSent() {
	e := k.codes[0]
	k.codes = k.codes[1:]
	code := ""
	if k.random.IntN(10) == 0 {
		code = "limit"
	}
	k.note("the code for %s is sent %s", e.Subject, code)
	k.step(flow.Event{Kind: flow.CodeSent, Wait: e.Wait, Hash: right, Masked: "l•••@e•••.com", Code: code})
}

func (k *desk) comesBack() {
	i := k.random.IntN(len(k.calls))
	e := k.calls[i]
	if k.random.IntN(4) > 0 {
		k.calls = slices.Delete(k.calls, i, i+1) // else it comes back twice
	}
	code := outcomes[k.random.IntN(len(outcomes))]
	data := map[string]any{"status": []string{"paid", "shipped"}[k.random.IntN(2)], "refundable": float64(k.random.IntN(3)) * 50, "currency": "CNY", "state": "moving"}
	if code != "" {
		data = nil
	}
	k.note("%s comes back %s", e.Op, code)
	k.step(flow.Event{Kind: flow.Called, Key: e.Key, Code: code, Data: data})
}

func (k *desk) speaks() {
	k.seq++
	text := anything[k.random.IntN(len(anything))]
	if fitting := k.fitting(); len(fitting) > 0 && k.random.IntN(10) < 8 {
		text = fitting[k.random.IntN(len(fitting))]
	}
	m := flow.Message{Texts: []string{text}, Guesses: guess(k.machine), Digest: func(code string) string { return "hash of " + code }}
	switch k.random.IntN(25) {
	case 0:
		m.Texts, m.File = nil, map[string]any{"file": "fil_1", "text": "photo.jpg"}
	case 1:
		body := inbox.TextBody("We are open from nine to five.")
		m.Answer, m.AnswerP = &body, 0.95
	case 2:
		m.Person = k.random.IntN(4) == 0
	}
	commands := flow.Reader{Machine: k.machine}.Read(k.d, m)
	if !k.d.Active() && !slices.ContainsFunc(commands, func(c flow.Command) bool { return c.Kind == flow.DoStart || c.Kind == flow.DoClarify }) {
		return // the articles answer, not a flow
	}
	k.note("%q read as %v", text, commands)
	k.step(flow.Event{Kind: flow.Heard, Seq: k.seq, Locale: k.d.Locale, Commands: commands})
}

// fitting is what somebody says who wants to get to the end.
func (k *desk) fitting() []string {
	w := k.d.Wait
	if w == nil {
		return anything[:8]
	}
	switch w.Kind {
	case flow.WaitCode:
		return []string{"482913", "482913", "000000"}
	case flow.WaitConfirm, flow.WaitSwitch, flow.WaitResume, flow.WaitKeep:
		return []string{"是", "yes"}
	case flow.WaitChoice:
		return []string{"太慢了", "不想要了"}
	case flow.WaitSurvey:
		return []string{"帮到了"}
	}
	switch w.Type {
	case "order":
		return []string{"ED20261118-4417", "ED20261118-4418"}
	case "address":
		return []string{"杭州市西湖区文三路90号2栋301"}
	case "email":
		return []string{"finch@customer.test"}
	}
	return nil
}

func TestNoRandomDialogueIsEverSilentStuckOrWritesUnasked(t *testing.T) {
	machine := shop(t)
	dialogues := 200
	if testing.Short() {
		dialogues = 40
	}
	writes := 0
	for seed := range dialogues {
		k := &desk{
			t: t, random: rand.New(rand.NewPCG(uint64(seed), 7)), machine: machine, d: flow.Dialogue{ID: "cnv_1", Locale: []string{"zh-CN", "en"}[seed%2]},
			now: noon, owner: "bot", made: map[string]int{},
		}
		for range 60 {
			k.event()
		}
		writes += len(k.made)
	}
	if writes < dialogues/8 {
		t.Errorf("only %d writes in %d dialogues: the customers never got anywhere", writes, dialogues)
	}
	t.Logf("%d dialogues of 60 events, %d writes", dialogues, writes)
}
