package channel

import (
	"regexp"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What snippets can be refused for.
var (
	ErrSnippetNotFound = fault.New(fault.NotFound, "snippet.not_found")
	ErrShortcutTaken   = fault.New(fault.Conflict, "snippet.shortcut_taken")
)

// Snippet is a quick reply, found by typing "/" and its key.
type Snippet struct {
	ID      id.Snippet
	Key     string
	Title   string
	Text    string
	Locale  string
	Version int64
}

// A shortcut is typed after "/": letters of any script, figures, - and _.
var shortcut = regexp.MustCompile(`^[\p{L}\p{N}_-]{1,40}$`)

// Check names what is wrong with the snippet.
func (s Snippet) Check() error {
	var w wrongs
	if !shortcut.MatchString(s.Key) {
		w.add("body.key", "malformed", "1 to 40 letters, figures, - or _")
	}
	w.text("body.title", s.Title, 100, true)
	w.text("body.text", s.Text, 4000, true)
	w.spoken("body.locale", s.Locale)
	return w.err()
}
