package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/backup"
	"everdesk/internal/blob"
	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/sqlite"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// place is a database and a folder of uploads.
type place struct {
	engine   string
	open     func(ctx context.Context) (store.Fillable, error)
	snapshot func(ctx context.Context) (store.Snapshot, error)
	blobs    *blob.Folder
}

func sqlitePlace(t *testing.T) place {
	path := t.TempDir() + "/everdesk.db"
	blobs, err := blob.NewFolder(t.TempDir())
	must(t, err)
	return place{
		"sqlite",
		func(ctx context.Context) (store.Fillable, error) {
			return sqlite.Open(ctx, path, sqlite.Options{Volatile: true})
		},
		func(ctx context.Context) (store.Snapshot, error) { return sqlite.OpenSnapshot(ctx, path) },
		blobs,
	}
}

func postgresPlace(t *testing.T) place {
	url := storetest.EmptyPostgresURL(t)
	blobs, err := blob.NewFolder(t.TempDir())
	must(t, err)
	return place{
		"postgres",
		func(ctx context.Context) (store.Fillable, error) { return postgres.OpenUnhurried(ctx, url) },
		func(ctx context.Context) (store.Snapshot, error) { return postgres.OpenSnapshot(ctx, url) },
		blobs,
	}
}

var places = map[string]func(*testing.T) place{"sqlite": sqlitePlace, "postgres": postgresPlace}

// database opens the place's database with the schema of today.
func (p place) database(t *testing.T) *store.DB {
	t.Helper()
	engine, err := p.open(t.Context())
	must(t, err)
	_, err = store.Migrate(t.Context(), engine)
	must(t, err)
	return storetest.Open(t, engine)
}

// derived is what the engines keep each in its own way.
var derived = []string{"search_texts"}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// take writes a backup into memory.
func (p place) take(t *testing.T) ([]byte, backup.Manifest) {
	t.Helper()
	snapshot, err := p.snapshot(t.Context())
	must(t, err)
	var archive bytes.Buffer
	made, err := backup.Write(t.Context(), &archive, backup.Source{
		Database: snapshot, Engine: p.engine, Blobs: p.blobs, Derived: derived, Version: "test", Probe: "sealed", TakenAt: noon,
		Uploads: func(ctx context.Context, from store.Reader) ([]string, error) {
			rows, err := from.Query(ctx, `SELECT name FROM files ORDER BY id`, nil)
			return store.All(rows, err, func(row store.Row) (name string, err error) { return name, row.Scan(&name) })
		},
	}, nil)
	must(t, errors.Join(err, snapshot.Close()))
	return archive.Bytes(), made
}

// restore fills an empty place.
func (p place) restore(t *testing.T, archive []byte) error {
	t.Helper()
	m, err := backup.Verify(t.Context(), bytes.NewReader(archive), nil)
	must(t, err)
	engine, err := p.open(t.Context())
	must(t, err)
	err = backup.Restore(t.Context(), bytes.NewReader(archive), m, backup.Target{Database: engine, Blobs: p.blobs}, nil)
	must(t, engine.Close())
	return err
}

func (p place) sums(t *testing.T) []backup.TableSum {
	t.Helper()
	snapshot, err := p.snapshot(t.Context())
	must(t, err)
	sums, err := backup.Sums(t.Context(), snapshot, derived, nil)
	must(t, errors.Join(err, snapshot.Close()))
	return sums
}

// write changes several tables in one transaction, so that a backup that mixes
// two moments shows.
func write(t *testing.T, db *store.DB, n int) {
	t.Helper()
	must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
		tx := store.Current(ctx)
		tx.Queue(`INSERT INTO audit_heads(workspace_id, pos, hash) VALUES ($1, $2, $3)`, int64(n), int64(n), fmt.Sprintf("hash %d", n))
		tx.Queue(`INSERT INTO customers(workspace_id, id, name, named, locale, time_zone, tier, attributes, created_at, updated_at)
			VALUES ($1, $2, $3, $4, 'zh-CN', '', '', '{}', 0, 0)`, int64(1), int64(-n), texts[n%len(texts)], n%2 == 0)
		if n == 1 {
			tx.Queue(`INSERT INTO workspaces(id, name, slug, locale, time_zone, created_at) VALUES (1, 'Lanmo', 'lanmo', 'zh-CN', 'UTC', 0)`)
		}
		return nil
	}))
}

var texts = []string{"", "林晓", "a\nb\tc", `"quoted" \ 'text'`, "👩‍👩‍👧", strings.Repeat("long ", 5000)}

func (p place) upload(t *testing.T, db *store.DB, name, content string) {
	t.Helper()
	_, err := p.blobs.Put(t.Context(), name, strings.NewReader(content), 1<<20)
	must(t, err)
	p.mention(t, db, name)
}

func (p place) mention(t *testing.T, db *store.DB, name string) {
	t.Helper()
	must(t, db.Atomically(t.Context(), func(ctx context.Context) error {
		store.Current(ctx).Queue(`INSERT INTO files(workspace_id, id, name, media_type, size, width, height, thumbnail, uploader_kind, uploader_id, created_at)
			VALUES (1, $1, $2, '', 0, 0, 0, '', '', 0, 0)`, db.IDs().Next(), name)
		return nil
	}))
}

// Whatever was taken from one engine while it was written to is the same in the
// other, table by table.
func TestABackupTakenDuringWritesRestoresToTheSameSumsOnAnyEngine(t *testing.T) {
	for from, source := range places {
		for to, target := range places {
			t.Run(from+" to "+to, func(t *testing.T) {
				here, there := source(t), target(t)
				db := here.database(t)
				for n := 1; n <= 200; n++ {
					write(t, db, n)
				}
				here.upload(t, db, "file_one", "the first")
				here.upload(t, db, "file_two", strings.Repeat("second ", 30_000))
				here.mention(t, db, "file_gone")
				stop, begun := make(chan struct{}), make(chan struct{})
				var load sync.WaitGroup
				load.Go(func() {
					for n := 201; ; n++ {
						write(t, db, n)
						if n == 220 {
							close(begun)
						}
						select {
						case <-stop:
							return
						default:
						}
					}
				})
				<-begun
				archive, made := here.take(t)
				close(stop)
				load.Wait()
				must(t, there.restore(t, archive))
				if diff := cmp.Diff(made.Tables, there.sums(t)); diff != "" {
					t.Errorf("the sums differ:\n%s", diff)
				}
				customers, heads := rowsOf(made, "customers"), rowsOf(made, "audit_heads")
				if customers < 220 || customers != heads {
					t.Errorf("%d customers and %d heads: not one moment", customers, heads)
				}
				if want := []string{"file_gone"}; !slices.Equal(made.Missing, want) || len(made.Files) != 2 {
					t.Errorf("missing %v of %d, want %v of 2", made.Missing, len(made.Files), want)
				}
				content, err := there.blobs.Open(t.Context(), "file_two")
				must(t, err)
				text, err := io.ReadAll(content)
				must(t, errors.Join(err, content.Close()))
				if string(text) != strings.Repeat("second ", 30_000) {
					t.Errorf("the upload has %d bytes", len(text))
				}
			})
		}
	}
}

func rowsOf(m backup.Manifest, table string) int64 {
	for _, t := range m.Tables {
		if t.Name == table {
			return t.Rows
		}
	}
	return -1
}

func TestOnlyAnEmptyPlaceIsFilled(t *testing.T) {
	for name, target := range places {
		t.Run(name, func(t *testing.T) {
			here, there := sqlitePlace(t), target(t)
			db := here.database(t)
			write(t, db, 1)
			here.upload(t, db, "file_one", "the first")
			archive, _ := here.take(t)
			used := there.database(t)
			write(t, used, 1)
			before := there.sums(t)
			if err := there.restore(t, archive); !errors.Is(err, backup.ErrNotEmpty) {
				t.Errorf("a place in use was filled: %v", err)
			}
			if diff := cmp.Diff(before, there.sums(t)); diff != "" {
				t.Errorf("the refusal changed something:\n%s", diff)
			}
			empty := target(t)
			_, err := empty.blobs.Put(t.Context(), "file_one", strings.NewReader("another"), 100)
			must(t, err)
			if err := empty.restore(t, archive); !errors.Is(err, backup.ErrNotEmpty) {
				t.Errorf("another upload was replaced: %v", err)
			}
		})
	}
}

// A start makes the schema and little more; that is still an empty place.
func TestAPlaceThatHasOnlyASchemaIsEmpty(t *testing.T) {
	here, there := sqlitePlace(t), sqlitePlace(t)
	write(t, here.database(t), 1)
	archive, made := here.take(t)
	engine, err := there.open(t.Context())
	must(t, err)
	_, err = store.Migrate(t.Context(), engine)
	must(t, errors.Join(err, engine.Close()))
	must(t, there.restore(t, archive))
	if diff := cmp.Diff(made.Tables, there.sums(t)); diff != "" {
		t.Errorf("the sums differ:\n%s", diff)
	}
}

func TestADamagedArchiveIsRefused(t *testing.T) {
	here := sqlitePlace(t)
	db := here.database(t)
	write(t, db, 1)
	here.upload(t, db, "file_one", "the first")
	archive, _ := here.take(t)
	for name, change := range map[string]struct {
		archive []byte
		want    error
	}{
		"a text":                      {[]byte("hello, this is no archive at all"), backup.ErrNotBackup},
		"nothing":                     {nil, backup.ErrNotBackup},
		"another tar":                 {without(t, archive, "everdesk-backup.json"), backup.ErrNotBackup},
		"half of it":                  {archive[:len(archive)/2], backup.ErrDamaged},
		"without its end":             {without(t, archive, "manifest.sha256"), backup.ErrDamaged},
		"without its manifest":        {without(t, archive, "manifest.json"), backup.ErrDamaged},
		"without a table":             {without(t, archive, "tables/customers/000001.gz"), backup.ErrDamaged},
		"without an upload":           {without(t, archive, "files/file_one"), backup.ErrDamaged},
		"a changed upload":            {bytes.Replace(archive, []byte("the first"), []byte("the worst"), 1), backup.ErrDamaged},
		"a changed manifest":          {bytes.Replace(archive, []byte(`"rows": 1`), []byte(`"rows": 9`), 1), backup.ErrDamaged},
		"a format of another version": {bytes.Replace(archive, []byte(backup.Format), []byte("everdesk.backup/9"), 1), backup.ErrNewer},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := backup.Verify(t.Context(), bytes.NewReader(change.archive), nil); !errors.Is(err, change.want) {
				t.Errorf("got %v, want %v", err, change.want)
			}
		})
	}
}

// without copies an archive but for one member.
func without(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	var copied bytes.Buffer
	from, to := tar.NewReader(bytes.NewReader(archive)), tar.NewWriter(&copied)
	found := false
	for {
		header, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		if header.Name == name {
			found = true
			continue
		}
		must(t, to.WriteHeader(header))
		_, err = io.Copy(to, from)
		must(t, err)
	}
	if !found {
		t.Fatalf("the archive has no %s", name)
	}
	must(t, to.Close())
	return copied.Bytes()
}

// FuzzVerify: an archive comes from wherever people keep their copies.
func FuzzVerify(f *testing.F) {
	f.Add([]byte("everdesk-backup.json"))
	var archive bytes.Buffer
	members := tar.NewWriter(&archive)
	head := []byte(`{"format":"everdesk.backup/1"}`)
	if err := members.WriteHeader(&tar.Header{Name: "everdesk-backup.json", Size: int64(len(head))}); err != nil {
		f.Fatal(err)
	}
	if _, err := members.Write(head); err != nil {
		f.Fatal(err)
	}
	f.Add(archive.Bytes())
	f.Fuzz(func(t *testing.T, archive []byte) {
		m, err := backup.Verify(t.Context(), bytes.NewReader(archive), nil)
		if err == nil && m.Format != backup.Format {
			t.Errorf("an archive of format %q was taken", m.Format)
		}
	})
}
