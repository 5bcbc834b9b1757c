package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"everdesk/internal/httpapi"
)

// built is a front end as the build leaves it.
var built = fstest.MapFS{
	"index.html":          {Data: []byte("<!doctype html><title>desk</title>")},
	"index.html.br":       {Data: []byte("page in br")},
	"index.html.gz":       {Data: []byte("page in gzip")},
	"assets/app-1a2b.js":  {Data: []byte("console.log(1)")},
	"assets/app-1a2b.png": {Data: []byte("\x89PNG\r\n\x1a\n")},
	"words.txt":           {Data: []byte(strings.Repeat("many words ", 200))},
}

func pages(t *testing.T) http.Handler {
	t.Helper()
	server := httpapi.New(httpapi.Ports{}, httpapi.Options{Title: func(_, code string, _ map[string]string) string { return code }})
	server.Pages(httpapi.Pages{Console: built})
	return server
}

func get(t *testing.T, at http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://desk.test"+path, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	at.ServeHTTP(answer, request)
	return answer
}

func TestAFileComesInTheBestFormABrowserTakes(t *testing.T) {
	at := pages(t)
	tags := map[string]bool{}
	for name, c := range map[string]struct{ path, accepts, coding, body string }{
		"brotli before gzip":              {"/", "gzip, deflate, br, zstd", "br", "page in br"},
		"gzip where brotli is not taken":  {"/", "gzip, deflate", "gzip", "page in gzip"},
		"gzip where brotli is refused":    {"/", "br;q=0, gzip;q=0.5", "gzip", "page in gzip"},
		"as it is where nothing is named": {"/", "", "", "<!doctype html><title>desk</title>"},
		"as it is where all is refused":   {"/", "br; q=0, gzip;q=0.0", "", "<!doctype html><title>desk</title>"},
		"a picture as it is":              {"/assets/app-1a2b.png", "br, gzip", "", "\x89PNG\r\n\x1a\n"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := get(t, at, c.path, "Accept-Encoding", c.accepts)
			head := answer.Header()
			if answer.Body.String() != c.body || head.Get("Content-Encoding") != c.coding {
				t.Errorf("got %q in %q", answer.Body, head.Get("Content-Encoding"))
			}
			if c.path == "/" && head.Get("Vary") != "Accept-Encoding" {
				t.Errorf("Vary is %q", head.Get("Vary"))
			}
			tags[head.Get("ETag")] = true
			for _, known := range []string{head.Get("ETag"), "W/" + head.Get("ETag"), `"other", ` + head.Get("ETag"), "*"} {
				if again := get(t, at, c.path, "Accept-Encoding", c.accepts, "If-None-Match", known); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
					t.Errorf("known as %s: %d", known, again.Code)
				}
			}
		})
	}
	if len(tags) != 4 {
		t.Errorf("%d tags for 4 forms: %v", len(tags), tags)
	}
	if answer := get(t, at, "/words.txt", "Accept-Encoding", "gzip"); answer.Header().Get("Content-Encoding") != "gzip" || answer.Body.Len() > 500 {
		t.Errorf("what the build has not compressed has %d bytes", answer.Body.Len())
	}
	if answer := get(t, at, "/index.html.br"); answer.Code != http.StatusNotFound {
		t.Errorf("a compressed form is a file of its own: %d", answer.Code)
	}
	if got := get(t, at, "/assets/app-1a2b.js").Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a hashed file is kept for %q", got)
	}
}

func TestAnswersCarryTheHeadersThatBrowsersHonour(t *testing.T) {
	at := pages(t)
	for name, c := range map[string]struct {
		path string
		want map[string]string
	}{
		"the console": {"/", map[string]string{
			"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "strict-origin-when-cross-origin", "Strict-Transport-Security": "",
		}},
		"the API": {"/api/v1/nothing", map[string]string{
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cross-Origin-Resource-Policy": "same-origin",
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			head := get(t, at, c.path).Header()
			for header, want := range c.want {
				if got := head.Get(header); got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
			if !strings.Contains(head.Get("Permissions-Policy"), "camera=()") {
				t.Errorf("Permissions-Policy is %q", head.Get("Permissions-Policy"))
			}
		})
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://desk.test/", http.NoBody)
	answer := httptest.NewRecorder()
	at.ServeHTTP(answer, request)
	if got := answer.Header().Get("Strict-Transport-Security"); got == "" {
		t.Error("over TLS, browsers are not told to come back over TLS")
	}
}
