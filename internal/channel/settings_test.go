package channel_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/channel"
	"everdesk/internal/fault"
)

func wrong(err error) []string {
	var all []string
	if f := fault.Of(err); f != nil {
		for _, field := range f.Fields {
			all = append(all, field.Path+" "+field.Code)
		}
	}
	return all
}

func TestMailSettingsAreRefusedFieldByField(t *testing.T) {
	fine := channel.EmailSettings{Host: "smtp.shop.test", Port: 587, Security: channel.StartTLS, Username: "u", Password: "p", From: "Shop <help@shop.test>"}
	for name, test := range map[string]struct {
		change func(s *channel.EmailSettings)
		want   []string
	}{
		"fine":                            {func(*channel.EmailSettings) {}, nil},
		"without a user":                  {func(s *channel.EmailSettings) { s.Username, s.Password = "", "" }, nil},
		"without a host":                  {func(s *channel.EmailSettings) { s.Host = "" }, []string{"body.host required"}},
		"a host with a path":              {func(s *channel.EmailSettings) { s.Host = "a/b" }, []string{"body.host malformed"}},
		"a port too high":                 {func(s *channel.EmailSettings) { s.Port = 70000 }, []string{"body.port out_of_range"}},
		"unprotected across the net":      {func(s *channel.EmailSettings) { s.Security = channel.None }, []string{"body.security not_allowed"}},
		"unprotected on the same machine": {func(s *channel.EmailSettings) { s.Security, s.Host = channel.None, "127.0.0.1" }, nil},
		"an unknown protection":           {func(s *channel.EmailSettings) { s.Security = "rot13" }, []string{"body.security not_allowed"}},
		"a sender that is no address":     {func(s *channel.EmailSettings) { s.From = "Shop" }, []string{"body.from malformed"}},
		"a user without a password":       {func(s *channel.EmailSettings) { s.Password = "" }, []string{"body.password required"}},
	} {
		s := fine
		test.change(&s)
		if diff := cmp.Diff(test.want, wrong(s.Check())); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestGatewaySettingsAreRefusedFieldByField(t *testing.T) {
	for name, test := range map[string]struct {
		settings channel.SMSSettings
		want     []string
	}{
		"fine":                       {channel.SMSSettings{URL: "https://sms.test/v1", Secret: strings.Repeat("s", 16)}, nil},
		"plain on the same machine":  {channel.SMSSettings{URL: "http://localhost:9/x", Secret: strings.Repeat("s", 16)}, nil},
		"plain across the net":       {channel.SMSSettings{URL: "http://sms.test", Secret: strings.Repeat("s", 16)}, []string{"body.url not_allowed"}},
		"a file":                     {channel.SMSSettings{URL: "file:///etc/passwd", Secret: strings.Repeat("s", 16)}, []string{"body.url malformed"}},
		"a user in the address":      {channel.SMSSettings{URL: "https://u:p@sms.test", Secret: strings.Repeat("s", 16)}, []string{"body.url malformed"}},
		"no address, a short secret": {channel.SMSSettings{Secret: "s"}, []string{"body.url malformed", "body.secret too_short"}},
	} {
		if diff := cmp.Diff(test.want, wrong(test.settings.Check())); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
