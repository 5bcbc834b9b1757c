package httpapi

import (
	"encoding"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"everdesk/internal/id"
)

// ref is an id in a path or a query. Ids are numbers to Go, and the library
// would read a number: ref reads their public text.
//
//	ID ref[id.Team] `path:"id"`
type ref[T any] struct{ ID T }

// UnmarshalText accepts what the id accepts.
func (r *ref[T]) UnmarshalText(text []byte) error {
	return any(&r.ID).(encoding.TextUnmarshaler).UnmarshalText(text)
}

// byID is the input of operations on one thing.
type byID[T any] struct {
	ID ref[T] `path:"id"`
}

// publicID is the schema of an id: its public text, or the empty text for none.
// With it a malformed id in a body is refused by the name of its field.
type publicID[T interface {
	~int64
	fmt.Stringer
}] struct{}

// Schema says what the text of T looks like.
func (publicID[T]) Schema(huma.Registry) *huma.Schema {
	prefix := T(1).String()[:4]
	return &huma.Schema{
		Type: huma.TypeString, Pattern: "^(" + prefix + "[0-9a-hjkmnp-tv-z]{13})?$", PatternDescription: "an id " + prefix + "...",
		Examples: []any{T(1 << 60).String()},
	}
}

// describeIDs gives every kind of id its schema.
func describeIDs(registry huma.Registry) {
	for of, schema := range map[reflect.Type]reflect.Type{
		reflect.TypeFor[id.Workspace]():    reflect.TypeFor[publicID[id.Workspace]](),
		reflect.TypeFor[id.Account]():      reflect.TypeFor[publicID[id.Account]](),
		reflect.TypeFor[id.Staff]():        reflect.TypeFor[publicID[id.Staff]](),
		reflect.TypeFor[id.Team]():         reflect.TypeFor[publicID[id.Team]](),
		reflect.TypeFor[id.Session]():      reflect.TypeFor[publicID[id.Session]](),
		reflect.TypeFor[id.APIKey]():       reflect.TypeFor[publicID[id.APIKey]](),
		reflect.TypeFor[id.Invitation]():   reflect.TypeFor[publicID[id.Invitation]](),
		reflect.TypeFor[id.Customer]():     reflect.TypeFor[publicID[id.Customer]](),
		reflect.TypeFor[id.Identity]():     reflect.TypeFor[publicID[id.Identity]](),
		reflect.TypeFor[id.Conversation](): reflect.TypeFor[publicID[id.Conversation]](),
		reflect.TypeFor[id.Entry]():        reflect.TypeFor[publicID[id.Entry]](),
		reflect.TypeFor[id.File]():         reflect.TypeFor[publicID[id.File]](),
		reflect.TypeFor[id.Channel]():      reflect.TypeFor[publicID[id.Channel]](),
		reflect.TypeFor[id.Flow]():         reflect.TypeFor[publicID[id.Flow]](),
		reflect.TypeFor[id.Connector]():    reflect.TypeFor[publicID[id.Connector]](),
		reflect.TypeFor[id.Ticket]():       reflect.TypeFor[publicID[id.Ticket]](),
		reflect.TypeFor[id.Calendar]():     reflect.TypeFor[publicID[id.Calendar]](),
		reflect.TypeFor[id.Article]():      reflect.TypeFor[publicID[id.Article]](),
		reflect.TypeFor[id.Product]():      reflect.TypeFor[publicID[id.Product]](),
		reflect.TypeFor[id.Import]():       reflect.TypeFor[publicID[id.Import]](),
		reflect.TypeFor[id.Snippet]():      reflect.TypeFor[publicID[id.Snippet]](),
		reflect.TypeFor[id.Intent]():       reflect.TypeFor[publicID[id.Intent]](),
		reflect.TypeFor[id.Example]():      reflect.TypeFor[publicID[id.Example]](),
		reflect.TypeFor[id.Model]():        reflect.TypeFor[publicID[id.Model]](),
		reflect.TypeFor[id.Sample]():       reflect.TypeFor[publicID[id.Sample]](),
		reflect.TypeFor[id.TestSet]():      reflect.TypeFor[publicID[id.TestSet]](),
		reflect.TypeFor[id.Audit]():        reflect.TypeFor[publicID[id.Audit]](),
		reflect.TypeFor[id.Transition]():   reflect.TypeFor[publicID[id.Transition]](),
	} {
		registry.RegisterTypeAlias(of, schema)
	}
}
