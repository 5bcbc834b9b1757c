package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	keyForm      = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	localeForm   = regexp.MustCompile(`^[a-z]{2}(-[A-Z]{2})?$`)
	durationForm = regexp.MustCompile(`^[0-9]{1,6}(s|m|h|d)$`)
)

// SlotTypes are what a slot can hold.
var SlotTypes = []string{
	"text", "order", "phone", "email", "url", "date", "datetime", "range", "amount", "number", "quantity", "address", "product",
	"attribute", "yesno", "choice", "image", "code",
}

// fields says which fields each type of node has; those with a star it must
// have.
var fields = map[string]string{
	Say:      "text* next*",
	AskNode:  "slot* text tries always next* giveup*",
	Choose:   "slot* text* options from label tries next* giveup*",
	Confirm:  "text* yes* no* giveup*",
	Branch:   "cases* else*",
	Set:      "slots* next*",
	Call:     "do* with as next* errors*",
	Verify:   "subject* level next* fail*",
	Guide:    "steps* next* stuck*",
	Ticket:   "template* fields text* next*",
	Survey:   "kind* next*",
	Run:      "flow* with next* outcomes",
	Handover: "reason* skills text",
	End:      "outcome* text",
}

// Decode reads a document strictly: no unknown fields, no wrong types, nothing
// missing. What is wrong comes back as problems F01, each with its path; the
// document is whole only if there are none.
func Decode(raw []byte) (Doc, []Problem) {
	r := &reader{}
	if len(raw) > MaxDocument {
		r.wrong("", "a document of at most 64 KiB")
		return Doc{}, r.problems
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&tree); err != nil {
		r.wrong("", "JSON: "+err.Error())
		return Doc{}, r.problems
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		r.wrong("", "one document, and nothing after it")
		return Doc{}, r.problems
	}
	r.document(tree)
	if len(r.problems) > 0 {
		return r.partial(raw), r.problems
	}
	var d Doc
	if err := json.Unmarshal(raw, &d); err != nil {
		r.wrong("", err.Error())
	}
	return d, r.problems
}

// partial is what can be read of a wrong document, for the editor's lists.
func (r *reader) partial(raw []byte) (d Doc) {
	// What cannot be read has been told of already.
	_ = json.Unmarshal(raw, &d)
	return d
}

// reader walks a decoded document and notes what is wrong.
type reader struct {
	problems []Problem
	node     string
}

func (r *reader) wrong(path, want string) {
	if len(r.problems) < 100 {
		r.problems = append(r.problems, Problem{Code: "F01", Severity: Error, Node: r.node, Path: path, Facts: map[string]string{"path": path, "want": want}})
	}
}

// object checks the fields of an object: each by its own check, no others.
func (r *reader) object(v any, path string, required string, checks map[string]func(v any, path string)) map[string]any {
	m, ok := v.(map[string]any)
	if !ok {
		r.wrong(path, "an object")
		return nil
	}
	for _, name := range sorted(m) {
		check, known := checks[name]
		if !known {
			r.wrong(join(path, name), "no such field")
			continue
		}
		if check != nil {
			check(m[name], join(path, name))
		}
	}
	for name := range strings.FieldsSeq(required) {
		if _, ok := m[name]; !ok {
			r.wrong(join(path, name), missing)
		}
	}
	return m
}

func (r *reader) document(v any) {
	r.object(v, "", "format key title starts entry nodes", map[string]func(any, string){
		"format": r.oneOf(Format), "key": r.key, "title": r.text, "about": r.text, "starts": r.list(0, 20, r.start), "guard": r.cel,
		"digress": r.oneOf(Free, Ask, Hold), "resume": r.oneOf(Auto, Ask, Drop), "silence": r.duration,
		"slots": r.table(maxSlots, r.slot), "entry": r.key, "nodes": r.nodes, "layout": r.table(0, nil), "tests": r.list(0, 1000, nil),
	})
}

func (r *reader) start(v any, path string) {
	r.object(v, path, "", map[string]func(any, string){
		"intent": r.words(100), "event": r.words(100), "when": r.cel,
		"examples": func(v any, path string) {
			for tag, list := range r.object2(v, path) {
				if !localeForm.MatchString(tag) {
					r.wrong(join(path, tag), `a language such as "en"`)
				}
				r.list(0, maxExamples, r.words(300))(list, join(path, tag))
			}
		},
	})
}

func (r *reader) slot(v any, path string) {
	r.object(v, path, "type", map[string]func(any, string){
		"type": r.oneOf(SlotTypes...), "list": r.truth, "ask": r.text, "again": r.text, "valid": r.cel, "invalid": r.text,
		"share": r.oneOf("flow", "conversation", "customer"), "ttl": r.duration, "private": r.truth, "prefill": r.oneOf("yes", "confirm", "no"),
		"options": r.list(0, 50, r.words(100)), "pattern": r.words(500),
	})
}

func (r *reader) nodes(v any, path string) {
	m := r.object2(v, path)
	if m != nil && len(m) == 0 || len(m) > maxNodes {
		r.wrong(path, "1 to "+itoa(maxNodes)+" nodes")
	}
	for _, name := range sorted(m) {
		r.node = name
		r.keyAt(name, join(path, name))
		r.oneNode(m[name], join(path, name))
		r.node = ""
	}
}

func (r *reader) oneNode(v any, path string) {
	m := r.object2(v, path)
	if m == nil {
		return
	}
	kind, _ := m["type"].(string)
	list, known := fields[kind]
	if !known {
		r.wrong(join(path, "type"), "a type of node: "+strings.Join(nodeTypes, ", "))
		return
	}
	all := map[string]func(any, string){
		"text": r.text, "next": r.key, "giveup": r.key, "slot": r.key, "tries": r.whole(1, 5), "always": r.truth,
		"options": r.list(2, 10, r.pick), "from": r.cel, "label": r.text, "yes": r.key, "no": r.key, "cases": r.list(1, 20, r.oneCase), "else": r.key,
		"slots": r.table(maxSlots, r.cel), "do": r.words(100), "with": r.table(50, r.cel), "as": r.key, "errors": r.table(30, r.key),
		"subject": r.cel, "level": r.oneOf("order", "account"), "fail": r.key, "steps": r.list(1, 30, r.step), "stuck": r.key,
		"template": r.words(100), "fields": r.table(50, r.cel), "kind": r.oneOf("csat", "nps", "thumbs"), "flow": r.key,
		"outcomes": r.table(10, r.key), "reason": r.words(100), "skills": r.list(0, 10, r.words(50)),
		"outcome": r.oneOf(Done, Nothing, Cancelled, Failed),
	}
	mine := map[string]func(any, string){"type": nil}
	var required []string
	for name := range strings.FieldsSeq(list) {
		plain, must := strings.CutSuffix(name, "*")
		mine[plain] = all[plain]
		if must {
			required = append(required, plain)
		}
	}
	r.object(v, path, strings.Join(required, " "), mine)
	if kind == Choose && m["options"] == nil && m["from"] == nil {
		r.wrong(join(path, "options"), "options, or a list to choose from")
	}
}

func (r *reader) pick(v any, path string) {
	r.object(v, path, "value label", map[string]func(any, string){"value": r.words(100), "label": r.text, "next": r.key})
}

func (r *reader) oneCase(v any, path string) {
	r.object(v, path, "when next", map[string]func(any, string){"when": r.cel, "next": r.key})
}

func (r *reader) step(v any, path string) {
	r.object(v, path, "text", map[string]func(any, string){"text": r.text, "image": r.words(2000), "alt": r.text})
}

// object2 is an object whose fields have free names.
func (r *reader) object2(v any, path string) map[string]any {
	m, ok := v.(map[string]any)
	if !ok {
		r.wrong(path, "an object")
	}
	return m
}

// table is an object of equal things under keys; 0 is no limit.
func (r *reader) table(most int, each func(any, string)) func(any, string) {
	return func(v any, path string) {
		m := r.object2(v, path)
		if most > 0 && len(m) > most {
			r.wrong(path, "at most "+itoa(most))
		}
		if each == nil {
			return
		}
		for _, name := range sorted(m) {
			r.keyAt(name, join(path, name))
			each(m[name], join(path, name))
		}
	}
}

func (r *reader) list(least, most int, each func(any, string)) func(any, string) {
	return func(v any, path string) {
		items, ok := v.([]any)
		if !ok || len(items) < least || len(items) > most {
			r.wrong(path, fmt.Sprintf("a list of %d to %d", least, most))
			return
		}
		for i, item := range items {
			if each != nil {
				each(item, path+"["+itoa(i)+"]")
			}
		}
	}
}

func (r *reader) text(v any, path string) {
	m := r.object2(v, path)
	if m != nil && len(m) == 0 {
		r.wrong(path, "a text in at least one language")
	}
	for _, tag := range sorted(m) {
		text, ok := m[tag].(string)
		switch {
		case !localeForm.MatchString(tag):
			r.wrong(join(path, tag), `a language such as "en"`)
		case !ok || strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > maxText:
			r.wrong(join(path, tag), "a text of at most "+itoa(maxText)+" characters")
		}
	}
}

func (r *reader) words(most int) func(any, string) {
	return func(v any, path string) {
		text, ok := v.(string)
		if !ok || strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > most {
			r.wrong(path, "a text of at most "+itoa(most)+" characters")
		}
	}
}

func (r *reader) cel(v any, path string) { r.words(maxCEL)(v, path) }

func (r *reader) key(v any, path string) {
	text, ok := v.(string)
	if !ok {
		r.wrong(path, "a key")
		return
	}
	r.keyAt(text, path)
}

func (r *reader) keyAt(text, path string) {
	if !keyForm.MatchString(text) {
		r.wrong(path, "a key: small letters, figures and _, at most 40")
	}
}

func (r *reader) truth(v any, path string) {
	if _, ok := v.(bool); !ok {
		r.wrong(path, "true or false")
	}
}

func (r *reader) whole(least, most int) func(any, string) {
	return func(v any, path string) {
		n, ok := v.(float64)
		if !ok || n != float64(int(n)) || int(n) < least || int(n) > most {
			r.wrong(path, fmt.Sprintf("a whole number from %d to %d", least, most))
		}
	}
}

func (r *reader) duration(v any, path string) {
	text, ok := v.(string)
	if !ok || !durationForm.MatchString(text) {
		r.wrong(path, `a time such as "10m"`)
	}
}

func (r *reader) oneOf(allowed ...string) func(any, string) {
	return func(v any, path string) {
		text, ok := v.(string)
		if !ok || !slices.Contains(allowed, text) {
			r.wrong(path, "one of "+strings.Join(allowed, ", "))
		}
	}
}

var nodeTypes = []string{Say, AskNode, Choose, Confirm, Branch, Set, Call, Verify, Guide, Ticket, Survey, Run, Handover, End}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func itoa(n int) string { return strconv.Itoa(n) }

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
