// Package rest calls the operations of a connector over HTTP. What goes where
// stands in the connector's document; this package fills it in, sends it, and
// reads the answer.
//
// It trusts neither side: an argument can never change the host, a header or
// the shape of a path, and of an answer only what the document names gets
// further, within limits of size and depth. The client that connects is the
// caller's, with the guard that keeps the operator's network out of reach.
package rest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"everdesk/internal/connector"
)

const (
	// usualTimeout is how long one attempt may take.
	usualTimeout = 5 * time.Second
	// patience is how long a call may take with all its attempts.
	patience = 12 * time.Second
	// attempts is how often a call is made that may be repeated.
	attempts = 3
	// maxAnswer is how much of an answer is read, maxDepth how deep it may be.
	maxAnswer = 1 << 20
	maxDepth  = 32
)

// Client calls one connector.
type Client struct {
	document connector.Document
	secret   string
	http     *http.Client
	breakers *Breakers
	owner    string
	pause    func(ctx context.Context, d time.Duration) error
}

// Options are what a client works with.
type Options struct {
	// HTTP connects; it has to guard what it connects to.
	HTTP *http.Client
	// Secret is the one the document's Auth names.
	Secret string
	// Breakers and Owner keep callers of a system that is down from waiting for
	// it: Owner names whose system it is.
	Breakers *Breakers
	Owner    string
}

// New returns a client for a document that was checked. The http client is
// used without its redirects: an API that moves is configured anew.
func New(document connector.Document, options Options) *Client {
	plain := *options.HTTP
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	plain.Timeout = 0 // every attempt has its own
	return &Client{document, options.Secret, &plain, options.Breakers, options.Owner, sleep}
}

var _ connector.Caller = (*Client)(nil)

// Call makes a call. Reads and writes with a key are repeated while there is
// time; another write is sent once, and if nobody knows what became of it that
// is what the failure says.
func (c *Client) Call(ctx context.Context, call connector.Call) (connector.Result, error) {
	began := time.Now()
	name := strings.TrimPrefix(call.Operation, c.document.Key+".")
	op, ok := c.document.Operations[name]
	if !ok {
		return connector.Result{}, &connector.Failure{Code: connector.Refused, Detail: "no operation " + call.Operation}
	}
	if op.Identity != connector.NoIdentity && !proven(op, call) {
		return connector.Result{}, &connector.Failure{Code: connector.Refused, Detail: "no proof of identity for " + call.Operation}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tries := attempts
	if op.Effect == connector.Write && op.Retry != connector.RetryKey {
		tries = 1
	}
	var failure *connector.Failure
	for n := 1; ; n++ {
		var data map[string]any
		var again bool
		data, again, failure = c.attempt(ctx, op, call)
		if failure == nil {
			return connector.Result{Data: data, Took: time.Since(began), Attempts: n}, nil
		}
		if !again || n >= tries || c.pause(ctx, time.Duration(n)*300*time.Millisecond) != nil {
			return connector.Result{Took: time.Since(began), Attempts: n}, failure
		}
	}
}

// proven looks once more whether the proof is of this call's subject.
func proven(op connector.OperationEntry, call connector.Call) bool {
	subject, ok := call.Args[op.Subject].(string)
	return ok && call.Proof != nil && call.Proof.Subject == subject && subject != "" &&
		(call.Proof.Level == op.Identity || call.Proof.Level == connector.Account)
}

// attempt makes one attempt. again says that another one may help and does no
// harm.
func (c *Client) attempt(ctx context.Context, op connector.OperationEntry, call connector.Call) (data map[string]any, again bool, failure *connector.Failure) {
	request, err := c.request(ctx, op, call)
	if err != nil {
		return nil, false, &connector.Failure{Code: connector.Refused, Detail: err.Error()}
	}
	if !c.breakers.allow(c.owner) {
		return nil, false, &connector.Failure{Code: connector.Unavailable, Detail: "it has failed too often just now"}
	}
	one, cancel := context.WithTimeout(ctx, c.document.TimeoutOr(usualTimeout))
	defer cancel()
	response, err := c.http.Do(request.WithContext(one))
	if err != nil {
		c.breakers.failed(c.owner)
		return nil, true, c.lost(op, err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		c.breakers.failed(c.owner)
		return nil, true, c.lost(op, err)
	case len(raw) > maxAnswer:
		return nil, false, &connector.Failure{Code: connector.Refused, Detail: "the answer is too long"}
	case response.StatusCode == http.StatusTooManyRequests, response.StatusCode >= 500:
		c.breakers.failed(c.owner)
		return nil, true, c.lost(op, fmt.Errorf("status %d", response.StatusCode))
	}
	c.breakers.worked(c.owner)
	return c.read(op, response.StatusCode, raw)
}

// lost is a failure of which only reads can be sure that nothing happened.
func (c *Client) lost(op connector.OperationEntry, err error) *connector.Failure {
	detail := err.Error()
	// An address may hold what a customer told.
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		detail = wrapped.Err.Error()
	}
	code := connector.Unavailable
	if op.Effect == connector.Write && !neverSent(err) {
		code = connector.Unknown
	}
	return &connector.Failure{Code: code, Detail: detail}
}

// neverSent reports whether a request cannot have reached the other side.
func neverSent(err error) bool {
	text := err.Error()
	return strings.Contains(text, "connection refused") || strings.Contains(text, "no such host") || strings.Contains(text, "blocked_target")
}

// read turns an answer into what the document names of it.
func (c *Client) read(op connector.OperationEntry, status int, raw []byte) (map[string]any, bool, *connector.Failure) {
	var tree any
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := json.Unmarshal(raw, &tree); err != nil || depth(tree) > maxDepth {
			return nil, false, &connector.Failure{Code: connector.Refused, Detail: "the answer is no JSON that can be read"}
		}
	}
	if status >= 400 || status < 200 || status >= 300 {
		code := ""
		if m, ok := tree.(map[string]any); ok {
			code, _ = m["error"].(string)
		}
		for _, key := range []string{strconv.Itoa(status) + " " + code, strconv.Itoa(status)} {
			if named := op.Errors[key]; named != "" {
				return nil, false, &connector.Failure{Code: named, Detail: key}
			}
		}
		return nil, false, &connector.Failure{Code: connector.Refused, Detail: "status " + strconv.Itoa(status)}
	}
	data := map[string]any{}
	for name, path := range op.Output {
		if v := at(tree, path); v != nil {
			data[name] = v
		}
	}
	return data, false, nil
}

func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			deepest = max(deepest, depth(one))
		}
	case map[string]any:
		for _, one := range v {
			deepest = max(deepest, depth(one))
		}
	default:
		return 0
	}
	return deepest + 1
}

var pathStep = regexp.MustCompile(`\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]`)

// at follows a path such as $.parcel.events[0].place.
func at(tree any, path string) any {
	for _, step := range pathStep.FindAllStringSubmatch(path, -1) {
		if step[1] != "" {
			m, ok := tree.(map[string]any)
			if !ok {
				return nil
			}
			tree = m[step[1]]
			continue
		}
		items, ok := tree.([]any)
		n, err := strconv.Atoi(step[2])
		if !ok || err != nil || n >= len(items) {
			return nil
		}
		tree = items[n]
	}
	return tree
}

var use = regexp.MustCompile(`\{\{\s*([a-z][a-z0-9_]*)\s*\}\}`)

// request fills an operation's request in.
func (c *Client) request(ctx context.Context, op connector.OperationEntry, call connector.Call) (*http.Request, error) {
	path, err := fill(op.Request.Path, call.Args, escape)
	if err != nil {
		return nil, err
	}
	query := url.Values{}
	for name, text := range op.Request.Query {
		value, err := fill(text, call.Args, nil)
		if err != nil {
			return nil, err
		}
		query.Set(name, value)
	}
	address := strings.TrimSuffix(c.document.Base, "/") + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	var body io.Reader
	if op.Request.Body != nil {
		raw, err := json.Marshal(put(op.Request.Body, call.Args))
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, op.Request.Method, address, body)
	if err != nil {
		return nil, errors.New("the address cannot be made")
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "everdesk")
	if op.Effect == connector.Write && call.Key != "" {
		request.Header.Set("Idempotency-Key", call.Key)
	}
	switch c.document.Auth.Kind {
	case "bearer":
		request.Header.Set("Authorization", "Bearer "+c.secret)
	case "header":
		request.Header.Set(c.document.Auth.Header, c.secret)
	}
	if call.Proof != nil {
		request.Header.Set("Everdesk-Proof", c.vouch(*call.Proof))
	}
	return request, nil
}

// vouch writes the proof of identity with a signature by the shared secret, so
// that the other side can keep it as evidence.
func (c *Client) vouch(proof connector.Proof) string {
	raw, err := json.Marshal(proof)
	if err != nil {
		return "" // a proof is texts and a time
	}
	body := base64.RawURLEncoding.EncodeToString(raw)
	mac := hmac.New(sha256.New, []byte(c.secret))
	mac.Write([]byte(body))
	return body + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// escape makes a value one segment of a path, whatever it holds.
func escape(value string) (string, error) {
	if value == "" || value == "." || value == ".." {
		return "", errors.New("an argument cannot be part of a path")
	}
	return url.PathEscape(value), nil
}

// fill puts arguments into a text.
func fill(text string, args map[string]any, safe func(string) (string, error)) (filled string, err error) {
	filled = use.ReplaceAllStringFunc(text, func(place string) string {
		value := words(args[use.FindStringSubmatch(place)[1]])
		if safe == nil {
			return value
		}
		escaped, wrong := safe(value)
		if wrong != nil {
			err = wrong
		}
		return escaped
	})
	return filled, err
}

func words(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "" // arguments are JSON
	}
	return string(raw)
}

// put puts arguments into a JSON value: a text that is nothing but a place
// becomes the argument as it is.
func put(v any, args map[string]any) any {
	switch v := v.(type) {
	case string:
		if m := use.FindStringSubmatch(v); m != nil && m[0] == v {
			return args[m[1]]
		}
		// Nothing is refused in a body.
		filled, _ := fill(v, args, nil)
		return filled
	case []any:
		all := make([]any, len(v))
		for i, one := range v {
			all[i] = put(one, args)
		}
		return all
	case map[string]any:
		all := make(map[string]any, len(v))
		for name, one := range v {
			all[name] = put(one, args)
		}
		return all
	}
	return v
}

// sleep waits, or returns what ended the wait.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
