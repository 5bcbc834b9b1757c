package knowledge

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

func sortBad(bad []BadRow) []BadRow {
	slices.SortStableFunc(bad, func(a, b BadRow) int { return a.Row - b.Row })
	return bad
}

// columns are the heads of a table by the field they fill.
var columns = map[string]string{
	"key": "key", "id": "key", "编号": "key",
	"title": "title", "question": "title", "q": "title", "问题": "title", "标题": "title", "标准问": "title", "标准问题": "title",
	"body": "body", "answer": "body", "a": "body", "答案": "body", "回答": "body", "内容": "body", "正文": "body",
	"variants": "variants", "similar": "variants", "相似问": "variants", "相似问法": "variants", "相似问题": "variants", "其他问法": "variants",
	"topic": "topic", "category": "topic", "分类": "topic", "主题": "topic", "类别": "topic",
	"locale": "locale", "language": "locale", "语言": "locale",
	"kind": "kind", "type": "kind", "类型": "kind",
	"status": "status", "状态": "status",
}

// readCSV reads a table whose first line names its columns. Several variants
// stand in one cell, each on its own line or behind a bar.
func readCSV(text string) (rows []rawRow, bad []BadRow, err error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma, reader.FieldsPerRecord = separator(text), -1
	head, err := reader.Read()
	if err != nil {
		return nil, nil, ErrUnreadable
	}
	fields := make([]string, len(head))
	for i, h := range head {
		fields[i] = columns[Fold(h)]
	}
	if !slices.Contains(fields, "title") || !slices.Contains(fields, "body") {
		return nil, nil, ErrUnreadable
	}
	for number := 2; ; number++ {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, bad, nil
		}
		if err != nil {
			bad = append(bad, BadRow{number, "malformed"})
			if !errors.Is(err, csv.ErrFieldCount) && !errors.Is(err, csv.ErrBareQuote) {
				return rows, bad, nil // an open quotation mark: the rest is one cell
			}
			continue
		}
		if !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		r := rawRow{number: number}
		for i, cell := range record {
			if i < len(fields) {
				r.set(fields[i], cell)
			}
		}
		rows = append(rows, r)
	}
}

// separator is the character that parts most of the head's cells.
func separator(text string) rune {
	head, _, _ := strings.Cut(text, "\n")
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t'} {
		if n := strings.Count(head, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func (r *rawRow) set(field, value string) {
	switch field {
	case "key":
		r.content.Key = value
	case "title":
		r.content.Title = value
	case "body":
		r.content.Body = value
	case "topic":
		r.content.Topic = value
	case "locale":
		r.content.Locale = strings.TrimSpace(value)
	case "kind":
		r.content.Kind = ArticleKind(strings.ToLower(strings.TrimSpace(value)))
	case "status":
		r.status = value
	case "variants":
		r.content.Variants = strings.FieldsFunc(value, func(c rune) bool { return c == '\n' || c == '|' || c == '｜' })
	}
}

// jsonRow is an article as JSON brings it.
type jsonRow struct {
	Key      string      `json:"key"`
	Title    string      `json:"title"`
	Question string      `json:"question"`
	Body     string      `json:"body"`
	Answer   string      `json:"answer"`
	Variants []string    `json:"variants"`
	Topic    string      `json:"topic"`
	Locale   string      `json:"locale"`
	Kind     ArticleKind `json:"kind"`
	Status   string      `json:"status"`
}

func readElement(number int, raw []byte) (rawRow, string) {
	var is struct {
		ProductID json.RawMessage `json:"product_id"`
	}
	if err := json.Unmarshal(raw, &is); err != nil {
		return rawRow{}, "malformed"
	}
	if is.ProductID != nil {
		product, reason := readProduct(raw)
		return rawRow{number: number, product: product}, reason
	}
	var j jsonRow
	if err := json.Unmarshal(raw, &j); err != nil {
		return rawRow{}, "malformed"
	}
	return rawRow{number: number, status: j.Status, content: Content{
		Key: j.Key, Kind: j.Kind, Locale: j.Locale, Topic: j.Topic, Variants: j.Variants,
		Title: firstOf(j.Title, j.Question), Body: firstOf(j.Body, j.Answer),
	}}, ""
}

func firstOf(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

func readJSONL(text string) (rows []rawRow, bad []BadRow) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		if strings.TrimSpace(line) == "" {
			continue
		}
		row, reason := readElement(number, []byte(line))
		if reason != "" {
			bad = append(bad, BadRow{number, reason})
			continue
		}
		rows = append(rows, row)
	}
	return rows, bad
}

// readJSON reads one element, a list of them, or an object with one list in it.
func readJSON(text string) (rows []rawRow, bad []BadRow, err error) {
	elements, err := elementsOf([]byte(text))
	if err != nil {
		return nil, nil, err
	}
	for i, raw := range elements {
		row, reason := readElement(i+1, raw)
		if reason != "" {
			bad = append(bad, BadRow{i + 1, reason})
			continue
		}
		rows = append(rows, row)
	}
	return rows, bad, nil
}

func elementsOf(raw []byte) (elements []json.RawMessage, err error) {
	raw = bytes.TrimSpace(raw)
	if json.Unmarshal(raw, &elements) == nil {
		return elements, nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return nil, ErrUnreadable
	}
	if object["product_id"] == nil {
		for _, inner := range []string{"products", "items", "articles", "faq"} {
			if json.Unmarshal(object[inner], &elements) == nil && object[inner] != nil {
				return elements, nil
			}
		}
	}
	return []json.RawMessage{raw}, nil
}

// readMarkdown reads one article with front matter, or one for each heading of
// the highest level there is.
func readMarkdown(text string) (rows []rawRow, bad []BadRow) {
	if matter, body, ok := frontMatter(text); ok {
		r := rawRow{number: 1, content: Content{Kind: Long, Body: body}}
		for line := range strings.Lines(matter) {
			name, value, _ := strings.Cut(line, ":")
			value = strings.Trim(strings.TrimSpace(value), `"'`)
			if item, isItem := strings.CutPrefix(strings.TrimSpace(line), "- "); isItem {
				r.content.Variants = append(r.content.Variants, strings.Trim(item, `"'`))
			} else if value != "" {
				r.set(columns[Fold(name)], strings.Trim(value, "[]"))
			}
		}
		if title, rest, has := strings.Cut(strings.TrimPrefix(body, "# "), "\n"); r.content.Title == "" && strings.HasPrefix(body, "# ") && has {
			r.content.Title, r.content.Body = title, rest
		}
		return []rawRow{r}, nil
	}
	type heading struct {
		level int
		title string
		body  strings.Builder
	}
	var all []*heading
	fenced, highest := false, 7
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		if level := headingLevel(line); level > 0 && !fenced {
			highest = min(highest, level)
			all = append(all, &heading{level: level, title: strings.TrimSpace(strings.Trim(line, "# \n\t"))})
			continue
		}
		if len(all) > 0 {
			all[len(all)-1].body.WriteString(line)
		} else if strings.TrimSpace(line) != "" {
			all = append(all, &heading{level: 7})
			bad = append(bad, BadRow{1, "no_heading"})
		}
	}
	for _, h := range all {
		switch {
		case h.level == highest:
			rows = append(rows, rawRow{number: len(rows) + 1, content: Content{Kind: Long, Title: h.title, Body: h.body.String()}})
		case len(rows) > 0: // a section of the article above
			last := &rows[len(rows)-1].content
			last.Body += strings.Repeat("#", h.level) + " " + h.title + "\n" + h.body.String()
		}
	}
	return rows, bad
}

func headingLevel(line string) int {
	rest := strings.TrimLeft(line, "#")
	if level := len(line) - len(rest); level <= 6 && strings.HasPrefix(rest, " ") {
		return level
	}
	return 0
}

func frontMatter(text string) (matter, body string, ok bool) {
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return "", "", false
	}
	matter, body, ok = strings.Cut(rest, "\n---")
	if !ok {
		return "", "", false
	}
	return matter, strings.TrimLeft(body, "-\n"), true
}
