package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"everdesk/internal/blob"
	"everdesk/internal/fault"
	"everdesk/internal/store"
)

// Target is an empty place.
type Target struct {
	Database store.Fillable
	Blobs    blob.Store
	// Afterwards are statements that have derived tables made again. They run
	// with the schema of today, on what has been verified.
	Afterwards []string
}

// Check reports whether a binary can restore what the manifest says.
func Check(m Manifest) error {
	known, err := store.MigrationFiles()
	if err != nil {
		return err
	}
	for _, version := range m.Schema {
		if !known[version] {
			return ErrNewer
		}
	}
	return nil
}

// Restore fills the target from an archive that Verify has found whole, reads
// everything back and keeps it only if it is the same. Uploads come before the
// rows that mention them. Afterwards the schema is brought up to date.
func Restore(ctx context.Context, archive io.ReadSeeker, m Manifest, to Target, report Report) error {
	if err := Check(m); err != nil {
		return err
	}
	if err := within(ctx, to.Database, func(filler store.Filler) error { return empty(ctx, filler, m) }); err != nil {
		return err
	}
	if err := restoreFiles(ctx, archive, m, to.Blobs, report); err != nil {
		return err
	}
	if _, err := store.MigrateOnly(ctx, to.Database, func(version int64) bool { return slices.Contains(m.Schema, version) }); err != nil {
		return err
	}
	if err := within(ctx, to.Database, func(filler store.Filler) error {
		if err := empty(ctx, filler, m); err != nil {
			return err
		}
		return fill(ctx, archive, m, filler, report)
	}); err != nil {
		return err
	}
	if _, err := store.Migrate(ctx, to.Database); err != nil {
		return err
	}
	return afterwards(ctx, to.Database, to.Afterwards)
}

func afterwards(ctx context.Context, database store.Engine, statements []string) error {
	tx, err := database.Begin(ctx)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, nil, statement, nil); err != nil {
			return errors.Join(err, tx.Rollback(ctx))
		}
	}
	return tx.Commit(ctx)
}

// within runs fn in a transaction, and keeps it unless fn returns an error.
func within(ctx context.Context, database store.Fillable, fn func(store.Filler) error) error {
	filler, err := database.Fill(ctx)
	if err != nil {
		return err
	}
	if err := fn(filler); err != nil {
		return errors.Join(err, filler.Rollback(context.WithoutCancel(ctx)))
	}
	return filler.Commit(ctx)
}

func restoreFiles(ctx context.Context, archive io.ReadSeeker, m Manifest, to blob.Store, report Report) error {
	sums := make(map[string]FileSum, len(m.Files))
	for _, file := range m.Files {
		sums[file.Name] = file
	}
	var done int64
	return eachMember(archive, func(header *tar.Header, content io.Reader) error {
		name, ok := strings.CutPrefix(header.Name, filePrefix)
		if !ok {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := restoreFile(ctx, to, sums[name], content); err != nil {
			return fmt.Errorf("upload %s: %w", name, err)
		}
		if done++; done%100 == 0 || done == int64(len(sums)) {
			report.say("filling", "files", done)
		}
		return nil
	})
}

// restoreFile keeps an upload that is there already, if it is the same: the
// folder or bucket may have outlived the database.
func restoreFile(ctx context.Context, to blob.Store, want FileSum, content io.Reader) error {
	found, err := blobSum(ctx, to, want.Name)
	switch {
	case err == nil && found == want:
		return nil
	case err == nil:
		return fmt.Errorf("%w: another file has this name", ErrNotEmpty)
	case !errors.Is(err, fault.ErrNotFound):
		return err
	}
	if _, err := to.Put(ctx, want.Name, content, want.Size); err != nil {
		return err
	}
	if found, err = blobSum(ctx, to, want.Name); err != nil {
		return err
	}
	if found != want {
		return fmt.Errorf("%w: it reads back differently", ErrDamaged)
	}
	return nil
}

func blobSum(ctx context.Context, from blob.Store, name string) (sum FileSum, err error) {
	content, err := from.Open(ctx, name)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	hash := sha256.New()
	size, err := io.Copy(hash, content)
	return FileSum{name, size, hex.EncodeToString(hash.Sum(nil))}, err
}

// fill puts all rows in and reads them back within the same transaction.
func fill(ctx context.Context, archive io.ReadSeeker, m Manifest, filler store.Filler, report Report) error {
	there, err := filler.Tables(ctx)
	if err != nil {
		return err
	}
	if err := fits(m, there); err != nil {
		return err
	}
	for _, table := range there {
		if err := filler.Clear(ctx, table.Name); err != nil {
			return err
		}
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return err
	}
	rows := &rowReader{members: tar.NewReader(archive)}
	for _, table := range m.Tables {
		if table.Rows == 0 {
			continue
		}
		for !rows.of(table.Name) {
			if err := rows.next(); err != nil {
				return fmt.Errorf("looking for table %s: %w", table.Name, whole(err))
			}
		}
		if err := fillTable(ctx, rows, table, filler, report); err != nil {
			return err
		}
	}
	for _, table := range m.Tables {
		found, err := read(ctx, filler, table.Table, report, "verifying", func([]byte) error { return nil })
		if err != nil {
			return err
		}
		if found.Rows != table.Rows || found.SHA256 != table.SHA256 {
			return fmt.Errorf("%w: table %s reads back differently", ErrDamaged, table.Name)
		}
	}
	return nil
}

func fillTable(ctx context.Context, from *rowReader, table TableSum, filler store.Filler, report Report) error {
	names := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		names[i] = column.Name
	}
	values := make([]any, len(names))
	var done int64
	return filler.Fill(ctx, table.Name, names, func() ([]any, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := from.row(table.Name, values)
		if err == nil {
			done++
		}
		if done%reportRows == 0 || err != nil {
			report.say("filling", table.Name, done)
		}
		return values, err
	})
}

// fits reports whether every column of the backup has its place.
func fits(m Manifest, there []store.Table) error {
	for _, table := range m.Tables {
		i := slices.IndexFunc(there, func(t store.Table) bool { return t.Name == table.Name })
		if i < 0 {
			return fmt.Errorf("%w: there is no table %s", ErrNewer, table.Name)
		}
		for _, column := range table.Columns {
			if found, ok := there[i].Column(column.Name); !ok || found.Kind != column.Kind {
				return fmt.Errorf("%w: there is no column %s.%s of %s", ErrNewer, table.Name, column.Name, column.Kind)
			}
		}
	}
	return nil
}

// empty refuses a database that somebody uses: one with a workspace or an
// account, or with a schema the backup does not have. What the first start alone
// puts into one does not count.
func empty(ctx context.Context, filler store.Filler, m Manifest) error {
	tables, err := filler.Tables(ctx)
	if err != nil {
		return err
	}
	for _, table := range tables {
		switch table.Name {
		case "workspaces", "accounts":
			var one int64
			rows, err := filler.Query(ctx, `SELECT 1 FROM `+table.Name+` LIMIT 1`, nil)
			switch err := store.One(rows, err, &one); {
			case err == nil:
				return ErrNotEmpty
			case !errors.Is(err, store.ErrNoRows):
				return err
			}
		case "schema_migrations":
			taken, err := schemaOf(ctx, filler)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(taken, func(version int64) bool { return !slices.Contains(m.Schema, version) }) {
				return fmt.Errorf("%w: its schema is newer than the backup's", ErrNotEmpty)
			}
		}
	}
	return nil
}

func eachMember(archive io.ReadSeeker, fn func(*tar.Header, io.Reader) error) error {
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return err
	}
	members := tar.NewReader(archive)
	for {
		header, err := members.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = fn(header, members)
		}
		if err != nil {
			return err
		}
	}
}
