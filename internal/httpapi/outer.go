package httpapi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	"everdesk/internal/locale"
)

type requestKey struct{}

// request is what every layer below may ask about a request.
type request struct {
	trace    string
	language string
	address  netip.Addr
	secure   bool
	host     string
	header   http.Header
}

func requestOf(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}

func traceOf(ctx context.Context) string    { return requestOf(ctx).trace }
func languageOf(ctx context.Context) string { return requestOf(ctx).language }

// permissions are what pages may ask a browser for: a voice message needs the
// microphone, nothing needs the rest.
const permissions = "microphone=(self), camera=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=(), midi=(), display-capture=()"

// outer wraps everything: request id, language, address, panics, and the
// headers every answer carries.
func (s *Server) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := request{
			trace: trace(r.Header.Get("X-Request-Id")), language: locale.Negotiate(r.Header.Get("Accept-Language")),
			address: s.address(r), secure: r.TLS != nil || s.trusted(r) && r.Header.Get("X-Forwarded-Proto") == "https",
			host: r.Host, header: r.Header,
		}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, info))
		head := w.Header()
		head.Set("X-Request-Id", info.trace)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		head.Set("Permissions-Policy", permissions)
		if info.secure {
			head.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if strings.HasPrefix(r.URL.Path, Base) {
			head.Set("Cache-Control", "no-store")
			// Data is no page, whatever a browser takes it for.
			head.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
			head.Set("Cross-Origin-Resource-Policy", "same-origin")
		}
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
				s.problems.write(w, r, fmt.Errorf("panicked: %v\n%s", p, debug.Stack()))
			}
		}()
		if err := sanePath(r.URL); err != nil {
			s.problems.write(w, r, err)
			return
		}
		// The library bounds JSON bodies only; a form would fill the disk.
		if r.ContentLength > largestBody {
			s.problems.write(w, r, errTooLarge)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, largestBody)
		next.ServeHTTP(w, r)
	})
}

// largestBody is that of an upload and what its form adds.
const largestBody = MaxUpload + 1<<20

// sanePath refuses what no client of ours sends: text that is not UTF-8 or
// holds NUL would only fail deeper down.
func sanePath(u *url.URL) error {
	query, err := url.QueryUnescape(u.RawQuery)
	if err != nil || !utf8.ValidString(query) || strings.ContainsRune(query, 0) {
		return errMalformed.At("query", "malformed", "not UTF-8, or contains U+0000")
	}
	if !utf8.ValidString(u.Path) || strings.ContainsRune(u.Path, 0) {
		return errMalformed.At("path", "malformed", "not UTF-8, or contains U+0000")
	}
	return nil
}

// trace keeps a request id given by a proxy if it is harmless in a log.
func trace(given string) string {
	if given == "" || len(given) > 64 || strings.ContainsFunc(given, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	}) {
		return strings.ToLower(rand.Text()[:16])
	}
	return given
}

func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return address.Unmap()
}

func (s *Server) trusted(r *http.Request) bool { return s.trustedAddr(peer(r)) }

func (s *Server) trustedAddr(address netip.Addr) bool {
	for _, prefix := range s.options.TrustedProxies {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// address is the client's: the last one in X-Forwarded-For that is not itself a
// trusted proxy, and only if the peer is one.
func (s *Server) address(r *http.Request) netip.Addr {
	address := peer(r)
	if !s.trustedAddr(address) {
		return address
	}
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, c := range slices.Backward(chain) {
		named, err := netip.ParseAddr(strings.TrimSpace(c))
		if err != nil {
			break
		}
		if address = named.Unmap(); !s.trustedAddr(address) {
			break
		}
	}
	return address
}
