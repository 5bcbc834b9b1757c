package knowledge

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// ReadPack reads a pack's questions (faq.<locale>.jsonl) and products
// (products.json). A pack is ours, so a bad row in it is an error.
func ReadPack(pack fs.FS) ([]Row, error) {
	names, err := fs.Glob(pack, "faq.*.jsonl")
	if err != nil {
		return nil, err
	}
	var all []Row
	read := func(name string, format Format, locale string) error {
		data, err := fs.ReadFile(pack, name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, bad, err := Read(format, data, locale)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(bad) > 0 {
			return fmt.Errorf("%s: row %d: %s", name, bad[0].Row, bad[0].Reason)
		}
		all = append(all, rows...)
		return nil
	}
	for _, name := range names {
		if err := read(name, JSONL, strings.TrimSuffix(strings.TrimPrefix(name, "faq."), ".jsonl")); err != nil {
			return nil, err
		}
	}
	return all, read("products.json", JSON, "en")
}
