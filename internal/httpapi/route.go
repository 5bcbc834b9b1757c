package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"everdesk/internal/audit"
	"everdesk/internal/commit"
	"everdesk/internal/page"
)

// op is one operation. Its id is its name for ever: clients are generated from
// it.
type op struct {
	id      string
	method  string
	path    string // below Base
	summary string
	tag     string
	door    Door
	status  int   // of success; default 200
	body    int64 // most bytes of the body; default 1 MiB
}

// add registers an operation. Out may be nil for an empty answer.
func add[In, Out any](s *Server, o op, handler func(context.Context, *In) (*Out, error)) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	if o.body == 0 {
		o.body = 1 << 20
	}
	if _, twice := s.doors[o.id]; twice {
		panic("httpapi: two operations are called " + o.id)
	}
	s.doors[o.id] = o.door
	operation := huma.Operation{
		OperationID: o.id, Method: o.method, Path: Base + o.path, Summary: o.summary, Tags: []string{o.tag},
		DefaultStatus: o.status, MaxBodyBytes: o.body, Security: o.door.security(),
		Errors:     []int{400, 401, 403, 404, 409, 422, 429, 503},
		Extensions: map[string]any{"x-door": o.door.String()},
		Middlewares: huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
			opened, err := s.open(ctx.Context(), o.method, o.door)
			if err != nil {
				s.refuse(ctx, err)
				return
			}
			info := requestOf(opened)
			next(huma.WithContext(ctx, audit.From(opened, audit.Origin{
				Route: o.method + " " + Base + o.path, Address: info.address.String(), Trace: info.trace,
			})))
		}},
	}
	huma.Register(s.api, operation, func(ctx context.Context, in *In) (*Out, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, s.problems.of(ctx, err)
		}
		return out, nil
	})
}

func (s *Server) refuse(ctx huma.Context, err error) {
	problem := s.problems.of(ctx.Context(), err)
	for name, values := range problem.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetHeader("Content-Type", problem.ContentType(""))
	ctx.SetStatus(problem.Status)
	// The client may have gone; there is nobody left to tell.
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(problem)
}

// What operations embed is exported, because the library looks into no other
// embedded types.

// Creates is embedded in the input of every operation that makes something.
type Creates struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"Makes a repeated request answer with what the first one made."`
}

// claim returns the claim of a create, or nil without a key. The body is the
// decoded input, so that two spellings of one request are one request.
func (s *Server) claim(ctx context.Context, in Creates, route string, body any) (*commit.Claim, error) {
	if in.IdempotencyKey == "" {
		return nil, nil
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(ctx)
	return &commit.Claim{
		Workspace: scope.Workspace, Actor: scope.Actor(), Route: route,
		Key: in.IdempotencyKey, Request: raw, At: s.now(),
	}, nil
}

// Replay is embedded in the output of creates.
type Replay struct {
	Replayed string `header:"Idempotent-Replay" doc:"true if an earlier request with the key made it."`
}

func replayed(claim *commit.Claim) Replay {
	if claim != nil && claim.Replayed {
		return Replay{"true"}
	}
	return Replay{}
}

// Updates is embedded in the input of every operation that changes a version.
type Updates struct {
	IfMatch string `header:"If-Match" doc:"The ETag of what is being changed."`
}

// version reads If-Match.
func (u Updates) version() (int64, error) {
	if u.IfMatch == "" {
		return 0, errVersionRequired.At("header.If-Match", "required", "send the ETag of what you are changing")
	}
	version, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(u.IfMatch, "W/"), `"`), 10, 64)
	if err != nil {
		return 0, errMalformed.At("header.If-Match", "malformed", "not an ETag of this API")
	}
	return version, nil
}

// Versioned is embedded in the output of what has a version.
type Versioned struct {
	ETag string `header:"ETag"`
}

func etag(version int64) Versioned {
	return Versioned{`"` + strconv.FormatInt(version, 10) + `"`}
}

// Lists is embedded in the input of every list.
type Lists struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
	Cursor string `query:"cursor" maxLength:"100" doc:"next_cursor of the page before."`
}

func (l Lists) page() (page.Request, error) {
	after, err := page.Parse(l.Cursor)
	return page.Request{Limit: l.Limit, After: after}, err
}

// listed is the body of every list.
type listed[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Absent on the last page."`
}

// list makes the body of a page, each row shown by show.
func list[T, V any](p page.Of[T], show func(T) V) listed[V] {
	items := make([]V, len(p.Items))
	for i, item := range p.Items {
		items[i] = show(item)
	}
	return listed[V]{items, p.Next.String()}
}
