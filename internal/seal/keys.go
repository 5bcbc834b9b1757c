package seal

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

const keySize = 32

// keyFile is what keys.json holds. The last key is the newest.
type keyFile struct {
	Keys []key `json:"keys"`
	// Index makes blind indexes. It is not rotated with the others: a new one
	// would make everything unfindable until it is indexed again.
	Index []byte `json:"index"`
}

type key struct {
	ID     string `json:"id"`
	Secret []byte `json:"secret"`
}

// Parse reads a ring from the text of a key file, for EVERDESK_KEYS.
func Parse(text string) (*Ring, error) {
	file, err := parse([]byte(text))
	if err != nil {
		return nil, err
	}
	return newRing(file)
}

// parse never quotes what it cannot read: it would be a secret.
func parse(text []byte) (file keyFile, err error) {
	if json.Unmarshal(text, &file) != nil {
		return file, errors.New("seal: the keys are not the JSON of a key file")
	}
	return file, nil
}

// Load reads the ring in the file, which only its owner may read, and makes it
// with fresh keys on the first start.
func Load(path string) (*Ring, error) {
	file, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		file = keyFile{Keys: []key{{ID: "k1", Secret: random()}}, Index: random()}
		err = write(path, file, os.Link)
		if errors.Is(err, fs.ErrExist) {
			// Another process made it first; its keys count.
			file, err = read(path)
		}
	}
	if err != nil {
		return nil, err
	}
	return newRing(file)
}

// Rotate adds a key to the file and returns the ring that seals with it. What
// was sealed before still opens.
func Rotate(path string) (*Ring, error) {
	file, err := read(path)
	if err != nil {
		return nil, err
	}
	if _, err := newRing(file); err != nil {
		return nil, err
	}
	file.Keys = append(file.Keys, key{ID: nextID(file.Keys), Secret: random()})
	if err := write(path, file, os.Rename); err != nil {
		return nil, err
	}
	return newRing(file)
}

func nextID(keys []key) string {
	used := map[string]bool{}
	for _, k := range keys {
		used[k.ID] = true
	}
	for n := len(keys) + 1; ; n++ {
		if name := "k" + strconv.Itoa(n); !used[name] {
			return name
		}
	}
}

func random() []byte {
	secret := make([]byte, keySize)
	rand.Read(secret)
	return secret
}

func read(path string) (keyFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return keyFile{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return keyFile{}, fmt.Errorf("seal: %s may be read by others than its owner: chmod 600 it", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return keyFile{}, err
	}
	return parse(text)
}

// write puts the whole file in place at once, synced: half a key file would
// lose everything sealed. place is os.Rename, or os.Link to lose against a file
// that is there already.
func write(path string, file keyFile, place func(old, new string) error) (err error) {
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".keys-*")
	if err != nil {
		return err
	}
	defer func() {
		// After a rename there is nothing left to remove.
		if gone := os.Remove(temp.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	_, err = temp.Write(append(text, '\n'))
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return place(temp.Name(), path)
}
