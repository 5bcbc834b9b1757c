package notify

import (
	"html"
	"strconv"
	"strings"

	"everdesk/internal/locale"
)

// Kind says what a letter is about.
type Kind string

// The letters to customers.
const (
	// Received tells of a ticket: its number and promised time.
	Received Kind = "ticket_received"
	// Replied carries an agent's answer.
	Replied Kind = "ticket_replied"
	// Settled tells that a ticket is resolved.
	Settled Kind = "ticket_settled"
	// Message carries what is said in a conversation without a ticket.
	Message Kind = "message"
)

// Letter is what is said, to be written for a channel.
type Letter struct {
	Kind   Kind
	Locale string
	// Body is what was said, whole.
	Body string
	From Signature
	// Number, About and Link are the ticket's.
	Number int64
	About  string
	Link   string
}

func (l Letter) tag() string {
	if tag := locale.Match(l.Locale); tag != "" {
		return tag
	}
	return locale.Tags[0]
}

func (l Letter) say(code string) string {
	return locale.Text(l.tag(), "letter."+code, map[string]string{
		"number": strconv.FormatInt(l.Number, 10), "about": l.About, "desk": l.From.Desk, "link": l.Link, "body": l.Body, "signature": l.signature(),
	})
}

// signature is the agent over the desk, or the desk alone.
func (l Letter) signature() string {
	if l.From.Agent == "" {
		return l.From.Desk
	}
	return l.From.Agent + "\n" + l.From.Desk
}

// Subject is the mail's subject: equal for all mails of a ticket but for "Re:",
// so that they are shown together.
func (l Letter) Subject() string { return l.say(string(l.Kind) + ".subject") }

// Text is the mail as plain text.
func (l Letter) Text() string { return l.say(string(l.Kind) + ".text") }

// HTML is the same as a page.
func (l Letter) HTML() string {
	button := ""
	if l.Link != "" {
		button = l.say("open")
	}
	return page(l.Text(), l.Link, button)
}

// mostBrief is how much of the words a text message carries; the rest is behind
// the link.
const mostBrief = 120

// Brief is the letter for a channel where every letter costs.
func (l Letter) Brief() string {
	words := strings.Join(strings.Fields(l.Body), " ")
	if letters := []rune(words); len(letters) > mostBrief {
		words = string(letters[:mostBrief-1]) + "…"
	}
	if l.Link == "" {
		return words
	}
	return words + " " + l.Link
}

// page writes a text as HTML that reads well in every mail program, light and
// dark: no pictures, no scripts, nothing loaded. A line that is an address
// becomes a link; the one that is the letter's own shows button as its words.
func page(text, link, button string) string {
	var body strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		body.WriteString(`<p style="margin:0 0 16px">`)
		for i, line := range strings.Split(strings.TrimSpace(paragraph), "\n") {
			if i > 0 {
				body.WriteString("<br>\n")
			}
			body.WriteString(markUp(line, link, button))
		}
		body.WriteString("</p>\n")
	}
	return `<!doctype html>
<html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:24px;font:15px/1.6 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei',sans-serif">
<div style="max-width:560px;margin:0 auto">
` + body.String() + "</div></body></html>\n"
}

func markUp(line, link, button string) string {
	safe := html.EscapeString(line)
	if !strings.HasPrefix(line, "https://") && !strings.HasPrefix(line, "http://") || strings.ContainsAny(line, " \"<>") {
		return safe
	}
	if line != link {
		return `<a href="` + safe + `">` + safe + `</a>`
	}
	return `<a href="` + safe + `" style="display:inline-block;padding:8px 16px;border:1px solid;border-radius:8px;text-decoration:none">` +
		html.EscapeString(button) + `</a>`
}
