package knowledge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"everdesk/internal/fault"
)

// Format is how an import file is written.
type Format string

// The formats of imports.
const (
	CSV      Format = "csv"
	JSONL    Format = "jsonl"
	Markdown Format = "md"
	JSON     Format = "json"
)

// The largest an import may be.
const (
	MaxImportBytes = 4 << 20
	MaxImportRows  = 20_000
)

// FormatOf tells the format by a file's name.
func FormatOf(name string) (Format, error) {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".tsv", ".txt":
		return CSV, nil
	case ".jsonl", ".ndjson":
		return JSONL, nil
	case ".md", ".markdown":
		return Markdown, nil
	case ".json":
		return JSON, nil
	}
	return "", ErrFormat
}

// A Row is one thing an import brings: an article or a product.
type Row struct {
	// Number counts from 1 as the person sees it: a line of a table (its head
	// is 1), a line of JSONL, a heading, an element.
	Number int
	// Article is set for an article, with the state it should get.
	Article *Content
	Status  Status
	// Key and Details are set for a product.
	Key     string
	Details *Details
}

// BadRow is a row that cannot be taken.
type BadRow struct {
	Row int `json:"row"`
	// Reason is a stable word: "no_title", "malformed".
	Reason string `json:"reason"`
}

// Read reads an import file. Rows that cannot be taken are in bad, by number
// and reason; err is only for a file that cannot be read at all. Rows that name
// no language get locale; rows without a key get one made of their title, so
// that importing twice changes nothing.
func Read(format Format, data []byte, locale string) (rows []Row, bad []BadRow, err error) {
	if len(data) > MaxImportBytes {
		return nil, nil, ErrTooMany
	}
	text, err := decode(data)
	if err != nil {
		return nil, nil, err
	}
	var raw []rawRow
	switch format {
	case CSV:
		raw, bad, err = readCSV(text)
	case JSONL:
		raw, bad = readJSONL(text)
	case Markdown:
		raw, bad = readMarkdown(text)
	case JSON:
		raw, bad, err = readJSON(text)
	default:
		err = ErrFormat
	}
	if err != nil {
		return nil, nil, err
	}
	if len(raw)+len(bad) > MaxImportRows {
		return nil, nil, ErrTooMany
	}
	if len(raw)+len(bad) == 0 {
		return nil, nil, ErrUnreadable
	}
	seen := map[string]bool{}
	for _, r := range raw {
		row, reason := r.row(locale)
		if reason == "" {
			key := row.uniqueKey()
			if seen[key] {
				reason = "repeated_key"
			}
			seen[key] = true
		}
		if reason != "" {
			bad = append(bad, BadRow{r.number, reason})
			continue
		}
		rows = append(rows, row)
	}
	return rows, sortBad(bad), nil
}

// decode returns the text of a file: UTF-8, with or without its mark, or the
// encoding Chinese spreadsheets are still saved in.
func decode(data []byte) (string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return "", ErrUnreadable
		}
		data = decoded
	}
	if bytes.ContainsRune(data, 0) {
		return "", ErrUnreadable
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n"), nil
}

// A rawRow is a row before it is checked, in the words of its format.
type rawRow struct {
	number  int
	content Content
	status  string
	product *rawProduct
}

func (r rawRow) row(locale string) (Row, string) {
	if r.product != nil {
		key, details, reason := r.product.details(locale)
		return Row{Number: r.number, Key: key, Details: &details}, reason
	}
	c := r.content
	if c.Locale == "" {
		c.Locale = locale
	}
	if c.Key == "" {
		c.Key = keyOf(c.Title)
	}
	checked, err := c.Check("row")
	if err != nil {
		return Row{}, reasonOf(err)
	}
	status := Status(strings.ToLower(strings.TrimSpace(r.status)))
	switch status {
	case "":
		status = Published
	case Draft, Published, Archived:
	default:
		return Row{}, "bad_status"
	}
	return Row{Number: r.number, Article: &checked, Status: status}, ""
}

func (r Row) uniqueKey() string {
	if r.Article != nil {
		return "article " + r.Article.Locale + " " + r.Article.Key
	}
	return "product " + r.Key
}

// keyOf makes a key of a title that stays the same whatever its spelling in
// capitals, spaces and punctuation.
func keyOf(title string) string {
	key := bare(title)
	if key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(key))
	return "t-" + hex.EncodeToString(sum[:8])
}

// reasonOf turns the first wrong field into a stable word.
func reasonOf(err error) string {
	e := fault.Of(err)
	if e == nil || len(e.Fields) == 0 {
		return "malformed"
	}
	field := strings.TrimPrefix(e.Fields[0].Path, "row.")
	field, _, _ = strings.Cut(field, "[")
	if e.Fields[0].Code == "required" {
		return "no_" + field
	}
	return "bad_" + field
}
