// Package audit says who did what to which thing, and makes changes to that
// record show.
//
// A row is written in the transaction of the operation it tells of. Afterwards
// a leased pass chains the rows of each workspace: every row gets a position
// and a keyed hash over itself and the row before, so that a row changed,
// removed or slipped in later breaks the chain at that place.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"everdesk/internal/id"
)

// Row is one audited operation.
type Row struct {
	ID id.Audit
	At time.Time
	// Actor is the public form of who acted: "stf_...", "key_...", "system".
	Actor string
	// Action is the noun and what happened to it, in past tense: "team.changed".
	Action string
	// Object is the public id of what it happened to.
	Object string
	// Before and After are what changed, as JSON; empty for nothing.
	Before, After string
	Origin        Origin
	// Pos is the row's place in the chain, 0 until it has one.
	Pos int64
}

// Origin is where an operation came from.
type Origin struct {
	// Route is the API operation's method and path, "" for the desk's own work.
	Route string
	// Address is the network address of the caller.
	Address string
	// Trace is the request's id.
	Trace string
}

type originKey struct{}

// From returns a ctx whose operations are audited as coming from origin.
func From(ctx context.Context, origin Origin) context.Context {
	return context.WithValue(ctx, originKey{}, origin)
}

// OriginOf returns where the operation of ctx comes from.
func OriginOf(ctx context.Context) Origin {
	origin, _ := ctx.Value(originKey{}).(Origin)
	return origin
}

// Filter narrows a list. Zero values do not filter.
type Filter struct {
	Actor  string
	Object string
	// Action is a whole action or only its noun.
	Action   string
	From, To time.Time
}

// Report is what a look at a workspace's chain found.
type Report struct {
	// Chained rows are in order up to Broken, or all of them.
	Chained int64
	// Pending rows are not chained yet.
	Pending int64
	// Broken is the first place where the chain does not hold, or nil.
	Broken *Break
}

// Break is a place where somebody changed the record.
type Break struct {
	Pos int64
	Row id.Audit
	// Reason is "changed", "missing" or "slipped_in".
	Reason string
}

// mostBytes is the largest value kept; of a larger one only the size is.
const mostBytes = 32 << 10

// secrets are the names of fields that are never written down, whatever an
// operation passes by mistake.
var secrets = []string{"password", "secret", "token", "credential", "authorization", "cookie", "private_key", "api_key"}

// Value is the JSON a row keeps of v: nothing of nil, and no secrets.
func Value(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("audit: %w", err)
	}
	if len(raw) > mostBytes {
		return fmt.Sprintf(`{"bytes":%d}`, len(raw)), nil
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return "", fmt.Errorf("audit: %w", err)
	}
	if !hide(tree) {
		return string(raw), nil
	}
	raw, err = json.Marshal(tree)
	return string(raw), err
}

// hide blanks the secrets of a tree and reports whether there were any.
func hide(tree any) (hidden bool) {
	switch node := tree.(type) {
	case map[string]any:
		for name, value := range node {
			if isSecret(name) && value != nil && value != "" {
				node[name], hidden = "***", true
			} else if hide(value) {
				hidden = true
			}
		}
	case []any:
		for _, value := range node {
			hidden = hide(value) || hidden
		}
	}
	return hidden
}

func isSecret(name string) bool {
	name = strings.ToLower(name)
	for _, secret := range secrets {
		if strings.Contains(name, secret) {
			return true
		}
	}
	return false
}
