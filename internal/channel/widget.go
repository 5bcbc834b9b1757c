package channel

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode/utf8"

	"everdesk/internal/id"
)

// WidgetSettings say how the widget looks and where it may stand.
type WidgetSettings struct {
	// Name is what customers call this desk: the head of the widget and the
	// signature of letters.
	Name         string            `json:"name"`
	Locales      []string          `json:"locales"`
	BrandColor   string            `json:"brand_color"`
	OnBrandColor string            `json:"on_brand_color"`
	Greeting     map[string]string `json:"greeting"`
	BotName      Spoken            `json:"bot_name"`
	// Hosts are where the widget may be embedded: "shop.example",
	// "*.shop.example", "localhost:8080".
	Hosts       []string          `json:"hosts"`
	PreChat     PreChat           `json:"pre_chat"`
	Position    string            `json:"position"`
	ShowHelp    bool              `json:"show_help"`
	ShowTickets bool              `json:"show_tickets"`
	OfflineText map[string]string `json:"offline_text"`
	// PhoneShown is a number for when nothing else works.
	PhoneShown string `json:"phone_shown,omitempty"`
}

// Spoken is a short text by language: "zh-CN", "en".
type Spoken map[string]string

// UnmarshalJSON also reads the one text for all languages that settings had
// before they spoke several.
func (s *Spoken) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*s = Spoken{"zh-CN": one, "en": one}
		return nil
	}
	return json.Unmarshal(raw, (*map[string]string)(s))
}

// In is the text in a language, or in any other when it has none of its own.
func (s Spoken) In(tag string) string {
	return cmp.Or(s[tag], s["en"], s["zh-CN"])
}

// Front is a workspace's widget.
type Front struct {
	Workspace id.Workspace
	ID        id.Channel
	// Key is public: it stands in the page of the host.
	Key      string
	Settings WidgetSettings
	// Secret signs the host's proofs of who a visitor is.
	Secret  string
	Version int64
}

// PreChat is a form before the first message.
type PreChat struct {
	Enabled bool     `json:"enabled"`
	Fields  []string `json:"fields"`
}

// WidgetOf is what a new workspace's widget looks like.
func WidgetOf(name string) WidgetSettings {
	return WidgetSettings{
		Name: name, Locales: []string{"zh-CN", "en"}, BrandColor: "#1f6f54", OnBrandColor: "#ffffff",
		Greeting: map[string]string{"zh-CN": "您好，有什么可以帮您？", "en": "Hello, how can we help?"}, BotName: Spoken{"zh-CN": name, "en": name},
		Hosts: []string{}, PreChat: PreChat{Fields: []string{}}, Position: "right", ShowHelp: true, ShowTickets: true,
		OfflineText: map[string]string{},
	}
}

var (
	colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	label  = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
	port   = regexp.MustCompile(`^[1-9][0-9]{0,4}$`)
)

// Check names what is wrong with the settings.
func (s WidgetSettings) Check() error {
	var w wrongs
	w.text("body.name", s.Name, 60, true)
	if strings.TrimSpace(s.BotName.In("")) == "" {
		w.add("body.bot_name", "required", "in one language at least")
	}
	for tag, name := range s.BotName {
		w.spoken("body.bot_name", tag)
		w.text("body.bot_name."+tag, name, 40, false)
	}
	w.text("body.phone_shown", s.PhoneShown, 40, false)
	if len(s.Locales) == 0 {
		w.add("body.locales", "required", "zh-CN, en or both")
	}
	for i, tag := range s.Locales {
		w.spoken(fmt.Sprintf("body.locales[%d]", i), tag)
	}
	for path, c := range map[string]string{"body.brand_color": s.BrandColor, "body.on_brand_color": s.OnBrandColor} {
		if !colour.MatchString(c) {
			w.add(path, "malformed", "a colour such as #1f6f54")
		}
	}
	for path, texts := range map[string]map[string]string{"body.greeting": s.Greeting, "body.offline_text": s.OfflineText} {
		for tag, text := range texts {
			w.spoken(path, tag)
			w.text(path, text, 500, false)
		}
	}
	if len(s.Hosts) > 50 {
		w.add("body.hosts", "too_many", "at most 50")
	}
	for i, host := range s.Hosts {
		if !hostPattern(host) {
			w.add(fmt.Sprintf("body.hosts[%d]", i), "malformed", "a host such as shop.example, *.shop.example or localhost:8080")
		}
	}
	for i, field := range s.PreChat.Fields {
		if field != "name" && field != "email" && field != "phone" && field != "topic" {
			w.add(fmt.Sprintf("body.pre_chat.fields[%d]", i), "not_allowed", "name, email, phone or topic")
		}
	}
	if s.Position != "right" && s.Position != "left" {
		w.add("body.position", "not_allowed", "right or left")
	}
	return w.err()
}

func (w *wrongs) spoken(path, tag string) {
	if tag != "zh-CN" && tag != "en" {
		w.add(path, "not_allowed", "zh-CN or en")
	}
}

func (w *wrongs) text(path, text string, most int, required bool) {
	switch {
	case required && strings.TrimSpace(text) == "":
		w.add(path, "required", "")
	case utf8.RuneCountInString(text) > most:
		w.add(path, "too_long", fmt.Sprintf("at most %d characters", most))
	}
}

// hostPattern accepts what can stand in frame-ancestors and nothing that could
// end the directive.
func hostPattern(text string) bool {
	host, number, hasPort := strings.Cut(text, ":")
	if hasPort && !port.MatchString(number) || len(host) > 253 {
		return false
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return address.Is4()
	}
	host = strings.TrimPrefix(host, "*.")
	for part := range strings.SplitSeq(host, ".") {
		if !label.MatchString(part) {
			return false
		}
	}
	return true
}

// Allows reports whether the widget may stand on a page of an origin's host,
// "shop.example" or "localhost:8080".
func (s WidgetSettings) Allows(host string) bool {
	host = strings.ToLower(host)
	bare, _, _ := strings.Cut(host, ":")
	for _, allowed := range s.Hosts {
		allowed = strings.ToLower(allowed)
		against := bare
		if strings.Contains(allowed, ":") {
			against = host
		}
		if against == allowed {
			return true
		}
		if tail, wild := strings.CutPrefix(allowed, "*"); wild && strings.HasSuffix(against, tail) && len(against) > len(tail) {
			return true
		}
	}
	return false
}
