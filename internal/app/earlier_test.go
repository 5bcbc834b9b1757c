package app_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"everdesk/internal/app"
	"everdesk/internal/backup"
	"everdesk/internal/config"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/store/storetest"
)

// earlier are backups of filled desks, each by the last migration it had taken,
// with the keys they were sealed with. A new one is added with each release.
var earlier = []string{"desk-0042"}

// A desk filled under an earlier schema is a working desk under today's, on
// either engine, and nothing in it is lost.
func TestAFilledEarlierSchemaMigratesWithItsData(t *testing.T) {
	for _, name := range earlier {
		for engine, url := range map[string]func(testing.TB) string{"sqlite": noURL, "postgres": storetest.EmptyPostgresURL} {
			t.Run(name+" on "+engine, func(t *testing.T) {
				t.Setenv("EVERDESK_KEYS", "")
				there := config.Node{Data: t.TempDir(), DB: url(t), LogLevel: "error"}
				keys, err := os.ReadFile("testdata/" + name + ".keys.json")
				must(t, err)
				must(t, os.WriteFile(filepath.Join(there.Data, "keys.json"), keys, 0o600))
				// It is filled in under its own schema and then migrated.
				kept, err := app.Restore(t.Context(), there, unpack(t, name), false, nil)
				must(t, err)
				now, err := app.Backup(t.Context(), there, "test", t.TempDir(), nil)
				must(t, err)
				if len(now.Schema) <= len(kept.Schema) {
					t.Errorf("%d migrations before and %d after: nothing was migrated", len(kept.Schema), len(now.Schema))
				}
				keeps(t, kept.Tables, now.Tables)
				a, err := app.New(t.Context(), there, "test", "127.0.0.1:80")
				must(t, err)
				for _, word := range []string{"lanmo", "qinghe"} {
					works(t, a, word)
				}
				must(t, a.Close())
			})
		}
	}
}

func unpack(t *testing.T, name string) string {
	t.Helper()
	packed, err := os.Open("testdata/" + name + ".tar.gz")
	must(t, err)
	defer packed.Close()
	plain, err := gzip.NewReader(packed)
	must(t, err)
	text, err := io.ReadAll(plain)
	must(t, err)
	path := filepath.Join(t.TempDir(), name+".tar")
	must(t, os.WriteFile(path, text, 0o600))
	return path
}

// keeps compares what every desk must keep: no rows are lost, and where the
// columns are the same so is what they hold.
func keeps(t *testing.T, before, after []backup.TableSum) {
	t.Helper()
	now := map[string]backup.TableSum{}
	for _, table := range after {
		now[table.Name] = table
	}
	same := 0
	for _, table := range before {
		is := now[table.Name]
		switch {
		case table.Name == "schema_migrations":
		case is.Rows < table.Rows:
			t.Errorf("%s had %d rows and has %d", table.Name, table.Rows, is.Rows)
		case len(is.Columns) == len(table.Columns) && is.SHA256 != table.SHA256:
			t.Errorf("what %s holds has changed", table.Name)
		case is.SHA256 == table.SHA256:
			same++
		}
	}
	if same < len(before)/2 {
		t.Errorf("only %d of %d tables are as they were", same, len(before))
	}
}

// works uses the desk: sign in, read, write.
func works(t *testing.T, a *app.App, word string) {
	t.Helper()
	owner := guest{at: a.Handler(), cookie: signIn(t, a.Handler(), "owner@"+word+".test")}
	talks := done[struct {
		Items []struct{ ID id.Conversation }
	}](t, owner, "GET", "/conversations?view=open", nil).Items
	said := ""
	for _, talk := range talks {
		said += owner.ask(t, "GET", "/conversations/"+talk.ID.String()+"/entries", nil).Body.String()
	}
	for _, text := range []string{word + " question", "钢笔的笔尖有点刮纸，可以换吗？", "🖋", word + " note"} {
		if !strings.Contains(said, text) {
			t.Errorf("%s: %q is gone", word, text)
		}
	}
	for path, want := range map[string]string{
		"/tickets": word + " subject", "/knowledge": word + " title", "/customers": "林小姐 " + word, "/teams": word + " team",
		"/snippets": word + " words", "/calendars": word + " hours", "/audit": "audit",
	} {
		if answer := owner.ask(t, "GET", path, nil); answer.Code != http.StatusOK || path != "/audit" && !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s: %s answered %d without %q", word, path, answer.Code, want)
		}
	}
	widget := done[httpapi.Widget](t, owner, "GET", "/channels/widget", nil).Key
	visit := done[httpapi.Visit](t, guest{at: a.Handler()}, "POST", "/client/visitors", map[string]string{"key": widget, "locale": "en"})
	done[any](t, guest{at: a.Handler(), bearer: visit.Token}, "POST", "/client/conversations", map[string]any{"client_id": "new", "body": says("are you still here?")})
}
