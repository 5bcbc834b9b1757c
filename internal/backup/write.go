package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"everdesk/internal/blob"
	"everdesk/internal/fault"
	"everdesk/internal/store"
)

const (
	headName     = "everdesk-backup.json"
	manifestName = "manifest.json"
	sumName      = "manifest.sha256"
	tablePrefix  = "tables/"
	filePrefix   = "files/"
)

// chunkSize is about how many bytes of rows are packed together: what has to fit
// into memory.
const chunkSize = 4 << 20

// Source is what a backup is taken of.
type Source struct {
	// Database as it is at the moment to be kept.
	Database store.Snapshot
	Engine   string
	Blobs    blob.Store
	// Uploads returns the names of all blobs that the database mentions.
	Uploads func(ctx context.Context, from store.Reader) ([]string, error)
	// Derived are tables made of others, which are left out.
	Derived []string
	Version string
	Probe   string
	TakenAt time.Time
}

// Write writes an archive. What it returns says what is in it.
func Write(ctx context.Context, to io.Writer, from Source, report Report) (Manifest, error) {
	w := &writer{tar: tar.NewWriter(to), at: from.TakenAt, report: report}
	schema, err := schemaOf(ctx, from.Database)
	if err != nil {
		return w.made, err
	}
	w.made.Head = Head{
		Format: Format, Version: from.Version, Engine: from.Engine, TakenAt: from.TakenAt.UTC(), Schema: schema, Probe: from.Probe,
	}
	if err := w.json(headName, w.made.Head); err != nil {
		return w.made, err
	}
	w.made.Derived = from.Derived
	tables, err := tablesOf(ctx, from.Database, from.Derived)
	if err != nil {
		return w.made, err
	}
	for _, table := range tables {
		if err := w.table(ctx, from.Database, table); err != nil {
			return w.made, err
		}
	}
	names, err := from.Uploads(ctx, from.Database)
	if err != nil {
		return w.made, err
	}
	if err := w.files(ctx, from.Blobs, names); err != nil {
		return w.made, err
	}
	return w.made, w.end()
}

// schemaOf returns the migrations a database has taken.
func schemaOf(ctx context.Context, from store.Reader) ([]int64, error) {
	rows, err := from.Query(ctx, `SELECT version FROM schema_migrations ORDER BY version`, nil)
	return store.All(rows, err, func(row store.Row) (version int64, err error) { return version, row.Scan(&version) })
}

type writer struct {
	tar    *tar.Writer
	at     time.Time
	made   Manifest
	report Report
}

func (w *writer) member(name string, size int64) error {
	return w.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: w.at, Format: tar.FormatPAX})
}

func (w *writer) whole(name string, content []byte) error {
	if err := w.member(name, int64(len(content))); err != nil {
		return err
	}
	_, err := w.tar.Write(content)
	return err
}

func (w *writer) json(name string, v any) error {
	content, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return w.whole(name, append(content, '\n'))
}

// table packs rows into members of known size.
func (w *writer) table(ctx context.Context, from store.Reader, table store.Table) error {
	var packed bytes.Buffer
	packer, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return err
	}
	pending, chunks := 0, 0
	flush := func() error {
		if err := packer.Close(); err != nil {
			return err
		}
		chunks++
		err := w.whole(fmt.Sprintf("%s%s/%06d.gz", tablePrefix, table.Name, chunks), packed.Bytes())
		packed.Reset()
		packer.Reset(&packed)
		pending = 0
		return err
	}
	sum, err := read(ctx, from, table, w.report, "reading", func(row []byte) error {
		if _, err := packer.Write(row); err != nil {
			return err
		}
		if pending += len(row); pending < chunkSize {
			return nil
		}
		return flush()
	})
	if err == nil && pending > 0 {
		err = flush()
	}
	w.made.Tables = append(w.made.Tables, sum)
	return err
}

// files copies the uploads. One that is gone is noted: the rest is worth keeping.
func (w *writer) files(ctx context.Context, from blob.Store, names []string) error {
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		sum, err := w.file(ctx, from, name)
		switch {
		case errors.Is(err, fault.ErrNotFound):
			w.made.Missing = append(w.made.Missing, name)
		case err != nil:
			return fmt.Errorf("upload %s: %w", name, err)
		default:
			w.made.Files = append(w.made.Files, sum)
		}
		if i%100 == 99 || i == len(names)-1 {
			w.report.say("reading", "files", int64(i+1))
		}
	}
	return nil
}

func (w *writer) file(ctx context.Context, from blob.Store, name string) (sum FileSum, err error) {
	content, err := from.Open(ctx, name)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	size, err := content.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = content.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = w.member(filePrefix+name, size)
	}
	if err != nil {
		return sum, err
	}
	hash := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(w.tar, hash), content, size); err != nil {
		return sum, err
	}
	return FileSum{name, size, hex.EncodeToString(hash.Sum(nil))}, nil
}

// end writes the manifest and its sum.
func (w *writer) end() error {
	content, err := json.MarshalIndent(w.made, "", " ")
	if err != nil {
		return err
	}
	if err := w.whole(manifestName, content); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	if err := w.whole(sumName, []byte(hex.EncodeToString(sum[:])+"\n")); err != nil {
		return err
	}
	return w.tar.Close()
}
