package flowdb_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/flow"
	"everdesk/internal/bot/flow/flowdb"
	"everdesk/internal/connector"
	"everdesk/internal/fault"
	"everdesk/internal/id"
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
	talk  = id.Conversation(42)
)

type record struct{}

func (record) Write(_ context.Context, _ access.Scope, _, _ string, before, after any, _ time.Time) error {
	if text := store.JSON([]any{before, after}); strings.Contains(text, "hunter2") {
		return errors.New("a secret in the audit: " + text)
	}
	return nil
}

func each(t *testing.T, fn func(t *testing.T, s *flowdb.Store, db *store.DB)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
		must(t, err)
		fn(t, flowdb.New(db, ring, record{}), db)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func draft(t *testing.T, key, words string) (flow.Flow, flow.Doc) {
	t.Helper()
	raw := fmt.Sprintf(`{"format":"everdesk.flow/1","key":%q,"title":{"en":%q},"starts":[{"examples":{"en":["help"]}}],"entry":"a","nodes":{"a":{"type":"handover","reason":"x"}}}`, key, words)
	d, problems := flow.Decode([]byte(raw))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return flow.Flow{Key: key, Title: d.Title, Draft: json.RawMessage(raw), DraftHash: d.Hash()}, d
}

func TestAFlowIsDraftedPublishedChangedAndRolledBack(t *testing.T) {
	each(t, func(t *testing.T, s *flowdb.Store, _ *store.DB) {
		ctx := t.Context()
		one, d1 := draft(t, "help", "One")
		f, err := s.Make(ctx, scope, nil, one, at)
		must(t, err)
		if _, err := s.Make(ctx, scope, nil, one, at); !errors.Is(err, flow.ErrKeyTaken) {
			t.Errorf("twice: %v", err)
		}
		if all, err := s.Openings(ctx, scope); len(all) != 0 || err != nil {
			t.Errorf("customers meet a draft: %v, %v", all, err)
		}
		before, err := s.Revision(ctx, scope)
		must(t, err)
		f, err = s.Publish(ctx, scope, f.ID, f.Version, d1, "first", at)
		must(t, err)
		if after, err := s.Revision(ctx, scope); after <= before || f.Published != 1 || err != nil {
			t.Errorf("published %d, revision %d then %d", f.Published, before, after)
		}
		two, d2 := draft(t, "help", "Two")
		if _, err := s.Save(ctx, scope, f.ID, f.Version-1, two, at); !errors.Is(err, fault.ErrStale) {
			t.Errorf("a stale save: %v", err)
		}
		f, err = s.Save(ctx, scope, f.ID, f.Version, two, at)
		must(t, err)
		if all, err := s.Openings(ctx, scope); len(all) != 1 || all[0].Hash != d1.Hash() || err != nil {
			t.Errorf("customers meet %v, %v", all, err)
		}
		f, err = s.Publish(ctx, scope, f.ID, f.Version, d2, "", at)
		must(t, err)
		f, err = s.RollBack(ctx, scope, f.ID, 1, at)
		must(t, err)
		all, err := s.Openings(ctx, scope)
		if f.Published != 1 || len(all) != 1 || all[0].Hash != d1.Hash() || err != nil {
			t.Errorf("rolled back to %+v, %v, %v", f, all, err)
		}
		for _, d := range []flow.Doc{d1, d2} {
			if _, err := s.Document(ctx, scope, d.Hash()); err != nil {
				t.Errorf("a version is gone: %v", err)
			}
		}
		versions, err := s.Versions(ctx, scope, f.ID, page.Request{Limit: 10})
		if len(versions.Items) != 2 || versions.Items[0].Number != 2 || err != nil {
			t.Errorf("versions %+v, %v", versions, err)
		}
		if _, err := s.Flow(ctx, other, f.ID); !errors.Is(err, flow.ErrNotFound) {
			t.Errorf("another workspace reads it: %v", err)
		}
		if _, err := s.Document(ctx, other, d1.Hash()); !errors.Is(err, flow.ErrNoVersion) {
			t.Errorf("another workspace reads a version: %v", err)
		}
		must(t, s.Delete(ctx, scope, f.ID, f.Version, at))
		if _, err := s.Document(ctx, scope, d1.Hash()); err != nil {
			t.Errorf("who is in it cannot go on: %v", err)
		}
	})
}

func TestOfTwoStepsFromOneStateOneIsWritten(t *testing.T) {
	each(t, func(t *testing.T, s *flowdb.Store, _ *store.DB) {
		ctx := t.Context()
		d, version, err := s.Dialogue(ctx, scope, talk)
		if version != 0 || d.ID != talk.String() || err != nil {
			t.Fatalf("%+v, %d, %v", d, version, err)
		}
		must(t, s.SaveDialogue(ctx, scope, talk, d, 0, at))
		if err := s.SaveDialogue(ctx, scope, talk, d, 0, at); !errors.Is(err, fault.ErrStale) {
			t.Errorf("a second beginning: %v", err)
		}
		d.Turn = 5
		must(t, s.SaveDialogue(ctx, scope, talk, d, 1, at))
		if err := s.SaveDialogue(ctx, scope, talk, d, 1, at); !errors.Is(err, fault.ErrStale) {
			t.Errorf("a second step: %v", err)
		}
		if now, version, err := s.Dialogue(ctx, scope, talk); now.Turn != 5 || version != 2 || err != nil {
			t.Errorf("%+v, %d, %v", now, version, err)
		}
		if _, version, err := s.Dialogue(ctx, other, talk); version != 0 || err != nil {
			t.Errorf("another workspace has it: %d, %v", version, err)
		}
	})
}

func TestCodesAreLimitedWhateverTheyAreFor(t *testing.T) {
	each(t, func(t *testing.T, s *flowdb.Store, db *store.DB) {
		count := func(subject string, who id.Customer, when time.Time) (ok bool) {
			t.Helper()
			must(t, db.Atomically(t.Context(), func(ctx context.Context) (err error) {
				ok, err = s.CountCode(ctx, scope, talk, who, subject, when)
				return err
			}))
			return ok
		}
		for n := range 3 {
			if !count("E1", id.Customer(100+n), at) {
				t.Errorf("code %d was refused", n)
			}
		}
		if count("E1", 200, at) {
			t.Error("a fourth code for one order in an hour")
		}
		if !count("E1", 200, at.Add(2*time.Hour)) {
			t.Error("two hours later it is still refused")
		}
		for n := range 5 {
			if !count(fmt.Sprint("F", n), 300, at) {
				t.Errorf("code %d of a customer was refused", n)
			}
		}
		if count("F9", 300, at) {
			t.Error("a sixth code in a conversation in an hour")
		}
		var kept string
		rows, err := db.Query(t.Context(), `SELECT MIN(subject) FROM flow_codes WHERE workspace_id = $1`, scope.Workspace)
		must(t, store.One(rows, err, &kept))
		if kept == "E1" || kept == "F0" {
			t.Errorf("the order number lies open: %s", kept)
		}
	})
}

func TestWhatHasHadItsTimeIsSweptAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, s *flowdb.Store, db *store.DB) {
		must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
			for n := range int64(6) {
				when := at.AddDate(0, 0, -int(n)*10)
				s.KeepTrace(ctx, scope, talk, n, map[string]string{"event": "heard"}, when)
				s.Order(ctx, scope, talk, flow.Effect{Key: fmt.Sprint(n), Op: "shop.order.get"}, when)
			}
			_, err := s.CountCode(ctx, scope, talk, 1, "E1", at.AddDate(0, 0, -3))
			return err
		}))
		gone, err := s.Sweep(t.Context(), at, 1)
		must(t, err)
		more, err := s.Sweep(t.Context(), at, 100)
		must(t, err)
		if left, err := s.Traces(t.Context(), scope, talk); gone != 3 || more != 2 || len(left) != 4 || err != nil {
			t.Errorf("swept %d, then %d; %d traces left, %v", gone, more, len(left), err)
		}
	})
}

func shop(t *testing.T, base string) connector.Document {
	t.Helper()
	d, err := connector.Parse([]byte(`{"format":"everdesk.connector/1","key":"shop","title":{"en":"Shop"},"base":"` + base + `","auth":{"kind":"bearer","secret":"token"},
		"operations":{"order.get":{"effect":"read","input":{"id":"string"},"request":{"method":"GET","path":"/orders/{{id}}"}}}}`))
	must(t, err)
	return d
}

func TestAConnectorsSecretIsSealedAndStaysWithItsAddress(t *testing.T) {
	each(t, func(t *testing.T, s *flowdb.Store, db *store.DB) {
		ctx := t.Context()
		c, err := s.MakeConnector(ctx, scope, nil, shop(t, "https://a.test"), map[string]string{"token": "hunter2"}, at)
		must(t, err)
		if secret, err := s.Secret(ctx, scope, c.ID, "token"); secret != "hunter2" || err != nil {
			t.Errorf("%q, %v", secret, err)
		}
		var sealed string
		rows, err := db.Query(ctx, `SELECT secret FROM connector_secrets WHERE workspace_id = $1`, scope.Workspace)
		must(t, store.One(rows, err, &sealed))
		if strings.Contains(sealed, "hunter2") {
			t.Error("the secret lies open")
		}
		same := shop(t, "https://a.test")
		same.Timeout = "3s"
		c, err = s.ChangeConnector(ctx, scope, c.ID, c.Version, same, nil, at)
		must(t, err)
		if secret, err := s.Secret(ctx, scope, c.ID, "token"); secret != "hunter2" || err != nil {
			t.Errorf("after a change: %q, %v", secret, err)
		}
		_, err = s.ChangeConnector(ctx, scope, c.ID, c.Version, shop(t, "https://evil.test"), nil, at)
		must(t, err)
		if secret, err := s.Secret(ctx, scope, c.ID, "token"); secret != "" || err != nil {
			t.Errorf("the secret followed to another address: %q, %v", secret, err)
		}
		if _, err := s.Connector(ctx, other, c.ID); !errors.Is(err, connector.ErrNotFound) {
			t.Errorf("another workspace reads it: %v", err)
		}
	})
}
