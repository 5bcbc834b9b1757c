package flow

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Template is a text with places: "{{path}}" or "{{path | filter}}". There are
// no tags, so that there is nothing to loop or to include, and one pass, so
// that what a customer is called is never read as a template.
type Template struct {
	parts []part
}

type part struct {
	text   string // outside of a place
	path   string
	filter string
}

// Filters are the known filters.
var Filters = []string{"mask", "money", "date", "time", "list", "upper", "first", "default"}

var place = regexp.MustCompile(`\{\{\s*([a-z]+(?:\.[A-Za-z_][A-Za-z0-9_]*)+)\s*(?:\|\s*([a-z]+)\s*)?\}\}`)

// longestSaid is the longest text a template makes, in characters.
const longestSaid = 4000

// ParseTemplate reads a template. A brace pair that is no place is an error: it
// would be shown to customers as it stands.
func ParseTemplate(text string) (*Template, error) {
	t := &Template{}
	at := 0
	for _, m := range place.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > at {
			t.parts = append(t.parts, part{text: text[at:m[0]]})
		}
		p := part{path: text[m[2]:m[3]]}
		if m[4] >= 0 {
			p.filter = text[m[4]:m[5]]
		}
		root, _, _ := strings.Cut(p.path, ".")
		if !slices.Contains(roots, root) && root != "ticket" {
			return nil, fmt.Errorf("%q names nothing", p.path)
		}
		if p.filter != "" && !slices.Contains(Filters, p.filter) {
			return nil, fmt.Errorf("no filter %q", p.filter)
		}
		t.parts = append(t.parts, p)
		at = m[1]
	}
	if at < len(text) {
		t.parts = append(t.parts, part{text: text[at:]})
	}
	for _, p := range t.parts {
		if strings.Contains(p.text, "{{") || strings.Contains(p.text, "}}") || strings.Contains(p.text, "{%") {
			return nil, fmt.Errorf("a brace pair that names nothing")
		}
	}
	return t, nil
}

// Reads are the paths a template shows, Masked those it only shows masked.
func (t *Template) Reads() (paths, masked []string) {
	for _, p := range t.parts {
		if p.path != "" {
			paths = append(paths, p.path)
			if p.filter == "mask" {
				masked = append(masked, p.path)
			}
		}
	}
	return paths, masked
}

// Render fills the places from a scene, in the words of a language.
func (t *Template) Render(scene Scene, tag string) string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.path == "" {
			b.WriteString(p.text)
			continue
		}
		b.WriteString(tame(filter(scene.at(p.path), p.filter, tag)))
	}
	if said := []rune(b.String()); len(said) > longestSaid {
		return string(said[:longestSaid-1]) + "…"
	}
	return b.String()
}

// at looks a path up; what is not there is nil.
func (s Scene) at(path string) any {
	var now any = map[string]any(s)
	for name := range strings.SplitSeq(path, ".") {
		m, ok := now.(map[string]any)
		if !ok {
			return nil
		}
		now = m[name]
	}
	return now
}

// tame takes from a value what would change how the sentence around it reads:
// invisible characters, marks of direction, control characters.
func tame(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

func filter(v any, name, tag string) string {
	switch name {
	case "mask":
		return mask(shown(v, tag))
	case "money":
		return money(v, tag)
	case "date", "time":
		return when(v, name, tag)
	case "upper":
		return strings.ToUpper(shown(v, tag))
	case "first":
		if items, ok := v.([]any); ok && len(items) > 0 {
			return shown(items[0], tag)
		}
	case "default":
		if text := shown(v, tag); text != "" {
			return text
		}
		return "–"
	}
	return shown(v, tag)
}

// shown words a value: an object by its "text", a list with commas.
func shown(v any, tag string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		var words []string
		for _, one := range v {
			words = append(words, shown(one, tag))
		}
		if strings.HasPrefix(tag, "zh") {
			return strings.Join(words, "、")
		}
		return strings.Join(words, ", ")
	case map[string]any:
		// A connector answers in several languages; what customers told has a text.
		if text, ok := v["text"].(string); ok {
			return text
		}
		words := Text{}
		for key, one := range v {
			if text, ok := one.(string); ok && localeForm.MatchString(key) {
				words[key] = text
			}
		}
		return words.In(tag)
	}
	return fmt.Sprint(v)
}

func money(v any, tag string) string {
	currency := ""
	if m, ok := v.(map[string]any); ok {
		currency, _ = m["currency"].(string)
		v = m["amount"]
	}
	n, ok := v.(float64)
	if !ok {
		return shown(v, tag)
	}
	text := strconv.FormatFloat(n, 'f', 2, 64)
	text = strings.TrimSuffix(text, ".00")
	switch currency {
	case "CNY":
		return "¥" + text
	case "USD":
		return "$" + text
	case "":
		return text
	}
	return text + " " + currency
}

func when(v any, name, tag string) string {
	text, ok := v.(string)
	if !ok {
		return shown(v, tag)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		if at, err = time.Parse(time.DateOnly, text); err != nil {
			return text
		}
	}
	chinese := strings.HasPrefix(tag, "zh")
	switch {
	case name == "time":
		return at.Format("15:04")
	case chinese:
		return at.Format("1 月 2 日")
	}
	return at.Format("2 January")
}

// mask leaves enough of a value to know it again and not enough to use it.
func mask(text string) string {
	if name, host, ok := strings.Cut(text, "@"); ok {
		return headOf(name, 1) + "•••@" + headOf(host, 1) + "•••" + lastLabel(host)
	}
	runes := []rune(text)
	digits := 0
	for _, r := range runes {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	switch {
	case len(runes) <= 2:
		return "••"
	case digits >= 7:
		return "•••• " + string(runes[len(runes)-4:])
	}
	return string(runes[:1]) + "•••" + string(runes[len(runes)-1:])
}

// Masked is how a contact is shown to who claims it.
func Masked(contact string) string { return mask(contact) }

func headOf(text string, n int) string {
	runes := []rune(text)
	return string(runes[:min(n, len(runes))])
}

func lastLabel(host string) string {
	if at := strings.LastIndex(host, "."); at > 0 {
		return host[at:]
	}
	return ""
}
