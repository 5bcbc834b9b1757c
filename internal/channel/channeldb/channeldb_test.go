package channeldb_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/channel/channeldb"
	"everdesk/internal/fault"
	"everdesk/internal/page"
	"everdesk/internal/seal"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	at    = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	scope = access.System(7)
	other = access.System(8)
)

// record keeps the names of audited actions.
type record struct{ actions []string }

func (r *record) Write(_ context.Context, _ access.Scope, action, object string, before, after any, _ time.Time) error {
	text := store.JSON([]any{before, after})
	if strings.Contains(text, "hunter2") {
		return errors.New("a secret in the audit: " + text)
	}
	r.actions = append(r.actions, action+" "+object)
	return nil
}

func each(t *testing.T, fn func(t *testing.T, s *channeldb.Store, db *store.DB)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
		must(t, err)
		fn(t, channeldb.New(db, ring, &record{}), db)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mail() channel.EmailSettings {
	return channel.EmailSettings{
		Host: "smtp.shop.test", Port: 587, Security: channel.StartTLS, Username: "desk", Password: "hunter2hunter2", From: "Shop <help@shop.test>",
	}
}

func TestTheMailAccountIsKeptAndItsPasswordSealed(t *testing.T) {
	each(t, func(t *testing.T, s *channeldb.Store, db *store.DB) {
		if _, version, err := s.Email(t.Context(), scope); version != 0 || err != nil {
			t.Errorf("before: version %d, %v", version, err)
		}
		version, err := s.SetEmail(t.Context(), scope, 0, mail(), at)
		must(t, err)
		got, now, err := s.Email(t.Context(), scope)
		must(t, err)
		if diff := cmp.Diff(mail(), got); diff != "" || now != version || now != 1 {
			t.Errorf("version %d:\n%s", now, diff)
		}
		var settings, secret string
		rows, err := db.Query(t.Context(), `SELECT settings, secret FROM channels WHERE workspace_id = $1`, scope.Workspace)
		must(t, store.One(rows, err, &settings, &secret))
		if strings.Contains(settings+secret, "hunter2") {
			t.Errorf("the password lies open: %s %s", settings, secret)
		}
		if _, err := s.SetEmail(t.Context(), scope, 0, mail(), at); !errors.Is(err, fault.ErrStale) {
			t.Errorf("a stale version gave %v", err)
		}
		if _, version, err := s.Email(t.Context(), other); version != 0 || err != nil {
			t.Errorf("another workspace has version %d, %v", version, err)
		}
	})
}

// Who may change the settings but does not know the password cannot have it
// sent to a server of theirs.
func TestAKeptPasswordStaysWithItsServer(t *testing.T) {
	each(t, func(t *testing.T, s *channeldb.Store, _ *store.DB) {
		_, err := s.SetEmail(t.Context(), scope, 0, mail(), at)
		must(t, err)
		again := mail()
		again.Password, again.From = "", "Desk <desk@shop.test>"
		_, err = s.SetEmail(t.Context(), scope, 1, again, at)
		must(t, err)
		if got, _, err := s.Email(t.Context(), scope); got.Password != mail().Password || got.From != again.From || err != nil {
			t.Errorf("kept %+v, %v", got, err)
		}
		for name, change := range map[string]func(m *channel.EmailSettings){
			"another server": func(m *channel.EmailSettings) { m.Host = "evil.test" },
			"another user":   func(m *channel.EmailSettings) { m.Username = "root" },
		} {
			moved := again
			change(&moved)
			if _, err := s.SetEmail(t.Context(), scope, 2, moved, at); !errors.Is(err, channel.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		gateway := channel.SMSSettings{URL: "https://sms.test/v1", Secret: "hunter2hunter2hunter2"}
		_, err = s.SetSMS(t.Context(), scope, 0, gateway, at)
		must(t, err)
		if _, err := s.SetSMS(t.Context(), scope, 1, channel.SMSSettings{URL: gateway.URL, From: "Shop"}, at); err != nil {
			t.Error(err)
		}
		if got, _, err := s.SMS(t.Context(), scope); got.Secret != gateway.Secret || got.From != "Shop" || err != nil {
			t.Errorf("kept %+v, %v", got, err)
		}
		if _, err := s.SetSMS(t.Context(), scope, 2, channel.SMSSettings{URL: "https://evil.test"}, at); !errors.Is(err, channel.ErrInvalid) {
			t.Errorf("another gateway: %v", err)
		}
	})
}

func TestAWidgetIsMadeOnceFoundByItsKeyAndChanged(t *testing.T) {
	each(t, func(t *testing.T, s *channeldb.Store, _ *store.DB) {
		for range 2 {
			must(t, s.StartWidget(t.Context(), scope, "Finch Wear", at))
		}
		made, err := s.Widget(t.Context(), scope)
		must(t, err)
		if !strings.HasPrefix(made.Key, "wk_") || len(made.Key) != 27 || len(made.Secret) != 48 || made.Settings.Check() != nil {
			t.Errorf("made %+v", made)
		}
		found, err := s.ByKey(t.Context(), made.Key)
		must(t, err)
		if diff := cmp.Diff(made, found); diff != "" {
			t.Errorf("found by its key:\n%s", diff)
		}
		for _, key := range []string{"", "wk_unknown"} {
			if _, err := s.ByKey(t.Context(), key); !errors.Is(err, channel.ErrNotFound) {
				t.Errorf("%q finds %v", key, err)
			}
		}
		settings := made.Settings
		settings.Hosts = []string{"shop.test", "*.shop.test", "localhost:8080"}
		changed, err := s.SetWidget(t.Context(), scope, 1, settings, at)
		must(t, err)
		if changed.Version != 2 || changed.Secret != made.Secret || changed.Key != made.Key {
			t.Errorf("changed %+v", changed)
		}
		if _, err := s.SetWidget(t.Context(), scope, 1, settings, at); !errors.Is(err, fault.ErrStale) {
			t.Errorf("a stale version gave %v", err)
		}
		secret, err := s.RenewSecret(t.Context(), scope, at)
		must(t, err)
		if now, err := s.Widget(t.Context(), scope); now.Secret != secret || secret == made.Secret || err != nil {
			t.Errorf("renewed %v", err)
		}
		if _, err := s.Widget(t.Context(), other); !errors.Is(err, channel.ErrNotFound) {
			t.Errorf("another workspace's: %v", err)
		}
	})
}

func TestQuickRepliesAreKeptUnderKeysOfTheirLanguage(t *testing.T) {
	each(t, func(t *testing.T, s *channeldb.Store, _ *store.DB) {
		add := func(key, tag string) (channel.Snippet, error) {
			return s.AddSnippet(t.Context(), scope, channel.Snippet{Key: key, Title: "Greeting", Text: "Hello!", Locale: tag}, at, nil)
		}
		hello, err := add("hello", "en")
		must(t, err)
		_, err = add("hello", "zh-CN")
		must(t, err)
		if _, err := add("hello", "en"); !errors.Is(err, channel.ErrShortcutTaken) {
			t.Errorf("twice: %v", err)
		}
		bye, err := add("bye", "en")
		must(t, err)
		bye.Key = "hello"
		if _, err := s.ChangeSnippet(t.Context(), scope, 1, bye, at); !errors.Is(err, channel.ErrShortcutTaken) {
			t.Errorf("changed to a taken key: %v", err)
		}
		bye.Key, bye.Text = "再见", "Bye."
		changed, err := s.ChangeSnippet(t.Context(), scope, 1, bye, at)
		must(t, err)
		if _, err := s.ChangeSnippet(t.Context(), scope, 1, bye, at); !errors.Is(err, fault.ErrStale) {
			t.Errorf("a stale version gave %v", err)
		}
		must(t, s.RemoveSnippet(t.Context(), scope, hello.ID, at))
		all, err := s.Snippets(t.Context(), scope, page.Request{Limit: 10})
		must(t, err)
		if len(all.Items) != 2 || !cmp.Equal(all.Items[1], changed) {
			t.Errorf("left %+v", all.Items)
		}
		if _, err := s.Snippet(t.Context(), other, changed.ID); !errors.Is(err, channel.ErrSnippetNotFound) {
			t.Errorf("another workspace's: %v", err)
		}
	})
}
