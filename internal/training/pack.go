package training

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// ReadPack reads a pack's intents (intents.jsonl) and their examples. A pack
// without intents has none; a pack is ours, so a bad line in it is an error.
func ReadPack(pack fs.FS) (intents []Intent, lines []Line, err error) {
	const name = "intents.jsonl"
	data, err := fs.ReadFile(pack, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	rows := bufio.NewScanner(bytes.NewReader(data))
	rows.Buffer(nil, 1<<20)
	for row := 1; rows.Scan(); row++ {
		var one struct {
			Intent   string              `json:"intent"`
			Titles   map[string]string   `json:"titles"`
			Examples map[string][]string `json:"examples"`
		}
		if err := json.Unmarshal(rows.Bytes(), &one); err != nil {
			return nil, nil, fmt.Errorf("%s: row %d: %w", name, row, err)
		}
		intent, err := Intent{Key: one.Intent, Titles: one.Titles}.Check()
		if err != nil {
			return nil, nil, fmt.Errorf("%s: row %d: %w", name, row, err)
		}
		intents = append(intents, intent)
		for _, tag := range slices.Sorted(maps.Keys(one.Examples)) {
			for _, text := range one.Examples[tag] {
				lines = append(lines, Line{intent.Key, text, tag})
			}
		}
	}
	return intents, lines, rows.Err()
}
