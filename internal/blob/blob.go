// Package blob keeps uploads: bytes under a name, apart from the database that
// says what they are.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"everdesk/internal/fault"
)

// ErrTooLarge carries the fact "limit" in MiB.
var ErrTooLarge = fault.New(fault.Invalid, "file.too_large")

// Store keeps bytes under names of our own making. A name is written once.
type Store interface {
	// Put keeps what r gives, at most limit bytes, durably before it returns.
	Put(ctx context.Context, name string, r io.Reader, limit int64) (size int64, err error)
	// Open returns fault.ErrNotFound for an unknown name.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Delete is harmless when repeated.
	Delete(ctx context.Context, name string) error
}

// Folder keeps blobs as files, spread over 256 directories.
type Folder struct{ root string }

// NewFolder returns the store in a directory, which is made if need be.
func NewFolder(root string) (*Folder, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of uploads: %w", err)
	}
	return &Folder{root}, nil
}

// place is where a name lives; names are ids, so their tail is spread evenly.
func (f *Folder) place(name string) (string, error) {
	if !filepath.IsLocal(name) || filepath.Base(name) != name || len(name) < 3 {
		return "", fault.ErrNotFound
	}
	return filepath.Join(f.root, name[len(name)-2:], name), nil
}

// Put writes beside, syncs and renames, so that a name is whole or not there.
func (f *Folder) Put(ctx context.Context, name string, r io.Reader, limit int64) (size int64, err error) {
	place, err := f.place(name)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
		return 0, failure(err)
	}
	beside, err := os.CreateTemp(filepath.Dir(place), ".new-*")
	if err != nil {
		return 0, failure(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(beside.Name()))
		}
	}()
	size, err = io.Copy(beside, io.LimitReader(r, limit+1))
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = beside.Sync()
	}
	if end := beside.Close(); err == nil {
		err = end
	}
	switch {
	case err != nil:
		return 0, failure(err)
	case size > limit:
		return 0, ErrTooLarge.With("limit", fmt.Sprint(limit>>20))
	}
	return size, os.Rename(beside.Name(), place)
}

// failure tells a full disk from a broken one.
func failure(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.ErrFull.Because(err)
	}
	return fault.ErrUnavailable.Because(err)
}

// Open opens a blob for reading.
func (f *Folder) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	place, err := f.place(name)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(place)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.ErrNotFound
	}
	return file, err
}

// Delete removes a blob.
func (f *Folder) Delete(_ context.Context, name string) error {
	place, err := f.place(name)
	if err != nil {
		return err
	}
	if err := os.Remove(place); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
