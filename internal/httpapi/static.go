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
	"slices"
	"strconv"
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
	kind string
	// forms are the file and its compressed forms, by content coding; "" is the
	// file itself.
	forms map[string][]byte
	// tag names the version, without quotes.
	tag string
}

// packed are the compressed forms that the build leaves beside a file, best
// first.
var packed = []struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

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
	made := &asset{kind: mime.TypeByExtension(path.Ext(name)), forms: map[string][]byte{"": plain}, tag: weakHash(plain)}
	if made.kind == "" {
		made.kind = http.DetectContentType(plain)
	}
	for _, form := range packed {
		if content, err := fs.ReadFile(s.Files, name+form.suffix); err == nil {
			made.forms[form.coding] = content
		}
	}
	if len(made.forms) == 1 && compressible(made.kind) {
		made.zip(plain)
	}
	if s.ready == nil {
		s.ready = map[string]*asset{}
	}
	s.ready[name] = made
	return made
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "javascript") || strings.Contains(kind, "json") || strings.Contains(kind, "svg")
}

// zip compresses what the build has not: the pages of a demonstration.
func (a *asset) zip(plain []byte) {
	var buffer bytes.Buffer
	packer, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	if err == nil {
		_, err = packer.Write(plain)
	}
	if err == nil && packer.Close() == nil && buffer.Len() < len(plain) {
		a.forms["gzip"] = buffer.Bytes()
	}
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
		if slices.ContainsFunc(packed, func(form struct{ coding, suffix string }) bool { return strings.HasSuffix(name, form.suffix) }) {
			found = nil // a form of a file is no file
		}
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
	coding := a.choose(r.Header.Get("Accept-Encoding"))
	if len(a.forms) > 1 {
		head.Set("Vary", "Accept-Encoding")
	}
	// Each form has bytes of its own, and so a tag of its own.
	tag := `"` + a.tag + coding + `"`
	head.Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if coding != "" {
		head.Set("Content-Encoding", coding)
	}
	head.Set("Content-Length", strconv.Itoa(len(a.forms[coding])))
	// The client may have gone; there is nobody left to tell.
	_, _ = w.Write(a.forms[coding])
}

// choose returns the best form that a browser takes, by its Accept-Encoding.
func (a *asset) choose(accepted string) string {
	for _, form := range packed {
		if a.forms[form.coding] != nil && accepts(accepted, form.coding) {
			return form.coding
		}
	}
	return ""
}

// accepts reports whether a coding is named and not with a quality of zero.
func accepts(list, coding string) bool {
	for item := range strings.SplitSeq(list, ",") {
		name, quality, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		number, given := strings.CutPrefix(strings.ReplaceAll(quality, " ", ""), "q=")
		value, err := strconv.ParseFloat(number, 64)
		return !given || err == nil && value > 0
	}
	return false
}

// matches compares the tags of an If-None-Match, weakly as it is meant.
func matches(list, tag string) bool {
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimPrefix(strings.TrimSpace(item), "W/"); item == tag || item == "*" {
			return true
		}
	}
	return false
}
