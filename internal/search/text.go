package search

import (
	"slices"
	"strconv"

	"everdesk/internal/id"
)

// A Text is what an index keeps of a message, or of what heads a conversation.
type Text struct {
	// Words are in order: what stands next to each other here is a phrase.
	Words []string
	// Labels have no order. They are the letters of scripts without spaces one by
	// one, the beginnings of names, and whose conversation it is. None looks like
	// a word.
	Labels []string
}

// gap stands between two texts of one entry, so that no phrase reaches across.
const gap = "~"

// The first bytes of labels.
const (
	letterLabel = "#"
	prefixLabel = "^"
	teamLabel   = "@t"
	staffLabel  = "@s"
)

// Add makes a text findable.
func (t *Text) Add(text string) { t.add(cut(text)) }

// AddName is Add for a name, which is also found by the beginnings of its words
// of two letters or more, as it is being typed.
func (t *Text) AddName(name string) {
	tokens := cut(name)
	t.add(tokens)
	for _, one := range tokens {
		letters := []rune(one.raw)
		for n := 2; n <= min(len(letters), maxBeginning); n++ {
			t.Labels = append(t.Labels, prefixLabel+string(letters[:n]))
		}
	}
}

func (t *Text) add(tokens []token) {
	if len(tokens) > 0 && len(t.Words) > 0 {
		t.Words = append(t.Words, gap)
	}
	for _, one := range tokens {
		t.Words = append(t.Words, one.key)
		if !one.dense {
			continue
		}
		for _, letter := range one.key {
			t.Labels = append(t.Labels, letterLabel+string(letter))
		}
	}
}

// Reach labels a text with the team and the members in whose reach its
// conversation is. They narrow what is looked at; whether a conversation may be
// seen is asked of the conversation.
func (t *Text) Reach(team id.Team, members ...id.Staff) {
	t.Labels = append(t.Labels, TeamLabel(team))
	for _, member := range members {
		if member != 0 {
			t.Labels = append(t.Labels, StaffLabel(member))
		}
	}
}

// Length is the number of words.
func (t *Text) Length() int { return len(t.Words) }

// Finish puts the labels in order, each once.
func (t *Text) Finish() {
	slices.Sort(t.Labels)
	t.Labels = slices.Compact(t.Labels)
}

// TeamLabel marks the conversations of a team; zero those of none.
func TeamLabel(team id.Team) string { return teamLabel + strconv.FormatInt(int64(team), 10) }

// StaffLabel marks the conversations a member owns or owned last.
func StaffLabel(member id.Staff) string { return staffLabel + strconv.FormatInt(int64(member), 10) }

// StaffOnly marks what is not for customers.
func (t *Text) StaffOnly() { t.Labels = append(t.Labels, StaffOnlyLabel) }

// StaffOnlyLabel marks notes, and what staff write about a conversation.
const StaffOnlyLabel = "@n"
