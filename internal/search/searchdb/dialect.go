package searchdb

import (
	"context"
	"strconv"
	"strings"

	"everdesk/internal/id"
	"everdesk/internal/search"
	"everdesk/internal/store"
)

// dialect is what the two engines' full text indexes are told differently. Both
// get the same tokens and give the same matches.
type dialect struct {
	// pairs turns a placeholder for a JSON array of pairs of numbers into a
	// subquery with the columns a and b.
	pairs func(placeholder string) string
	// insert queues a new text, replace its new words.
	insert  func(tx *store.Tx, workspace id.Workspace, number int64, t text)
	replace func(tx *store.Tx, workspace id.Workspace, number int64, t text)
	// tidy queues a small step of keeping the index compact, in measure with how
	// many texts were written.
	tidy func(tx *store.Tx, texts int)
	// wordless adds to a condition that the words of all texts are gone, where
	// they are kept apart.
	wordless string
	// newest returns up to limit matches with numbers from low up to but not
	// including high, the newest first.
	newest func(ctx context.Context, db *store.DB, workspace id.Workspace, ask question, low, high int64, limit int) ([]search.Match, error)
}

// question is a query with what the scope adds to it.
type question struct {
	search.Query
	// reach are labels of which a text must have one; nil for all texts.
	reach []string
}

func dialectOf(db *store.DB) dialect {
	if db.Engine() == "postgres" {
		return postgres
	}
	return sqlite
}

var sqlite = dialect{
	pairs: func(placeholder string) string {
		return "(SELECT json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b FROM json_each(" + placeholder + "))"
	},
	insert: func(tx *store.Tx, workspace id.Workspace, number int64, t text) {
		tx.Queue(`INSERT INTO search_texts(workspace_id, text, conversation_id, seq, length, reach) VALUES ($1, $2, $3, $4, $5, $6)`,
			workspace, number, t.conversation, t.seq, int64(t.Length()), t.reach)
		tx.Queue(`INSERT INTO search_words(rowid, words) VALUES ($1, $2)`, number, spaced(t.Text))
	},
	replace: func(tx *store.Tx, workspace id.Workspace, number int64, t text) {
		tx.Queue(`UPDATE search_texts SET length = $3, reach = $4 WHERE workspace_id = $1 AND text = $2`, workspace, number, int64(t.Length()), t.reach)
		tx.Queue(`DELETE FROM search_words WHERE rowid = $1`, number)
		tx.Queue(`INSERT INTO search_words(rowid, words) VALUES ($1, $2)`, number, spaced(t.Text))
	},
	wordless: ` OR NOT EXISTS (SELECT 1 FROM search_words)`,
	// Merging has to keep pace with writing on every level of segments: with fewer
	// pages than this they pile up, and are then merged all at once.
	tidy: func(tx *store.Tx, texts int) {
		tx.Queue(`INSERT INTO search_words(search_words, rank) VALUES ('merge', $1)`, int64(max(16, texts*3/2)))
	},
	newest: func(ctx context.Context, db *store.DB, workspace id.Workspace, ask question, low, high int64, limit int) ([]search.Match, error) {
		// The words' list of texts is walked from its end, and left at the limit.
		rows, err := db.Query(ctx, `SELECT t.text, t.conversation_id, t.seq, t.length
			FROM (SELECT rowid AS found FROM search_words WHERE search_words MATCH $1 AND rowid >= $2 AND rowid < $3 ORDER BY rowid DESC LIMIT $4) w
			CROSS JOIN search_texts t WHERE t.workspace_id = $5 AND t.text = w.found ORDER BY t.text DESC`,
			ask.fts5(), low, high, int64(limit), workspace)
		return store.All(rows, err, scanMatch)
	},
}

func scanMatch(row store.Row) (m search.Match, err error) {
	err = row.Scan(&m.Doc, &m.Conversation, &m.Seq, &m.Length)
	return m, err
}

// spaced is a text as FTS5's plainest tokeniser takes it apart again.
func spaced(t search.Text) string {
	return strings.Join(t.Words, " ") + " ~ " + strings.Join(t.Labels, " ")
}

// fts5 writes a question in FTS5's language. Tokens are letters, digits and the
// first characters of labels: none of them ends a string.
func (q question) fts5() string {
	var all, none []string
	for _, term := range q.Terms {
		var parts []string
		if len(term.Words) > 0 {
			parts = append(parts, `"`+strings.Join(term.Words, " ")+`"`)
		}
		for _, label := range term.Labels {
			parts = append(parts, `"`+label+`"`)
		}
		condition := "(" + strings.Join(parts, " AND ") + ")"
		if term.Instead != "" {
			condition = "(" + condition + ` OR "` + term.Instead + `")`
		}
		if term.Not {
			none = append(none, condition)
		} else {
			all = append(all, condition)
		}
	}
	if q.reach != nil {
		all = append(all, `("`+strings.Join(q.reach, `" OR "`)+`")`)
	}
	condition := "(" + strings.Join(all, " AND ") + ")"
	for _, not := range none {
		condition = "(" + condition + " NOT " + not + ")"
	}
	return condition
}

// levels are the sizes of blocks of texts, as powers of two: every text is
// labelled with its block of each. GIN knows no order: it would gather every
// match there is to find the newest, so it is asked block by block, each round
// for eight times as many texts as before.
var levels = []uint{14, 17, 20}

const textColumns = `text, conversation_id, seq, length`

var postgres = dialect{
	pairs: func(placeholder string) string {
		return "(SELECT (value->>0)::bigint AS a, (value->>1)::bigint AS b FROM json_array_elements(" + placeholder + "::json))"
	},
	insert: func(tx *store.Tx, workspace id.Workspace, number int64, t text) {
		tx.Queue(`INSERT INTO search_texts(workspace_id, text, conversation_id, seq, length, reach, words) VALUES ($1, $2, $3, $4, $5, $6, $7::text::tsvector)`,
			workspace, number, t.conversation, t.seq, int64(t.Length()), t.reach, vector(t.Text, number))
	},
	replace: func(tx *store.Tx, workspace id.Workspace, number int64, t text) {
		tx.Queue(`UPDATE search_texts SET length = $3, reach = $4, words = $5::text::tsvector WHERE workspace_id = $1 AND text = $2`,
			workspace, number, int64(t.Length()), t.reach, vector(t.Text, number))
	},
	wordless: ` OR NOT EXISTS (SELECT 1 FROM search_texts t WHERE t.workspace_id = w.workspace_id AND t.words <> '')`,
	tidy:     func(*store.Tx, int) {},
	newest: func(ctx context.Context, db *store.DB, workspace id.Workspace, ask question, low, high int64, limit int) ([]search.Match, error) {
		var found []search.Match
		for round := 0; len(found) < limit && low < high; round++ {
			words, from := ask.tsquery(), low
			if round < len(levels) {
				blocks, start := newestBlocks(high, levels[round])
				words, from = words+" & "+blocks, max(low, start)
			}
			// Nothing but the words may be looked up in an index: the planner would
			// rather walk the keys backwards until enough have matched, which a rare
			// word never has.
			rows, err := db.Query(ctx, `SELECT `+textColumns+` FROM search_texts WHERE words @@ $1::text::tsquery
				AND workspace_id + 0 = $2 AND text + 0 >= $3 AND text + 0 < $4 ORDER BY text + 0 DESC LIMIT $5`,
				words, workspace, from, high, int64(limit-len(found)))
			more, err := store.All(rows, err, scanMatch)
			if err != nil {
				return nil, err
			}
			found, high = append(found, more...), from
		}
		return found, nil
	},
}

// newestBlocks returns the condition for the two newest blocks of a size below
// high, the upper of which may have few texts yet, and where they begin.
func newestBlocks(high int64, level uint) (condition string, start int64) {
	block := (high - 1) >> level
	return "('" + blockLabel(block, level) + "' | '" + blockLabel(block-1, level) + "')", (block - 1) << level
}

func blockLabel(block int64, level uint) string {
	return "~" + strconv.FormatInt(int64(level), 36) + "." + strconv.FormatInt(block, 36)
}

// vector is a text as a tsvector that has its positions already.
func vector(t search.Text, number int64) string {
	var b strings.Builder
	for i, word := range t.Words {
		// Positions end at 16383; the longest text has fewer.
		b.WriteString("'" + word + "':" + strconv.Itoa(i+1) + " ")
	}
	for _, label := range t.Labels {
		b.WriteString("'" + label + "' ")
	}
	for _, level := range levels {
		b.WriteString("'" + blockLabel(number>>level, level) + "' ")
	}
	return b.String()
}

// tsquery writes a question in PostgreSQL's language.
func (q question) tsquery() string {
	var all []string
	for _, term := range q.Terms {
		var parts []string
		if len(term.Words) > 0 {
			parts = append(parts, "('"+strings.Join(term.Words, "' <-> '")+"')")
		}
		for _, label := range term.Labels {
			parts = append(parts, "'"+label+"'")
		}
		condition := "(" + strings.Join(parts, " & ") + ")"
		if term.Instead != "" {
			condition = "(" + condition + " | '" + term.Instead + "')"
		}
		if term.Not {
			condition = "!" + condition
		}
		all = append(all, condition)
	}
	if q.reach != nil {
		all = append(all, "('"+strings.Join(q.reach, "' | '")+"')")
	}
	return strings.Join(all, " & ")
}
