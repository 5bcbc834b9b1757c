package flow_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"everdesk/internal/bot/flow"
	"everdesk/internal/locale"
)

// object is a document as an editor changes it.
type object = map[string]any

// spoil returns the pack's change_address with one thing changed.
func spoil(t *testing.T, change func(d object)) json.RawMessage {
	t.Helper()
	var d object
	if err := json.Unmarshal(documents(t)[0], &d); err != nil {
		t.Fatal(err)
	}
	change(d)
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func node(d object, name string) object { return d["nodes"].(object)[name].(object) }

func TestEveryMistakeIsFoundAndNamed(t *testing.T) {
	for name, c := range map[string]struct {
		code, where string
		change      func(d object)
	}{
		"a field nobody knows":          {"F01", "colour", func(d object) { d["colour"] = "red" }},
		"a node of no type":             {"F01", "nodes.ok.type", func(d object) { node(d, "ok")["type"] = "jump" }},
		"a field another type has":      {"F01", "nodes.ok.next", func(d object) { node(d, "ok")["next"] = "who" }},
		"a question without a way out":  {"F01", "nodes.where.giveup", func(d object) { delete(node(d, "where"), "giveup") }},
		"a number where a text belongs": {"F01", "nodes.sure.text.en", func(d object) { node(d, "sure")["text"] = object{"zh": "x", "en": 1} }},
		"a beginning that is not there": {"F02", "entry", func(d object) { d["entry"] = "start" }},
		"a way to nowhere":              {"F03", "nodes.where.next", func(d object) { node(d, "where")["next"] = "nowhere" }},
		"a node nobody reaches": {"F04", "nodes.shipped", func(d object) {
			node(d, "still")["else"] = "where"
			delete(node(d, "save")["errors"].(object), "too_late")
		}},
		"a circle without an end": {"F05", "nodes.where", func(d object) {
			d["nodes"].(object)["person"] = object{"type": "ask", "slot": "order", "next": "person2", "giveup": "person2"}
			d["nodes"].(object)["person2"] = object{"type": "ask", "slot": "order", "next": "person", "giveup": "person"}
			node(d, "ok")["type"] = "say"
			delete(node(d, "ok"), "outcome")
			node(d, "ok")["next"] = "person"
			node(d, "later")["next"] = "person"
			delete(d["nodes"].(object), "failed")
		}},
		"a circle without a question":         {"F06", "nodes.load", func(d object) { node(d, "still")["else"] = "load" }},
		"a condition that is always the same": {"F08", "nodes.still.cases[0].when", func(d object) { node(d, "still")["cases"].([]any)[0].(object)["when"] = "1 < 2" }},
		"a question that gives up to itself":  {"F09", "nodes.where", func(d object) { node(d, "where")["giveup"] = "where" }},
		"an error nobody takes care of":       {"F10", "nodes.save.errors.else", func(d object) { delete(node(d, "save")["errors"].(object), "else") }},
		"an error that calls again":           {"F10", "nodes.load.errors.else", func(d object) { node(d, "load")["errors"].(object)["else"] = "load" }},
		"an expression that does not compile": {"F11", "nodes.still.cases[0].when", func(d object) { node(d, "still")["cases"].([]any)[0].(object)["when"] = "data.order.status ==" }},
		"a condition that is a text":          {"F11", "nodes.still.cases[0].when", func(d object) { node(d, "still")["cases"].([]any)[0].(object)["when"] = "'paid'" }},
		"an expression that costs too much": {"F11", "nodes.still.cases[0].when", func(d object) {
			node(d, "still")["cases"].([]any)[0].(object)["when"] = "slots.order.all(a, slots.order.all(b, slots.order.all(c, a == b && b == c)))"
		}},
		"a slot nobody declared": {"F11", "nodes.load.with.id", func(d object) { node(d, "load")["with"] = object{"id": "slots.number"} }},
		"an answer read before it is there": {"F12", "nodes.sure.text.en", func(d object) {
			node(d, "sure")["text"] = object{"zh": "{{slots.order}} {{slots.address}} {{data.saved.address}}", "en": "{{slots.order}} {{slots.address}} {{data.saved.address}}"}
		}},
		"an operation that does not exist": {"F13", "nodes.load.do", func(d object) { node(d, "load")["do"] = "shop.order.fetch" }},
		"an operation for codes alone":     {"F13", "nodes.load.do", func(d object) { node(d, "load")["do"] = "shop.order.contact" }},
		"an argument too few":              {"F13", "nodes.save.with", func(d object) { delete(node(d, "save")["with"].(object), "address") }},
		"a field no answer has":            {"F13", "nodes.still.cases[0].when", func(d object) { node(d, "still")["cases"].([]any)[0].(object)["when"] = "data.order.mood == 'good'" }},
		"a text in one language":           {"F14", "nodes.sure.text", func(d object) { delete(node(d, "sure")["text"].(object), "en") }},
		"a place that names nothing": {"F15", "nodes.sure.text.en", func(d object) {
			node(d, "sure")["text"].(object)["en"] = "{{slots.order}} {{slots.address}} {{ price }}"
		}},
		"a tag": {"F15", "nodes.sure.text.en", func(d object) {
			node(d, "sure")["text"].(object)["en"] = "{{slots.order}} {{slots.address}} {% for x %}"
		}},
		"a filter nobody knows":             {"F15", "nodes.sure.text.en", func(d object) { node(d, "sure")["text"].(object)["en"] = "{{slots.order | loud}} {{slots.address}}" }},
		"a write nobody confirmed":          {"F16", "nodes.save", func(d object) { node(d, "where")["next"] = "save" }},
		"a question that hides an argument": {"F16", "nodes.sure.text.en", func(d object) { node(d, "sure")["text"].(object)["en"] = "Change the address of {{slots.order}}?" }},
		"a look at what is not proven":      {"F17", "nodes.load", func(d object) { node(d, "which")["next"] = "load" }},
		"a proof of something else":         {"F17", "nodes.load", func(d object) { node(d, "who")["subject"] = "slots.address.text" }},
		"a subject changed after its proof": {"F17", "nodes.load", func(d object) {
			d["nodes"].(object)["mid"] = object{"type": "set", "slots": object{"order": "'ED20261118-0001'"}, "next": "load"}
			node(d, "who")["next"] = "mid"
		}},
		"a flow nothing starts":        {"F20", "starts", func(d object) { d["starts"] = []any{} }},
		"a pattern that is none":       {"F25", "slots.order.pattern", func(d object) { d["slots"].(object)["order"].(object)["pattern"] = "(" }},
		"silence for a second":         {"F27", "silence", func(d object) { d["silence"] = "1s" }},
		"a ticket and then a question": {"F33", "nodes.later.next", func(d object) { node(d, "later")["next"] = "where" }},
		"a slot without a question":    {"F34", "nodes.where.text", func(d object) { delete(d["slots"].(object)["address"].(object), "ask") }},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := flow.Check(spoil(t, c.change), world(t))
			var found []string
			for _, p := range problems {
				found = append(found, p.Code+" "+p.Path)
				for _, tag := range locale.Tags {
					if text := p.Message(tag); strings.HasPrefix(text, "flow.problem") || strings.Contains(text, "…") {
						t.Errorf("%s says %q in %s", p.Code, text, tag)
					}
				}
			}
			if !slices.Contains(found, c.code+" "+c.where) {
				t.Errorf("found %q, want %s %s", found, c.code, c.where)
			}
		})
	}
}

func TestADocumentIsReadStrictlyOrNotAtAll(t *testing.T) {
	for name, raw := range map[string]string{
		"nothing":              "",
		"no object":            "[]",
		"two documents":        string(documents(t)[0]) + "{}",
		"broken":               `{"format":`,
		"too long":             `{"format":"` + strings.Repeat("x", flow.MaxDocument) + `"}`,
		"another format":       `{"format":"everdesk.flow/2"}`,
		"nodes that are none":  `{"format":"everdesk.flow/1","key":"x","title":{"en":"x"},"starts":[],"entry":"a","nodes":{"a":7}}`,
		"a key with a space":   `{"format":"everdesk.flow/1","key":"x y","title":{"en":"x"},"starts":[],"entry":"a","nodes":{"a":{"type":"end","outcome":"done"}}}`,
		"no nodes":             `{"format":"everdesk.flow/1","key":"x","title":{"en":"x"},"starts":[],"entry":"a","nodes":{}}`,
		"a text in no tongue":  `{"format":"everdesk.flow/1","key":"x","title":{},"starts":[],"entry":"a","nodes":{"a":{"type":"end","outcome":"done"}}}`,
		"a tongue of no shape": `{"format":"everdesk.flow/1","key":"x","title":{"english":"x"},"starts":[],"entry":"a","nodes":{"a":{"type":"end","outcome":"done"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, problems := flow.Decode([]byte(raw)); len(problems) == 0 || problems[0].Code != "F01" {
				t.Errorf("found %+v", problems)
			}
		})
	}
}

// Where things stand on the canvas makes no new version; what they say does.
func TestTheHashIsOfWhatAFlowMeans(t *testing.T) {
	hash := func(change func(object)) string {
		d, problems := flow.Decode(spoil(t, change))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return d.Hash()
	}
	plain := hash(func(object) {})
	if moved := hash(func(d object) { d["layout"] = object{"which": object{"x": 7}} }); moved != plain {
		t.Error("moving a node made another version")
	}
	if other := hash(func(d object) { node(d, "ok")["text"].(object)["en"] = "Done!" }); other == plain {
		t.Error("other words are the same version")
	}
}

func FuzzDecode(f *testing.F) {
	for _, raw := range documents(f) {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, problems := flow.Check(raw, flow.World{Operations: operations(t)})
		if len(problems) == 0 && d.Hash() == "" {
			t.Error("a sound document without a hash")
		}
	})
}
