package audit_test

import (
	"strings"
	"testing"

	"everdesk/internal/audit"
)

func TestSecretsAreNeverWrittenDown(t *testing.T) {
	type inner struct {
		Token string `json:"access_token"`
		Host  string `json:"host"`
	}
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"nothing":           {nil, ``},
		"no secrets":        {map[string]any{"name": "Lin", "n": 1}, `{"n":1,"name":"Lin"}`},
		"a password":        {map[string]any{"password": "horse", "name": "Lin"}, `{"name":"Lin","password":"***"}`},
		"deep in":           {[]any{map[string]any{"smtp": inner{"abc", "mail.example"}}}, `[{"smtp":{"access_token":"***","host":"mail.example"}}]`},
		"an unset password": {map[string]any{"Password": ""}, `{"Password":""}`},
		"a whole group":     {map[string]any{"credentials": []string{"a", "b"}}, `{"credentials":"***"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := audit.Value(c.value)
			if err != nil || got != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
	if got, err := audit.Value(strings.Repeat("x", 40<<10)); err != nil || got != `{"bytes":40962}` {
		t.Errorf("a large value became %.40s, %v", got, err)
	}
}
