// Package knowledge is what the desk knows: questions with their answers,
// articles, products, and the index that finds them by what a customer writes.
//
// The index is ours: BM25 over words, letters and shared meanings, and a small
// linear classifier trained on each workspace's own wordings. It needs no model
// files and no server, and is rebuilt whenever something is published.
package knowledge

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What can be wrong with knowledge.
var (
	ErrNoArticle  = fault.New(fault.NotFound, "article.not_found")
	ErrKeyTaken   = fault.New(fault.Conflict, "article.key_taken")
	ErrNoProduct  = fault.New(fault.NotFound, "product.not_found")
	ErrNoImport   = fault.New(fault.NotFound, "import.not_found")
	ErrFormat     = fault.New(fault.Invalid, "import.unknown_format")
	ErrUnreadable = fault.New(fault.Invalid, "import.unreadable")
	ErrTooMany    = fault.New(fault.Invalid, "import.too_many_rows")
)

// ArticleKind says how an article reads.
type ArticleKind string

// The kinds of article.
const (
	FAQ  ArticleKind = "faq"     // a question and its short answer
	Long ArticleKind = "article" // a text of its own, shown in the help centre
)

// Status says who sees an article.
type Status string

// The states of an article. Only published ones answer customers.
const (
	Draft     Status = "draft"
	Published Status = "published"
	Archived  Status = "archived"
)

// The largest an article may be, in characters; variants also in number.
const (
	MaxTitle    = 300
	MaxVariants = 100
	MaxBody     = 50_000
	maxTopic    = 60
	maxKey      = 120
)

// An Article answers one question, in one language.
type Article struct {
	ID id.Article
	// Key is how imports find the article again; unique per workspace and
	// language, and may be empty.
	Key      string
	Kind     ArticleKind
	Locale   string
	Title    string
	Variants []string
	// Body is Markdown.
	Body      string
	Topic     string
	Status    Status
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// UpdatedBy is zero for what an import or the system wrote.
	UpdatedBy id.Staff
	// Up and Down count customers who found it helpful or not; Answered counts
	// how often the bot answered with it.
	Up, Down, Answered int64
}

// Content is what an editor or an import may set of an article.
type Content struct {
	Key      string      `json:"key,omitempty"`
	Kind     ArticleKind `json:"kind"`
	Locale   string      `json:"locale"`
	Title    string      `json:"title"`
	Variants []string    `json:"variants,omitempty"`
	Body     string      `json:"body"`
	Topic    string      `json:"topic,omitempty"`
}

// Content returns what an editor may set of an article.
func (a *Article) Content() Content {
	return Content{a.Key, a.Kind, a.Locale, a.Title, a.Variants, a.Body, a.Topic}
}

var localeForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$`)

// Check trims the content, drops empty and repeated variants, and returns it,
// or a fault that names every field that will not do, under path ("body").
func (c Content) Check(path string) (Content, error) {
	c.Title, c.Body = strings.TrimSpace(c.Title), strings.TrimSpace(c.Body)
	c.Topic, c.Key = strings.TrimSpace(c.Topic), strings.TrimSpace(c.Key)
	c.Variants = distinctLines(c.Title, c.Variants)
	if c.Kind == "" {
		c.Kind = FAQ
	}
	problem := fault.ErrInvalid
	wrong := func(field, code, detail string) { problem = problem.At(path+"."+field, code, detail) }
	if c.Kind != FAQ && c.Kind != Long {
		wrong("kind", "not_allowed", "faq or article")
	}
	if !localeForm.MatchString(c.Locale) {
		wrong("locale", "malformed", "a language like zh-CN or en")
	}
	size := func(field, text string, least, most int) {
		switch n := utf8.RuneCountInString(text); {
		case n < least:
			wrong(field, "required", "may not be empty")
		case n > most:
			wrong(field, "too_long", fmt.Sprintf("at most %d characters", most))
		}
	}
	size("title", c.Title, 1, MaxTitle)
	size("body", c.Body, 1, MaxBody)
	size("topic", c.Topic, 0, maxTopic)
	size("key", c.Key, 0, maxKey)
	if len(c.Variants) > MaxVariants {
		wrong("variants", "wrong_count", fmt.Sprintf("at most %d variants", MaxVariants))
	}
	for i, v := range c.Variants {
		size(fmt.Sprintf("variants[%d]", i), v, 1, MaxTitle)
	}
	if len(problem.Fields) > 0 {
		return c, problem
	}
	return c, nil
}

// distinctLines returns the trimmed lines that say something the title and the
// ones before do not.
func distinctLines(title string, lines []string) []string {
	seen := map[string]bool{bare(title): true}
	var kept []string
	for _, l := range lines {
		l = strings.TrimSpace(l)
		if key := bare(l); l != "" && (key == "" || !seen[key]) {
			seen[key] = true
			kept = append(kept, l)
		}
	}
	return kept
}

// An Entry is a published question and answer, for a browser to keep for the
// hour the desk cannot be reached.
type Entry struct {
	ID        id.Article `json:"article_id"`
	Title     string     `json:"title"`
	Variants  []string   `json:"variants,omitempty"`
	Body      string     `json:"body"`
	UpdatedAt time.Time  `json:"updated_at"`
}

// kept is the longest text a snapshot carries; a longer article is fetched when
// it is opened.
const kept = 4000

// Snapshot returns the entries of up to most articles, those that answered most
// first, with up to three variants each. Long articles come without their text.
func Snapshot(articles []*Article, most int) []Entry {
	all := slices.DeleteFunc(slices.Clone(articles), func(a *Article) bool { return a.Status != Published })
	slices.SortStableFunc(all, func(a, b *Article) int { return cmp.Compare(b.Answered, a.Answered) })
	all = all[:min(most, len(all))]
	entries := make([]Entry, len(all))
	for i, a := range all {
		entries[i] = Entry{a.ID, a.Title, a.Variants[:min(3, len(a.Variants))], a.Body, a.UpdatedAt}
		if utf8.RuneCountInString(a.Body) > kept {
			entries[i].Body = ""
		}
	}
	return entries
}
