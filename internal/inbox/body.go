package inbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"everdesk/internal/fault"
)

// BodyType names a kind of standard message; docs/schema/message.json describes
// each.
type BodyType string

// The body types. Event, rating and recalled are written by the desk alone.
const (
	TypeText     BodyType = "text"
	TypeImage    BodyType = "image"
	TypeFile     BodyType = "file"
	TypeAudio    BodyType = "audio"
	TypeVideo    BodyType = "video"
	TypeCard     BodyType = "card"
	TypeChoices  BodyType = "choices"
	TypeAnswer   BodyType = "answer"
	TypeSteps    BodyType = "steps"
	TypeLocation BodyType = "location"
	TypeForm     BodyType = "form"
	TypeEvent    BodyType = "event"
	TypeRating   BodyType = "rating"
	TypeRecalled BodyType = "recalled"
)

// Content is what a body of one type holds: Text, Media, Card, Choices, Answer,
// Steps, Location, FormContent, Event, Rating or Recalled.
type Content interface {
	// check reports what is wrong to p.
	check(p *problems)
	// plain is the content as one text, for previews and channels that have
	// nothing else.
	plain() string
}

// Body is one standard message: every channel's messages are mapped to and from
// it. The zero value is no message; use NewBody or ParseBody.
type Body struct {
	Type    BodyType
	Content Content
}

// MaxBody is the longest message in bytes of JSON.
const MaxBody = 48 << 10

// fresh returns an empty content for a type, or nil for an unknown one.
func fresh(t BodyType) Content {
	switch t {
	case TypeText:
		return &Text{}
	case TypeImage, TypeFile, TypeAudio, TypeVideo:
		return &Media{}
	case TypeCard:
		return &Card{}
	case TypeChoices:
		return &Choices{}
	case TypeAnswer:
		return &Answer{}
	case TypeSteps:
		return &Steps{}
	case TypeLocation:
		return &Location{}
	case TypeForm:
		return &FormContent{}
	case TypeEvent:
		return &Event{}
	case TypeRating:
		return &Rating{}
	case TypeRecalled:
		return &Recalled{}
	}
	return nil
}

// NewBody returns a body of the desk's own making. It is checked when posted.
func NewBody(t BodyType, content Content) Body { return Body{t, content} }

// TextBody returns a plain text.
func TextBody(text string) Body { return Body{TypeText, &Text{Text: text}} }

// ParseBody reads a message from outside and refuses whatever the schema does
// not know: unknown types and fields, missing or overlong ones, control
// characters, broken UTF-8. The error is ErrBody with the fields named under
// "body.body.", where every request holds its message, never with their values.
func ParseBody(raw []byte) (Body, error) {
	var body Body
	if err := body.UnmarshalJSON(raw); err != nil {
		return Body{}, err
	}
	if err := body.Check(); err != nil {
		return Body{}, err
	}
	return body, nil
}

// Check returns ErrBody with every wrong field, or nil.
func (b Body) Check() error {
	if b.Content == nil {
		return ErrBody.At("body.body.type", "required", "a message has a type")
	}
	p := &problems{}
	b.Content.check(p)
	if media, ok := b.Content.(*Media); ok && media.File.ID == 0 {
		p.add("file.id", "required", "the id of an upload")
	}
	if p.fields != nil {
		return p.fields
	}
	return nil
}

// UnmarshalJSON reads the JSON form strictly, but for lengths and ranges, which
// Check looks at.
func (b *Body) UnmarshalJSON(raw []byte) error {
	switch {
	case len(raw) > MaxBody:
		return ErrBody.At("body.body", "too_long", "at most "+strconv.Itoa(MaxBody)+" bytes")
	case !utf8.Valid(raw):
		return ErrBody.At("body.body", "malformed", "not UTF-8")
	}
	var head struct {
		Type *BodyType `json:"type"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return ErrBody.At("body.body", "malformed", "want an object with a type")
	}
	if head.Type == nil {
		return ErrBody.At("body.body.type", "required", "a message has a type")
	}
	content := fresh(*head.Type)
	if content == nil {
		return ErrBody.At("body.body.type", "unknown", "no such message type")
	}
	// Content's fields stand beside the type, which is cut out first.
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &fields); err != nil {
		return ErrBody.At("body.body", "malformed", "want an object")
	}
	delete(fields, "type")
	rest, err := json.Marshal(fields)
	if err != nil {
		return ErrBody.At("body.body", "malformed", "want an object")
	}
	decoder := json.NewDecoder(bytes.NewReader(rest))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(content); err != nil {
		return explain(err)
	}
	b.Type, b.Content = *head.Type, content
	return nil
}

// explain turns a decoding error into the field it is about, without the value.
func explain(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		path := "body.body"
		if wrong.Field != "" {
			path += "." + wrong.Field
		}
		return ErrBody.At(path, "malformed", "want "+wrong.Type.Kind().String())
	}
	if _, name, ok := strings.Cut(err.Error(), `unknown field "`); ok {
		return ErrBody.At("body.body."+strings.TrimSuffix(name, `"`), "unknown", "no such field")
	}
	return ErrBody.At("body.body", "malformed", "cannot be read")
}

// MarshalJSON writes the JSON form, the type first.
func (b Body) MarshalJSON() ([]byte, error) {
	if b.Content == nil {
		return nil, fmt.Errorf("a body without content")
	}
	rest, err := json.Marshal(b.Content)
	if err != nil {
		return nil, err
	}
	head := `{"type":"` + string(b.Type) + `"`
	if string(rest) == "{}" {
		return []byte(head + "}"), nil
	}
	return append([]byte(head+","), rest[1:]...), nil
}

// Plain is the message as one text: what previews show, what search finds and
// what channels that have nothing but text send. Media without a caption have
// their file's name.
func (b Body) Plain() string {
	if b.Content == nil {
		return ""
	}
	return strings.TrimSpace(b.Content.plain())
}

// Short is the beginning of Plain on one line, at most n characters.
func (b Body) Short(n int) string {
	text := strings.Join(strings.Fields(b.Plain()), " ")
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}

// MayWrite reports whether an author of the kind may post a body of the type.
func (t BodyType) MayWrite(author AuthorKind) bool {
	switch t {
	case TypeText, TypeImage, TypeFile, TypeAudio, TypeVideo, TypeLocation, TypeForm:
		return true
	case TypeCard, TypeChoices, TypeSteps:
		return author != ByCustomer
	case TypeAnswer:
		return author == ByBot || author == ByStaff
	}
	return author == BySystem
}

// Editable reports whether a body of the type may be edited: words may, events
// and media may not.
func (t BodyType) Editable() bool { return t == TypeText || t == TypeCard || t == TypeSteps }

// problems gathers wrong fields of a message.
type problems struct{ fields *fault.Error }

func (p *problems) add(path, code, detail string) {
	if p.fields == nil {
		p.fields = ErrBody
	}
	p.fields = p.fields.At("body.body."+path, code, detail)
}

// text checks a text of at most limit characters; required ones may not be
// blank.
func (p *problems) text(path, text string, limit int, required bool) {
	if required && strings.TrimSpace(text) == "" {
		p.add(path, "required", "may not be empty")
		return
	}
	if code, detail := CheckText(text, limit); code != "" {
		p.add(path, code, detail)
	}
}

// link checks an address people are sent to: https, or a path of our own.
func (p *problems) link(path, address string, required bool) {
	if address == "" && !required {
		return
	}
	web := strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
	own := strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
	if len(address) > 2000 || !web && !own || strings.ContainsAny(address, " \t\r\n\\\x00\"<>") {
		p.add(path, "malformed", "want an http(s) address of at most 2000 bytes")
	}
}

// count checks the length of a list.
func (p *problems) count(path string, n, least, most int) bool {
	if n < least || n > most {
		p.add(path, "count", fmt.Sprintf("want %d to %d", least, most))
		return false
	}
	return true
}

// CheckText returns what is wrong with a text of people's, as a field code and
// its detail, or "". Line breaks and tabs are fine, other control characters
// are not: one of our engines cannot keep them all, and nobody types them.
func CheckText(text string, limit int) (code, detail string) {
	if !utf8.ValidString(text) {
		return "malformed", "not UTF-8"
	}
	if utf8.RuneCountInString(text) > limit {
		return "too_long", "at most " + strconv.Itoa(limit) + " characters"
	}
	for _, r := range text {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return "malformed", "control characters"
		}
	}
	return "", ""
}
