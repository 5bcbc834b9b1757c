// Package training is what a workspace teaches its bot: intents, labelled
// examples, the models made of them, texts of real traffic that wait for a
// label, and sets of questions to test with. Learning itself is package bot/nlu.
package training

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/locale"
)

// What can be wrong with training.
var (
	ErrNoIntent    = fault.New(fault.NotFound, "intent.not_found")
	ErrKeyTaken    = fault.New(fault.Conflict, "intent.key_taken")
	ErrTooMany     = fault.New(fault.Invalid, "intent.too_many")
	ErrNoExample   = fault.New(fault.NotFound, "example.not_found")
	ErrTaken       = fault.New(fault.Conflict, "example.taken")
	ErrNoModel     = fault.New(fault.NotFound, "model.not_found")
	ErrNotReady    = fault.New(fault.Conflict, "model.not_ready")
	ErrUntrained   = fault.New(fault.Conflict, "model.none_active")
	ErrTooFew      = fault.New(fault.Invalid, "training.too_few_intents")
	ErrTooFewTexts = fault.New(fault.Invalid, "training.too_few_examples")
	ErrNoSample    = fault.New(fault.NotFound, "sample.not_found")
	ErrNoTestSet   = fault.New(fault.NotFound, "test_set.not_found")
)

// Limits.
const (
	MostIntents   = 1000
	MostExamples  = 50_000
	LongestText   = 1000 // characters
	LongestKey    = 80
	LongestTitle  = 120 // characters
	MostTestLines = 5000
	// Enough is how many examples an intent should have; below, what is said of
	// it is luck.
	Enough = 20
)

// An Intent is something customers want.
type Intent struct {
	ID id.Intent
	// Key is its name for programs: flows and imports find it by it.
	Key string
	// Titles are its names for people, by locale.
	Titles map[string]string
	// Examples counts its examples by locale; "" counts those of no known one.
	Examples             map[string]int
	Version              int64
	CreatedAt, UpdatedAt time.Time
}

// Total is how many examples it has.
func (i Intent) Total() (n int) {
	for _, count := range i.Examples {
		n += count
	}
	return n
}

var keyShape = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)

// Check returns the intent made tidy, or what is wrong with it.
func (i Intent) Check() (Intent, error) {
	i.Key = strings.TrimSpace(i.Key)
	if len(i.Key) > LongestKey || !keyShape.MatchString(i.Key) {
		return i, fault.ErrInvalid.At("body.key", "malformed", "small letters, digits, and . _ - between them")
	}
	titles := map[string]string{}
	for tag, title := range i.Titles {
		known := locale.Match(tag)
		switch title = strings.TrimSpace(title); {
		case known == "":
			return i, fault.ErrInvalid.At("body.titles", "unknown_locale", "not a language of the desk")
		case utf8.RuneCountInString(title) > LongestTitle:
			return i, fault.ErrInvalid.At("body.titles."+known, "too_long", "at most 120 characters")
		case title != "":
			titles[known] = title
		}
	}
	i.Titles = titles
	return i, nil
}

// Source says where an example comes from.
type Source string

// The sources of examples.
const (
	Written  Source = "written"
	Imported Source = "import"
	Traffic  Source = "traffic"
	Pack     Source = "pack"
)

// An Example is a text of which people said what it wants. A text belongs to one
// intent only.
type Example struct {
	ID        id.Example
	Intent    id.Intent
	Text      string
	Locale    string
	Source    Source
	CreatedAt time.Time
}

// A Line is a labelled text before it is an example: Intent is a key.
type Line struct {
	Intent string `json:"intent"`
	Text   string `json:"text"`
	Locale string `json:"locale,omitempty"`
}

// CheckText returns a text without the space around it, or what is wrong with it.
func CheckText(text, path string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", fault.ErrInvalid.At(path, "required", "some text")
	case utf8.RuneCountInString(text) > LongestText:
		return "", fault.ErrInvalid.At(path, "too_long", "at most 1000 characters")
	}
	return text, nil
}

// Taken says what became of a bulk of lines.
type Taken struct {
	// Intents and Examples were made; Known lines were examples of the same
	// intent already.
	Intents, Examples, Known int
	Bad                      []BadLine
}

// A BadLine is a line that was not taken, counted from one. Code says why:
// "bad_key", "bad_text", "taken" (the text is an example of another intent).
type BadLine struct {
	Line int
	Code string
}

// A Sample is a text of real traffic that waits for a label.
type Sample struct {
	ID           id.Sample
	Conversation id.Conversation
	Seq          int64
	Text, Locale string
	// Guesses are what the model of version Number made of it, and Margin how
	// far the first is ahead, from 0 to 1.
	Guesses []Guess
	Margin  float64
	Number  int64
	SeenAt  time.Time
}

// A Guess is an intent's key and how likely it is.
type Guess struct {
	Label       string  `json:"label"`
	Probability float64 `json:"probability"`
}

// A TestSet is questions with the intents they should be given.
type TestSet struct {
	ID        id.TestSet
	Name      string
	Lines     []Line
	Version   int64
	UpdatedAt time.Time
}

// Check returns the set made tidy, or what is wrong with it.
func (t TestSet) Check() (TestSet, error) {
	if t.Name = strings.TrimSpace(t.Name); t.Name == "" || utf8.RuneCountInString(t.Name) > LongestTitle {
		return t, fault.ErrInvalid.At("body.name", "required", "a name of at most 120 characters")
	}
	if len(t.Lines) == 0 || len(t.Lines) > MostTestLines {
		return t, fault.ErrInvalid.At("body.lines", "too_many", "from 1 to 5000 lines")
	}
	for i := range t.Lines {
		text, err := CheckText(t.Lines[i].Text, "body.lines")
		if err != nil {
			return t, err
		}
		t.Lines[i].Text = text
	}
	return t, nil
}
