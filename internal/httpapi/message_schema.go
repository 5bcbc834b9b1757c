package httpapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"everdesk/internal/inbox"
)

// message stands in for inbox.Body in the API's document: an object with a
// type, whose other members depend on it. Package inbox checks it, and names
// what is wrong, more closely than a schema could.
type message struct{}

// Schema describes every body type.
func (message) Schema(registry huma.Registry) *huma.Schema {
	var kinds []any
	for _, kind := range []inbox.BodyType{
		inbox.TypeText, inbox.TypeImage, inbox.TypeFile, inbox.TypeAudio, inbox.TypeVideo, inbox.TypeCard, inbox.TypeChoices,
		inbox.TypeAnswer, inbox.TypeSteps, inbox.TypeLocation, inbox.TypeForm, inbox.TypeEvent, inbox.TypeRating, inbox.TypeRecalled,
	} {
		kinds = append(kinds, string(kind)) // what a JSON text is compared with
	}
	properties := map[string]*huma.Schema{"type": {Type: "string", Enum: kinds, Description: "Which of the other members there are."}}
	for _, content := range []any{
		inbox.Text{},
		inbox.Media{},
		inbox.Card{},
		inbox.Choices{},
		inbox.Answer{},
		inbox.Steps{},
		inbox.Location{},
		inbox.FormContent{},
		inbox.Event{},
		inbox.Rating{},
	} {
		one := huma.SchemaFromType(registry, reflect.TypeOf(content))
		for name, property := range one.Properties {
			// The server checks members itself; two types may use one name.
			if property.Ref == "" {
				property = &huma.Schema{Type: property.Type, Items: property.Items, Description: property.Description, AdditionalProperties: property.AdditionalProperties}
			}
			properties[name] = property
		}
	}
	schema := &huma.Schema{
		Type: "object", Description: "A standard message.", Properties: properties, Required: []string{"type"},
		AdditionalProperties: true,
	}
	schema.PrecomputeMessages()
	return schema
}
