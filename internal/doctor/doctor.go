// Package doctor looks at an installation and says what is wrong with it and
// what to do. It changes nothing: it makes no database, no keys and no schema,
// and what it writes to see whether that works it takes back.
package doctor

import (
	"context"
	"fmt"
	"time"

	"everdesk/internal/config"
	"everdesk/internal/seal"
	"everdesk/internal/store"
)

// State is how a check ended.
type State string

// Warn is for what works today and will not for long, Fail for what does not.
const (
	OK   State = "ok"
	Warn State = "warn"
	Fail State = "fail"
)

// Finding is what one check found.
type Finding struct {
	Check string `json:"check"`
	State State  `json:"state"`
	// Found says what is so, Do what to do about it.
	Found string `json:"found"`
	Do    string `json:"do,omitempty"`
}

// patience is how long one check may take.
const patience = 15 * time.Second

// Options say what to look at.
type Options struct {
	Node config.Node
	Now  func() time.Time
	// Keys are EVERDESK_KEYS.
	Keys string
}

// Examine looks at everything, one check after another, and gives each finding
// to tell as soon as it is made. It returns how many failed.
func Examine(ctx context.Context, options Options, tell func(Finding)) (failed int) {
	e := &examination{Options: options, tell: func(f Finding) {
		if f.State == Fail {
			failed++
		}
		tell(f)
	}}
	defer e.close()
	for _, check := range []func(context.Context){
		e.settings, e.folder, e.space, e.keys, e.limits, e.database, e.schema, e.writes, e.clock, e.standbys, e.sealed,
		e.redis, e.blobs, e.work, e.certificate, e.mail,
	} {
		ctx, done := context.WithTimeout(ctx, patience)
		check(ctx)
		done()
	}
	return failed
}

// examination is what the checks share; a check that needs what an earlier one
// did not get says nothing.
type examination struct {
	Options
	tell func(Finding)

	engine store.Engine
	db     *store.DB
	ring   *seal.Ring
	// current says that the schema is the one this binary knows.
	current bool
}

func (e *examination) ok(check, found string, args ...any) {
	e.tell(Finding{Check: check, State: OK, Found: fmt.Sprintf(found, args...)})
}

func (e *examination) warn(check, do, found string, args ...any) {
	e.tell(Finding{check, Warn, fmt.Sprintf(found, args...), do})
}

func (e *examination) fail(check, do, found string, args ...any) {
	e.tell(Finding{check, Fail, fmt.Sprintf(found, args...), do})
}

func (e *examination) close() {
	if e.db == nil {
		return
	}
	if err := e.db.Close(); err != nil {
		e.warn("database", "look at the database's log", "closing it: %v", err)
	}
}
