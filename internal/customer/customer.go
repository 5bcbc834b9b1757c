// Package customer knows who asks: customers, the identities they are known by,
// and the proofs with which a host vouches for them.
package customer

import (
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// What can be refused.
var (
	ErrNotFound   = fault.New(fault.NotFound, "customer.not_found")
	ErrInvalid    = fault.New(fault.Invalid, "customer.invalid")
	ErrIdentity   = fault.New(fault.Invalid, "identity.malformed")
	ErrProof      = fault.New(fault.Unauthenticated, "identity.bad_proof")
	ErrProofStale = fault.New(fault.Unauthenticated, "identity.proof_expired")
	ErrMerged     = fault.New(fault.Conflict, "customer.merged")
)

// Customer is somebody who asks.
type Customer struct {
	ID        id.Customer
	Workspace id.Workspace
	// Name is never empty: who has not said theirs has a generated one, and
	// Named is false.
	Name   string
	Named  bool
	Locale string
	// TimeZone is an IANA name, or empty.
	TimeZone string
	// Tier is set by staff or by a signed attribute, never by the customer.
	Tier       string
	Attributes map[string]string
	// MergedInto is who this one turned out to be.
	MergedInto id.Customer
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Identities []Identity
}

// Reach returns the newest value of a kind, verified before claimed, or "".
func (c Customer) Reach(kind IdentityKind) string {
	best := Identity{}
	for _, identity := range c.Identities {
		if identity.Kind == kind && (best.Value == "" || identity.Verified && !best.Verified || identity.Verified == best.Verified && identity.CreatedAt.After(best.CreatedAt)) {
			best = identity
		}
	}
	return best.Value
}

// Patch changes what is not nil.
type Patch struct {
	Name     *string
	Locale   *string
	TimeZone *string
	Tier     *string
	// Attributes replaces all of them.
	Attributes *map[string]string
}

// Apply returns the customer with the patch, or ErrInvalid with the fields.
func (p Patch) Apply(c Customer) (Customer, error) {
	refused := error(nil)
	refuse := func(path, code, detail string) {
		base := ErrInvalid
		if known := fault.Of(refused); known != nil {
			base = known
		}
		refused = base.At("body."+path, code, detail)
	}
	set := func(path string, to *string, from *string, limit int, required bool) {
		if from == nil {
			return
		}
		text := clean(*from)
		switch {
		case required && text == "":
			refuse(path, "required", "may not be empty")
		case len([]rune(text)) > limit:
			refuse(path, "too_long", "too many characters")
		default:
			*to = text
		}
	}
	set("name", &c.Name, p.Name, 120, true)
	set("locale", &c.Locale, p.Locale, 35, false)
	set("time_zone", &c.TimeZone, p.TimeZone, 64, false)
	set("tier", &c.Tier, p.Tier, 60, false)
	if p.Name != nil {
		c.Named = true
	}
	if p.Attributes != nil {
		if code, detail := checkAttributes(*p.Attributes); code != "" {
			refuse("attributes", code, detail)
		}
		c.Attributes = *p.Attributes
	}
	return c, refused
}

// MaxAttributes is how many attributes a customer may have.
const MaxAttributes = 50

func checkAttributes(attributes map[string]string) (code, detail string) {
	if len(attributes) > MaxAttributes {
		return "count", "at most 50"
	}
	for name, value := range attributes {
		if name == "" || len([]rune(name)) > 64 || len([]rune(value)) > 1000 || clean(name) != name || hasControl(value) {
			return "malformed", "names of at most 64 characters, values of at most 1000"
		}
	}
	return "", ""
}

// Arrival is what is known of somebody who opens the widget for the first time.
type Arrival struct {
	Locale   string
	TimeZone string
	PageURL  string
	// Channel is the widget they came in by.
	Channel id.Channel
	At      time.Time
}

// Visit is a visitor's right to write as a customer.
type Visit struct {
	// Token is shown once and stored as a hash.
	Token     string
	Visitor   id.Visitor
	Customer  Customer
	Channel   id.Channel
	ExpiresAt time.Time
}

// VisitLasts is how long a visitor's token is good for.
const VisitLasts = 365 * 24 * time.Hour
