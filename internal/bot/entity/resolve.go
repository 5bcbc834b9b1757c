package entity

import (
	"regexp"
	"slices"
	"strings"
)

// Focus is what a conversation is about: what was named and shown last.
type Focus struct {
	// Products and Orders are keys and numbers, the latest first.
	Products []string
	Orders   []string
	// List is the list shown last, in its order, for "the second one". It fades
	// when something else is talked of; who keeps the focus clears it.
	List []Shown
	// Attribute is what was asked of a product last: "price".
	Attribute string
}

// Shown is one line of a list the customer saw.
type Shown struct {
	// Kind is Product, Order, or the kind of what else was listed.
	Kind Kind
	// Value is its canonical form.
	Value string
	// Says are words that tell it from the others: its name, its colour.
	Says []string
	// Price is for "the cheaper one"; zero if it has none.
	Price float64
}

// A Reference is what words point to.
type Reference struct {
	Kind Kind
	// Values are what is meant; several for "both", or where it is not sure
	// which.
	Values []string
	// Ambiguous says that one of Values is meant and the customer has to be
	// asked which.
	Ambiguous bool
	// Elliptic says that nothing points: the text leaves out what it is about.
	Elliptic bool
	// Start and End bound the words that point, in runes; equal if Elliptic.
	Start, End int
	Text       string
	Confidence float64
}

var ordinalWords = map[string]int{
	"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
	"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "6th": 6, "7th": 7, "8th": 8, "9th": 9, "10th": 10,
}

const (
	pointed     = `(?:个|件|条|双|款|单|项|种|台|只|套|张|份|位)`
	ordinalName = `(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|1st|2nd|3rd|4th|5th|6th|7th|8th|9th|10th)`
)

var (
	ordinalZh = regexp.MustCompile(`第 ?([一二三四五六七八九十]|\d{1,2}) ?` + pointed + `?(?:订单)?`)
	lastZh    = regexp.MustCompile(`倒数第([一二三四五]|\d) ?` + pointed + `?|最后(?:一|那)?` + pointed + `|末尾那` + pointed)
	ordinalEn = regexp.MustCompile(`\b(?:the )?` + ordinalName + `(?: one| item| order| product| option)?\b`)
	numberEn  = regexp.MustCompile(`\b(?:number|no\.?|option|#) ?(\d{1,2})\b`)
	lastEn    = regexp.MustCompile(`\bthe last(?: one| item| option)\b|\blast one\b`)
	bothForm  = regexp.MustCompile(`(?:这|那)?(?:两|俩|二)` + pointed + `?都|(?:他们|它们|全部|所有的?)(?:都)?|都(?:要|退|买|换|行|可以)|\b(?:both(?: of them)?|all of them|all of these|them all|all three|them|these|those)\b`)
	exceptZh  = regexp.MustCompile(`除了第([一二三四五六七八九十]|\d{1,2})` + pointed + `?`)
	exceptEn  = regexp.MustCompile(`\b(?:all but|except|everything but|all except) (?:the )?` + ordinalName + `(?: one)?\b`)
	otherForm = regexp.MustCompile(`(?:另外?|别的|剩下的?)(?:那|一)?` + pointed + `|\bthe other(?: one| order)?\b`)
	cheaper   = regexp.MustCompile(`(?:更|最)?便宜(?:点|些|一点)?的?(?:那` + pointed + `)?|\b(?:the )?cheap(?:er|est)(?: one)?\b`)
	dearer    = regexp.MustCompile(`(?:更|最)?贵(?:点|些|一点)?的(?:那` + pointed + `)?|\b(?:the )?(?:most expensive|pricier|dearest|more expensive)(?: one)?\b`)
	orderForm = regexp.MustCompile(`(?:刚才|刚刚|刚|上面|之前|前面)?(?:的|说的|那|这|这个|那个|同一)+(?:个|笔|张)?(?:订单|单子|单)|(?:我的|上一个|上个|最近(?:的|那个)?)(?:那个)?订单|这单|那单|\b(?:this|that|the same|my|my last|my latest|the last|the|my most recent) order\b`)
	thingForm = regexp.MustCompile(`(?:刚才|刚刚|上面|前面)(?:说的|看的|问的|提到的)?(?:那|这)?` + pointed + `|(?:这|那)(?:一)?` + pointed + `|它|这东西|该商品|这商品|这玩意|\b(?:it|its|this one|that one|this|that|the one|the same one)\b`)
	oneWith   = regexp.MustCompile(`(?:这|那)` + pointed + `([^,。!?]{1,8}?)的|([^,。!? ]{1,8}?)(?:色)?的?(?:这|那)` + pointed + `|\bthe ([a-z\- ]{2,24}?) (?:one|ones)\b`)
	// elsewhere are things that are pointed to and are no product: 这个问题.
	elsewhere = regexp.MustCompile(`(?:这|那)` + pointed + `?(?:问题|事|人|时候|地址|电话|月|星期|礼拜|活动|客服|系统|页面|网站|软件|账号|链接|功能|流程)|\b(?:this|that) (?:problem|issue|website|page|app|system|address|number|week|month)\b`)
	ellipsis  = regexp.MustCompile(`^(?:那|那么|哪|and |what about |how about |and in |in |有|还有|有没有)|呢[??]?$|^(?:is|are|does|do|can|has|how|which|what|when) |吗[??]?$|多少|几|什么|怎么`)
)

// Resolve finds what the words of a text that name nothing point to, by what
// the conversation is about. It returns what it is surest of first, and
// nothing where nothing points.
func Resolve(text string, focus Focus) []Reference {
	s := read(text)
	if len(s.text) == 0 {
		return nil
	}
	for _, try := range []func(*source, Focus) (Reference, bool){byExclusion, byPosition, byFeature, byPrice, byAll, byOther, byOrder, byPronoun, byEllipsis} {
		if r, ok := try(s, focus); ok {
			return []Reference{r}
		}
	}
	return nil
}

func (s *source) reference(kind Kind, values []string, start, end int, confidence float64) Reference {
	r := Reference{Kind: kind, Values: values, Confidence: confidence}
	if start < end {
		r.Start, r.End = s.span(start, end)
		r.Text = string(s.raw[r.Start:r.End])
	}
	return r
}

func ordinal(word string) int {
	if n, ok := ordinalWords[word]; ok {
		return n
	}
	n, _ := whole(word)
	return n
}

func byExclusion(s *source, f Focus) (Reference, bool) {
	for _, form := range []*regexp.Regexp{exceptZh, exceptEn} {
		m := form.FindStringSubmatchIndex(s.text)
		if m == nil {
			continue
		}
		n := ordinal(s.text[m[2]:m[3]])
		if n < 1 || n > len(f.List) {
			return Reference{}, false
		}
		var rest []string
		for i, shown := range f.List {
			if i != n-1 {
				rest = append(rest, shown.Value)
			}
		}
		return s.reference(f.List[0].Kind, rest, m[0], m[1], 0.9), len(rest) > 0
	}
	return Reference{}, false
}

func byPosition(s *source, f Focus) (Reference, bool) {
	if len(f.List) == 0 {
		return Reference{}, false
	}
	at := func(n, start, end int) (Reference, bool) {
		if n < 1 || n > len(f.List) {
			return Reference{}, false
		}
		return s.reference(f.List[n-1].Kind, []string{f.List[n-1].Value}, start, end, 0.95), true
	}
	if m := lastZh.FindStringSubmatchIndex(s.text); m != nil {
		n := 1
		if m[2] >= 0 {
			n = ordinal(s.text[m[2]:m[3]])
		}
		return at(len(f.List)+1-n, m[0], m[1])
	}
	if m := lastEn.FindStringIndex(s.text); m != nil {
		return at(len(f.List), m[0], m[1])
	}
	for _, form := range []*regexp.Regexp{ordinalZh, ordinalEn, numberEn} {
		if m := form.FindStringSubmatchIndex(s.text); m != nil {
			return at(ordinal(s.text[m[2]:m[3]]), m[0], m[1])
		}
	}
	return Reference{}, false
}

// byFeature finds 那件红色的 and "the red one" among what was shown.
func byFeature(s *source, f Focus) (Reference, bool) {
	for _, m := range oneWith.FindAllStringSubmatchIndex(s.text, -1) {
		feature := ""
		for i := 2; i+1 < len(m); i += 2 {
			if m[i] >= 0 {
				feature = strings.TrimSpace(s.text[m[i]:m[i+1]])
			}
		}
		var found []string
		kind := Product
		for _, shown := range f.List {
			if says(shown, feature) {
				found, kind = append(found, shown.Value), shown.Kind
			}
		}
		if len(found) > 0 && len(found) < max(2, len(f.List)) {
			r := s.reference(kind, found, m[0], m[1], 0.9)
			r.Ambiguous = len(found) > 1
			return r, true
		}
	}
	return Reference{}, false
}

// says reports whether one of the words of what was shown is, or is a kind of,
// a feature: 枫红 is a 红色.
func says(shown Shown, feature string) bool {
	feature = strings.TrimSuffix(strings.TrimSuffix(feature, "的"), "色")
	if feature == "" {
		return false
	}
	for _, word := range shown.Says {
		word = read(word).text
		if word == feature || han([]rune(feature)[0]) && strings.Contains(word, feature) || slices.Contains(strings.Fields(word), feature) {
			return true
		}
	}
	return false
}

func byPrice(s *source, f Focus) (Reference, bool) {
	for _, way := range []struct {
		form *regexp.Regexp
		sign float64
	}{{cheaper, 1}, {dearer, -1}} {
		m := way.form.FindStringIndex(s.text)
		if m == nil || len(f.List) < 2 {
			continue
		}
		best := -1
		for i, shown := range f.List {
			if shown.Price > 0 && (best < 0 || way.sign*shown.Price < way.sign*f.List[best].Price) {
				best = i
			}
		}
		if best >= 0 {
			return s.reference(f.List[best].Kind, []string{f.List[best].Value}, m[0], m[1], 0.85), true
		}
	}
	return Reference{}, false
}

func byAll(s *source, f Focus) (Reference, bool) {
	m := bothForm.FindStringIndex(s.text)
	if m == nil {
		return Reference{}, false
	}
	if len(f.List) > 1 {
		var all []string
		for _, shown := range f.List {
			all = append(all, shown.Value)
		}
		return s.reference(f.List[0].Kind, all, m[0], m[1], 0.85), true
	}
	if len(f.Products) > 1 {
		return s.reference(Product, slices.Clone(f.Products[:2]), m[0], m[1], 0.75), true
	}
	return Reference{}, false
}

// byOther is the one of two that is not the latest.
func byOther(s *source, f Focus) (Reference, bool) {
	m := otherForm.FindStringIndex(s.text)
	if m == nil {
		return Reference{}, false
	}
	said := s.text[m[0]:m[1]]
	latest := append(slices.Clone(f.Orders[:min(1, len(f.Orders))]), f.Products[:min(1, len(f.Products))]...)
	var rest []string
	kind := Product
	for _, shown := range f.List {
		if !slices.Contains(latest, shown.Value) {
			rest, kind = append(rest, shown.Value), shown.Kind
		}
	}
	switch {
	case len(rest) == 0 && len(f.Orders) > 1 && (strings.HasSuffix(said, "单") || strings.HasSuffix(said, "order") || strings.Contains(s.text[m[1]:], "订单")):
		rest, kind = f.Orders[1:2], Order
	case len(rest) == 0 && len(f.Products) > 1:
		rest = f.Products[1:2]
	case len(rest) == 0 && len(f.Orders) > 1:
		rest, kind = f.Orders[1:2], Order
	}
	if len(rest) == 0 {
		return Reference{}, false
	}
	r := s.reference(kind, slices.Clone(rest), m[0], m[1], 0.85)
	r.Ambiguous = len(rest) > 1
	return r, true
}

func byOrder(s *source, f Focus) (Reference, bool) {
	m := orderForm.FindStringIndex(s.text)
	if m == nil || len(f.Orders) == 0 {
		return Reference{}, false
	}
	return s.reference(Order, f.Orders[:1:1], m[0], m[1], 0.9), true
}

func byPronoun(s *source, f Focus) (Reference, bool) {
	m := thingForm.FindStringIndex(s.text)
	if m == nil {
		return Reference{}, false
	}
	if elsewhere.MatchString(s.text) {
		return Reference{}, false
	}
	switch {
	case len(f.Products) > 0:
		return s.reference(Product, f.Products[:1:1], m[0], m[1], 0.85), true
	case len(f.List) == 1:
		return s.reference(f.List[0].Kind, []string{f.List[0].Value}, m[0], m[1], 0.85), true
	case len(f.Orders) > 0:
		return s.reference(Order, f.Orders[:1:1], m[0], m[1], 0.75), true
	case len(f.List) > 1:
		var all []string
		for _, shown := range f.List {
			all = append(all, shown.Value)
		}
		r := s.reference(f.List[0].Kind, all, m[0], m[1], 0.6)
		r.Ambiguous = true
		return r, true
	}
	return Reference{}, false
}

// longestEllipsis is the longest text, in runes, that may leave out what it is
// about: "那 M 码呢", "and in blue?".
const longestEllipsis = 24

func byEllipsis(s *source, f Focus) (Reference, bool) {
	if len(f.Products) == 0 || len(s.raw) > longestEllipsis || elsewhere.MatchString(s.text) || !ellipsis.MatchString(s.text) {
		return Reference{}, false
	}
	r := s.reference(Product, f.Products[:1:1], 0, 0, 0.7)
	r.Elliptic = true
	return r, true
}
