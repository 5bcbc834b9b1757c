package flow_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/bot/flow"
)

// The published schema and the reader know the same types and fields: for each
// type of node a document is made with a field the schema names, which must be
// read, and with one it does not, which must be refused.
func TestThePublishedSchemaIsWhatIsRead(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/schema/flow.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			Slots struct {
				Each struct {
					Properties struct {
						Type struct{ Enum []string }
					}
				} `json:"additionalProperties"`
			}
			Nodes struct {
				Each struct {
					OneOf []struct {
						Properties map[string]json.RawMessage
						Required   []string
					} `json:"oneOf"`
				} `json:"additionalProperties"`
			}
		}
	}
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(flow.SlotTypes, schema.Properties.Slots.Each.Properties.Type.Enum); diff != "" {
		t.Errorf("types of slot:\n%s", diff)
	}
	fields := flow.NodeFields()
	if len(schema.Properties.Nodes.Each.OneOf) != len(fields) {
		t.Errorf("%d types of node in the schema, %d are read", len(schema.Properties.Nodes.Each.OneOf), len(fields))
	}
	for _, one := range schema.Properties.Nodes.Each.OneOf {
		var kind struct{ Const string }
		if err := json.Unmarshal(one.Properties["type"], &kind); err != nil {
			t.Fatal(err)
		}
		var named, required []string
		for name := range one.Properties {
			if name != "type" {
				named = append(named, name)
			}
		}
		for _, name := range one.Required {
			if name != "type" {
				required = append(required, name)
			}
		}
		slices.Sort(named)
		slices.Sort(required)
		if diff := cmp.Diff(fields[kind.Const], [2][]string{named, required}); diff != "" {
			t.Errorf("%s:\n%s", kind.Const, diff)
		}
	}
}
