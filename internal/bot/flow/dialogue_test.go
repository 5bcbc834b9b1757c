package flow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"everdesk/internal/bot/flow"
)

// talk is a customer's conversation with the machine, with a shop that answers
// at once and codes that are always 482913.
type talk struct {
	t       *testing.T
	machine flow.Machine
	d       flow.Dialogue
	now     time.Time
	seq     int64
	said    []string
	calls   []string
	keys    []string
	gone    string // "handover" or "ticket"
	ended   []string
	down    map[string]string // operation to error
	order   map[string]any
}

func begin(t *testing.T, locale string) *talk {
	return &talk{
		t: t, machine: shop(t), d: flow.Dialogue{ID: "cnv_1", Locale: locale}, now: noon, down: map[string]string{},
		order: map[string]any{"status": "paid", "refundable": 199.0, "currency": "CNY"},
	}
}

func (k *talk) step(e flow.Event) {
	k.t.Helper()
	var effects []flow.Effect
	k.d, effects = k.machine.Step(k.d, e, k.now)
	for _, effect := range effects {
		switch effect.Kind {
		case flow.Speak:
			k.said = append(k.said, effect.Body.Plain())
		case flow.SendCode:
			k.step(flow.Event{Kind: flow.CodeSent, Wait: effect.Wait, Hash: "hash of 482913", Masked: "l•••@e•••.com", Code: k.down["code"]})
		case flow.Invoke:
			k.calls, k.keys = append(k.calls, effect.Op), append(k.keys, effect.Key)
			k.step(flow.Event{Kind: flow.Called, Key: effect.Key, Code: k.down[effect.Op], Data: k.answer(effect)})
		case flow.GiveUp:
			k.gone = "handover"
		case flow.MakeTicket:
			k.gone = "ticket"
			k.said = append(k.said, effect.Text)
		case flow.Ended:
			k.ended = append(k.ended, effect.Flow+" "+effect.Outcome)
		case flow.Trouble:
			k.t.Errorf("trouble: %s %s at %s.%s", effect.Reason, effect.Text, effect.Flow, effect.Node)
		}
	}
}

func (k *talk) answer(e flow.Effect) map[string]any {
	if k.down[e.Op] != "" {
		return nil
	}
	switch e.Op {
	case "shop.order.get":
		return k.order
	case "shop.parcel.track":
		return map[string]any{"state": "moving", "place": "杭州", "when": "2026-11-22", "carrier": "Cloudwing", "number": "CW1"}
	case "shop.refund.create":
		return map[string]any{"number": "R1"}
	case "shop.order.set_address":
		address, _ := e.Args["address"].(map[string]any)
		return map[string]any{"address": address["text"]}
	}
	return map[string]any{}
}

// says has the customer write something.
func (k *talk) says(text string) {
	k.t.Helper()
	k.said, k.calls = nil, nil
	k.seq++
	m := flow.Message{
		Texts: []string{text}, Guesses: guess(k.machine), Digest: func(code string) string { return "hash of " + code },
		Person: strings.Contains(text, "人工"),
	}
	if strings.HasPrefix(text, "[photo]") {
		m.Texts, m.File = nil, map[string]any{"file": "fil_1", "text": "photo.jpg"}
	}
	commands := flow.Reader{Machine: k.machine}.Read(k.d, m)
	k.step(flow.Event{Kind: flow.Heard, Seq: k.seq, Commands: commands})
}

// guess knows the examples of the flows word for word, and what contains them.
func guess(m flow.Machine) func(string) []flow.Guess {
	return func(clause string) (all []flow.Guess) {
		clause = strings.ToLower(strings.Trim(clause, " 。，,."))
		for _, key := range []string{"change_address", "track_parcel", "refund", "cancel_order", "invoice"} {
			p, _ := m.Book.Flow(key)
			best := 0.0
			for _, list := range p.Doc.Starts[0].Examples {
				for _, example := range list {
					example = strings.ToLower(example)
					switch {
					case clause == example:
						best = 1
					case strings.Contains(clause, example):
						best = max(best, 0.95)
					}
				}
			}
			if best > 0 {
				all = append(all, flow.Guess{Label: key, P: best})
			}
		}
		slices.SortStableFunc(all, func(a, b flow.Guess) int { return int(100 * (b.P - a.P)) })
		return all
	}
}

// expect checks where the dialogue stands.
func (k *talk) expect(waiting, frames string, says ...string) {
	k.t.Helper()
	got := ""
	if w := k.d.Wait; w != nil {
		got = w.Kind
		if w.Slot != "" {
			got += ":" + w.Slot
		}
	}
	var stack []string
	for _, f := range k.d.Frames {
		stack = append(stack, f.Flow)
	}
	if got != waiting || strings.Join(stack, " ") != frames {
		k.t.Fatalf("waiting for %q in %v, want %q in %q; said %q", got, stack, waiting, frames, k.said)
	}
	all := strings.Join(k.said, " / ")
	for _, want := range says {
		if !strings.Contains(all, want) {
			k.t.Errorf("said %q, want %q", all, want)
		}
	}
	if len(k.said) == 0 && k.gone == "" {
		k.t.Error("nothing was said")
	}
}

func (k *talk) called(operations ...string) {
	k.t.Helper()
	if !slices.Equal(k.calls, operations) {
		k.t.Errorf("called %q, want %q", k.calls, operations)
	}
}

func TestTheSeedsConversationInChinese(t *testing.T) {
	k := begin(t, "zh-CN")
	k.says("我要改收货地址，订单ED20261118-4417")
	k.expect("code", "change_address", "6 位验证码", "ED20261118-4417")
	k.says("482913")
	k.expect("slot:address", "change_address", "新的收货地址")
	k.called("shop.order.get")
	k.says("对了我的包裹到哪了")
	k.expect("slot:address", "change_address", "杭州", "11 月 22 日", "回到“修改收货地址”", "新的收货地址")
	k.called("shop.parcel.track")
	k.says("杭州市西湖区文三路90号2栋301")
	k.expect("confirm", "change_address", "2栋301")
	k.says("写错了，是8栋")
	k.expect("confirm", "change_address", "文三路90号8栋301")
	k.called()
	k.says("对")
	k.expect("", "", "好了")
	k.called("shop.order.set_address")
	k.says("算了我想退款")
	k.expect("choice:reason", "refund", "退款原因")
	k.called("shop.order.get")
	k.says("太慢了")
	k.expect("confirm", "refund", "¥199", "太慢了")
	k.says("确认")
	k.expect("survey", "refund", "退款 R1 已提交")
	k.called("shop.refund.create")
	k.says("帮到了")
	k.expect("", "", "谢谢")
}

func TestTheSeedsConversationInEnglish(t *testing.T) {
	k := begin(t, "en")
	k.says("I want to change the delivery address of ED20261118-4417")
	k.expect("code", "change_address", "6-digit code")
	k.says("it is 482913")
	k.expect("slot:address", "change_address", "new address")
	k.says("Where is my parcel?")
	k.expect("slot:address", "change_address", "22 November", "Back to where we were", "new address")
	k.says("12 High Street, London SW1A 1AA")
	k.expect("confirm", "change_address", "12 High Street, London SW1A 1AA")
	k.says("sorry, I meant 14 High Street, London SW1A 1AA")
	k.expect("confirm", "change_address", "14 High Street")
	k.says("yes please")
	k.expect("", "", "Done")
	k.called("shop.order.set_address")
	k.says("I want a refund")
	k.expect("choice:reason", "refund")
	k.says("Arrived damaged")
	k.expect("slot:photo", "refund", "photo")
	k.says("[photo]")
	k.expect("confirm", "refund", "199", "Arrived damaged")
	k.says("no")
	k.expect("", "", "nothing was refunded")
	k.called()
}

func TestCorrectingTheOrderNumberDropsWhatWasFetchedAndAsksForProofAgain(t *testing.T) {
	k := begin(t, "en")
	k.says("change my address ED20261118-4417")
	k.says("482913")
	k.expect("slot:address", "change_address")
	k.says("sorry, I meant ED20261118-4418")
	k.expect("code", "change_address", "ED20261118-4418")
	k.called()
	if data := k.d.Frames[0].Data; len(data) > 0 {
		t.Errorf("kept %v", data)
	}
}

func TestAWrongCodeIsAskedForAgainAndLeadsToAPersonInTheEnd(t *testing.T) {
	k := begin(t, "en")
	k.says("refund my order ED20261118-4417")
	for range flow.CodeTries - 1 {
		k.says("000000")
		k.expect("code", "refund", "not right")
	}
	k.says("000000")
	k.expect("", "", "colleague")
	if k.gone != "handover" {
		t.Errorf("gone to %q", k.gone)
	}
}

func TestThreeMisunderstandingsReachAPerson(t *testing.T) {
	k := begin(t, "zh-CN")
	k.says("我要退款")
	for _, word := range []string{"嗯", "啊"} {
		k.says(word)
		k.expect("slot:order", "refund")
	}
	k.says("？")
	if k.gone != "handover" {
		t.Errorf("gone to %q", k.gone)
	}
}

func TestTheShopIsDownAndATicketIsMade(t *testing.T) {
	k := begin(t, "zh-CN")
	k.down["shop.order.get"] = "unavailable"
	k.says("我要退款 ED20261118-4417")
	k.says("482913")
	if k.gone != "ticket" || !strings.Contains(strings.Join(k.said, ""), "{number}") {
		t.Errorf("gone to %q, said %q", k.gone, k.said)
	}
}

func TestAWriteOfUnknownOutcomeIsLeftToAPersonAndNotRepeated(t *testing.T) {
	k := begin(t, "en")
	k.down["shop.refund.create"] = "unknown"
	for _, text := range []string{"refund my order ED20261118-4417", "482913", "too late", "yes"} {
		k.says(text)
	}
	if k.gone != "handover" || len(k.calls) != 1 {
		t.Errorf("gone to %q after %q", k.gone, k.calls)
	}
}

func TestSeveralWishesOfOneMessageComeOneAfterAnother(t *testing.T) {
	k := begin(t, "zh-CN")
	k.says("改地址，看看物流，ED20261118-4417")
	k.expect("code", "change_address")
	if len(k.d.Agenda) != 1 || k.d.Agenda[0].Flow != "track_parcel" {
		t.Fatalf("agenda %+v", k.d.Agenda)
	}
	k.says("482913")
	k.says("不改了")
	k.expect("", "", "杭州")
	k.called("shop.parcel.track")
}

func TestAnotherWishBeforeAYesIsAskedAboutFirst(t *testing.T) {
	k := begin(t, "en")
	for _, text := range []string{"change my address ED20261118-4417", "482913", "12 High Street, London SW1A 1AA"} {
		k.says(text)
	}
	k.says("where is my parcel")
	k.expect("switch", "change_address", "Shall I leave this")
	k.says("no")
	k.expect("confirm", "change_address", "12 High Street")
	k.says("yes")
	k.expect("", "", "Done")
}

func TestSilenceIsRemarkedOnOnceAndThenTheFlowIsPutAside(t *testing.T) {
	k := begin(t, "en")
	k.says("refund my order")
	for i, want := range []string{"still there", "put this aside"} {
		k.said = nil
		k.now = k.now.Add(11 * time.Minute)
		k.step(flow.Event{Kind: flow.Ticked, Wait: k.d.Wait.ID, Timer: flow.Silence})
		if all := strings.Join(k.said, " "); !strings.Contains(all, want) {
			t.Errorf("tick %d said %q, want %q", i, all, want)
		}
	}
	if k.d.Active() || len(k.d.Parked) != 1 {
		t.Errorf("left %+v", k.d)
	}
	k.says("refund my order")
	k.expect("slot:order", "refund", "Back to where we were")
}

func TestPeopleTakeItAndGiveItBack(t *testing.T) {
	k := begin(t, "zh-CN")
	k.says("我要退款")
	k.says("转人工")
	if k.gone != "handover" || k.d.Active() {
		t.Fatalf("gone to %q: %+v", k.gone, k.d)
	}
	k.said = nil
	k.step(flow.Event{Kind: flow.Returned})
	k.expect("resume", "refund", "要继续“申请退款”吗")
	k.says("是")
	k.expect("slot:order", "refund")
}

func TestWhatCustomersCanSayAtAnyTime(t *testing.T) {
	for name, c := range map[string]struct{ says, waiting, frames, want string }{
		"repeat":           {"再说一遍", "slot:address", "change_address", "新的收货地址"},
		"why":              {"为什么", "slot:address", "change_address", "为了“修改收货地址”"},
		"one step back":    {"上一步", "slot:order", "change_address", "订单号"},
		"cancel":           {"算了", "", "", "已停止“修改收货地址”"},
		"an order's other": {"不是，应该是ED20261118-4420", "code", "change_address", "4420"},
	} {
		t.Run(name, func(t *testing.T) {
			k := begin(t, "zh-CN")
			k.says("改地址 ED20261118-4417")
			k.says("482913")
			k.expect("slot:address", "change_address")
			k.says(c.says)
			k.expect(c.waiting, c.frames, c.want)
		})
	}
}
