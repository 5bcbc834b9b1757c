package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"everdesk/internal/fault"
)

// Site is a built front end: files under a path, served from memory, each
// compressed once.
type Site struct {
	Files fs.FS
	// Policy is the Content-Security-Policy of its pages.
	Policy string
	// Fallback is the page for paths that are no file, "" for none. A browser
	// that opens /tickets/tkt_... gets it.
	Fallback string
	// Immutable says which files carry a hash in their name.
	Immutable func(name string) bool
	// Header adds headers to a file: a service worker's scope, a loader's cache.
	Header func(name string, header http.Header)

	mu    sync.Mutex
	ready map[string]*asset
}

type asset struct {
	plain, packed []byte
	kind, tag     string
}

func (s *Site) asset(name string) *asset {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.ready[name]; known != nil {
		return known
	}
	plain, err := fs.ReadFile(s.Files, name)
	if err != nil {
		return nil
	}
	made := &asset{plain: plain, kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + weakHash(plain) + `"`}
	if made.kind == "" {
		made.kind = http.DetectContentType(plain)
	}
	if strings.HasPrefix(made.kind, "text/") || strings.Contains(made.kind, "javascript") ||
		strings.Contains(made.kind, "json") || strings.Contains(made.kind, "svg") {
		var buffer bytes.Buffer
		packer, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
		if err == nil {
			_, err = packer.Write(plain)
		}
		if err == nil && packer.Close() == nil {
			made.packed = buffer.Bytes()
		}
	}
	if s.ready == nil {
		s.ready = map[string]*asset{}
	}
	s.ready[name] = made
	return made
}

// weakHash names a version of a file; nothing secret hangs on it.
func weakHash(data []byte) string {
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// at serves the site below a prefix.
func (s *Server) at(prefix string, site *Site) {
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), strings.TrimSuffix(prefix, "/"))
		name = strings.TrimPrefix(name, "/")
		if name == "" {
			name = "index.html"
		}
		found := site.asset(name)
		if found == nil && site.Fallback != "" && path.Ext(name) == "" {
			name = site.Fallback
			found = site.asset(name)
		}
		if found == nil {
			s.problems.write(w, r, fault.ErrNotFound)
			return
		}
		site.serve(w, r, name, found)
	})
	s.mux.Handle("GET "+prefix, serve)
}

func (s *Site) serve(w http.ResponseWriter, r *http.Request, name string, a *asset) {
	head := w.Header()
	head.Set("Content-Type", a.kind)
	head.Set("ETag", a.tag)
	head.Set("Cache-Control", "no-cache")
	if s.Immutable != nil && s.Immutable(name) {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.HasSuffix(name, ".html") {
		head.Set("Content-Security-Policy", s.Policy)
	}
	if s.Header != nil {
		s.Header(name, head)
	}
	if r.Header.Get("If-None-Match") == a.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.plain
	if a.packed != nil {
		head.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			head.Set("Content-Encoding", "gzip")
			body = a.packed
		}
	}
	// The client may have gone; there is nobody left to tell.
	_, _ = w.Write(body)
}
