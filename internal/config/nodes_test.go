package config_test

import (
	"testing"

	"everdesk/internal/config"
)

func TestSettingsOfNodesThatCannotWorkAreRefused(t *testing.T) {
	const postgres, redis = "postgres://desk@db1,db2/desk", "redis://redis:6379"
	for name, c := range map[string]struct {
		node config.Node
		fine bool
	}{
		"nothing set":                             {config.Node{}, true},
		"nodes on postgres and redis":             {config.Node{DB: postgres, Redis: redis}, true},
		"nodes on postgres alone":                 {config.Node{DB: postgres}, true},
		"a node that only answers":                {config.Node{DB: postgres, Roles: []string{"edge"}}, true},
		"a node that only works":                  {config.Node{DB: postgres, Roles: []string{"worker"}}, true},
		"redis with the embedded database":        {config.Node{Redis: redis}, false},
		"a redis of another kind":                 {config.Node{DB: postgres, Redis: "http://redis:6379"}, false},
		"half a desk on the embedded database":    {config.Node{Roles: []string{"worker"}}, false},
		"the other half on the embedded database": {config.Node{Roles: []string{"edge"}}, false},
		"a database of another kind":              {config.Node{DB: "mysql://desk@db/desk"}, false},
		"proxies that are no network":             {config.Node{TrustedProxies: []string{"balancer"}}, false},
		"a public address without a scheme":       {config.Node{PublicURL: "desk.example.com"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.node.Validate(); (err == nil) != c.fine {
				t.Errorf("Validate returned %v", err)
			}
		})
	}
}
