package connector

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"everdesk/internal/fault"
)

// The limits of a document.
const (
	MaxDocument   = 64 << 10
	maxOperations = 100
	maxTimeout    = 10 * time.Second
	longestFresh  = 24 * time.Hour
)

var (
	keyForm       = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	operationForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){0,2}$`)
	statusForm    = regexp.MustCompile(`^[1-5][0-9]{2}( [a-z][a-z0-9_]{0,39})?$`)
	headerForm    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,59}$`)
	pathForm      = regexp.MustCompile(`^\$((\.[A-Za-z_][A-Za-z0-9_]*)|(\[[0-9]{1,4}\]))*$`)
	inputUse      = regexp.MustCompile(`\{\{\s*([a-z][a-z0-9_]*)\s*\}\}`)
)

var inputTypes = []string{"string", "number", "boolean", "object", "list"}

// Parse reads a document strictly and checks it. The error is ErrInvalid with
// the fields named below "body.document.".
func Parse(raw []byte) (Document, error) {
	var d Document
	if len(raw) > MaxDocument {
		return d, ErrInvalid.At("body.document", "too_long", "at most 64 KiB")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return d, explain(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return d, ErrInvalid.At("body.document", "malformed", "one object, and nothing after it")
	}
	return d, d.Check()
}

func explain(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return ErrInvalid.At("body.document."+wrong.Field, "malformed", "want "+wrong.Type.Kind().String())
	}
	if _, name, ok := strings.Cut(err.Error(), `unknown field "`); ok {
		return ErrInvalid.At("body.document."+strings.TrimSuffix(name, `"`), "unknown", "no such field")
	}
	return ErrInvalid.At("body.document", "malformed", "want a JSON object")
}

// checking gathers wrong fields.
type checking struct{ found *fault.Error }

func (c *checking) add(path, code, detail string) {
	if c.found == nil {
		c.found = ErrInvalid
	}
	c.found = c.found.At("body.document."+path, code, detail)
}

// Check names everything that is wrong with the document.
func (d Document) Check() error {
	c := &checking{}
	if d.Format != Format {
		c.add("format", "unknown", "want "+Format)
	}
	if !keyForm.MatchString(d.Key) {
		c.add("key", "malformed", "a letter, then letters, figures and _")
	}
	if len(d.Title) == 0 {
		c.add("title", "required", "a name in at least one language")
	}
	d.checkBase(c)
	d.checkAuth(c)
	if d.Timeout != "" {
		if t, err := time.ParseDuration(d.Timeout); err != nil || t < 100*time.Millisecond || t > maxTimeout {
			c.add("timeout", "range", "100ms to 10s")
		}
	}
	if n := len(d.Operations); n == 0 || n > maxOperations {
		c.add("operations", "range", "1 to 100 operations")
	}
	for _, name := range slices.Sorted(maps.Keys(d.Operations)) {
		d.checkOperation(c, name, d.Operations[name])
	}
	for level, name := range d.Contacts {
		of, known := d.Operations[name]
		switch {
		case level != Order && level != Account:
			c.add("contacts."+level, "unknown", "want order or account")
		case !known || of.Effect != Read || of.Identity != NoIdentity || of.Subject == "":
			c.add("contacts."+level, "unknown", "a reading operation with a subject and without identity")
		}
	}
	if c.found != nil {
		return c.found
	}
	return nil
}

func (d Document) checkBase(c *checking) {
	base, err := url.Parse(d.Base)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" ||
		base.Scheme != "https" && base.Scheme != "http" {
		c.add("base", "malformed", "https://host, perhaps with a path")
	}
}

func (d Document) checkAuth(c *checking) {
	switch d.Auth.Kind {
	case "":
	case "bearer", "header":
		if !keyForm.MatchString(d.Auth.Secret) {
			c.add("auth.secret", "required", "the name of a secret, not the secret")
		}
		if d.Auth.Kind == "header" && !headerForm.MatchString(d.Auth.Header) {
			c.add("auth.header", "malformed", "the name of a header")
		}
	default:
		c.add("auth.kind", "unknown", "want bearer or header")
	}
}

func (d Document) checkOperation(c *checking, name string, o OperationEntry) {
	at := "operations." + name + "."
	if !operationForm.MatchString(name) {
		c.add("operations."+name, "malformed", "words joined by dots")
	}
	if o.Effect != Read && o.Effect != Write {
		c.add(at+"effect", "unknown", "want read or write")
	}
	if o.Identity != NoIdentity && o.Identity != Order && o.Identity != Account {
		c.add(at+"identity", "unknown", "want order or account")
	}
	if o.Identity != NoIdentity && o.Subject == "" {
		c.add(at+"subject", "required", "the input that says whose it is")
	}
	if _, ok := o.Input[o.Subject]; o.Subject != "" && !ok {
		c.add(at+"subject", "unknown", "not among the inputs")
	}
	for input, kind := range o.Input {
		if !keyForm.MatchString(input) || !slices.Contains(inputTypes, kind) {
			c.add(at+"input."+input, "unknown", "want string, number, boolean, object or list")
		}
	}
	for output, path := range o.Output {
		if !keyForm.MatchString(output) || !pathForm.MatchString(path) {
			c.add(at+"output."+output, "malformed", "a path such as $.parcel.place")
		}
	}
	for status, named := range o.Errors {
		if !statusForm.MatchString(status) || !keyForm.MatchString(named) {
			c.add(at+"errors."+status, "malformed", `a status, or a status and a code, and a name`)
		}
	}
	if o.Fresh != "" {
		if t, err := time.ParseDuration(o.Fresh); err != nil || t < 0 || t > longestFresh {
			c.add(at+"fresh", "range", "0s to 24h")
		}
	}
	if o.Retry != RetryNever && o.Retry != RetryKey {
		c.add(at+"retry", "unknown", "want key, or nothing")
	}
	if o.Check != "" && d.Operations[o.Check].Effect != Read {
		c.add(at+"check", "unknown", "a reading operation of this connector")
	}
	d.checkRequest(c, at+"request.", o)
}

func (d Document) checkRequest(c *checking, at string, o OperationEntry) {
	r := o.Request
	methods := []string{"GET"}
	if o.Effect == Write {
		methods = []string{"POST", "PUT", "PATCH", "DELETE"}
	} else if r.Body != nil {
		methods = []string{"POST"} // a search with a body reads
	}
	if !slices.Contains(methods, r.Method) {
		c.add(at+"method", "unknown", "want "+strings.Join(methods, ", "))
	}
	if !strings.HasPrefix(r.Path, "/") || strings.ContainsAny(r.Path, "?#\\ \r\n") || strings.Contains(r.Path, "..") {
		c.add(at+"path", "malformed", "a path that begins with /")
	}
	check := func(where, text string) {
		for _, use := range inputUse.FindAllStringSubmatch(text, -1) {
			if _, ok := o.Input[use[1]]; !ok {
				c.add(at+where, "unknown", "{{"+use[1]+"}} is no input")
			}
		}
	}
	check("path", r.Path)
	for name, text := range r.Query {
		check("query."+name, text)
	}
	walk(r.Body, func(text string) { check("body", text) })
}

// walk shows every text of a JSON value.
func walk(v any, see func(string)) {
	switch v := v.(type) {
	case string:
		see(v)
	case []any:
		for _, one := range v {
			walk(one, see)
		}
	case map[string]any:
		for _, one := range v {
			walk(one, see)
		}
	}
}

// TimeoutOr returns how long an attempt may take.
func (d Document) TimeoutOr(usual time.Duration) time.Duration {
	if t, err := time.ParseDuration(d.Timeout); err == nil && t > 0 {
		return t
	}
	return usual
}

// List returns the document's operations by their full names.
func (d Document) List() []Operation {
	var all []Operation
	for _, name := range slices.Sorted(maps.Keys(d.Operations)) {
		o := d.Operations[name]
		fresh, err := time.ParseDuration(o.Fresh)
		if err != nil {
			fresh = 0
		}
		var errs []string
		for _, code := range o.Errors {
			errs = append(errs, code)
		}
		slices.Sort(errs)
		contact := false
		for _, of := range d.Contacts {
			contact = contact || of == name
		}
		all = append(all, Operation{
			Name: d.Key + "." + name, Effect: o.Effect, Identity: o.Identity, Subject: o.Subject, Inputs: o.Input,
			Outputs: slices.Sorted(maps.Keys(o.Output)), Errors: slices.Compact(errs), Fresh: fresh, Retry: o.Retry, Contact: contact,
		})
	}
	return all
}

// Register adds a document's operations.
func (r Registry) Register(d Document) {
	for _, o := range d.List() {
		r[o.Name] = o
	}
	for level, name := range d.Contacts {
		if o, ok := r[d.Key+"."+name]; ok {
			r[d.Key+".contact:"+level] = o
		}
	}
}
