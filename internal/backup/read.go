package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"strings"
)

// largestManifest bounds what is read into memory: a million uploads.
const largestManifest = 256 << 20

// Verify reads a whole archive and returns its manifest if everything in it is
// as the manifest says.
func Verify(ctx context.Context, from io.Reader, report Report) (Manifest, error) {
	v := &verifier{tables: map[string]hash.Hash{}, files: map[string]FileSum{}, report: report}
	members := tar.NewReader(from)
	for {
		header, err := members.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = v.member(header.Name, header.Size, members)
		}
		if err != nil {
			return Manifest{}, v.explain(err)
		}
	}
	return v.end()
}

type verifier struct {
	head     Head
	begun    bool
	tables   map[string]hash.Hash
	files    map[string]FileSum
	manifest []byte
	sum      string
	report   Report
}

// explain tells a file of another kind from one of ours that is broken.
func (v *verifier) explain(err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, ErrNotBackup), errors.Is(err, ErrDamaged), errors.Is(err, ErrNewer):
		return err
	case !v.begun:
		return fmt.Errorf("%w: %w", ErrNotBackup, err)
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

func (v *verifier) member(name string, size int64, content io.Reader) error {
	if !v.begun {
		if name != headName {
			return ErrNotBackup
		}
		v.begun = true
		return v.readHead(content)
	}
	if v.manifest != nil && name != sumName {
		return fmt.Errorf("%w: %s follows its end", ErrDamaged, name)
	}
	switch {
	case name == manifestName:
		text, err := io.ReadAll(io.LimitReader(content, largestManifest))
		v.manifest = text
		return err
	case name == sumName:
		text, err := io.ReadAll(io.LimitReader(content, 100))
		v.sum = strings.TrimSpace(string(text))
		return err
	case strings.HasPrefix(name, tablePrefix):
		return v.readTable(path.Base(path.Dir(name)), content)
	case strings.HasPrefix(name, filePrefix):
		sum := sha256.New()
		if _, err := io.Copy(sum, content); err != nil {
			return err
		}
		v.files[path.Base(name)] = FileSum{path.Base(name), size, hex.EncodeToString(sum.Sum(nil))}
		if len(v.files)%100 == 0 {
			v.report.say("verifying", "files", int64(len(v.files)))
		}
		return nil
	}
	return fmt.Errorf("%w: %s is unknown", ErrDamaged, name)
}

func (v *verifier) readHead(content io.Reader) error {
	if err := json.NewDecoder(io.LimitReader(content, 1<<20)).Decode(&v.head); err != nil {
		return fmt.Errorf("%w: %w", ErrNotBackup, err)
	}
	if name, _, _ := strings.Cut(v.head.Format, "/"); name != "everdesk.backup" {
		return ErrNotBackup
	}
	if v.head.Format != Format {
		return ErrNewer
	}
	return nil
}

func (v *verifier) readTable(name string, content io.Reader) error {
	sum := v.tables[name]
	if sum == nil {
		sum = sha256.New()
		v.tables[name] = sum
		v.report.say("verifying", name, 0)
	}
	plain, err := gzip.NewReader(content)
	if err != nil {
		return err
	}
	_, err = io.Copy(sum, plain)
	return err
}

func (v *verifier) end() (m Manifest, err error) {
	if !v.begun {
		return m, ErrNotBackup
	}
	if v.sum == "" {
		return m, fmt.Errorf("%w: its end is missing", ErrDamaged)
	}
	if sum := sha256.Sum256(v.manifest); hex.EncodeToString(sum[:]) != v.sum {
		return m, fmt.Errorf("%w: the manifest does not fit its checksum", ErrDamaged)
	}
	if err := json.Unmarshal(v.manifest, &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for _, table := range m.Tables {
		sum := v.tables[table.Name]
		if sum == nil {
			sum = sha256.New()
		}
		if hex.EncodeToString(sum.Sum(nil)) != table.SHA256 {
			return m, fmt.Errorf("%w: table %s does not fit its checksum", ErrDamaged, table.Name)
		}
		delete(v.tables, table.Name)
	}
	for _, file := range m.Files {
		if v.files[file.Name] != file {
			return m, fmt.Errorf("%w: upload %s does not fit its checksum", ErrDamaged, file.Name)
		}
		delete(v.files, file.Name)
	}
	if len(v.tables)+len(v.files) > 0 {
		return m, fmt.Errorf("%w: it holds more than it says", ErrDamaged)
	}
	return m, nil
}

// rowReader reads the rows of one table over all of its members.
type rowReader struct {
	members *tar.Reader
	current *tar.Header
	plain   *bufio.Reader
}

// next moves to the next member of the archive.
func (r *rowReader) next() (err error) {
	r.plain = nil
	r.current, err = r.members.Next()
	return err
}

// of reports whether the member holds rows of a table.
func (r *rowReader) of(table string) bool {
	return r.current != nil && path.Dir(r.current.Name) == tablePrefix+table
}

// row fills values with the next row of the table, or returns io.EOF.
func (r *rowReader) row(table string, values []any) error {
	for {
		if !r.of(table) {
			return io.EOF
		}
		if r.plain == nil {
			unpacked, err := gzip.NewReader(r.members)
			if err != nil {
				return err
			}
			r.plain = bufio.NewReaderSize(unpacked, 64<<10)
		}
		first, err := readValue(r.plain)
		if errors.Is(err, io.EOF) {
			if err := r.next(); err != nil {
				return whole(err)
			}
			continue
		}
		if err != nil {
			return err
		}
		values[0] = first
		for i := 1; i < len(values); i++ {
			if values[i], err = readValue(r.plain); err != nil {
				return whole(err)
			}
		}
		return nil
	}
}
