package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/sqlite"
)

// oldestPostgres is the least server version the statements are tested with.
const oldestPostgres = 140000

// database connects.
func (e *examination) database(ctx context.Context) {
	const check = "database"
	var err error
	if e.Node.DB != "" {
		e.engine, err = postgres.Open(ctx, e.Node.DB)
	} else {
		// Opening it would make it.
		if _, err := os.Stat(e.Node.Database()); err != nil {
			e.fail(check, "start the desk once, restore a backup, or correct --data or --db", "%v", err)
			return
		}
		e.engine, err = sqlite.Open(ctx, e.Node.Database(), sqlite.Options{})
	}
	if err != nil {
		e.fail(check, "see that the server runs, and that address, user and password in --db are right", "%v", err)
		return
	}
	e.db = store.Open(e.engine, store.Options{Log: slog.New(slog.DiscardHandler)})
	if e.engine.Name() == "sqlite" {
		e.embedded(ctx, check)
		return
	}
	var text string
	var number int64
	if err := e.one(ctx, []any{&text, &number}, `SELECT current_setting('server_version'), current_setting('server_version_num')::bigint`); err != nil {
		e.fail(check, "look at the server's log", "%v", err)
		return
	}
	if number < oldestPostgres {
		e.fail(check, "upgrade the server to 14 or later", "PostgreSQL %s is too old", text)
		return
	}
	e.ok(check, "PostgreSQL %s answers", text)
}

func (e *examination) embedded(ctx context.Context, check string) {
	var version, sound string
	err := e.one(ctx, []any{&version}, `SELECT sqlite_version()`)
	if err == nil {
		err = e.one(ctx, []any{&sound}, `PRAGMA quick_check(1)`)
	}
	switch {
	case err != nil:
		e.fail(check, "restore the last backup: docs/runbooks/backup-restore.md", "%v", err)
	case sound != "ok":
		e.fail(check, "stop the desk, keep the file, restore the last backup: docs/runbooks/backup-restore.md", "the file is damaged: %s", sound)
	default:
		e.ok(check, "SQLite %s, %s is sound", version, e.Node.Database())
	}
}

func (e *examination) one(ctx context.Context, dest []any, query string, args ...any) error {
	rows, err := e.db.Query(ctx, query, args...)
	return store.One(rows, err, dest...)
}

// schema compares the migrations taken with those this binary has.
func (e *examination) schema(ctx context.Context) {
	if e.db == nil {
		return
	}
	const check = "schema"
	rows, err := e.db.Query(ctx, `SELECT version FROM schema_migrations ORDER BY version`)
	taken, err := store.All(rows, err, func(row store.Row) (v int64, err error) { return v, row.Scan(&v) })
	if err != nil {
		e.fail(check, "start the desk or run `everdesk migrate`; if there should be data, --data or --db is wrong", "the database holds no desk: %v", err)
		return
	}
	steps, err := store.Migrations(e.engine.Name())
	if err != nil {
		e.fail(check, "this binary is broken", "%v", err)
		return
	}
	known, err := store.MigrationFiles()
	if err != nil {
		e.fail(check, "this binary is broken", "%v", err)
		return
	}
	for _, version := range taken {
		if !known[version] {
			e.fail(check, "use the binary that made it, or a newer one", "step %04d is unknown: the schema is newer than this binary", version)
			return
		}
	}
	var missing []string
	for _, step := range steps {
		if !slices.Contains(taken, step.Version) {
			missing = append(missing, fmt.Sprintf("%04d_%s", step.Version, step.Name))
		}
	}
	if len(missing) > 0 {
		e.warn(check, "back up, then run `everdesk migrate`; the next start does the same", "steps to come: %s", strings.Join(missing, ", "))
		return
	}
	e.current = true
	e.ok(check, "%d steps, none missing", len(taken))
}

// writes commits something and takes it back.
func (e *examination) writes(ctx context.Context) {
	if !e.current {
		return
	}
	const check = "writing"
	// Each examination has a name of its own: two at once do not meet.
	name := fmt.Sprintf("doctor/%d", e.Now().UnixNano())
	started := time.Now()
	_, _, err := e.db.Acquire(ctx, name, "doctor", time.Second)
	if err == nil {
		err = e.db.Atomically(ctx, func(ctx context.Context) error {
			_, err := store.Current(ctx).Exec(`DELETE FROM leases WHERE name = $1`, name)
			return err
		})
	}
	took := time.Since(started)
	switch {
	case err != nil:
		e.fail(check, "see that the disk has room, the user may write and the server is no standby: docs/runbooks/disk-full.md", "%v", err)
	case took > time.Second:
		e.warn(check, "look for a slow disk, a full one, or a standby that lags", "two commits took %d ms", took.Milliseconds())
	default:
		e.ok(check, "two commits took %d ms", took.Milliseconds())
	}
}

const (
	skewed      = time.Second
	badlySkewed = 30 * time.Second
)

// clock compares this machine's with the database's, by which leases are timed.
func (e *examination) clock(ctx context.Context) {
	if e.db == nil || e.engine.Name() == "sqlite" {
		return // it is the same clock
	}
	const check = "clock"
	before := e.Now()
	var there int64
	if err := e.one(ctx, []any{&there}, `SELECT `+e.engine.Dialect().Clock); err != nil {
		e.fail(check, "look at the server's log", "%v", err)
		return
	}
	after := e.Now()
	skew := before.Add(after.Sub(before) / 2).Sub(store.Time(there)).Abs()
	switch {
	case skew > badlySkewed:
		e.fail(check, "run an NTP client on both", "this machine's and the database's clock are %s apart", skew.Round(time.Second))
	case skew > skewed:
		e.warn(check, "run an NTP client on both", "this machine's and the database's clock are %s apart", skew.Round(100*time.Millisecond))
	default:
		e.ok(check, "%d ms from the database's", skew.Milliseconds())
	}
}

// farBehind is how late a standby may be.
const farBehind = 10 * time.Second

// standbys looks at who would take over.
func (e *examination) standbys(ctx context.Context) {
	if e.db == nil || e.engine.Name() == "sqlite" {
		return
	}
	const check = "replication"
	var wanted string
	if err := e.one(ctx, []any{&wanted}, `SELECT current_setting('synchronous_standby_names')`); err != nil {
		e.warn(check, "look at the server's log", "%v", err)
		return
	}
	type standby struct {
		name, state, sync string
		lag               int64
	}
	rows, err := e.db.Query(ctx, `SELECT coalesce(application_name, ''), coalesce(state, ''), coalesce(sync_state, ''),
		coalesce(extract(epoch FROM replay_lag) * 1000000, 0)::bigint FROM pg_stat_replication`)
	all, err := store.All(rows, err, func(row store.Row) (s standby, err error) {
		return s, row.Scan(&s.name, &s.state, &s.sync, &s.lag)
	})
	synchronous := 0
	for _, s := range all {
		if s.sync == "sync" || s.sync == "quorum" {
			synchronous++
		}
		if lag := time.Duration(s.lag) * time.Microsecond; lag > farBehind {
			e.warn(check, "look at the standby's disk and network", "standby %s is %s behind", s.name, lag.Round(time.Second))
			return
		}
	}
	switch {
	case err != nil:
		e.warn(check, "grant the user pg_monitor", "%v", err)
	case wanted != "" && synchronous == 0:
		e.fail(check, "bring a standby back; until then commits wait for one", "synchronous standbys are wanted (%s), none is there", wanted)
	case len(all) == 0:
		e.warn(check, "add a standby, or back up often: what was written since the last backup dies with this server", "there is no standby")
	case synchronous == 0:
		e.warn(check, "set synchronous_standby_names: an acknowledged message could be lost with this server", "%d standbys, none synchronous", len(all))
	default:
		e.ok(check, "%d standbys, %d synchronous", len(all), synchronous)
	}
}

// sealed opens something, to tell the desk's keys from others.
func (e *examination) sealed(ctx context.Context) {
	if !e.current || e.ring == nil {
		return
	}
	const check = "sealed values"
	var mail string
	err := e.one(ctx, []any{&mail}, `SELECT mail FROM accounts WHERE mail <> '' ORDER BY id LIMIT 1`)
	if errors.Is(err, store.ErrNoRows) {
		e.ok(check, "there are none yet")
		return
	}
	if err == nil {
		_, err = e.ring.Open(access.SealedMail, mail)
	}
	if err != nil {
		e.fail(check, "bring back the keys.json or EVERDESK_KEYS this database was written with", "these keys do not open them: %v", err)
		return
	}
	e.ok(check, "the keys open them")
}
