package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/locale"
)

// Meta says what this installation is.
type Meta struct {
	Name    string    `json:"name" example:"everdesk"`
	Version string    `json:"version"`
	Locales []string  `json:"locales" example:"[\"zh-CN\",\"en\"]"`
	Now     time.Time `json:"now"`
}

func (s *Server) registerMeta() {
	add(s, op{
		id: "get-meta", method: http.MethodGet, path: "/meta", tag: "Meta", door: Anybody,
		summary: "Name, version and languages of the installation",
	}, func(context.Context, *struct{}) (*struct{ Body Meta }, error) {
		return &struct{ Body Meta }{Meta{"everdesk", s.options.Version, locale.Tags, s.now()}}, nil
	})
}
