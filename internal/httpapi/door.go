package httpapi

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"everdesk/internal/access"
	"everdesk/internal/fault"
)

// Authenticator resolves what a request carries. Each returns one of access's
// Unauthenticated faults for what it does not know.
type Authenticator interface {
	// Session resolves a console cookie.
	Session(ctx context.Context, token string, at time.Time) (access.Caller, error)
	// Key resolves an API key.
	Key(ctx context.Context, key string, at time.Time) (access.Caller, error)
	// Visitor resolves a widget visitor's token.
	Visitor(ctx context.Context, token string, at time.Time) (access.Caller, error)
}

// Door says who may call an operation.
type Door struct {
	kind       doorKind
	permission access.Permission
}

type doorKind uint8

const (
	anybody doorKind = iota
	member
	permitted
	visitor
)

// Anybody needs no caller: sign-in, the widget's configuration.
var Anybody = Door{kind: anybody}

// Member needs a signed-in person and no permission: their own things.
var Member = Door{kind: member}

// VisitorOnly needs a widget visitor's token and takes no cookie.
var VisitorOnly = Door{kind: visitor}

// May needs a signed-in person or an API key with the permission.
func May(permission access.Permission) Door { return Door{kind: permitted, permission: permission} }

// String describes the door in the API's document.
func (d Door) String() string {
	switch d.kind {
	case anybody:
		return "public"
	case member:
		return "session"
	case visitor:
		return "visitor"
	}
	return string(d.permission)
}

func (d Door) security() []map[string][]string {
	switch d.kind {
	case anybody:
		return nil
	case member:
		return []map[string][]string{{"session": {}}}
	case visitor:
		return []map[string][]string{{"visitor": {}}}
	}
	return []map[string][]string{{"session": {}}, {"key": {string(d.permission)}}}
}

var securitySchemes = map[string]*huma.SecurityScheme{
	"session": {Type: "apiKey", In: "cookie", Name: secureCookie},
	"key":     {Type: "http", Scheme: "bearer", BearerFormat: "edk_..."},
	"visitor": {Type: "http", Scheme: "bearer", BearerFormat: "edv_..."},
}

const (
	secureCookie = "__Host-everdesk_session"
	plainCookie  = "everdesk_session"
)

// cookieName is the cookie of a connection: browsers keep a __Host- cookie only
// over TLS and on loopback.
func cookieName(info request) string {
	if info.secure || loopback(info.host) {
		return secureCookie
	}
	return plainCookie
}

func loopback(host string) bool {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback()
}

// SessionCookie returns the console cookie of a request that does not pass
// through the API: a socket's.
func SessionCookie(r *http.Request) (string, error) {
	for _, name := range []string{secureCookie, plainCookie} {
		if cookie, err := r.Cookie(name); err == nil {
			return cookie.Value, nil
		}
	}
	return "", access.ErrSignedOut
}

type callerKey struct{}

// callerOf returns who came in by the door of the running operation.
func callerOf(ctx context.Context) access.Caller {
	caller, _ := ctx.Value(callerKey{}).(access.Caller)
	return caller
}

// scopeOf returns the scope of who came in.
func scopeOf(ctx context.Context) access.Scope { return callerOf(ctx).Scope }

var crossOrigin = http.NewCrossOriginProtection()

// open lets a request in or says why not. It is the only place that does.
func (s *Server) open(ctx context.Context, method string, door Door) (context.Context, error) {
	caller, err := s.identify(ctx, method, door)
	if err != nil {
		return ctx, err
	}
	if door.kind == permitted && !caller.Scope.Can(door.permission) {
		return ctx, fault.ErrForbidden.With("permission", string(door.permission))
	}
	return context.WithValue(ctx, callerKey{}, caller), nil
}

func (s *Server) identify(ctx context.Context, method string, door Door) (access.Caller, error) {
	info := requestOf(ctx)
	bearer, hasBearer := strings.CutPrefix(info.header.Get("Authorization"), "Bearer ")
	if door.kind == visitor {
		if !hasBearer {
			return access.Caller{}, access.ErrBadToken
		}
		return s.ports.Auth.Visitor(ctx, bearer, s.now())
	}
	if hasBearer && door.kind == permitted {
		caller, err := s.ports.Auth.Key(ctx, bearer, s.now())
		if err == nil && !s.limits.keys.allow(ctx, caller.Scope.Key.String()) {
			return access.Caller{}, errTooMany.After(time.Second)
		}
		return caller, err
	}
	// From here on a cookie decides, or will be set: no other site may ask.
	if err := crossOrigin.Check(&http.Request{Method: method, Host: info.host, Header: info.header}); err != nil {
		return access.Caller{}, access.ErrCrossSite
	}
	if door.kind == anybody {
		return access.Caller{}, nil
	}
	cookie, err := (&http.Request{Header: info.header}).Cookie(cookieName(info))
	if err != nil {
		return access.Caller{}, access.ErrSignedOut
	}
	return s.ports.Auth.Session(ctx, cookie.Value, s.now())
}
