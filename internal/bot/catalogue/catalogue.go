// Package catalogue answers questions about products from what the catalogue
// says of them. A question is compiled to one of eight typed queries, and the
// query is answered from attributes, variants and relations; nothing is
// guessed, and what the catalogue does not say is not answered.
package catalogue

import (
	"slices"

	"everdesk/internal/bot/entity"
	"everdesk/internal/knowledge"
)

// Op is what a question asks.
type Op string

// The queries.
const (
	Has     Op = "has"     // does it come in red, is L in stock
	Get     Op = "get"     // what is it made of
	List    Op = "list"    // which colours are there
	Find    Op = "find"    // which jackets are under 500
	Compare Op = "compare" // which of two is lighter
	With    Op = "with"    // what goes with it
	Count   Op = "count"   // how many are left
	Policy  Op = "policy"  // may it be returned
)

// A Query is a question in the terms of the catalogue.
type Query struct {
	Op Op
	// Products are what it is about, as they were named; none for Find.
	Products []*knowledge.Product
	// Attribute is the key of what is asked, "price" or "stock".
	Attribute string
	// Wanted are the values named, by attribute, in the order of the text.
	Wanted []Want
	// Kind is the kind of goods Find looks among, nil for all.
	Kind *kind
	// Over and Under bound the price, zero for none, in Currency.
	Over, Under float64
	Currency    string
	// Best is how Find orders: "price", "-price", "weight", "-weight".
	Best string
	// Confidence is how sure the reading is: the product of its links, less
	// for every word it makes nothing of.
	Confidence float64
	// Named says that the text itself names a product.
	Named bool
}

// A Want is a value of an attribute that a question names.
type Want struct {
	Attribute, Value string
	// Text is how the customer called it.
	Text string
	Not  bool
}

// Focus is what a conversation has been about.
type Focus struct {
	Products []*knowledge.Product
	Wanted   []Want
	// Attribute and Op are what was asked last.
	Attribute string
	Op        Op
	// List is what was listed last.
	List []*knowledge.Product
}

// An Answer is what the catalogue says to a question.
type Answer struct {
	Query Query
	Text  string
	// Products are what the answer is taken from, at most five.
	Products []*knowledge.Product
}

// Sure is the confidence from which an answer goes before an article's.
const Sure = 0.74

// Shop is a catalogue that answers questions. It never changes once built.
type Shop struct {
	*knowledge.Catalogue
	finder *entity.Finder
	byKey  map[string]*knowledge.Product
}

// New returns the shop of a catalogue.
func New(c *knowledge.Catalogue) *Shop {
	s := &Shop{Catalogue: c, byKey: map[string]*knowledge.Product{}}
	for _, p := range c.Products() {
		s.byKey[p.Key] = p
	}
	// Without patterns there is nothing that could be refused.
	s.finder, _ = entity.New(entity.Options{Products: entity.Items(c.Products())})
	return s
}

// remembered is how many of the customer's messages back a question may point.
const remembered = 6

// Ask answers a question, or returns false. said are the customer's earlier
// messages, oldest first: "and in blue?" is about what they were about.
func (s *Shop) Ask(text, language string, said []string) (Answer, bool) {
	if s == nil || len(s.byKey) == 0 {
		return Answer{}, false
	}
	var focus Focus
	for _, earlier := range said[max(0, len(said)-remembered):] {
		focus = s.follow(earlier, language, focus)
	}
	q, ok := s.Compile(text, focus)
	if !ok {
		return Answer{}, false
	}
	return s.answer(q, language)
}

// follow is the focus after a message.
func (s *Shop) follow(text, language string, focus Focus) Focus {
	q, ok := s.Compile(text, focus)
	if !ok {
		return focus
	}
	next := Focus{Products: q.Products, Wanted: q.Wanted, Attribute: q.Attribute, Op: q.Op, List: focus.List}
	if a, ok := s.answer(q, language); ok && (q.Op == Find || q.Op == With) {
		next.List = a.Products
		if len(a.Products) > 0 && len(next.Products) == 0 {
			next.Products = a.Products[:1]
		}
	}
	if len(q.Products) > 1 {
		next.List = q.Products
	}
	for _, p := range focus.Products {
		if !slices.Contains(next.Products, p) && len(next.Products) < 5 {
			next.Products = append(slices.Clip(next.Products), p)
		}
	}
	return next
}
