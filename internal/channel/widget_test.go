package channel_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/channel"
)

func TestWidgetSettingsAreRefusedFieldByField(t *testing.T) {
	for name, test := range map[string]struct {
		change func(s *channel.WidgetSettings)
		want   []string
	}{
		"what a workspace begins with": {func(*channel.WidgetSettings) {}, nil},
		"a name of blanks":             {func(s *channel.WidgetSettings) { s.Name = "  " }, []string{"body.name required"}},
		"a bot without a name":         {func(s *channel.WidgetSettings) { s.BotName = channel.Spoken{"en": " "} }, []string{"body.bot_name required"}},
		"a bot named in one language":  {func(s *channel.WidgetSettings) { s.BotName = channel.Spoken{"en": "Lark"} }, nil},
		"a bot named in French":        {func(s *channel.WidgetSettings) { s.BotName = channel.Spoken{"en": "Lark", "fr": "Alouette"} }, []string{"body.bot_name not_allowed"}},
		"a colour's name":              {func(s *channel.WidgetSettings) { s.BrandColor = "red" }, []string{"body.brand_color malformed"}},
		"no language":                  {func(s *channel.WidgetSettings) { s.Locales = nil }, []string{"body.locales required"}},
		"an unknown language":          {func(s *channel.WidgetSettings) { s.Locales = []string{"fr"} }, []string{"body.locales[0] not_allowed"}},
		"a form with an odd field":     {func(s *channel.WidgetSettings) { s.PreChat.Fields = []string{"name", "password"} }, []string{"body.pre_chat.fields[1] not_allowed"}},
		"the top":                      {func(s *channel.WidgetSettings) { s.Position = "top" }, []string{"body.position not_allowed"}},
		"hosts": {func(s *channel.WidgetSettings) {
			s.Hosts = []string{"shop.test", "*.shop.test", "127.0.0.1:8080", "localhost"}
		}, nil},
		"hosts that end a directive": {
			func(s *channel.WidgetSettings) {
				s.Hosts = []string{"a.test; script-src *", "*", "https://a.test", "a.test/x", "a..test", "a.test:0"}
			},
			[]string{"body.hosts[0] malformed", "body.hosts[1] malformed", "body.hosts[2] malformed", "body.hosts[3] malformed", "body.hosts[4] malformed", "body.hosts[5] malformed"},
		},
	} {
		s := channel.WidgetOf("Finch Wear")
		test.change(&s)
		if diff := cmp.Diff(test.want, wrong(s.Check())); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// Settings kept before the bot had a name in each language say it once.
func TestANameForAllLanguagesIsReadAsOneForEach(t *testing.T) {
	for name, test := range map[string]struct{ kept, zh, en, other string }{
		"one name for all":   {`"Lark"`, "Lark", "Lark", "Lark"},
		"a name in each":     {`{"zh-CN":"小雀","en":"Lark"}`, "小雀", "Lark", "Lark"},
		"a name in only one": {`{"zh-CN":"小雀"}`, "小雀", "小雀", "小雀"},
	} {
		var s channel.Spoken
		if err := json.Unmarshal([]byte(test.kept), &s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := [3]string{s.In("zh-CN"), s.In("en"), s.In("fr")}; got != [3]string{test.zh, test.en, test.other} {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAWidgetStandsOnItsHostsOnly(t *testing.T) {
	s := channel.WidgetSettings{Hosts: []string{"shop.test", "*.Shop.test", "localhost:8080"}}
	for host, want := range map[string]bool{
		"shop.test": true, "SHOP.test": true, "shop.test:8443": true, "www.shop.test": true, "localhost:8080": true,
		"localhost": false, "localhost:9090": false, "evilshop.test": false, "shop.test.evil.test": false, ".shop.test": false, "": false,
	} {
		if got := s.Allows(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}
