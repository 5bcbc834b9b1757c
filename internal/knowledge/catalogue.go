package knowledge

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// A Catalogue finds the products a text names. It never changes once built.
type Catalogue struct {
	products []*Product
	// words and parts lead from a word of a name, or from its beginning or end
	// in letters without spaces, to the one product that has it.
	words map[string]int
	parts map[string]int
	// longest is the longest part in letters.
	longest int
	// questions makes the index of a product's own questions when they are
	// first asked for, by product and language.
	questions []map[string]func() *Index
}

// several marks a part of a name that more than one product has.
const several = -1

// NewCatalogue builds the catalogue of products, which must not change
// afterwards.
func NewCatalogue(products []*Product) *Catalogue {
	c := &Catalogue{products: products, words: map[string]int{}, parts: map[string]int{}}
	for i, p := range products {
		c.claim(c.words, Stem(Fold(p.Key)), i)
		for _, name := range p.Name {
			c.name(i, Fold(name))
		}
		c.questions = append(c.questions, questionIndexes(p))
	}
	return c
}

func (c *Catalogue) claim(of map[string]int, key string, product int) {
	if other, taken := of[key]; taken && other != product {
		product = several
	}
	of[key] = product
}

// name learns the distinctive parts of a name: its words, or the beginnings and
// ends of what is written without spaces. What stands in brackets is no name.
func (c *Catalogue) name(product int, name string) {
	name, _, _ = strings.Cut(name, "(")
	for _, r := range runs(name) {
		if r.kind == word && len(r.text) > 2 && !function[Stem(r.text)] {
			c.claim(c.words, Stem(r.text), product)
		}
	}
	letters := denseLetters(name)
	if !slices.ContainsFunc(letters, CJK) {
		return
	}
	for n := 2; n <= len(letters); n++ {
		for _, part := range []string{string(letters[:n]), string(letters[len(letters)-n:])} {
			c.claim(c.parts, part, product)
		}
	}
	c.longest = max(c.longest, len(letters))
}

// denseLetters is text without what is neither letter nor digit, so that
// "棉 T 恤" and "棉T恤" are one.
func denseLetters(folded string) []rune { return []rune(bare(folded)) }

// Named is a product a text names.
type Named struct {
	Product *Product
	// Share is how much of the product's name the text has, 0 to 1: "kettle"
	// is a third of "Quansheng electric kettle".
	Share float32
}

// Named returns the products a text names by a part of their name that no other
// product has, best first.
func (c *Catalogue) Named(text string) []Named {
	folded := Fold(text)
	share := map[int]float32{}
	for _, r := range runs(folded) {
		if i, ok := c.words[Stem(r.text)]; ok && i != several && r.kind == word {
			share[i] += c.wordShare(i, r.text)
		}
	}
	letters := denseLetters(folded)
	for at := 0; at < len(letters); at++ {
		for n := min(c.longest, len(letters)-at); n >= 2; n-- {
			i, ok := c.parts[string(letters[at:at+n])]
			if !ok || i == several {
				continue
			}
			for _, name := range c.products[i].Name {
				if all := denseLetters(Fold(name)); slices.ContainsFunc(all, CJK) {
					share[i] += float32(n) / float32(len(all))
				}
			}
			at += n - 1
			break
		}
	}
	found := make([]Named, 0, len(share))
	for _, i := range slices.Sorted(maps.Keys(share)) {
		found = append(found, Named{c.products[i], min(share[i], 1)})
	}
	slices.SortStableFunc(found, func(a, b Named) int {
		switch {
		case a.Share > b.Share:
			return -1
		case a.Share < b.Share:
			return 1
		}
		return 0
	})
	return found
}

// wordShare is what one word is of a product's name; its own number is all of
// it.
func (c *Catalogue) wordShare(product int, w string) float32 {
	p := c.products[product]
	if w == Fold(p.Key) {
		return 1
	}
	for _, name := range p.Name {
		var all []string
		for _, r := range runs(Fold(name)) {
			if r.kind == word {
				all = append(all, Stem(r.text))
			}
		}
		if slices.Contains(all, Stem(w)) {
			return 1 / float32(len(all))
		}
	}
	return 0
}

// Questions returns the index of a product's own questions in a language, or
// nil if it has none.
func (c *Catalogue) Questions(p *Product, locale string) *Index {
	if i := slices.Index(c.products, p); i >= 0 {
		if index, ok := c.questions[i][locale]; ok {
			return index()
		}
	}
	return nil
}

// Products returns the products, in the order they were given.
func (c *Catalogue) Products() []*Product { return c.products }

// Len returns how many products there are.
func (c *Catalogue) Len() int { return len(c.products) }

func questionIndexes(p *Product) map[string]func() *Index {
	byLocale := map[string][]*Article{}
	for _, q := range p.Questions {
		byLocale[q.Locale] = append(byLocale[q.Locale], &Article{
			Kind: FAQ, Locale: q.Locale, Title: q.Question, Body: q.Answer, Status: Published, UpdatedAt: p.UpdatedAt,
		})
	}
	all := make(map[string]func() *Index, len(byLocale))
	for locale, articles := range byLocale {
		all[locale] = sync.OnceValue(func() *Index { return NewIndexWithin(articles, 0) })
	}
	return all
}
