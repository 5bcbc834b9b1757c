package httpapi

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsStyle []byte

// described is one operation as the documentation page shows it.
type described struct {
	Method, Path, ID, Summary, Door string
	Parameters                      []parameter
	Body, Answer                    string
}

type parameter struct {
	Name, In, Kind, Doc string
	Required            bool
}

type section struct {
	Name       string
	Operations []described
}

// describe serves the OpenAPI document and a page made of it. Both are built
// when they are first asked for, after every feature has registered.
func (s *Server) describe() {
	s.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		writeJSON(w, http.StatusOK, "application/openapi+json", s.OpenAPI())
	})
	page := template.Must(template.New("docs").Parse(docsPage))
	s.mux.HandleFunc("GET /docs", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		if err := page.Execute(w, s.sections()); err != nil {
			s.log.WarnContext(r.Context(), "the documentation page broke off", "error", err)
		}
	})
	s.mux.HandleFunc("GET /docs.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		// The client may have gone; there is nobody left to tell.
		_, _ = w.Write(docsStyle)
	})
}

func (s *Server) sections() []section {
	byTag := map[string][]described{}
	for path, item := range s.OpenAPI().Paths {
		for method, operation := range map[string]*huma.Operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete,
		} {
			if operation == nil {
				continue
			}
			one := described{
				Method: method, Path: path, ID: operation.OperationID, Summary: operation.Summary,
				Door: s.doors[operation.OperationID].String(),
			}
			for _, p := range operation.Parameters {
				kind := ""
				if p.Schema != nil {
					kind = p.Schema.Type
				}
				one.Parameters = append(one.Parameters, parameter{p.Name, p.In, kind, p.Description, p.Required})
			}
			if operation.RequestBody != nil {
				one.Body = s.outline(operation.RequestBody.Content["application/json"])
			}
			for _, status := range []string{"200", "201", "202"} {
				if answer := operation.Responses[status]; answer != nil {
					one.Answer = s.outline(answer.Content["application/json"])
				}
			}
			byTag[operation.Tags[0]] = append(byTag[operation.Tags[0]], one)
		}
	}
	var all []section
	for name, operations := range byTag {
		slices.SortFunc(operations, func(a, b described) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
		})
		all = append(all, section{name, operations})
	}
	slices.SortFunc(all, func(a, b section) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// outline writes a schema as indented JSON with types for values.
func (s *Server) outline(media *huma.MediaType) string {
	if media == nil || media.Schema == nil {
		return ""
	}
	text, err := json.MarshalIndent(s.shape(media.Schema, 0), "", "  ")
	if err != nil {
		return ""
	}
	return string(text)
}

func (s *Server) shape(schema *huma.Schema, depth int) any {
	if schema.Ref != "" {
		if depth > 4 {
			return strings.TrimPrefix(schema.Ref, "#/components/schemas/")
		}
		schema = s.api.OpenAPI().Components.Schemas.SchemaFromRef(schema.Ref)
	}
	switch {
	case schema == nil:
		return "any"
	case len(schema.Properties) > 0:
		fields := make(map[string]any, len(schema.Properties))
		for name, property := range schema.Properties {
			fields[name] = s.shape(property, depth+1)
		}
		return fields
	case schema.Items != nil:
		return []any{s.shape(schema.Items, depth+1)}
	case len(schema.Enum) > 0:
		return schema.Enum
	case schema.Format != "":
		return schema.Type + " (" + schema.Format + ")"
	}
	return cmp.Or(schema.Type, "any")
}
