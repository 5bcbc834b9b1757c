package catalogue

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

// mostShown is how many products a list names.
const mostShown = 5

func (s *Shop) answer(q Query, language string) (Answer, bool) {
	a := Answer{Query: q, Products: q.Products}
	switch q.Op {
	case Get, List:
		a.Text = attributeText(q.Products[0], language, q.Attribute)
	case Has:
		a.Text = s.has(q, language)
	case Count:
		a.Text = s.has(q, language)
	case Compare:
		a.Text = compare(q, language)
	case With:
		a.Text, a.Products = s.with(q.Products[0], language)
	case Find:
		a.Text, a.Products = s.find(q, language)
	case Policy:
		// What may be returned is the articles' business; a guarantee is the
		// product's.
		return Answer{}, false
	}
	if len(a.Products) > mostShown {
		a.Products = a.Products[:mostShown]
	}
	return a, a.Text != ""
}

func name(p *knowledge.Product, language string) string { return knowledge.In(p.Name, language) }

func enumerate(language string, values []string) string {
	if language == locale.Chinese {
		return strings.Join(values, "、")
	}
	return strings.Join(values, ", ")
}

// attributeText words an attribute of a product, or returns "".
func attributeText(p *knowledge.Product, language, attribute string) string {
	facts := map[string]string{"product": name(p, language)}
	if attribute == "price" {
		facts["price"] = p.PriceIn(language)
		return locale.Text(language, "bot.product.price", facts)
	}
	values := p.Values(language, attribute)
	if len(values) == 0 {
		return ""
	}
	facts["label"], facts["values"] = p.Label(language, attribute), enumerate(language, values)
	return locale.Text(language, "bot.product.attribute", facts)
}

// colourLetters are the letters that make of a shop's colour a kind of a plain
// one.
var colourLetters = map[string]string{
	"red": "红", "orange": "橙橘", "yellow": "黄", "green": "绿", "blue": "蓝青", "purple": "紫", "pink": "粉", "black": "黑", "white": "白", "grey": "灰", "brown": "棕", "beige": "米",
}

var kindsOfBlue = map[string]bool{"navy": true, "sky blue": true}

// matching are the values of a product that a wish means: the value itself, or
// its kinds.
func matching(p *knowledge.Product, w Want) (all []string) {
	values := listed(p, w.Attribute)
	for _, v := range values {
		if strings.EqualFold(v, w.Value) {
			return []string{v}
		}
	}
	for _, v := range values {
		if kindOf(p, w, v) || between(v, w.Value) {
			all = append(all, v)
		}
	}
	return all
}

func kindOf(p *knowledge.Product, w Want, value string) bool {
	if w.Attribute != "color" {
		return false
	}
	if slices.Contains(strings.Fields(value), w.Value) || w.Value == "blue" && kindsOfBlue[value] {
		return true
	}
	for l := range p.Labels {
		for letter := range strings.SplitSeq(colourLetters[w.Value], "") {
			if letter != "" && strings.Contains(p.Worded(l, w.Attribute, value), letter) {
				return true
			}
		}
	}
	return false
}

var rangeForm = regexp.MustCompile(`^(\d+)-(\d+)$`)

// between reports whether a size lies in a range of sizes: 40 is 39-42.
func between(value, wanted string) bool {
	m := rangeForm.FindStringSubmatch(value)
	n, err := strconv.Atoi(wanted)
	if m == nil || err != nil {
		return false
	}
	low, _ := strconv.Atoi(m[1])
	high, _ := strconv.Atoi(m[2])
	return low <= n && n <= high
}

func listed(p *knowledge.Product, attribute string) (all []string) {
	switch v := p.Attributes[attribute].(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
	}
	return all
}

// has answers whether a product is there in what was wanted.
func (s *Shop) has(q Query, language string) string {
	p := q.Products[0]
	choices := []map[string]string{{}}
	for _, w := range q.Wanted {
		if w.Not || len(listed(p, w.Attribute)) == 0 {
			continue
		}
		found := matching(p, w)
		if len(found) == 0 {
			return missing(p, w, language)
		}
		var longer []map[string]string
		for _, c := range choices {
			for _, v := range found {
				next := maps.Clone(c)
				next[w.Attribute] = v
				longer = append(longer, next)
			}
		}
		choices = longer
	}
	var lines []string
	for _, c := range choices[:min(len(choices), 4)] {
		if line := stock(p, c, language); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// missing says that a product does not come in what was wanted, and in what it
// comes.
func missing(p *knowledge.Product, w Want, language string) string {
	facts := map[string]string{"product": name(p, language), "values": enumerate(language, p.Values(language, w.Attribute))}
	if w.Attribute == "color" {
		facts["colour"] = w.Text
		return locale.Text(language, "bot.product.no_colour", facts)
	}
	facts["value"], facts["label"] = w.Text, p.Label(language, w.Attribute)
	return locale.Text(language, "catalogue.no_value", facts)
}

// stock words how many of a choice there are; for one that is sold out, what
// else there is.
func stock(p *knowledge.Product, chosen map[string]string, language string) string {
	n, exists := p.Stock(chosen)
	facts := map[string]string{"product": name(p, language), "n": strconv.Itoa(n)}
	var words []string
	for _, attribute := range order(chosen) {
		words = append(words, p.Worded(language, attribute, chosen[attribute]))
	}
	if len(words) > 0 {
		facts["product"] += " · " + strings.Join(words, " · ")
	}
	switch {
	case !exists && len(chosen) > 0:
		return locale.Text(language, "bot.product.no_such", facts)
	case !exists:
		return ""
	case n > 0:
		return locale.Text(language, "bot.product.in_stock", facts)
	}
	text := locale.Text(language, "bot.product.sold_out", facts)
	if near := nearest(p, chosen, language); near != "" {
		text += "\n" + locale.Text(language, "catalogue.nearest", map[string]string{"values": near})
	}
	return text
}

func order(chosen map[string]string) []string {
	keys := slices.Collect(maps.Keys(chosen))
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b)) })
	return keys
}

func rank(attribute string) int {
	if i := slices.Index([]string{"color", "scent", "size"}, attribute); i >= 0 {
		return i
	}
	return 9
}

// nearest are the variants in stock that differ from a choice in one value.
func nearest(p *knowledge.Product, chosen map[string]string, language string) string {
	var words []string
	for _, v := range p.Variants {
		differs, all := 0, []string{}
		for _, attribute := range order(chosen) {
			value, _ := v[attribute].(string)
			if value != chosen[attribute] {
				differs++
			}
			all = append(all, p.Worded(language, attribute, value))
		}
		full := map[string]string{}
		for attribute, value := range v {
			if text, ok := value.(string); ok {
				full[attribute] = text
			}
		}
		if n, _ := p.Stock(full); differs == 1 && n > 0 && len(words) < mostShown {
			if word := strings.Join(all, " · "); !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	return enumerate(language, words)
}

// with are the products recommended beside one.
func (s *Shop) with(p *knowledge.Product, language string) (string, []*knowledge.Product) {
	var all []*knowledge.Product
	for _, key := range p.GoesWith {
		if other := s.byKey[key]; other != nil && other != p {
			all = append(all, other)
		}
	}
	if len(all) == 0 {
		return "", nil
	}
	all = all[:min(len(all), mostShown)]
	return locale.Text(language, "catalogue.goes_with", map[string]string{"product": name(p, language), "list": lines(all, language)}), append([]*knowledge.Product{p}, all...)
}

func lines(products []*knowledge.Product, language string) string {
	var all []string
	for _, p := range products {
		all = append(all, locale.Text(language, "catalogue.line", map[string]string{"product": name(p, language), "price": p.PriceIn(language)}))
	}
	return strings.Join(all, "\n")
}

// find lists what fits.
func (s *Shop) find(q Query, language string) (string, []*knowledge.Product) {
	var all []*knowledge.Product
	for _, p := range s.Products() {
		if q.Kind.has(p) && fits(p, q) {
			all = append(all, p)
		}
	}
	if attribute, desc := strings.CutPrefix(q.Best, "-"); attribute != "" {
		sign := 1.0
		if desc {
			sign = -1
		}
		all = slices.DeleteFunc(all, func(p *knowledge.Product) bool { return math.IsNaN(measure(p, attribute)) })
		slices.SortStableFunc(all, func(a, b *knowledge.Product) int {
			return cmp.Compare(sign*measure(a, attribute), sign*measure(b, attribute))
		})
		if len(all) == 0 {
			return "", nil
		}
		all = all[:1]
		if attribute != "price" {
			return attributeText(all[0], language, attribute), all
		}
		return lines(all, language), all
	}
	if len(all) == 0 {
		return locale.Text(language, "catalogue.none", nil), nil
	}
	facts := map[string]string{"list": lines(all[:min(len(all), mostShown)], language), "n": strconv.Itoa(len(all))}
	code := "catalogue.found"
	if len(all) > mostShown {
		code = "catalogue.found_more"
	}
	return locale.Text(language, code, facts), all
}

func fits(p *knowledge.Product, q Query) bool {
	for _, w := range q.Wanted {
		found := matching(p, w)
		if w.Not {
			if len(found) == len(listed(p, w.Attribute)) && len(found) > 0 {
				return false
			}
			continue
		}
		if len(found) == 0 {
			return false
		}
		in := false
		for _, v := range found {
			n, exists := p.Stock(map[string]string{w.Attribute: v})
			in = in || n > 0 || !exists
		}
		if !in {
			return false
		}
	}
	if q.Over == 0 && q.Under == 0 {
		return true
	}
	price, ok := p.Price[q.Currency]
	return ok && (q.Under == 0 || price <= q.Under) && (q.Over == 0 || price >= q.Over)
}

var measured = regexp.MustCompile(`(\d[\d,]*(?:\.\d+)?) ?(mg|kg|g|ml|l|mah|w|h|mm|cm|m)?`)

// measure is an attribute as a number: the price, or the first figure of its
// text in the smallest unit. NaN if it has none.
func measure(p *knowledge.Product, attribute string) float64 {
	if attribute == "price" {
		for _, currency := range []string{"CNY", "USD", "EUR", "GBP"} {
			if amount, ok := p.Price[currency]; ok {
				return amount
			}
		}
		return math.NaN()
	}
	values := listed(p, attribute)
	if len(values) == 0 {
		return math.NaN()
	}
	m := measured.FindStringSubmatch(strings.ToLower(values[0]))
	if m == nil {
		return math.NaN()
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
	if err != nil {
		return math.NaN()
	}
	if m[2] == "kg" || m[2] == "l" {
		n *= 1000
	}
	return n
}

// compared are what a comparison without a question tells, in this order.
var compared = []string{"price", "material", "filling", "weight", "waterproof", "capacity", "power", "battery", "charging", "connection", "warranty", "fit", "care", "color", "scent", "size"}

func compare(q Query, language string) string {
	rows := compared
	if q.Attribute != "" {
		rows = []string{q.Attribute}
	}
	var all []string
	for _, attribute := range rows {
		if row := comparison(q.Products, attribute, language, q.Attribute != ""); row != "" && len(all) < 6 {
			all = append(all, row)
		}
	}
	if len(all) == 0 {
		return ""
	}
	if winner := wins(q, language); winner != "" {
		all = append(all, winner)
	}
	return strings.Join(all, "\n")
}

// comparison is one attribute of all products; "" if one does not say it and
// nobody asked.
func comparison(products []*knowledge.Product, attribute, language string, wanted bool) string {
	label := attribute
	var says []string
	for _, p := range products {
		value := ""
		if attribute == "price" {
			label, value = locale.Text(language, "catalogue.price", nil), p.PriceIn(language)
		} else {
			if values := p.Values(language, attribute); len(values) > 0 {
				label, value = p.Label(language, attribute), enumerate(language, values)
			}
		}
		if value == "" {
			if !wanted {
				return ""
			}
			value = locale.Text(language, "catalogue.unknown", nil)
		}
		says = append(says, locale.Text(language, "catalogue.says", map[string]string{"product": name(p, language), "value": value}))
	}
	if label == attribute && attribute != "price" && wanted {
		known := slices.ContainsFunc(products, func(p *knowledge.Product) bool { return len(p.Values(language, attribute)) > 0 })
		if !known {
			return ""
		}
	}
	return locale.Text(language, "catalogue.compared", map[string]string{"label": label, "values": strings.Join(says, semicolon(language))})
}

func semicolon(language string) string {
	if language == locale.Chinese {
		return "；"
	}
	return "; "
}

// wins says which of the products is lighter, cheaper.
func wins(q Query, language string) string {
	attribute, desc := strings.CutPrefix(q.Best, "-")
	if attribute == "" {
		return ""
	}
	var best *knowledge.Product
	value, tie := 0.0, false
	for _, p := range q.Products {
		m := measure(p, attribute)
		if math.IsNaN(m) {
			return ""
		}
		if desc {
			m = -m
		}
		switch {
		case best == nil || m < value:
			best, value, tie = p, m, false
		case m == value:
			tie = true
		}
	}
	if tie {
		return locale.Text(language, "catalogue.same", nil)
	}
	return locale.Text(language, "catalogue.best."+strings.ReplaceAll(q.Best, "-", "more_"), map[string]string{"product": name(best, language)})
}
