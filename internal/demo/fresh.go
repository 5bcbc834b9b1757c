package demo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// mark is the file that says that a directory holds a demo and nothing else.
const mark = "demo"

const markText = "This directory holds the data of `everdesk demo`. `everdesk demo --fresh` deletes its database, keys and uploads.\n"

// owned are what a node keeps in its data directory.
var owned = []string{"everdesk.db", "everdesk.db-wal", "everdesk.db-shm", "keys.json", "files", "backoffice.json"}

// Claim marks a data directory as a demo's. It refuses one that holds a desk of
// its own.
func Claim(data string) error {
	if _, err := os.Stat(filepath.Join(data, mark)); err == nil {
		return nil
	}
	for _, name := range owned {
		if _, err := os.Lstat(filepath.Join(data, name)); err == nil {
			return fmt.Errorf("%s: %w", data, ErrForeign)
		}
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	return os.WriteFile(filepath.Join(data, mark), []byte(markText), 0o600)
}

// Clear deletes the demo's data from a directory that Claim has marked, so that
// the next start fills it anew. Other files stay. A directory that is not a
// demo's is refused; one that does not exist is clear.
func Clear(data string) error {
	if _, err := os.Stat(data); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := Claim(data); err != nil {
		return err
	}
	for _, name := range owned {
		if err := os.RemoveAll(filepath.Join(data, name)); err != nil {
			return fmt.Errorf("deleting the demo's data: %w", err)
		}
	}
	return nil
}
