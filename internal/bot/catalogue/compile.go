package catalogue

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"everdesk/internal/bot/entity"
	"everdesk/internal/knowledge"
)

// A question is a text with what was found in it.
type question struct {
	text     string
	named    []*knowledge.Product
	wanted   []Want
	amounts  []entity.Entity
	links    float64
	pointed  bool
	elliptic bool
	used     [][2]int
}

// longestFollowUp is the longest text, in runes, that may be about a product
// named before without pointing to it.
const longestFollowUp = 24

// longestQuestion is the longest text read as a question about products: what
// goes on longer tells a story.
const longestQuestion = 200

// Compile reads a question, or says that it is none about products.
func (s *Shop) Compile(text string, focus Focus) (Query, bool) {
	if len([]rune(text)) > longestQuestion {
		return Query{}, false
	}
	x := s.read(text)
	products := x.named
	if len(products) == 0 {
		products = s.pointedTo(&x, focus)
	}
	q := Query{Products: products, Wanted: x.wanted, Named: len(x.named) > 0}
	if !s.classify(&q, x, focus) {
		return Query{}, false
	}
	q.Confidence = x.links * s.penalty(x, q)
	if x.elliptic && q.Confidence < Sure {
		return Query{}, false
	}
	return q, true
}

func (s *Shop) read(text string) question {
	x := question{text: strings.ToLower(text), links: 1}
	for _, e := range s.finder.Find(text, time.Time{}) {
		switch e.Kind {
		case entity.Product:
			if p := s.byKey[e.Value]; p != nil && !slices.Contains(x.named, p) && e.Confidence >= 0.65 {
				x.named = append(x.named, p)
				x.links *= max(e.Confidence, 0.8)
			}
		case entity.Attribute:
			x.wanted = append(x.wanted, Want{e.Parts["attribute"], e.Parts["value"], e.Text, e.Parts["not"] != ""})
		case entity.Amount:
			x.amounts = append(x.amounts, e)
		default:
			continue
		}
		x.used = append(x.used, [2]int{e.Start, e.End})
	}
	return x
}

// pointedTo are the products a text is about without naming them.
func (s *Shop) pointedTo(x *question, focus Focus) []*knowledge.Product {
	var f entity.Focus
	for _, p := range focus.Products {
		f.Products = append(f.Products, p.Key)
	}
	for _, p := range focus.List {
		shown := entity.Shown{Kind: entity.Product, Value: p.Key, Price: p.Price["CNY"]}
		for _, name := range p.Name {
			shown.Says = append(shown.Says, name)
		}
		for _, attribute := range []string{"color", "scent"} {
			for locale := range p.Labels {
				shown.Says = append(shown.Says, p.Values(locale, attribute)...)
			}
		}
		f.List = append(f.List, shown)
	}
	for _, r := range entity.Resolve(x.text, f) {
		if r.Kind != entity.Product || r.Ambiguous {
			continue
		}
		if r.Elliptic {
			break
		}
		var all []*knowledge.Product
		for _, key := range r.Values {
			all = append(all, s.byKey[key])
		}
		x.pointed, x.elliptic = true, true
		x.links *= 0.95
		x.used = append(x.used, [2]int{r.Start, r.End})
		return all
	}
	// Nothing points: the text may leave out what was talked of before.
	if len(focus.Products) == 0 || len([]rune(x.text)) > longestFollowUp {
		return nil
	}
	x.elliptic = true
	x.links *= 0.9
	return focus.Products[:1:1]
}

// classify decides what is asked.
func (s *Shop) classify(q *Query, x question, focus Focus) bool {
	way, ranked := comparative(x.text)
	switch {
	case compareCue.MatchString(x.text) && s.pair(q, x, focus):
		q.Op = Compare
		if ranked {
			q.Attribute, q.Best = way.attribute, best(way.attribute, way.sign)
		} else if attribute, ok := asked(q.Products, x.text); ok && attribute != "stock" {
			q.Attribute = attribute
		}
		return true
	case len(x.named) == 0 && s.finding(q, x, ranked, way.attribute, way.sign, focus):
		return true
	case len(q.Products) == 0:
		return false
	case withCue.MatchString(x.text):
		q.Op = With
		return true
	case countCue.MatchString(x.text):
		q.Op, q.Attribute = Count, "stock"
		s.inherit(q, x, focus)
		return true
	case policyCue.MatchString(x.text):
		q.Op = Policy
		return true
	}
	return s.about(q, x, focus)
}

func comparative(text string) (way struct {
	attribute string
	sign      float64
}, ok bool,
) {
	for _, b := range better {
		if b.form.MatchString(text) {
			way.attribute, way.sign = b.attribute, b.sign
			return way, true
		}
	}
	return way, false
}

func best(attribute string, sign float64) string {
	if sign < 0 {
		return "-" + attribute
	}
	return attribute
}

// pair makes sure of two products to compare: both named, one named and one
// talked of, or the last two.
func (s *Shop) pair(q *Query, x question, focus Focus) bool {
	all := slices.Clone(x.named)
	add := func(p *knowledge.Product) {
		if p != nil && !slices.Contains(all, p) && len(all) < 2 {
			all = append(all, p)
		}
	}
	if len(all) == 0 && len(q.Products) > 1 {
		all = slices.Clone(q.Products)
	}
	if len(all) < 2 && (len(all) == 1 || x.elliptic || len(focus.Products) > 1) {
		for _, p := range focus.Products {
			add(p)
		}
	}
	if len(all) < 2 {
		return false
	}
	q.Products = all[:min(len(all), 4)]
	return true
}

// finding reads a question for products: a kind of goods, values, a price.
func (s *Shop) finding(q *Query, x question, ranked bool, attribute string, sign float64, focus Focus) bool {
	var among *kind
	for _, k := range kinds {
		if k.asked.MatchString(x.text) {
			among = k
			break
		}
	}
	real := among != nil && among.name != "anything"
	priced := s.priced(q, x)
	super := ranked && superlative.MatchString(x.text)
	switch {
	case x.pointed:
		return false
	case super && (real || among != nil || !x.elliptic || strings.Contains(x.text, "哪")):
	case real && (priced || len(x.wanted) > 0 || findCue.MatchString(x.text)):
	case priced && findCue.MatchString(x.text):
	case len(x.wanted) > 0 && findCue.MatchString(x.text) && (len(focus.Products) == 0 || strings.Contains(x.text, "哪些") || strings.Contains(x.text, "哪款") || strings.Contains(x.text, "which")):
	default:
		q.Over, q.Under = 0, 0
		return false
	}
	q.Op, q.Kind, q.Products = Find, among, nil
	if super {
		q.Best = best(attribute, sign)
	}
	return true
}

// priced reads the bounds of a price.
func (s *Shop) priced(q *Query, x question) bool {
	for _, e := range x.amounts {
		amount, err := strconv.ParseFloat(e.Parts["amount"], 64)
		if err != nil {
			continue
		}
		q.Currency = e.Parts["currency"]
		upto, _ := strconv.ParseFloat(e.Parts["upto"], 64)
		switch {
		case upto > 0:
			q.Over, q.Under = amount, upto
		case len(x.amounts) == 2 && q.Under > 0:
			q.Over, q.Under = min(q.Under, amount), max(q.Under, amount)
		case overCue.MatchString(x.text) && len(x.amounts) == 1:
			q.Over = amount
		default:
			q.Under = amount
		}
	}
	return q.Over > 0 || q.Under > 0
}

// asked is the attribute of the products that a text asks for.
func asked(products []*knowledge.Product, text string) (string, bool) {
	for _, p := range products {
		fact, ok := p.Asked(text, "")
		if !ok {
			continue
		}
		// "How much does it weigh" asks no price, and "which colours is it
		// available in" no stock.
		if fact.Attribute == "price" || fact.Attribute == "stock" && listCue.MatchString(text) {
			other, more := p.Asked(quantifier.ReplaceAllString(text, " "), "")
			if more && other.Attribute != "stock" && len(other.Chosen) == 0 {
				return other.Attribute, true
			}
		}
		return fact.Attribute, true
	}
	return "", false
}

var quantifier = regexp.MustCompile(`\bhow much\b|\bavailable\b|\bin stock\b|有货|现货`)

// about reads has, get and list: what is asked of one product.
func (s *Shop) about(q *Query, x question, focus Focus) bool {
	p := q.Products[0]
	attribute, explicit := asked(q.Products[:1], x.text)
	follow := followCue.MatchString(x.text) || x.elliptic
	switch {
	case explicit && attribute != "stock" && !(valueOf(x.wanted, attribute) && !listCue.MatchString(x.text)):
		q.Op, q.Attribute = Get, attribute
		if many(p, attribute) && (listCue.MatchString(x.text) || !hasCue.MatchString(x.text)) {
			q.Op = List
		}
		return true
	case len(x.wanted) > 0 || explicit:
		q.Op, q.Attribute = Has, "stock"
		s.inherit(q, x, focus)
		return explicit || hasCue.MatchString(x.text) || follow || len([]rune(x.text)) <= longestFollowUp
	case q.Named && followCue.MatchString(x.text) && focus.Attribute != "":
		// 冲锋衣呢: what was asked of the last product is asked of this one.
		q.Op, q.Attribute = focus.Op, focus.Attribute
		if q.Op == Has || q.Op == Count {
			for _, w := range focus.Wanted {
				if len(matching(p, w)) > 0 {
					q.Wanted = append(q.Wanted, w)
				}
			}
		}
		return q.Op == Has || q.Op == Get || q.Op == List || q.Op == Count
	case q.Named && stockQuestion(x.text):
		q.Op, q.Attribute = Has, "stock"
		return true
	}
	return false
}

// stockQuestion is whether a thing is there at all: "is there still...", 还有吗.
func stockQuestion(text string) bool {
	return strings.Contains(text, "还有吗") || strings.Contains(text, "有吗") || strings.Contains(text, "有没有") || strings.Contains(text, "do you have") || strings.Contains(text, "do you sell")
}

func valueOf(wanted []Want, attribute string) bool {
	return slices.ContainsFunc(wanted, func(w Want) bool { return w.Attribute == attribute })
}

func many(p *knowledge.Product, attribute string) bool {
	list, ok := p.Attributes[attribute].([]any)
	return ok && len(list) > 1
}

// inherit keeps what was wanted of the product before and is not said anew:
// after the red one, "in M?" is about the red one in M.
func (s *Shop) inherit(q *Query, x question, focus Focus) {
	if !x.elliptic || len(focus.Products) == 0 || len(q.Products) == 0 || focus.Products[0] != q.Products[0] {
		return
	}
	for _, w := range focus.Wanted {
		if !valueOf(q.Wanted, w.Attribute) && len(matching(q.Products[0], w)) > 0 {
			q.Wanted = append(slices.Clip(q.Wanted), w)
		}
	}
}

// penalty is what the words that were not understood cost: two letters, or a
// word, are worth as much as a wrong link.
func (s *Shop) penalty(x question, q Query) float64 {
	runes := []rune(x.text)
	for _, span := range x.used {
		for i := span[0]; i < span[1] && i < len(runes); i++ {
			runes[i] = ' '
		}
	}
	rest := string(runes)
	for _, cue := range []interface {
		ReplaceAllString(string, string) string
	}{compareCue, withCue, countCue, policyCue, listCue, findCue, hasCue, overCue, followCue} {
		rest = cue.ReplaceAllString(rest, " ")
	}
	for _, b := range better {
		rest = b.form.ReplaceAllString(rest, " ")
	}
	for _, k := range kinds {
		rest = k.asked.ReplaceAllString(rest, " ")
	}
	rest = knowledge.WithoutAsked(rest, q.Attribute)
	han, words := 0, 0
	var word strings.Builder
	flush := func() {
		if w := word.String(); len(w) > 1 && !emptyWords[w] {
			words++
		}
		word.Reset()
	}
	for _, r := range rest {
		switch {
		case unicode.Is(unicode.Han, r):
			flush()
			if !strings.ContainsRune(emptyHan, r) {
				han++
			}
		case unicode.IsLetter(r) || r == '\'':
			word.WriteRune(r)
		default:
			flush()
		}
	}
	flush()
	factor := 1.0
	for range words + (han+1)/2 {
		factor *= 0.6
	}
	if x.named != nil {
		// A product named by its own name may be asked about in more words.
		factor = max(factor, 0.6)
	}
	return factor
}
