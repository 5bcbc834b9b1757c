package httpapi

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"everdesk/internal/fault"
)

// statuses is the only place where a fault becomes an HTTP status.
var statuses = map[fault.Kind]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Forbidden:       http.StatusForbidden,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Exhausted:       http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// The few codes whose status says more than their kind does.
var statusOfCode = map[string]int{
	fault.ErrStale.Code:       http.StatusPreconditionFailed,
	errVersionRequired.Code:   http.StatusPreconditionRequired,
	errMalformed.Code:         http.StatusBadRequest,
	errTooLarge.Code:          http.StatusRequestEntityTooLarge,
	errMediaType.Code:         http.StatusUnsupportedMediaType,
	errMethod.Code:            http.StatusMethodNotAllowed,
	"file.too_large":          http.StatusRequestEntityTooLarge, // a fault of package blob
	fault.ErrUnavailable.Code: http.StatusServiceUnavailable,
	fault.ErrFull.Code:        http.StatusInsufficientStorage,
	errTooSlow.Code:           http.StatusRequestTimeout,
}

// What the transport itself refuses.
var (
	errMalformed       = fault.New(fault.Invalid, "request.malformed")
	errTooLarge        = fault.New(fault.Invalid, "request.too_large")
	errTooSlow         = fault.New(fault.Invalid, "request.too_slow")
	errMediaType       = fault.New(fault.Invalid, "request.unsupported_media_type")
	errMethod          = fault.New(fault.Invalid, "request.method_not_allowed")
	errVersionRequired = fault.New(fault.Invalid, "request.version_required")
	errTooMany         = fault.New(fault.Exhausted, "request.too_many")
)

// Problem is the body of every error: RFC 9457 with a stable code.
type Problem struct {
	Type   string `json:"type" example:"about:blank" doc:"Always about:blank; the code tells errors apart."`
	Status int    `json:"status" example:"409"`
	Code   string `json:"code" example:"conversation.taken" doc:"What happened; never changes once released."`
	Title  string `json:"title" doc:"The same for people, in the language of Accept-Language."`
	// Fields say what is wrong with the input, never what it was.
	Fields []fault.Field     `json:"fields,omitempty"`
	Facts  map[string]string `json:"facts,omitempty" doc:"What the title mentions: who took it, how much is allowed."`
	Trace  string            `json:"trace" doc:"The request's id, as in X-Request-Id and the log."`

	retryAfter int
}

// Error returns the code.
func (p *Problem) Error() string { return p.Code }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders adds Retry-After.
func (p *Problem) GetHeaders() http.Header {
	if p.retryAfter == 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(p.retryAfter)}}
}

// ContentType returns application/problem+json.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problems turns errors into Problems.
type problems struct {
	log   *slog.Logger
	title func(tag, code string, facts map[string]string) string
}

// of answers err. What nobody classified is logged here, once, and shown as
// nothing but its trace number.
func (p problems) of(ctx context.Context, err error) *Problem {
	e := fault.Of(err)
	switch {
	case e == nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		e = fault.ErrUnavailable
	case e == nil || e.Kind == fault.Internal:
		p.log.ErrorContext(ctx, "a request failed", "trace", traceOf(ctx), "error", err)
		e = fault.New(fault.Internal, "server.internal")
	case e.Kind == fault.Unavailable:
		p.log.WarnContext(ctx, "a request could not be answered", "trace", traceOf(ctx), "error", err)
	}
	status := cmp.Or(statusOfCode[e.Code], statuses[e.Kind])
	retry := int(e.RetryAfter.Seconds() + 0.999)
	if retry == 0 && (e.Kind == fault.Exhausted || e.Kind == fault.Unavailable) {
		retry = 1
	}
	return &Problem{
		Type: "about:blank", Status: status, Code: e.Code, Title: p.title(languageOf(ctx), e.Code, e.Facts),
		Fields: e.Fields, Facts: e.Facts, Trace: traceOf(ctx), retryAfter: retry,
	}
}

// write answers err outside huma.
func (p problems) write(w http.ResponseWriter, r *http.Request, err error) {
	problem := p.of(r.Context(), err)
	maps.Copy(w.Header(), problem.GetHeaders())
	writeJSON(w, problem.Status, problem.ContentType(""), problem)
}

// fromHuma gives the library's own errors our form: no rejected value is ever
// sent back, because it may be a password.
func (p problems) fromHuma(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
	background := context.Background()
	if ctx != nil {
		background = ctx.Context()
	}
	for _, err := range errs {
		if known := fault.Of(err); known != nil {
			return p.of(background, err)
		}
		if detail, ok := errors.AsType[*huma.ErrorDetail](err); ok && carried(detail.Message) != nil {
			return p.of(background, carried(detail.Message))
		}
		if refused := unkept(err); refused != nil {
			return p.of(background, refused)
		}
		status, errs = unreadableAs(err, status, errs)
	}
	base := errMalformed
	switch status {
	case http.StatusUnprocessableEntity:
		base = fault.ErrInvalid
	case http.StatusRequestEntityTooLarge:
		base = errTooLarge
	case http.StatusRequestTimeout:
		base, errs = errTooSlow, nil
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		base = errMediaType
	case http.StatusInternalServerError:
		return p.of(background, errors.Join(append(errs, errors.New(message))...))
	}
	fields := 0
	for _, err := range errs {
		if detail, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			path := detail.Location
			if name, ok := strings.CutPrefix(detail.Message, "expected required property "); ok {
				path += "." + strings.TrimSuffix(name, " to be present")
			}
			if !strings.Contains(path, ".") && path != "body" {
				path = "body." + path // the library names a form's field alone
			}
			base = base.At(path, fieldCode(detail.Message), detail.Message)
			fields++
		}
	}
	if fields == 0 && status == http.StatusBadRequest {
		base = base.At("body", "malformed", "not readable as JSON in UTF-8")
	}
	return p.of(background, base)
}

// fieldCode names what a validation message says.
func fieldCode(message string) string {
	for part, code := range map[string]string{
		"required property": "required", "unexpected property": "unknown", "expected length <=": "too_long",
		"expected length >=": "too_short", "expected number <=": "too_large", "expected number >=": "too_small",
		"expected value to be one of": "not_allowed", "expected array length": "wrong_count", "required": "required",
	} {
		if strings.Contains(message, part) {
			return code
		}
	}
	return "malformed"
}
