package inbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"everdesk/internal/id"
)

// MaxText is the longest text of a message in characters.
const MaxText = 8000

// Text is words.
type Text struct {
	Text string `json:"text"`
}

func (t *Text) check(p *problems) { p.text("text", t.Text, MaxText, true) }
func (t *Text) plain() string     { return t.Text }

// Media is an image, a file, a voice note or a video.
type Media struct {
	File    File   `json:"file"`
	Caption string `json:"caption,omitempty"`
}

// File is an upload as messages show it. Senders need give the id alone; the
// rest is filled in from the upload, and the addresses, which are signed and
// short-lived, each time it is shown.
type File struct {
	ID           id.File `json:"id"`
	Name         string  `json:"name,omitempty"`
	Size         int64   `json:"size,omitempty"`
	MediaType    string  `json:"media_type,omitempty"`
	Width        int     `json:"width,omitempty"`
	Height       int     `json:"height,omitempty"`
	DurationMS   int64   `json:"duration_ms,omitempty"`
	URL          string  `json:"url,omitempty"`
	ThumbnailURL string  `json:"thumbnail_url,omitempty"`
}

func (m *Media) check(p *problems) {
	p.text("caption", m.Caption, 1000, false)
	if m.File.DurationMS < 0 || m.File.DurationMS > 24*3600*1000 {
		p.add("file.duration_ms", "range", "want 0 to a day")
	}
}

func (m *Media) plain() string {
	if m.Caption != "" {
		return m.Caption
	}
	return m.File.Name
}

// Card is a title with text, an image and buttons.
type Card struct {
	Title    string   `json:"title"`
	Text     string   `json:"text,omitempty"`
	ImageURL string   `json:"image_url,omitempty"`
	Buttons  []Button `json:"buttons"`
}

// Button replies with its value, or opens it.
type Button struct {
	Label  string `json:"label"`
	Action string `json:"action"`
	Value  string `json:"value"`
}

func (c *Card) check(p *problems) {
	p.text("title", c.Title, 200, true)
	p.text("text", c.Text, 2000, false)
	p.link("image_url", c.ImageURL, false)
	p.count("buttons", len(c.Buttons), 0, 10)
	for i, b := range c.Buttons {
		at := fmt.Sprintf("buttons[%d].", i)
		p.text(at+"label", b.Label, 100, true)
		switch b.Action {
		case "reply":
			p.text(at+"value", b.Value, 500, true)
		case "link":
			p.link(at+"value", b.Value, true)
		default:
			p.add(at+"action", "unknown", `want "reply" or "link"`)
		}
	}
}

func (c *Card) plain() string {
	lines := []string{c.Title, c.Text}
	for _, b := range c.Buttons {
		lines = append(lines, b.Label)
	}
	return strings.Join(lines, "\n")
}

// Choices asks which of a few was meant.
type Choices struct {
	Text    string   `json:"text"`
	Choices []Choice `json:"choices"`
}

// Choice is one of them; Value is what choosing it says.
type Choice struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

func (c *Choices) check(p *problems) {
	p.text("text", c.Text, 2000, true)
	p.count("choices", len(c.Choices), 1, 10)
	for i, choice := range c.Choices {
		p.text(fmt.Sprintf("choices[%d].label", i), choice.Label, 200, true)
		p.text(fmt.Sprintf("choices[%d].value", i), choice.Value, 500, true)
	}
}

func (c *Choices) plain() string {
	lines := []string{c.Text}
	for _, choice := range c.Choices {
		lines = append(lines, "- "+choice.Label)
	}
	return strings.Join(lines, "\n")
}

// Answer is an answer from the knowledge base, with where it stands.
type Answer struct {
	Text    string   `json:"text"`
	Sources []Source `json:"sources"`
	// Feedback is the customer's verdict: "up", "down" or "".
	Feedback string `json:"feedback,omitempty"`
}

// Source is the article an answer was taken from.
type Source struct {
	Article   id.Article `json:"article_id"`
	Title     string     `json:"title"`
	URL       string     `json:"url,omitempty"`
	UpdatedAt time.Time  `json:"updated_at"`
}

func (a *Answer) check(p *problems) {
	p.text("text", a.Text, MaxText, true)
	p.count("sources", len(a.Sources), 0, 10)
	for i, s := range a.Sources {
		p.text(fmt.Sprintf("sources[%d].title", i), s.Title, 500, true)
		p.link(fmt.Sprintf("sources[%d].url", i), s.URL, false)
	}
	if a.Feedback != "" && a.Feedback != "up" && a.Feedback != "down" {
		p.add("feedback", "unknown", `want "up" or "down"`)
	}
}

// plain leaves out the marks of emphasis, the commonest of an answer's Markdown.
func (a *Answer) plain() string { return strings.ReplaceAll(a.Text, "**", "") }

// Steps is a guide in steps with pictures.
type Steps struct {
	Title string      `json:"title"`
	Steps []GuideStep `json:"steps"`
}

// GuideStep is one of them.
type GuideStep struct {
	Text     string `json:"text"`
	ImageURL string `json:"image_url,omitempty"`
}

func (s *Steps) check(p *problems) {
	p.text("title", s.Title, 200, true)
	p.count("steps", len(s.Steps), 1, 30)
	for i, step := range s.Steps {
		p.text(fmt.Sprintf("steps[%d].text", i), step.Text, 2000, true)
		p.link(fmt.Sprintf("steps[%d].image_url", i), step.ImageURL, false)
	}
}

func (s *Steps) plain() string {
	lines := []string{s.Title}
	for i, step := range s.Steps {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, step.Text))
	}
	return strings.Join(lines, "\n")
}

// Location is a place.
type Location struct {
	Lat   float64 `json:"lat"`
	Lon   float64 `json:"lon"`
	Label string  `json:"label"`
}

func (l *Location) check(p *problems) {
	if !(l.Lat >= -90 && l.Lat <= 90) {
		p.add("lat", "range", "want -90 to 90")
	}
	if !(l.Lon >= -180 && l.Lon <= 180) {
		p.add("lon", "range", "want -180 to 180")
	}
	p.text("label", l.Label, 300, false)
}

func (l *Location) plain() string {
	if l.Label != "" {
		return l.Label
	}
	return fmt.Sprintf("%.5f, %.5f", l.Lat, l.Lon)
}

// FormContent asks for fields, or brings their values.
type FormContent struct {
	Form   string            `json:"form"`
	Fields []FormField       `json:"fields"`
	Values map[string]string `json:"values,omitempty"`
}

// FormField is one thing asked for.
type FormField struct {
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Kind     string   `json:"kind"`
	Required bool     `json:"required,omitempty"`
	Options  []string `json:"options,omitempty"`
}

var formKinds = map[string]bool{"text": true, "email": true, "phone": true, "number": true, "date": true, "choice": true, "long_text": true}

func (f *FormContent) check(p *problems) {
	p.text("form", f.Form, 100, true)
	p.count("fields", len(f.Fields), 1, 30)
	names := map[string]bool{}
	for i, field := range f.Fields {
		at := fmt.Sprintf("fields[%d].", i)
		p.text(at+"name", field.Name, 100, true)
		p.text(at+"label", field.Label, 200, true)
		if !formKinds[field.Kind] {
			p.add(at+"kind", "unknown", "no such kind of field")
		}
		if names[field.Name] {
			p.add(at+"name", "duplicate", "named twice")
		}
		names[field.Name] = true
		p.count(at+"options", len(field.Options), 0, 50)
		for j, option := range field.Options {
			p.text(fmt.Sprintf("%soptions[%d]", at, j), option, 200, true)
		}
	}
	for name, value := range f.Values {
		if !names[name] {
			p.add("values", "unknown", "a value without a field")
			break
		}
		p.text("values."+name, value, 4000, false)
	}
}

func (f *FormContent) plain() string {
	lines := []string{}
	for _, field := range f.Fields {
		line := field.Label
		if value := f.Values[field.Name]; value != "" {
			line += ": " + value
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Event is the body of a transition's entry, shown to the customer too.
type Event struct {
	Event Happening         `json:"event"`
	Facts map[string]string `json:"facts"`
}

func (e *Event) check(*problems) {}
func (e *Event) plain() string   { return "" }

// Rating is the customer's verdict on a conversation.
type Rating struct {
	Score   int64  `json:"score"`
	Comment string `json:"comment,omitempty"`
}

func (r *Rating) check(p *problems) {
	if r.Score < 1 || r.Score > 5 {
		p.add("score", "range", "want 1 to 5")
	}
	p.text("comment", r.Comment, 2000, false)
}

func (r *Rating) plain() string { return r.Comment }

// Recalled is what is left of a recalled entry.
type Recalled struct{}

func (*Recalled) check(*problems) {}
func (*Recalled) plain() string   { return "" }

// RecalledBody is what a recalled entry shows.
var RecalledBody = Body{TypeRecalled, &Recalled{}}

// FileID returns the upload a body shows, or zero.
func (b Body) FileID() id.File {
	if media, ok := b.Content.(*Media); ok {
		return media.File.ID
	}
	return 0
}

// WithFile returns the body with its upload described by file. A caller's own
// description of a file is thus never believed, but for the length of a voice
// note, which nobody else knows.
func (b Body) WithFile(file File) Body {
	media, ok := b.Content.(*Media)
	if !ok {
		return b
	}
	if file.DurationMS == 0 {
		file.DurationMS = media.File.DurationMS
	}
	return Body{b.Type, &Media{File: file, Caption: media.Caption}}
}

var _ json.Unmarshaler = (*Body)(nil)
