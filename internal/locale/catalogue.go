package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

//go:embed messages
var files embed.FS

// catalogue holds what the product says: titles of faults, texts of mails and
// of the bot. The languages are written apart, message by message, in
// messages/<tag>/<feature>.json; tests keep their keys equal and see that every
// fault code declared anywhere has a title.
var catalogue = load()

// load reads the embedded messages. They are part of the program, so a broken
// file is a mistake in it.
func load() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, tag := range Tags {
		all[tag] = map[string]string{}
		dir := "messages/" + tag
		entries, err := files.ReadDir(dir)
		if err != nil {
			panic("locale: " + err.Error())
		}
		for _, entry := range entries {
			text, err := files.ReadFile(path.Join(dir, entry.Name()))
			if err != nil {
				panic("locale: " + err.Error())
			}
			var messages map[string]string
			if err := json.Unmarshal(text, &messages); err != nil {
				panic(fmt.Sprintf("locale: %s/%s: %v", dir, entry.Name(), err))
			}
			for code, message := range messages {
				if _, twice := all[tag][code]; twice {
					panic(fmt.Sprintf("locale: %s has %s twice", tag, code))
				}
				all[tag][code] = message
			}
		}
	}
	return all
}

// Text returns the message of a code with its {placeholders} filled from facts.
// A fact that is not given shows as "…". A code without a message is returned
// as it is: better a word than nothing.
func Text(tag string, code string, facts map[string]string) string {
	message, ok := catalogue[tag][code]
	if !ok {
		return code
	}
	return fill(message, facts)
}

// Has reports whether a code has a message in a language.
func Has(tag string, code string) bool {
	_, ok := catalogue[tag][code]
	return ok
}

// Codes returns the codes that have a message in a language, sorted.
func Codes(tag string) []string {
	codes := make([]string, 0, len(catalogue[tag]))
	for code := range catalogue[tag] {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

func fill(message string, facts map[string]string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(message, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			out.WriteString("{" + rest)
			return out.String()
		}
		value, given := facts[name]
		if !given {
			value = "…"
		}
		out.WriteString(value)
		message = after
	}
}

// Promise is Moment with the zone it is told in, for whoever may read it
// elsewhere: "21 Nov, 17:00 (GMT+8)".
func Promise(tag string, t, now time.Time) string {
	if tag == Chinese {
		return Moment(tag, t, now) + "（" + offset(t) + "）"
	}
	return Moment(tag, t, now) + " (" + offset(t) + ")"
}

// offset is t's distance from Greenwich: "GMT+8", "GMT-3:30", "GMT".
func offset(t time.Time) string {
	_, seconds := t.Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	switch hours, minutes := seconds/3600, seconds/60%60; {
	case hours == 0 && minutes == 0:
		return "GMT"
	case minutes == 0:
		return fmt.Sprintf("GMT%s%d", sign, hours)
	default:
		return fmt.Sprintf("GMT%s%d:%02d", sign, hours, minutes)
	}
}

// Moment writes a point in time the way a reader says it, in t's own zone:
// "11 月 21 日 10:30" or "21 Nov, 10:30". The year is added if it is not now's.
func Moment(tag string, t, now time.Time) string {
	other := t.Year() != now.In(t.Location()).Year()
	switch {
	case tag == Chinese && other:
		return t.Format("2006 年 1 月 2 日 15:04")
	case tag == Chinese:
		return t.Format("1 月 2 日 15:04")
	case other:
		return t.Format("2 Jan 2006, 15:04")
	}
	return t.Format("2 Jan, 15:04")
}
