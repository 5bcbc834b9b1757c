package ticket

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"everdesk/internal/fault"
)

// check names what an edit may not set.
func (e Edit) check() error {
	var wrong *fault.Error
	if e.Subject != nil {
		wrong = short(wrong, "body.subject", *e.Subject, MaxSubject)
	}
	if e.Priority != nil && !e.Priority.Valid() {
		wrong = at(wrong, "body.priority", "not_allowed", "urgent, high, normal or low")
	}
	if e.Status != nil && *e.Status != Open && *e.Status != Waiting && *e.Status != Closed {
		wrong = at(wrong, "body.status", "not_allowed", "open, waiting or closed; a ticket is resolved by its own operation")
	}
	if wrong != nil {
		return wrong
	}
	return nil
}

// CheckDraft names what is wrong with a new ticket's subject, first text and
// priority; an empty priority is Normal.
func CheckDraft(subject, text string, priority Priority) error {
	wrong := short(nil, "body.subject", subject, MaxSubject)
	wrong = short(wrong, "body.body", text, MaxText)
	if priority != "" && !priority.Valid() {
		wrong = at(wrong, "body.priority", "not_allowed", "urgent, high, normal or low")
	}
	if wrong != nil {
		return wrong
	}
	return nil
}

func short(wrong *fault.Error, path, text string, most int) *fault.Error {
	switch {
	case strings.TrimSpace(text) == "":
		return at(wrong, path, "required", "")
	case utf8.RuneCountInString(text) > most:
		return at(wrong, path, "too_long", fmt.Sprintf("at most %d characters", most))
	}
	return wrong
}

func at(wrong *fault.Error, path, code, detail string) *fault.Error {
	if wrong == nil {
		wrong = ErrInvalid
	}
	return wrong.At(path, code, detail)
}

// SubjectOf makes a subject of what a customer wrote: its first line, cut.
func SubjectOf(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	line = strings.TrimSpace(line)
	if utf8.RuneCountInString(line) <= 80 {
		return line
	}
	return string([]rune(line)[:79]) + "…"
}
