package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"everdesk/internal/backup"
	"everdesk/internal/blob"
	"everdesk/internal/config"
	"everdesk/internal/id"
	"everdesk/internal/seal"
	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/sqlite"
)

// probePurpose and probeWord make the sealed word by which a backup's keys are
// told from others.
const (
	probePurpose = "backup.probe"
	probeWord    = "everdesk"
)

// derived are tables that are made of others and differ between the engines: the
// index of what was said. remade has it filled again at the first start.
var (
	derived = []string{"search_texts"}
	remade  = []string{`UPDATE search_workspaces SET version = 0`}
)

// ErrNoKeys says that the place has no keys yet.
var ErrNoKeys = errors.New("there are no keys: neither EVERDESK_KEYS nor keys.json in the data directory")

// What commands see of backups.
type (
	// Progress says how far long work has come.
	Progress = backup.Progress
	// TableSum is a table's content.
	TableSum = backup.TableSum
)

// Kept is a backup that has been written or read.
type Kept struct {
	backup.Manifest
	Path string
	Size int64
}

// Backup writes the desk as it is now into a new file, reads it back and returns
// what it holds. A directory gets a file named by the time. The desk may run
// meanwhile.
func Backup(ctx context.Context, node config.Node, version, to string, report backup.Report) (kept Kept, err error) {
	ring, err := existingKeys(node)
	if err != nil {
		return kept, err
	}
	blobs, err := OpenBlobs(node)
	if err != nil {
		return kept, err
	}
	snapshot, engine, err := openSnapshot(ctx, node)
	if err != nil {
		return kept, err
	}
	at := time.Now().UTC()
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		to = filepath.Join(to, "everdesk-"+at.Format("20060102T150405Z")+".tar")
	}
	if _, err := os.Lstat(to); err == nil {
		return kept, fmt.Errorf("%s is there already", to)
	}
	kept.Path = to
	err = writeWhole(to, func(file *os.File) error {
		made, err := backup.Write(ctx, file, backup.Source{
			Database: snapshot, Engine: engine, Blobs: blobs, Uploads: uploadsOf, Derived: derived, Version: version,
			Probe: ring.Seal(probePurpose, probeWord), TakenAt: at,
		}, report)
		if err != nil {
			return err
		}
		if _, err := file.Seek(0, 0); err != nil {
			return err
		}
		kept.Manifest, err = backup.Verify(ctx, file, report)
		if err == nil && len(kept.Files) != len(made.Files) {
			err = backup.ErrDamaged
		}
		return err
	})
	if err != nil {
		return kept, err
	}
	info, err := os.Stat(to)
	if err == nil {
		kept.Size = info.Size()
	}
	return kept, err
}

// writeWhole makes a file that is there whole or not at all.
func writeWhole(path string, write func(*os.File) error) (err error) {
	beside := path + ".partial"
	file, err := os.OpenFile(beside, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	if err := os.Rename(beside, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func openSnapshot(ctx context.Context, node config.Node) (store.Snapshot, string, error) {
	if node.DB != "" {
		snapshot, err := postgres.OpenSnapshot(ctx, node.DB)
		return snapshot, "postgres", err
	}
	snapshot, err := sqlite.OpenSnapshot(ctx, node.Database())
	return snapshot, "sqlite", err
}

// uploadsOf names the blobs that the database mentions.
func uploadsOf(ctx context.Context, from store.Reader) ([]string, error) {
	var names []string
	rows, err := from.Query(ctx, `SELECT id, thumbnail FROM files ORDER BY id`, nil)
	_, err = store.All(rows, err, func(row store.Row) (struct{}, error) {
		var file id.File
		var thumbnail string
		if err := row.Scan(&file, &thumbnail); err != nil {
			return struct{}{}, err
		}
		names = append(names, file.String())
		if thumbnail != "" {
			names = append(names, file.String()+smallSuffix)
		}
		return struct{}{}, nil
	})
	return names, err
}

// existingKeys is openKeys for commands that must not make new ones.
func existingKeys(node config.Node) (*seal.Ring, error) {
	if text := os.Getenv("EVERDESK_KEYS"); text != "" {
		return seal.Parse(text)
	}
	path := filepath.Join(node.Data, keysFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoKeys
	}
	return seal.Load(path)
}

// OpenBlobs opens what keeps the uploads.
func OpenBlobs(node config.Node) (blob.Store, error) {
	if node.Blobs == "" {
		return blob.NewFolder(filepath.Join(node.Data, "files"))
	}
	bucket, err := blob.NewBucket(node.Blobs, os.Getenv("EVERDESK_S3_KEY"), os.Getenv("EVERDESK_S3_SECRET"))
	if err != nil {
		return nil, fmt.Errorf("--blobs: %w", err)
	}
	return bucket, nil
}

// CheckBackup reads a backup from its beginning to its end.
func CheckBackup(ctx context.Context, from string, report backup.Report) (Kept, error) {
	file, err := os.Open(from)
	if err != nil {
		return Kept{}, err
	}
	m, err := backup.Verify(ctx, file, report)
	if err == nil {
		err = backup.Check(m)
	}
	size, seek := file.Seek(0, 2)
	return Kept{m, from, size}, errors.Join(err, seek, file.Close())
}

// Restore fills the empty place that the settings name. keyless lets it go on
// where the keys of the backup are not; nothing that was sealed can be read
// until they are.
func Restore(ctx context.Context, node config.Node, from string, keyless bool, report backup.Report) (Kept, error) {
	kept, err := CheckBackup(ctx, from, report)
	if err != nil {
		return kept, err
	}
	if err := checkKeys(node, kept.Probe, keyless); err != nil {
		return kept, err
	}
	file, err := os.Open(from)
	if err != nil {
		return kept, err
	}
	if node.DB != "" {
		err = restorePostgres(ctx, node, file, kept.Manifest, report)
	} else {
		err = restoreSQLite(ctx, node, file, kept.Manifest, report)
	}
	return kept, errors.Join(err, file.Close())
}

func checkKeys(node config.Node, probe string, keyless bool) error {
	ring, err := existingKeys(node)
	if errors.Is(err, ErrNoKeys) && keyless {
		return nil
	}
	if errors.Is(err, ErrNoKeys) {
		return fmt.Errorf("%w: put the keys.json of the desk that was backed up there first, or give --without-keys", err)
	}
	if err != nil {
		return err
	}
	if word, err := ring.Open(probePurpose, probe); err != nil || word != probeWord {
		return backup.ErrKeys
	}
	return nil
}

func restorePostgres(ctx context.Context, node config.Node, file *os.File, m backup.Manifest, report backup.Report) error {
	blobs, err := OpenBlobs(node)
	if err != nil {
		return err
	}
	engine, err := postgres.OpenUnhurried(ctx, node.DB)
	if err != nil {
		return err
	}
	// Without ANALYZE the first queries are planned for empty tables.
	err = backup.Restore(ctx, file, m, backup.Target{Database: engine, Blobs: blobs, Afterwards: append(slices.Clone(remade), "ANALYZE")}, report)
	return errors.Join(err, engine.Close())
}

// restoreSQLite fills a file beside and puts it in place when it is whole.
func restoreSQLite(ctx context.Context, node config.Node, file *os.File, m backup.Manifest, report backup.Report) (err error) {
	final := node.Database()
	for _, name := range []string{final, final + "-wal"} {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%w: %s", backup.ErrNotEmpty, name)
		}
	}
	if err := os.MkdirAll(node.Data, 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	blobs, err := OpenBlobs(node)
	if err != nil {
		return err
	}
	beside := final + ".restoring"
	clean := func() (err error) {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if gone := os.Remove(beside + suffix); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
		return err
	}
	if err := clean(); err != nil {
		return err
	}
	engine, err := sqlite.Open(ctx, beside, sqlite.Options{Volatile: true})
	if err != nil {
		return err
	}
	err = backup.Restore(ctx, file, m, backup.Target{Database: engine, Blobs: blobs, Afterwards: remade}, report)
	if err == nil {
		err = engine.Fold(ctx)
	}
	if err = errors.Join(err, engine.Close()); err != nil {
		return errors.Join(err, clean())
	}
	if err := syncFile(beside); err != nil {
		return err
	}
	if err := os.Rename(beside, final); err != nil {
		return err
	}
	return errors.Join(clean(), syncFolder(filepath.Dir(final)))
}

func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
