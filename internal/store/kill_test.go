package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/sqlite"
	"everdesk/internal/store/storetest"
)

// victim names the database of the process that is to be killed. When it is
// set, the test binary is that process.
const victim = "EVERDESK_STORE_VICTIM"

func TestMain(m *testing.M) {
	if target := os.Getenv(victim); target != "" {
		live(target, os.Args[1], os.Args[2])
	}
	storetest.Main(m)
}

func openTarget(ctx context.Context, target string) (store.Engine, error) {
	if strings.HasPrefix(target, "postgres:") {
		return postgres.Open(ctx, target)
	}
	return sqlite.Open(ctx, target, sqlite.Options{})
}

// live writes the commands from first to last with 32 clients, and says which
// have been acknowledged, until it is killed or has done all.
func live(target, first, last string) {
	die := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	from, err := strconv.Atoi(first)
	die(err)
	to, err := strconv.Atoi(last)
	die(err)
	engine, err := openTarget(context.Background(), target)
	die(err)
	db := store.Open(engine, store.Options{})
	var clients sync.WaitGroup
	const count = 32
	for client := range count {
		clients.Go(func() {
			for n := from + client; n < to; n += count {
				die(db.Do(context.Background(), store.Change{Claim: claimFor(n), Run: insert(n)}))
				// One write, so that a line is whole or not there.
				_, err := os.Stdout.WriteString(strconv.Itoa(n) + "\n")
				die(err)
			}
		})
	}
	clients.Wait()
	die(db.Close())
	os.Exit(0)
}

// killed starts a victim, kills it once it has acknowledged enough commands,
// and returns all that it acknowledged.
func killed(t *testing.T, target string, first, last, enough int) []int {
	t.Helper()
	process := exec.Command(os.Args[0], strconv.Itoa(first), strconv.Itoa(last))
	process.Env = append(os.Environ(), victim+"="+target)
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	process.Stderr = t.Output()
	out, err := process.StdoutPipe()
	must(t, err)
	must(t, process.Start())
	var acknowledged []int
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		must(t, err)
		if acknowledged = append(acknowledged, n); len(acknowledged) == enough {
			must(t, process.Process.Kill())
		}
	}
	if err := process.Wait(); err == nil {
		t.Fatalf("it did all %d commands before it could be killed", last-first)
	}
	return acknowledged
}

// A process killed in the middle of its writes, three times over, has kept every
// command it acknowledged, once. A restart that repeats all of them, not knowing
// which were done, doubles none.
func TestAKilledProcessKeepsEveryAcknowledgedCommandOnce(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			target := t.TempDir() + "/everdesk.db"
			if engine == "postgres" {
				target = storetest.PostgresURL(t)
			}
			reopen := func() *store.DB {
				t.Helper()
				opened, err := openTarget(t.Context(), target)
				must(t, err)
				_, err = store.Migrate(t.Context(), opened)
				must(t, err)
				return store.Open(opened, store.Options{})
			}
			db := reopen()
			things(t, db)
			must(t, db.Close())
			const round = 1_000_000 // more than it can do
			acknowledged := 0
			for i := range 3 {
				kept := killed(t, target, i*round, (i+1)*round, 700)
				acknowledged += len(kept)
				db := reopen()
				for _, n := range kept {
					if found := count(t, db, `SELECT COUNT(*) FROM things WHERE id = $1`, n); found != 1 {
						t.Errorf("acknowledged command %d is there %d times", n, found)
					}
				}
				rows := count(t, db, `SELECT COUNT(*) FROM things`)
				if events, last := count(t, db, `SELECT COUNT(*) FROM events`), count(t, db, `SELECT MAX(pos) FROM event_clock`); events != rows || last != rows {
					t.Errorf("%d rows, %d events, last position %d: they should be equal", rows, events, last)
				}
				before := rows
				replays := int64(0)
				for _, n := range kept[:100] {
					claim := claimFor(n)
					must(t, db.Do(t.Context(), store.Change{Claim: claim, Run: insert(n)}))
					if claim.Replayed {
						replays++
					}
				}
				if after := count(t, db, `SELECT COUNT(*) FROM things`); replays != 100 || after != before {
					t.Errorf("of 100 commands repeated %d were recognised; %d rows became %d", replays, before, after)
				}
				must(t, db.Close())
			}
			t.Logf("%d acknowledged in 3 lives, none lost, none doubled", acknowledged)
		})
	}
}

// A batch that was cut short by the kill is there whole or not at all.
func TestAKilledProcessLeavesNoHalfCommand(t *testing.T) {
	target := t.TempDir() + "/everdesk.db"
	open := func() *store.DB {
		engine, err := sqlite.Open(t.Context(), target, sqlite.Options{})
		must(t, err)
		_, err = store.Migrate(t.Context(), engine)
		must(t, err)
		return store.Open(engine, store.Options{})
	}
	db := open()
	things(t, db)
	must(t, db.Close())
	killed(t, target, 0, 1_000_000, 300)
	db = open()
	defer func() { must(t, db.Close()) }()
	orphans := count(t, db, `SELECT COUNT(*) FROM things WHERE NOT EXISTS (
		SELECT 1 FROM events WHERE payload = '{"N":' || things.id || '}')`)
	claims := count(t, db, `SELECT COUNT(*) FROM idempotency_keys`)
	if rows := count(t, db, `SELECT COUNT(*) FROM things`); orphans != 0 || claims != rows {
		t.Errorf("%d rows, %d without their event, %d claims", rows, orphans, claims)
	}
	var verdict string
	rows, err := db.Query(t.Context(), `PRAGMA integrity_check`)
	must(t, store.One(rows, err, &verdict))
	if verdict != "ok" {
		t.Errorf("the file is damaged: %s", verdict)
	}
}
