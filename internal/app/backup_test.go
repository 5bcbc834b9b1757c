package app_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/app"
	"everdesk/internal/backup"
	"everdesk/internal/config"
	"everdesk/internal/store/storetest"
)

// A desk that was backed up while it ran opens elsewhere, on either engine, as
// what it was: people sign in, sealed values open, uploads are there.
func TestADeskLivesOnFromItsBackupOnEitherEngine(t *testing.T) {
	t.Setenv("EVERDESK_KEYS", "")
	for from, url := range map[string]func(testing.TB) string{"sqlite": noURL, "postgres": storetest.PostgresURL} {
		t.Run("from "+from, func(t *testing.T) {
			here := config.Node{Data: t.TempDir(), DB: url(t), LogLevel: "error"}
			a, err := app.New(t.Context(), here, "test", "127.0.0.1:80")
			must(t, err)
			h := found(t, a, "lanmo")
			h.furnish(t)
			kept, err := app.Backup(t.Context(), here, "test", t.TempDir(), nil)
			must(t, errors.Join(err, a.Close()))
			if len(kept.Files) != 2 || len(kept.Missing) != 0 || kept.Rows() < 50 || kept.Size == 0 {
				t.Errorf("the backup has %d files, %d rows, %d bytes; missing %v", len(kept.Files), kept.Rows(), kept.Size, kept.Missing)
			}
			for to, url := range map[string]func(testing.TB) string{"sqlite": noURL, "postgres": storetest.EmptyPostgresURL} {
				t.Run("to "+to, func(t *testing.T) {
					there := config.Node{Data: t.TempDir(), DB: url(t), LogLevel: "error"}
					bring(t, here, there)
					restored, err := app.Restore(t.Context(), there, kept.Path, false, nil)
					must(t, err)
					if diff := cmp.Diff(kept.Manifest, restored.Manifest); diff != "" {
						t.Errorf("restored something else:\n%s", diff)
					}
					lives(t, there, h)
					if _, err := app.Restore(t.Context(), there, kept.Path, false, nil); !errors.Is(err, backup.ErrNotEmpty) {
						t.Errorf("a second restore got %v", err)
					}
				})
			}
		})
	}
}

func noURL(testing.TB) string { return "" }

// bring copies the keys, which no backup holds.
func bring(t *testing.T, from, to config.Node) {
	t.Helper()
	keys, err := os.ReadFile(filepath.Join(from.Data, "keys.json"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(to.Data, "keys.json"), keys, 0o600))
}

func lives(t *testing.T, node config.Node, was *house) {
	t.Helper()
	a, err := app.New(t.Context(), node, "test", "127.0.0.1:80")
	must(t, err)
	owner := guest{at: a.Handler(), cookie: signIn(t, a.Handler(), "owner@lanmo.test")}
	who := done[struct{ Identities []struct{ Value string } }](t, owner, "GET", "/customers/"+was.one["customers"], nil)
	if len(who.Identities) == 0 || who.Identities[0].Value == "" {
		t.Errorf("what was sealed does not open: %+v", who)
	}
	answer := httptest.NewRecorder()
	a.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, was.file, http.NoBody))
	if answer.Code != http.StatusOK || answer.Body.String() != "lanmo visitor's file" {
		t.Errorf("the upload answered %d %q", answer.Code, answer.Body)
	}
	must(t, a.Close())
}

func TestABackupGoesOnlyWithItsKeys(t *testing.T) {
	t.Setenv("EVERDESK_KEYS", "")
	here := config.Node{Data: t.TempDir(), LogLevel: "error"}
	if _, err := app.Backup(t.Context(), here, "test", t.TempDir(), nil); err == nil {
		t.Error("a backup was taken where there is no desk")
	}
	a, err := app.New(t.Context(), here, "test", "127.0.0.1:80")
	must(t, err)
	kept, err := app.Backup(t.Context(), here, "test", filepath.Join(t.TempDir(), "one.tar"), nil)
	must(t, errors.Join(err, a.Close()))
	if _, err := app.Backup(t.Context(), here, "test", kept.Path, nil); err == nil {
		t.Error("a backup was written over another")
	}
	other := config.Node{Data: t.TempDir(), LogLevel: "error"}
	b, err := app.New(t.Context(), other, "test", "127.0.0.1:80")
	must(t, err)
	must(t, b.Close())
	for name, c := range map[string]struct {
		keys    *config.Node
		keyless bool
		want    error
	}{
		"with its keys":                     {keys: &here},
		"with other keys":                   {keys: &other, want: backup.ErrKeys},
		"with other keys, whatever is said": {keys: &other, keyless: true, want: backup.ErrKeys},
		"without keys":                      {want: app.ErrNoKeys},
		"without keys, as was said":         {keyless: true},
	} {
		t.Run(name, func(t *testing.T) {
			there := config.Node{Data: t.TempDir(), LogLevel: "error"}
			if c.keys != nil {
				bring(t, *c.keys, there)
			}
			_, err := app.Restore(t.Context(), there, kept.Path, c.keyless, nil)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			_, there2 := os.Stat(filepath.Join(there.Data, "everdesk.db"))
			if (err == nil) != (there2 == nil) {
				t.Errorf("restored %v, but the database: %v", err, there2)
			}
		})
	}
}
