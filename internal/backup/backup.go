// Package backup writes a whole desk, database and uploads as they were at one
// moment, into one file, and fills an empty place from it.
//
// The file is a tar archive that depends on neither engine: what was taken from
// SQLite can be restored to PostgreSQL. Its members are, in this order,
//
//	everdesk-backup.json        what it is and when it was taken
//	tables/<name>/000001.gz     rows, in the order of the primary key
//	files/<name>                uploads
//	manifest.json               rows and SHA-256 of each table and upload
//	manifest.sha256             the manifest's own
//
// A file without its end is refused. Sealed values stay sealed: the keys are not
// in it.
package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"everdesk/internal/store"
)

// Format names this version of the archive.
const Format = "everdesk.backup/1"

// What can be wrong with an archive or the place it shall go to.
var (
	ErrNotBackup = errors.New("this is no backup of a desk")
	ErrDamaged   = errors.New("the backup is damaged")
	ErrNewer     = errors.New("the backup was taken by a newer version: restore it with that one")
	ErrNotEmpty  = errors.New("there is a desk in this place already: restore into an empty one")
	ErrKeys      = errors.New("these keys do not open what the backup holds")
)

// Head says what the archive is.
type Head struct {
	Format string `json:"format"`
	// Version is that of the binary that took it, Engine what it read from.
	Version string    `json:"version"`
	Engine  string    `json:"engine"`
	TakenAt time.Time `json:"taken_at"`
	// Schema are the numbers of the migrations the database had taken.
	Schema []int64 `json:"schema"`
	// Probe is a word sealed with the desk's keys, to tell them from others.
	Probe string `json:"probe"`
}

// Manifest lists what is in the archive.
type Manifest struct {
	Head
	Tables []TableSum `json:"tables"`
	Files  []FileSum  `json:"files"`
	// Derived are the tables left out because they are made of others. A desk
	// makes them again after it was restored.
	Derived []string `json:"derived,omitempty"`
	// Missing are uploads that the database mentions but the store does not have.
	Missing []string `json:"missing,omitempty"`
}

// TableSum is a table's content. Equal content has an equal sum, whichever
// engine it is in.
type TableSum struct {
	store.Table
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// FileSum is an upload's content.
type FileSum struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Rows is how many rows all tables have.
func (m Manifest) Rows() (n int64) {
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// Bytes is how large all uploads are.
func (m Manifest) Bytes() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// Progress says how far long work has come.
type Progress struct {
	// Doing is "reading", "verifying" or "filling".
	Doing string
	// What is the table, or "files".
	What string
	// Done counts rows of the table, or uploads.
	Done int64
}

// Report takes progress; nil takes none.
type Report func(Progress)

func (r Report) say(doing, what string, done int64) {
	if r != nil {
		r(Progress{doing, what, done})
	}
}

// Sums reads a database and returns what its tables hold, but for the derived.
func Sums(ctx context.Context, from store.Reader, derived []string, report Report) ([]TableSum, error) {
	tables, err := tablesOf(ctx, from, derived)
	if err != nil {
		return nil, err
	}
	sums := make([]TableSum, len(tables))
	for i, table := range tables {
		if sums[i], err = read(ctx, from, table, report, "verifying", func([]byte) error { return nil }); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// tablesOf describes the tables to be kept. What they hold must have the same
// meaning on both engines.
func tablesOf(ctx context.Context, from store.Reader, derived []string) ([]store.Table, error) {
	all, err := from.Tables(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(t store.Table) bool { return slices.Contains(derived, t.Name) })
	for _, table := range all {
		for _, column := range table.Columns {
			if column.Kind == "" {
				return nil, fmt.Errorf("the column %s.%s is of a type that cannot be kept", table.Name, column.Name)
			}
		}
	}
	return all, nil
}
