package auditdb_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"everdesk/internal/access"
	"everdesk/internal/audit"
	"everdesk/internal/audit/auditdb"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/seal"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, db *store.DB) *auditdb.Store {
	t.Helper()
	ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
	must(t, err)
	return auditdb.New(db, ring)
}

func member(workspace id.Workspace, staff id.Staff) access.Scope {
	return access.Scope{Workspace: workspace, Kind: access.ActorStaff, Staff: staff}
}

func write(t *testing.T, db *store.DB, record *auditdb.Store, scope access.Scope, action, object string, at time.Time) {
	t.Helper()
	ctx := audit.From(t.Context(), audit.Origin{Route: "PATCH /api/v1/teams/{id}", Address: "192.0.2.7", Trace: "abc"})
	must(t, db.Atomically(ctx, func(ctx context.Context) error {
		return record.Write(ctx, scope, action, object, nil, map[string]any{"name": "Night", "password": "horse"}, at)
	}))
}

func TestAnOperationIsListedToItsWorkspaceOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		record := open(t, db)
		scope := member(1, 11)
		write(t, db, record, scope, "team.changed", "tea_1", start)
		write(t, db, record, member(2, 22), "team.changed", "tea_1", start)
		listed, err := record.List(t.Context(), scope, audit.Filter{}, page.Request{Limit: 10})
		must(t, err)
		want := []audit.Row{{
			At: start, Actor: scope.Actor(), Action: "team.changed", Object: "tea_1", After: `{"name":"Night","password":"***"}`,
			Origin: audit.Origin{Route: "PATCH /api/v1/teams/{id}", Address: "192.0.2.7", Trace: "abc"},
		}}
		if diff := cmp.Diff(want, listed.Items, cmpopts.IgnoreFields(audit.Row{}, "ID")); diff != "" {
			t.Error(diff)
		}
		var kept string
		rows, err := db.Query(t.Context(), `SELECT address FROM audit_rows WHERE workspace_id = 1`)
		must(t, store.One(rows, err, &kept))
		if strings.Contains(kept, "192") {
			t.Errorf("the address is kept as %s", kept)
		}
	})
}

func TestARefusedOperationLeavesNoRow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		record := open(t, db)
		err := db.Atomically(t.Context(), func(ctx context.Context) error {
			return errors.Join(record.Write(ctx, member(1, 11), "team.changed", "tea_1", nil, nil, start), fault.ErrStale)
		})
		if !errors.Is(err, fault.ErrStale) {
			t.Fatal(err)
		}
		listed, err := record.List(t.Context(), member(1, 11), audit.Filter{}, page.Request{Limit: 10})
		if err != nil || len(listed.Items) != 0 {
			t.Errorf("%v, %v", listed, err)
		}
	})
}

func TestFiltersAndPagesFindWhatTheyName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		record := open(t, db)
		for n := range 6 {
			action := []string{"team.changed", "team.removed", "teams.other"}[n%3]
			// Pairs share a time, so the id has to tell them apart.
			write(t, db, record, member(1, id.Staff(11+n%2)), action, fmt.Sprint("tea_", n), start.Add(time.Duration(n/2)*time.Minute))
		}
		objects := func(filter audit.Filter, limit int) (all []string) {
			t.Helper()
			request := page.Request{Limit: limit}
			for {
				listed, err := record.List(t.Context(), member(1, 1), filter, request)
				must(t, err)
				for _, row := range listed.Items {
					all = append(all, strings.TrimPrefix(row.Object, "tea_"))
				}
				if listed.Next.IsZero() {
					return all
				}
				request.After = listed.Next
			}
		}
		for name, c := range map[string]struct {
			filter audit.Filter
			limit  int
			want   string
		}{
			"all":          {audit.Filter{}, 10, "5 4 3 2 1 0"},
			"in pages":     {audit.Filter{}, 1, "5 4 3 2 1 0"},
			"a noun":       {audit.Filter{Action: "team"}, 2, "4 3 1 0"},
			"an action":    {audit.Filter{Action: "team.removed"}, 10, "4 1"},
			"an object":    {audit.Filter{Object: "tea_3"}, 10, "3"},
			"an actor":     {audit.Filter{Actor: id.Staff(12).String()}, 10, "5 3 1"},
			"a while":      {audit.Filter{From: start.Add(time.Minute), To: start.Add(2 * time.Minute)}, 10, "3 2"},
			"nobody":       {audit.Filter{Actor: "stf_x"}, 10, ""},
			"all together": {audit.Filter{Actor: id.Staff(12).String(), Action: "team", From: start, To: start.Add(time.Minute)}, 1, "1"},
		} {
			if got := strings.Join(objects(c.filter, c.limit), " "); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	})
}

func TestTheChainShowsWhatWasDoneToTheRecord(t *testing.T) {
	for name, c := range map[string]struct{ tamper, reason string }{
		"nothing":              {"", ""},
		"a value changed":      {`UPDATE audit_rows SET new_value = '{}' WHERE pos = 120`, "120 changed"},
		"an actor changed":     {`UPDATE audit_rows SET actor = 'stf_0' WHERE pos = 1`, "1 changed"},
		"a row removed":        {`DELETE FROM audit_rows WHERE pos = 203`, "204 missing"},
		"the first removed":    {`DELETE FROM audit_rows WHERE pos = 1`, "2 missing"},
		"the end cut off":      {`DELETE FROM audit_rows WHERE pos > 400`, "401 missing"},
		"all removed":          {`DELETE FROM audit_rows`, "1 missing"},
		"two rows exchanged":   {`UPDATE audit_rows SET pos = 401 - pos WHERE pos IN (200, 201)`, "200 changed"},
		"a row slipped in":     {`INSERT INTO audit_rows SELECT workspace_id, id + 1000000, at, actor, action, object, old_value, new_value, route, address, trace, pos, hash FROM audit_rows WHERE pos = 50`, "50 slipped_in"},
		"a row put at the end": {`UPDATE audit_rows SET pos = 900 WHERE pos = 450`, "450 missing"},
		"a row put beyond it":  {`INSERT INTO audit_rows SELECT workspace_id, id + 1000000, at, actor, action, object, old_value, new_value, route, address, trace, 900, hash FROM audit_rows WHERE pos = 450`, "900 slipped_in"},
		"the head set back":    {`UPDATE audit_heads SET pos = 449`, "450 missing"},
		"a row unchained":      {`UPDATE audit_rows SET pos = 0 WHERE pos = 9`, "10 missing"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				record := open(t, db)
				must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
					for n := range 450 {
						if err := record.Write(ctx, member(1, 11), "team.changed", fmt.Sprint("tea_", n), nil, n, start); err != nil {
							return err
						}
					}
					return record.Write(ctx, member(2, 22), "team.changed", "tea_1", nil, nil, start)
				}))
				if chained, err := record.ChainAll(t.Context(), "node-1"); err != nil || chained != 451 {
					t.Fatalf("chained %d, %v", chained, err)
				}
				if c.tamper != "" {
					must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
						_, err := store.Current(ctx).Exec(strings.Replace(c.tamper, "WHERE ", "WHERE workspace_id = 1 AND ", 1))
						return err
					}))
				}
				report, err := record.Verify(t.Context(), member(1, 11))
				must(t, err)
				got := ""
				if report.Broken != nil {
					got = fmt.Sprint(report.Broken.Pos, " ", report.Broken.Reason)
				}
				if got != c.reason {
					t.Errorf("found %q, want %q", got, c.reason)
				}
			})
		})
	}
}

func TestRowsAreChainedAsTheyCome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		record := open(t, db)
		for n := range 3 {
			write(t, db, record, member(1, 11), "team.changed", fmt.Sprint("tea_", n), start.Add(-time.Duration(n)*time.Hour))
			if n < 2 {
				chained, err := record.ChainAll(t.Context(), fmt.Sprint("node-", n))
				if err != nil || chained != 1 {
					t.Fatalf("chained %d, %v", chained, err)
				}
			}
		}
		report, err := record.Verify(t.Context(), member(1, 11))
		must(t, err)
		if diff := cmp.Diff(audit.Report{Chained: 2, Pending: 1}, report); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOnlyTheHolderOfTheLeaseChains(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		record := open(t, db)
		write(t, db, record, member(1, 11), "team.changed", "tea_1", start)
		old, held, err := db.Acquire(t.Context(), "audit/chain", "frozen", time.Minute)
		if err != nil || !held {
			t.Fatal(held, err)
		}
		if chained, err := record.ChainAll(t.Context(), "node-2"); err != nil || chained != 0 {
			t.Errorf("chained %d beside the holder, %v", chained, err)
		}
		must(t, db.Release(t.Context(), old))
		if chained, err := record.ChainAll(t.Context(), "node-2"); err != nil || chained != 1 {
			t.Errorf("chained %d, %v", chained, err)
		}
		write(t, db, record, member(1, 11), "team.changed", "tea_2", start)
		if chained, err := record.Chain(t.Context(), access.System(1), old, 10); err == nil || chained != 0 {
			t.Errorf("a holder who woke up late chained %d", chained)
		}
	})
}
