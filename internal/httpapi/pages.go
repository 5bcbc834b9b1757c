package httpapi

import (
	"context"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"everdesk/internal/fault"
)

// Pages are the built front ends; one that is nil was not built.
type Pages struct {
	Console fs.FS
	Widget  fs.FS
	// Hosts returns the sites that may frame the widget of a key; none means
	// that any may. A key nobody has is not found.
	Hosts func(ctx context.Context, key string) ([]string, error)
}

// consolePolicy lets the console run its own scripts and styles and nothing else,
// and nobody frame it. Components that place menus set styles from scripts, which
// needs no permission.
const consolePolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"media-src 'self' blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// widgetPolicy is the widget's without who may frame it.
const widgetPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; " +
	"media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors "

// hashed reports whether a file's name holds a hash of its content.
func hashed(name string) bool { return strings.HasPrefix(name, "assets/") }

// Pages serves the console at /, the widget at /w/, and the widget as a page of
// its own at /h5 and at the signed links /t/.
func (s *Server) Pages(p Pages) {
	if p.Widget != nil {
		s.widgetPages(p)
	}
	if p.Console == nil {
		s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusServiceUnavailable)
			// The client may have gone; there is nobody left to tell.
			_, _ = w.Write([]byte("This binary was built without its pages. Run `make build`.\n"))
		})
		return
	}
	s.at("/", &Site{Files: p.Console, Policy: consolePolicy, Fallback: "index.html", Immutable: hashed, Header: func(name string, header http.Header) {
		if path.Ext(name) == ".html" {
			// Old browsers read this one, and no other window gets hold of ours.
			header.Set("X-Frame-Options", "DENY")
			header.Set("Cross-Origin-Opener-Policy", "same-origin")
		}
	}})
}

func (s *Server) widgetPages(p Pages) {
	site := &Site{Files: p.Widget, Policy: widgetPolicy + "'self'", Immutable: hashed, Header: func(name string, header http.Header) {
		switch path.Base(name) {
		case "loader.js":
			// A shop's page loads it even while the desk is down.
			header.Set("Cache-Control", "public, max-age=300, stale-while-revalidate=604800, stale-if-error=2592000")
			header.Set("Access-Control-Allow-Origin", "*")
			header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		case "sw.js":
			// One worker serves /w/, /h5 and /t/.
			header.Set("Service-Worker-Allowed", "/")
		}
	}}
	s.at("/w/", site)
	page := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			found := site.asset(name)
			if found == nil {
				http.NotFound(w, r)
				return
			}
			ancestors, err := p.ancestors(r)
			if err != nil {
				// A failure keeps browsers at the page they have kept.
				s.problems.write(w, r, err)
				return
			}
			// The address of a signed link is its secret.
			w.Header().Set("Referrer-Policy", "no-referrer")
			framed := &Site{Policy: widgetPolicy + ancestors}
			framed.serve(w, r, name, found)
		}
	}
	s.mux.HandleFunc("GET /w/{$}", page("index.html"))
	s.mux.HandleFunc("GET /h5", page("h5.html"))
	s.mux.HandleFunc("GET /t/{token}", page("h5.html"))
}

// ancestors are who may frame the page of a widget's key: nobody, if it is no
// widget's.
func (p Pages) ancestors(r *http.Request) (string, error) {
	if r.URL.Path != "/w/" {
		return "'none'", nil
	}
	hosts, err := p.Hosts(r.Context(), r.URL.Query().Get("key"))
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return "'none'", nil
	case err != nil:
		return "", err
	case len(hosts) == 0:
		return "*", nil
	}
	return "'self' " + strings.Join(hosts, " "), nil
}

// Pattern is the route a request would take, for metrics.
func (s *Server) Pattern(r *http.Request) string {
	_, pattern := s.mux.Handler(r)
	return pattern
}
