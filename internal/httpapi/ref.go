package httpapi

import "encoding"

// ref is an id in a path or a query. Ids are numbers to Go, and the library
// would read a number: ref reads their public text.
//
//	ID ref[id.Team] `path:"id"`
type ref[T any] struct{ ID T }

// UnmarshalText accepts what the id accepts.
func (r *ref[T]) UnmarshalText(text []byte) error {
	return any(&r.ID).(encoding.TextUnmarshaler).UnmarshalText(text)
}
