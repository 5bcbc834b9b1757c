package archtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"everdesk/internal/archtest"
)

func TestTheSourceFollowsTheRules(t *testing.T) {
	found, err := archtest.Check(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, violation := range found {
		t.Error(violation)
	}
}

// Each rule must see what it is there for: a violation planted in an otherwise
// clean tree is reported, at its place.
func TestAPlantedViolationIsReported(t *testing.T) {
	scoped := "package ticketdb\n\nimport (\n\t\"context\"\n\n\t\"everdesk/internal/access\"\n)\n\ntype Store struct{}\n\n"
	for name, plant := range map[string]struct{ file, text, want string }{
		"a noun imports another noun": {
			"internal/ticket/close.go", "package ticket\n\nimport _ \"everdesk/internal/inbox\"\n",
			"internal/ticket/close.go:3: rings: internal/ticket (noun) may not import internal/inbox (noun)",
		},
		"a noun imports the store": {
			"internal/ticket/close.go", "package ticket\n\nimport _ \"everdesk/internal/store\"\n",
			"internal/ticket (noun) may not import internal/store (platform)",
		},
		"an engine imports another engine": {
			"internal/routing/pick.go", "package routing\n\nimport _ \"everdesk/internal/bot\"\n",
			"internal/routing (engine) may not import internal/bot (engine)",
		},
		"an engine imports a part of another": {
			"internal/routing/pick.go", "package routing\n\nimport _ \"everdesk/internal/bot/nlu\"\n",
			"internal/routing (engine) may not import internal/bot/nlu (part)",
		},
		"transport imports storage": {
			"internal/httpapi/tickets.go", "package httpapi\n\nimport _ \"everdesk/internal/ticket/ticketdb\"\n",
			"internal/httpapi (transport) may not import internal/ticket/ticketdb (storage)",
		},
		"storage imports another feature's storage": {
			"internal/ticket/ticketdb/list.go", "package ticketdb\n\nimport _ \"everdesk/internal/inbox/inboxdb\"\n",
			"internal/ticket/ticketdb (storage) may not import internal/inbox/inboxdb (storage)",
		},
		"an adapter imports another adapter": {
			"internal/channel/email/send.go", "package email\n\nimport _ \"everdesk/internal/channel/sms\"\n",
			"internal/channel/email (adapter) may not import internal/channel/sms (adapter)",
		},
		"an adapter imports another contract": {
			"internal/channel/email/send.go", "package email\n\nimport _ \"everdesk/internal/ai\"\n",
			"internal/channel/email (adapter) may not import internal/ai (contract)",
		},
		"the kernel imports a noun": {
			"internal/event/ticket.go", "package event\n\nimport _ \"everdesk/internal/ticket\"\n",
			"internal/event (kernel) may not import internal/ticket (noun)",
		},
		"the app imports a tool": {
			"internal/app/app.go", "package app\n\nimport _ \"everdesk/internal/demo\"\n",
			"internal/app (app) may not import internal/demo (tool)",
		},
		"a command reaches past app": {
			"cmd/everdesk/serve.go", "package main\n\nimport _ \"everdesk/internal/store\"\n",
			"cmd/everdesk (main) may not import internal/store (platform)",
		},
		"a package belongs nowhere": {
			"internal/stuff/stuff.go", "package stuff\n", "package internal/stuff is in no ring",
		},
		"a decision imports net/http": {
			"internal/inbox/assign.go", "package inbox\n\nimport _ \"net/http\"\n", "internal/inbox/assign.go:3: purity: internal/inbox (noun) imports net/http",
		},
		"a decision imports database/sql": {
			"internal/bot/nlu/read.go", "package nlu\n\nimport _ \"database/sql\"\n", "internal/bot/nlu (part) imports database/sql",
		},
		"a decision reads the environment": {
			"internal/routing/pick.go", "package routing\n\nimport _ \"os\"\n", "internal/routing (engine) imports os",
		},
		"a decision reads the clock": {
			"internal/inbox/assign.go", "package inbox\n\nimport \"time\"\n\nvar started = time.Now()\n",
			"internal/inbox/assign.go:5: purity: internal/inbox (noun) uses time.Now",
		},
		"a decision reads the clock under another name": {
			"internal/inbox/assign.go", "package inbox\n\nimport clock \"time\"\n\nvar now = clock.Now\n", "uses time.Now",
		},
		"a storage method takes no scope": {
			"internal/ticket/ticketdb/list.go", scoped + "func (s *Store) List(ctx context.Context, limit int) error { return nil }\n\nvar _ access.Scope\n",
			"internal/ticket/ticketdb/list.go:11: scope: ticketdb.Store.List takes no access.Scope",
		},
		"a storage function takes no scope": {
			"internal/ticket/ticketdb/list.go", "package ticketdb\n\nimport \"context\"\n\nfunc All(ctx context.Context) error { return nil }\n",
			"ticketdb.All takes no access.Scope",
		},
		"a storage method takes a scope of its own making": {
			"internal/ticket/ticketdb/list.go", "package ticketdb\n\nimport \"context\"\n\ntype Scope struct{}\n\ntype Store struct{}\n\nfunc (s Store) List(ctx context.Context, scope Scope) error { return nil }\n",
			"ticketdb.Store.List takes no access.Scope",
		},
		"a query forgets the workspace": {
			"internal/ticket/ticketdb/list.go", scoped + "func (s *Store) List(ctx context.Context, scope access.Scope) string {\n\treturn `SELECT id FROM tickets WHERE id = $1`\n}\n",
			"internal/ticket/ticketdb/list.go:12: tenants: ticketdb.Store.List reads or changes tickets of any workspace",
		},
		"a change forgets the workspace": {
			"internal/ticket/ticketdb/list.go", scoped + "func (s *Store) Close(ctx context.Context, scope access.Scope) string {\n\treturn `UPDATE tickets SET closed = 1` + ` WHERE id = $1`\n}\n",
			"ticketdb.Store.Close reads or changes tickets of any workspace",
		},
		"a Go file is too long": {
			"internal/ticket/close.go", "package ticket\n" + strings.Repeat("\n", 600), "internal/ticket/close.go: length: 601 lines",
		},
		"a Vue file is too long": {
			"web/console/src/Inbox.vue", strings.Repeat("<p/>\n", 601), "web/console/src/Inbox.vue: length: 601 lines",
		},
		"a package is named for nothing": {
			"internal/ticket/utils.go", "package utils\n", "names: package utils says nothing",
		},
		"a test sleeps": {
			"internal/ticket/close_test.go", "package ticket_test\n\nimport \"time\"\n\nfunc wait() { time.Sleep(1) }\n",
			"internal/ticket/close_test.go:5: tests: a test waits for what it needs",
		},
		"a test skips": {
			"internal/ticket/close_test.go", "package ticket_test\n\nimport \"testing\"\n\nfunc TestX(t *testing.T) { t.Skip() }\n",
			"internal/ticket/close_test.go:5: tests: a test does not skip",
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := clean(t)
			write(t, root, plant.file, plant.text)
			found, err := archtest.Check(os.DirFS(root))
			if err != nil {
				t.Fatal(err)
			}
			if len(found) != 1 || !strings.Contains(found[0].String(), plant.want) {
				t.Errorf("reported %q, want only %q", found, plant.want)
			}
		})
	}
}

// What the rules allow must pass, or people learn to work around them.
func TestACleanTreeIsClean(t *testing.T) {
	root := clean(t)
	for file, text := range map[string]string{
		"internal/bot/turn.go":                   "package bot\n\nimport _ \"everdesk/internal/bot/nlu\"\n",
		"internal/channel/email/send.go":         "package email\n\nimport (\n\t_ \"net/http\"\n\n\t_ \"everdesk/internal/channel\"\n)\n",
		"internal/ticket/ticketdb/list.go":       "package ticketdb\n\nimport (\n\t\"context\"\n\n\t\"everdesk/internal/access\"\n\t_ \"everdesk/internal/store\"\n)\n\ntype Store struct{}\n\nfunc (s *Store) List(ctx context.Context, scope access.Scope) error { return s.list(ctx) }\n\nfunc (s *Store) list(ctx context.Context) error { return nil }\n\nfunc New() *Store { return nil }\n",
		"internal/ticket/promise_test.go":        "package ticket_test\n\nimport (\n\t_ \"testing/synctest\"\n\t\"time\"\n)\n\nfunc wait() { time.Sleep(1) }\n",
		"internal/ticket/import_test.go":         "package ticket_test\n\nimport _ \"everdesk/internal/store/storetest\"\n",
		"internal/ticket/testdata/broken.go":     "this is not Go",
		"web/console/node_modules/x/long.js":     strings.Repeat("\n", 900),
		"web/client/schema.d.ts":                 strings.Repeat("\n", 900),
		"web/client/generated.ts":                "// Code generated. DO NOT EDIT.\n\n" + strings.Repeat("\n", 900),
		"tools/go.mod":                           "module everdesk/tools\n",
		"tools/anything/main.go":                 "package main\n\nimport _ \"everdesk/internal/store\"\n",
		"cmd/everdesk/bench.go":                  "package main\n\nimport _ \"everdesk/internal/bench\"\n",
		"internal/bench/bench.go":                "package bench\n\nimport _ \"everdesk/internal/app\"\n",
		"internal/ticket/ticketdb/due.go":        "package ticketdb\n\nfunc due() (string, string) {\n\treturn `SELECT id FROM tickets WHERE workspace_id = $1`, `SELECT name FROM leases`\n}\n",
		"internal/channel/channeldb/accounts.go": "package channeldb\n\nimport _ \"everdesk/internal/channel\"\n",
	} {
		write(t, root, file, text)
	}
	found, err := archtest.Check(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, violation := range found {
		t.Error(violation)
	}
}

func clean(t *testing.T) string {
	root := t.TempDir()
	write(t, root, "go.mod", "module everdesk\n")
	write(t, root, "internal/store/migrations/0001_ground.sql",
		"CREATE TABLE leases (\n  name TEXT PRIMARY KEY\n);\n\nCREATE TABLE tickets (\n  workspace_id BIGINT NOT NULL,\n  id BIGINT NOT NULL\n);\n")
	write(t, root, "internal/ticket/ticket.go", "package ticket\n\nimport _ \"everdesk/internal/id\"\n")
	return root
}

func write(t *testing.T, root, file, text string) {
	t.Helper()
	place := filepath.Join(root, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(place, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
