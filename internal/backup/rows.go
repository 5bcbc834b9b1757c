package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"everdesk/internal/store"
)

// A row is written as its values one after another, each a tag and what follows
// it: 'n' null, 'f' and 't' false and true, 'i' a zigzag varint, 'r' eight bytes
// of a float, 's' text and 'b' bytes behind their length.

// longest is the largest text or bytes a value may have; a length beyond it is
// damage, and would fill the memory.
const longest = 1 << 30

// reportRows is after how many rows progress is told.
const reportRows = 5000

// read gives take the bytes of each row of a table, in the order of its key,
// and sums them. take may not keep them.
func read(ctx context.Context, from store.Reader, table store.Table, report Report, doing string, take func([]byte) error) (TableSum, error) {
	sum := TableSum{Table: table}
	rows, err := from.Query(ctx, selection(table, from.Bytewise()), nil)
	if err != nil {
		return sum, fmt.Errorf("reading %s: %w", table.Name, err)
	}
	defer rows.Close()
	values, places := make([]any, len(table.Columns)), make([]any, len(table.Columns))
	for i := range values {
		places[i] = &values[i]
	}
	hash := sha256.New()
	var row []byte
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return sum, fmt.Errorf("reading %s: %w", table.Name, err)
		}
		row = row[:0]
		for i, column := range table.Columns {
			if row, err = appendValue(row, column.Kind, values[i]); err != nil {
				return sum, fmt.Errorf("reading %s.%s: %w", table.Name, column.Name, err)
			}
		}
		hash.Write(row)
		if err := take(row); err != nil {
			return sum, err
		}
		if sum.Rows++; sum.Rows%reportRows == 0 {
			report.say(doing, table.Name, sum.Rows)
		}
	}
	if err := rows.Err(); err != nil {
		return sum, fmt.Errorf("reading %s: %w", table.Name, err)
	}
	report.say(doing, table.Name, sum.Rows)
	sum.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return sum, nil
}

func selection(table store.Table, bytewise string) string {
	names := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		names[i] = `"` + column.Name + `"`
	}
	order := table.Key
	if len(order) == 0 {
		for _, column := range table.Columns {
			order = append(order, column.Name)
		}
	}
	sorted := make([]string, len(order))
	for i, name := range order {
		sorted[i] = `"` + name + `"`
		if column, _ := table.Column(name); column.Kind == store.Text {
			sorted[i] += bytewise
		}
	}
	return `SELECT ` + strings.Join(names, ", ") + ` FROM "` + table.Name + `" ORDER BY ` + strings.Join(sorted, ", ")
}

func appendValue(row []byte, kind store.ColumnKind, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(row, 'n'), nil
	case bool:
		return appendBool(row, v), nil
	case int64:
		switch kind {
		case store.Boolean:
			return appendBool(row, v != 0), nil
		case store.Real:
			return appendReal(row, float64(v)), nil
		}
		return binary.AppendVarint(append(row, 'i'), v), nil
	case int32:
		return appendValue(row, kind, int64(v))
	case int16:
		return appendValue(row, kind, int64(v))
	case float64:
		return appendReal(row, v), nil
	case float32:
		return appendReal(row, float64(v)), nil
	case string:
		if kind == store.Bytes {
			return appendLong(row, 'b', v), nil
		}
		return appendLong(row, 's', v), nil
	case []byte:
		if kind == store.Text {
			return appendLong(row, 's', v), nil
		}
		return appendLong(row, 'b', v), nil
	}
	return row, fmt.Errorf("a value of type %T is not kept", value)
}

func appendBool(row []byte, v bool) []byte {
	if v {
		return append(row, 't')
	}
	return append(row, 'f')
}

func appendReal(row []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(append(row, 'r'), math.Float64bits(v))
}

func appendLong[T string | []byte](row []byte, tag byte, v T) []byte {
	return append(binary.AppendUvarint(append(row, tag), uint64(len(v))), v...)
}

// byteReader is what rows are read from.
type byteReader interface {
	io.Reader
	io.ByteReader
}

// readValue is the inverse of appendValue. Anything unexpected is damage.
func readValue(from byteReader) (any, error) {
	tag, err := from.ReadByte()
	if err != nil {
		return nil, err
	}
	switch tag {
	case 'n':
		return nil, nil
	case 'f', 't':
		return tag == 't', nil
	case 'i':
		v, err := binary.ReadVarint(from)
		return v, whole(err)
	case 'r':
		var bits [8]byte
		_, err := io.ReadFull(from, bits[:])
		return math.Float64frombits(binary.BigEndian.Uint64(bits[:])), whole(err)
	case 's', 'b':
		long, err := readLong(from)
		if tag == 's' {
			return string(long), err
		}
		return long, err
	}
	return nil, fmt.Errorf("%w: unknown value", ErrDamaged)
}

func readLong(from byteReader) ([]byte, error) {
	size, err := binary.ReadUvarint(from)
	if err != nil {
		return nil, whole(err)
	}
	if size > longest {
		return nil, fmt.Errorf("%w: a value of %d bytes", ErrDamaged, size)
	}
	// A length that lies must not be believed before the bytes are there.
	var long bytes.Buffer
	if n, err := io.CopyN(&long, from, int64(size)); err != nil {
		return nil, fmt.Errorf("%w: %d of %d bytes: %w", ErrDamaged, n, size, whole(err))
	}
	return long.Bytes(), nil
}

// whole turns an end in the middle of a row into damage.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it ends within a row", ErrDamaged)
	}
	return err
}
