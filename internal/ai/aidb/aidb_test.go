package aidb_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/ai"
	"everdesk/internal/ai/aidb"
	"everdesk/internal/fault"
	"everdesk/internal/seal"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	at    = time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
	scope = access.System(7)
	other = access.System(8)
)

const key = "sk-swordfish"

// record refuses secrets.
type record struct{}

func (record) Write(_ context.Context, _ access.Scope, _, _ string, before, after any, _ time.Time) error {
	if strings.Contains(store.JSON([]any{before, after}), key) {
		return errors.New("a key in the record")
	}
	return nil
}

func each(t *testing.T, fn func(t *testing.T, s *aidb.Store, db *store.DB)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
		must(t, err)
		fn(t, aidb.New(db, ring, record{}), db)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func settings() ai.Settings {
	return ai.Settings{Enabled: true, URL: "https://models.example/v1", Model: "m", Key: key, MonthlyTokens: 1000, PerMinute: 10}
}

func TestAKeyStaysUntilItsProviderIsAnother(t *testing.T) {
	each(t, func(t *testing.T, s *aidb.Store, _ *store.DB) {
		ctx := t.Context()
		if _, version, err := s.Settings(ctx, scope); version != 0 || err != nil {
			t.Errorf("before: %d, %v", version, err)
		}
		version, err := s.Set(ctx, scope, 0, settings(), at)
		must(t, err)
		changed := settings()
		changed.Key, changed.Model = "", "n"
		version, err = s.Set(ctx, scope, version, changed, at)
		must(t, err)
		kept, _, err := s.Settings(ctx, scope)
		must(t, err)
		if kept.Key != key || kept.Model != "n" || version != 2 {
			t.Errorf("kept %+v as version %d", kept, version)
		}
		changed.URL = "https://elsewhere.example"
		_, err = s.Set(ctx, scope, version, changed, at)
		must(t, err)
		if kept, _, err = s.Settings(ctx, scope); kept.Key != "" || err != nil {
			t.Errorf("the key went elsewhere: %+v, %v", kept, err)
		}
		if _, err := s.Set(ctx, scope, 1, settings(), at); !errors.Is(err, fault.ErrStale) {
			t.Errorf("an old version: %v", err)
		}
		if _, version, err := s.Settings(ctx, other); version != 0 || err != nil {
			t.Errorf("another workspace sees version %d, %v", version, err)
		}
	})
}

func TestUseIsCountedByCalendarMonth(t *testing.T) {
	each(t, func(t *testing.T, s *aidb.Store, _ *store.DB) {
		ctx := t.Context()
		must(t, s.Spend(ctx, scope, ai.Spent{Calls: 1, Tokens: 100}, at))
		must(t, s.Spend(ctx, scope, ai.Spent{Calls: 1, Failures: 1, Tokens: 20}, at))
		must(t, s.Spend(ctx, scope, ai.Spent{Calls: 1, Tokens: 7}, at.AddDate(0, 0, -29)))
		must(t, s.Spend(ctx, scope, ai.Spent{Calls: 1, Tokens: 5}, at.Add(2*time.Hour)))
		must(t, s.Spend(ctx, other, ai.Spent{Calls: 9, Tokens: 900}, at))
		for when, want := range map[time.Time]ai.Spent{at: {Calls: 3, Failures: 1, Tokens: 127}, at.Add(2 * time.Hour): {Calls: 1, Tokens: 5}, at.AddDate(1, 0, 0): {}} {
			if got, err := s.Spent(ctx, scope, when); got != want || err != nil {
				t.Errorf("in the month of %s: %+v, %v; want %+v", when, got, err, want)
			}
		}
	})
}
