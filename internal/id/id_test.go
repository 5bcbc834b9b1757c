package id_test

import (
	"encoding/json"
	"testing"
	"time"

	"everdesk/internal/id"
)

func TestAnIDSurvivesItsPublicForm(t *testing.T) {
	source := id.NewSource(7, time.Now)
	seen := map[id.Conversation]bool{}
	var last id.Conversation
	for range 20_000 {
		made := id.New[id.Conversation](source)
		if seen[made] || made <= last {
			t.Fatalf("%d repeats or falls behind %d", made, last)
		}
		seen[made], last = true, made
		text, err := json.Marshal(made)
		if err != nil {
			t.Fatal(err)
		}
		var read id.Conversation
		if err := json.Unmarshal(text, &read); err != nil || read != made {
			t.Fatalf("%s read back as %d, %v", text, read, err)
		}
	}
}

func TestOtherTextIsRefused(t *testing.T) {
	good := id.Ticket(1 << 40).String()
	for name, text := range map[string]string{
		"another kind":     id.Conversation(1 << 40).String(),
		"upper case":       "TKT" + good[3:],
		"too short":        good[:len(good)-1],
		"too long":         good + "0",
		"foreign letters":  good[:4] + "uuuuuuuuuuuuu",
		"a bare number":    "1099511627776",
		"negative":         id.Ticket(-5).String(),
		"spare bit is set": good[:len(good)-1] + "1",
	} {
		t.Run(name, func(t *testing.T) {
			if read, err := parse(text); err == nil {
				t.Errorf("%q was read as %d", text, read)
			}
		})
	}
}

func parse(text string) (read id.Ticket, err error) {
	err = read.UnmarshalText([]byte(text))
	return read, err
}

func FuzzParse(f *testing.F) {
	f.Add(id.Ticket(42).String())
	f.Add("tkt_")
	f.Fuzz(func(t *testing.T, text string) {
		if read, err := parse(text); err == nil && read.String() != text {
			t.Errorf("%q was read as %q", text, read)
		}
	})
}
