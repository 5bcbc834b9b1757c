package inbox_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"everdesk/internal/inbox"
)

func TestEveryKindOfMessageSurvivesItsJSON(t *testing.T) {
	for _, raw := range []string{
		`{"type":"text","text":"你好 😀\nsecond line"}`,
		`{"type":"image","file":{"id":"fil_00000000004cj"},"caption":"the box"}`,
		`{"type":"audio","file":{"id":"fil_00000000004cj","duration_ms":4200}}`,
		`{"type":"card","title":"Scarf","text":"red","image_url":"https://shop.example/s.png","buttons":[{"label":"Buy","action":"link","value":"https://shop.example/buy"},{"label":"Other","action":"reply","value":"another colour"}]}`,
		`{"type":"choices","text":"Did you mean","choices":[{"label":"A","value":"a"}]}`,
		`{"type":"answer","text":"In 3 days.","sources":[{"article_id":"art_00000000004cj","title":"Delivery","updated_at":"2026-11-20T09:00:00Z"}]}`,
		`{"type":"steps","title":"Reset","steps":[{"text":"Hold the button."}]}`,
		`{"type":"location","lat":31.2,"lon":121.5,"label":"Shop"}`,
		`{"type":"form","form":"return","fields":[{"name":"order","label":"Order","kind":"text","required":true}],"values":{"order":"E-1"}}`,
		`{"type":"event","event":"ticketed","facts":{"number":"7"}}`,
		`{"type":"rating","score":5}`,
		`{"type":"recalled"}`,
	} {
		body, err := inbox.ParseBody([]byte(raw))
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if again, err := json.Marshal(body); err != nil || string(again) != raw {
			t.Errorf("%s\ncame back as %s, %v", raw, again, err)
		}
	}
}

func TestMalformedMessagesNameTheirField(t *testing.T) {
	for name, test := range map[string]struct{ raw, want string }{
		"not JSON":                {`{`, "body.body:malformed"},
		"a list":                  {`[]`, "body.body:malformed"},
		"null":                    {`null`, "body.body.type:required"},
		"no type":                 {`{"text":"x"}`, "body.body.type:required"},
		"an unknown type":         {`{"type":"hologram"}`, "body.body.type:unknown"},
		"an unknown field":        {`{"type":"text","text":"x","html":"<b>"}`, "body.body.html:unknown"},
		"a number for a text":     {`{"type":"text","text":7}`, "body.body.text:malformed"},
		"an empty text":           {`{"type":"text","text":" \n"}`, "body.body.text:required"},
		"too long a text":         {`{"type":"text","text":"` + strings.Repeat("字", inbox.MaxText+1) + `"}`, "body.body.text:too_long"},
		"a body of a megabyte":    {`{"type":"text","text":"` + strings.Repeat("x", 1<<20) + `"}`, "body.body:too_long"},
		"control characters":      {`{"type":"text","text":"a\u0000b"}`, "body.body.text:malformed"},
		"broken UTF-8":            {"{\"type\":\"text\",\"text\":\"\xff\"}", "body.body:malformed"},
		"an image without a file": {`{"type":"image"}`, "body.body.file.id:required"},
		"another kind's id":       {`{"type":"image","file":{"id":"cnv_00000000004cj"}}`, "body.body:malformed"},
		"a script for a link":     {`{"type":"card","title":"x","buttons":[{"label":"y","action":"link","value":"javascript:alert(1)"}]}`, "body.body.buttons[0].value:malformed"},
		"an unknown action":       {`{"type":"card","title":"x","buttons":[{"label":"y","action":"call","value":"1"}]}`, "body.body.buttons[0].action:unknown"},
		"no choices":              {`{"type":"choices","text":"x","choices":[]}`, "body.body.choices:count"},
		"a place off the globe":   {`{"type":"location","lat":91,"lon":0,"label":""}`, "body.body.lat:range"},
		"a field named twice":     {`{"type":"form","form":"f","fields":[{"name":"a","label":"A","kind":"text"},{"name":"a","label":"A","kind":"text"}]}`, "body.body.fields[1].name:duplicate"},
		"a value without a field": {`{"type":"form","form":"f","fields":[{"name":"a","label":"A","kind":"text"}],"values":{"b":"1"}}`, "body.body.values:unknown"},
		"six stars":               {`{"type":"rating","score":6}`, "body.body.score:range"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := inbox.ParseBody([]byte(test.raw))
			if !errors.Is(err, inbox.ErrBody) || !strings.HasPrefix(err.Error(), inbox.ErrBody.Code+" "+test.want) {
				t.Errorf("refused as %v, want %s", err, test.want)
			}
		})
	}
}

func TestEachAuthorWritesTheirOwnKinds(t *testing.T) {
	for kind, authors := range map[inbox.BodyType]string{
		inbox.TypeText: "customer staff bot system", inbox.TypeCard: "staff bot system", inbox.TypeAnswer: "staff bot",
		inbox.TypeEvent: "system", inbox.TypeRating: "system", inbox.TypeRecalled: "system",
	} {
		var may []string
		for _, author := range []inbox.AuthorKind{inbox.ByCustomer, inbox.ByStaff, inbox.ByBot, inbox.BySystem} {
			if kind.MayWrite(author) {
				may = append(may, string(author))
			}
		}
		if got := strings.Join(may, " "); got != authors {
			t.Errorf("%s may be written by %q, want %q", kind, got, authors)
		}
	}
}

func TestPreviewsAreOneShortLine(t *testing.T) {
	body := inbox.TextBody("one\n  two\tthree " + strings.Repeat("四", 50))
	if got := body.Short(14); got != "one two three…" {
		t.Errorf("%q", got)
	}
}

func FuzzParseBody(f *testing.F) {
	f.Add([]byte(`{"type":"text","text":"x"}`))
	f.Add([]byte(`{"type":"form","form":"f","fields":[{"name":"a","label":"A","kind":"text"}]}`))
	f.Add([]byte(`{"type":"image","file":{"id":"fil_00000000004cj"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := inbox.ParseBody(raw)
		if err != nil {
			return
		}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatalf("%q was read and cannot be written: %v", raw, err)
		}
		again, err := inbox.ParseBody(text)
		if err != nil || again.Plain() != body.Plain() {
			t.Errorf("%q came back as %q, %v", raw, text, err)
		}
	})
}
