// Package entity finds what a message names: order numbers, phone numbers,
// mail addresses, links, dates and times, amounts, quantities, postal
// addresses, products and the values of their attributes, in Chinese and
// English. It decides by written rules and by what it was given of the
// workspace; there is no model and nothing outside is asked.
package entity

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"everdesk/internal/fault"
)

// Kind says what an entity is.
type Kind string

// The kinds of entity. A day is a Date, a point of a day a Time, anything
// longer or open at one end a Range.
const (
	Order     Kind = "order"
	Phone     Kind = "phone"
	Email     Kind = "email"
	URL       Kind = "url"
	Date      Kind = "date"
	Time      Kind = "time"
	Range     Kind = "range"
	Amount    Kind = "amount"
	Quantity  Kind = "quantity"
	Address   Kind = "address"
	Product   Kind = "product"
	Attribute Kind = "attribute"
)

// Kinds are all kinds, in the order in which they claim a stretch of text.
var Kinds = []Kind{URL, Email, Order, Phone, Address, Date, Time, Range, Product, Amount, Quantity, Attribute}

// An Entity is one thing a text names.
type Entity struct {
	Kind Kind
	// Start and End bound it in the text, in runes (not bytes), End exclusive.
	Start, End int
	// Text is what stands there, as it was written.
	Text string
	// Value is its canonical form: E.164 for a phone, 2026-11-25 for a date,
	// RFC 3339 for a time, from/to (to exclusive, either may be "..") for a
	// range, "350 CNY" for an amount, a plain number for a quantity, the
	// product's key, "attribute=value", an address in one line.
	Value string
	// Parts are its pieces by name; which there are depends on the kind and is
	// listed in docs/guides/bot.md.
	Parts map[string]string
	// Confidence is how sure this reading is, 0 to 1. Below 0.7 the customer is
	// better asked.
	Confidence float64
}

// Options are what a workspace knows of what its customers name.
type Options struct {
	// Orders are RE2 patterns of the workspace's order numbers. A "-" in a
	// pattern may be missing or another separator in the text, and comes back
	// in the value.
	Orders []string
	// Region is the ISO 3166 code phone numbers without a country belong to;
	// CN if empty.
	Region string
	// Zone is where the customer's days begin; UTC if nil.
	Zone *time.Location
	// Products are what the workspace sells.
	Products []Item
}

// An Item is a product as messages name it.
type Item struct {
	// Key is the shop's own number.
	Key string
	// Names are its names in all languages.
	Names []string
	// Attributes are what it can be had in or is.
	Attributes []Property
}

// A Property is an attribute of a product with its values.
type Property struct {
	// Key is the shop's name for it: "color".
	Key    string
	Values []Value
}

// A Value is one value of an attribute.
type Value struct {
	Key string
	// Names are its wordings beside the key.
	Names []string
}

// ErrPattern says that an order pattern is no regular expression, too long, or
// fits the empty text.
var ErrPattern = fault.New(fault.Invalid, "entity.malformed_pattern")

// MaxPattern is the longest order pattern, in bytes.
const MaxPattern = 500

// longest is how much of a text is read, in runes: what stands further back in
// a message of that length is nobody's answer to a question.
const longest = 4000

// Finder finds entities. It never changes once built and may be used by any
// number of goroutines.
type Finder struct {
	orders   []orderPattern
	region   string
	zone     *time.Location
	products *dictionary
}

// New returns a finder, or ErrPattern.
func New(o Options) (*Finder, error) {
	orders, err := compileOrders(o.Orders)
	if err != nil {
		return nil, err
	}
	f := &Finder{orders: orders, region: cmp.Or(strings.ToUpper(o.Region), "CN"), zone: o.Zone, products: newDictionary(o.Products)}
	if f.zone == nil {
		f.zone = time.UTC
	}
	return f, nil
}

// Find returns the entities of a text in the order they stand, the likeliest
// first where several begin at the same place. No two of a kind overlap, and
// digits that belong to one thing are not read as another. at is what "today"
// is counted from.
func (f *Finder) Find(text string, at time.Time) []Entity {
	s := read(text)
	if len(s.text) == 0 {
		return nil
	}
	var all []Entity
	for _, find := range []func(*source) []Entity{
		findURLs, findEmails, f.findOrders, f.findPhones, findAddresses,
		func(s *source) []Entity { return f.times(s, at) },
		f.products.find, f.findAmounts, findQuantities, f.products.findValues,
	} {
		all = append(all, claim(s, find(s))...)
	}
	slices.SortStableFunc(all, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.End, a.End))
	})
	return all
}

// claim keeps of the found what nothing stronger has taken, and takes it. The
// offsets of found are bytes of the folded text; those returned are runes.
func claim(s *source, found []Entity) (kept []Entity) {
	slices.SortStableFunc(found, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(b.End-b.Start, a.End-a.Start), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Start, b.Start))
	})
	for _, e := range found {
		if e.Start >= e.End || s.taken(e.Start, e.End) {
			continue
		}
		s.take(e.Start, e.End)
		e.Start, e.End = s.span(e.Start, e.End)
		e.Text = string(s.raw[e.Start:e.End])
		kept = append(kept, e)
	}
	return kept
}
