package inbox_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/inbox"
)

// node is as much of a JSON schema as the published one uses for its members.
type node struct {
	Const      any             `json:"const"`
	Enum       []any           `json:"enum"`
	Properties map[string]node `json:"properties"`
	Items      *node           `json:"items"`
	Closed     any             `json:"additionalProperties"`
	MaxLength  int             `json:"maxLength"`
}

// The published schema names the same messages with the same members as the
// code reads.
func TestThePublishedSchemaIsTheCodes(t *testing.T) {
	raw, err := os.ReadFile("../../docs/schema/message.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]node `json:"$defs"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	if schema.Defs["text"].Properties["text"].MaxLength != inbox.MaxText {
		t.Error("the longest text differs")
	}
	for name, content := range map[string]inbox.Content{
		"text": &inbox.Text{}, "media": &inbox.Media{}, "card": &inbox.Card{}, "choices": &inbox.Choices{}, "answer": &inbox.Answer{},
		"steps": &inbox.Steps{}, "location": &inbox.Location{}, "form": &inbox.FormContent{}, "event": &inbox.Event{},
		"rating": &inbox.Rating{}, "recalled": &inbox.Recalled{},
	} {
		t.Run(name, func(t *testing.T) {
			described := schema.Defs[name]
			kinds := described.Properties["type"].Enum
			if kinds == nil {
				kinds = []any{described.Properties["type"].Const}
			}
			for _, kind := range kinds {
				if _, err := inbox.ParseBody([]byte(`{"type":"` + kind.(string) + `","surely":"not"}`)); err == nil || !strings.Contains(err.Error(), "surely") {
					t.Errorf("the code does not read %v: %v", kind, err)
				}
			}
			delete(described.Properties, "type")
			if diff := cmp.Diff(members(reflect.TypeOf(content).Elem()), described.members(t)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// members lists the JSON members of a struct, nested ones as "buttons.label".
func members(of reflect.Type) (all []string) {
	for field := range of.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		all = append(all, name)
		inner := field.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner.PkgPath() == reflect.TypeFor[inbox.Text]().PkgPath() {
			for _, one := range members(inner) {
				all = append(all, name+"."+one)
			}
		}
	}
	slices.Sort(all)
	return all
}

func (n node) members(t *testing.T) (all []string) {
	t.Helper()
	if n.Closed != false {
		t.Error("a part of the schema lets unknown members in")
	}
	for name, property := range n.Properties {
		all = append(all, name)
		inner := property
		if property.Items != nil {
			inner = *property.Items
		}
		if inner.Properties != nil {
			for _, one := range inner.members(t) {
				all = append(all, name+"."+one)
			}
		}
	}
	slices.Sort(all)
	return all
}
