package entity

import (
	"slices"
	"strings"

	"everdesk/internal/knowledge"
)

// Items are the products of a catalogue as messages name them.
func Items(products []*knowledge.Product) []Item {
	all := make([]Item, 0, len(products))
	for _, p := range products {
		item := Item{Key: p.Key}
		for _, name := range p.Name {
			item.Names = append(item.Names, name)
		}
		slices.Sort(item.Names)
		for key, value := range p.Attributes {
			property := Property{Key: key}
			for _, one := range texts(value) {
				v := Value{Key: one}
				for _, labels := range p.Labels {
					if worded := labels[key].Values[one]; worded != "" {
						v.Names = append(v.Names, worded)
					}
				}
				slices.Sort(v.Names)
				property.Values = append(property.Values, v)
			}
			item.Attributes = append(item.Attributes, property)
		}
		slices.SortFunc(item.Attributes, func(a, b Property) int { return strings.Compare(a.Key, b.Key) })
		all = append(all, item)
	}
	return all
}

func texts(value any) (all []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			all = append(all, texts(one)...)
		}
	}
	return all
}

const (
	nobody  = -2
	several = -1
)

// A dictionary finds products and values of attributes.
type dictionary struct {
	items []Item
	// keys are the shop's own numbers, heads the last words of names ("kettle")
	// and brands the first, words all of them: each leads to one product, or to
	// several.
	keys, heads, brands, words map[string]int
	// named are all names in words, byWord leads from a word to the names that
	// have it.
	named  []nameWords
	byWord map[string][]int
	// parts are the beginnings and ends of names without spaces; sounds the
	// same in pinyin.
	parts   map[string]part
	sounds  map[string]part
	longest int
	values  map[string][]valued
	// valueLongest is the longest value in runes.
	valueLongest int
}

// nameWords are the words of a product's name, plurals made one.
type nameWords struct {
	product int
	words   []string
}

// A part is the beginning or end of a name.
type part struct {
	product    int
	text       string
	beginning  bool
	completely bool
}

func newDictionary(items []Item) *dictionary {
	d := &dictionary{
		items: items, keys: map[string]int{}, heads: map[string]int{}, brands: map[string]int{}, words: map[string]int{}, byWord: map[string][]int{},
		parts: map[string]part{}, sounds: map[string]part{}, values: map[string][]valued{},
	}
	for i, item := range items {
		claimWord(d.keys, knowledge.Fold(item.Key), i)
		for _, name := range item.Names {
			d.name(i, plainName(name))
		}
	}
	for text, p := range d.parts {
		for _, sound := range sounds(text) {
			if other, taken := d.sounds[sound]; taken && other.product != p.product {
				p.product = several
			}
			d.sounds[sound] = p
		}
	}
	for i, item := range items {
		d.learnValues(i, item)
	}
	return d
}

// plainName is a name without what stands in brackets or behind a comma.
func plainName(name string) string {
	name = knowledge.Fold(name)
	if i := strings.IndexAny(name, "(,"); i > 0 {
		name = name[:i]
	}
	return strings.TrimSpace(name)
}

func claimWord(of map[string]int, word string, product int) {
	if word == "" {
		return
	}
	if other, taken := of[word]; taken && other != product {
		product = several
	}
	of[word] = product
}

func (d *dictionary) name(product int, name string) {
	words := latinWords(name)
	own := nameWords{product, nil}
	for i, w := range words {
		own.words = append(own.words, singular(w))
		if !slices.Contains(own.words[:i], singular(w)) {
			d.byWord[singular(w)] = append(d.byWord[singular(w)], len(d.named))
		}
		claimWord(d.words, singular(w), product)
		switch {
		case i == len(words)-1 && len(words) > 1:
			claimWord(d.heads, singular(w), product)
		case i == 0 && len(words) > 1:
			claimWord(d.brands, singular(w), product)
		case len(words) == 1:
			claimWord(d.brands, singular(w), product)
		}
	}
	d.named = append(d.named, own)
	letters := dense(name)
	if !slices.ContainsFunc(letters, han) {
		return
	}
	for n := 2; n <= len(letters); n++ {
		d.part(string(letters[:n]), part{product: product, beginning: true, completely: n == len(letters)})
		d.part(string(letters[len(letters)-n:]), part{product: product, completely: n == len(letters)})
		for i := 1; i+n < len(letters); i++ {
			if n >= 3 || strings.ContainsRune(thingLetters, letters[i+n-1]) {
				d.part(string(letters[i:i+n]), part{product: product, beginning: true})
			}
		}
	}
	// What is called 羊毛袜 is asked for as 袜子.
	if last := letters[len(letters)-1]; strings.ContainsRune(thingLetters, last) {
		d.part(string(last)+"子", part{product: product})
	}
	d.longest = max(d.longest, len(letters))
}

func (d *dictionary) part(text string, p part) {
	p.text = text
	if other, taken := d.parts[text]; taken {
		if other.product != p.product {
			p.product = several
		}
		p.beginning = p.beginning && other.beginning
	}
	d.parts[text] = p
}

// thingLetters end words for things: 睡衣 names a product wherever it stands in
// the name.
const thingLetters = "衣裤裙鞋靴袜帽杯壶锅灯毯被枕包表机巾"

// latinWords are the words of a name in letters with spaces.
func latinWords(name string) (all []string) {
	if strings.ContainsFunc(name, han) {
		return nil
	}
	return strings.FieldsFunc(name, func(r rune) bool { return !latin(r) && !digit(r) })
}

func dense(name string) []rune {
	var all []rune
	for _, r := range name {
		if han(r) || latin(r) || digit(r) {
			all = append(all, r)
		}
	}
	return all
}

// singular makes one of a word and its plural.
func singular(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ves"):
		return w[:len(w)-3] + "f"
	case len(w) > 4 && (strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "shes") || strings.HasSuffix(w, "xes")):
		return w[:len(w)-2]
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}

// weak are words that name no product by themselves, although only one has
// them.
var weak = map[string]bool{
	"bank": true, "set": true, "pack": true, "case": true, "bag": true, "kit": true, "pair": true, "glass": true, "throw": true, "power": true, "down": true,
	"pocket": true, "double": true, "smart": true, "light": true, "box": true, "card": true, "book": true, "watch": true, "phone": true, "wall": true,
	"cover": true, "charge": true, "charger": true, "ring": true, "pad": true, "stand": true, "top": true, "clear": true, "new": true, "skylark": true,
}

// nouns are weak words that name a product behind a determiner: "the throw".
var nouns = map[string]bool{"throw": true, "glass": true, "watch": true, "charger": true, "bag": true}

var determiners = map[string]bool{"the": true, "this": true, "that": true, "your": true}

// A spot is a word of the text with its bytes.
type spot struct {
	text       string
	start, end int
}

func spots(s *source) (all []spot) {
	start := -1
	flush := func(end int) {
		if start >= 0 {
			all = append(all, spot{s.text[start:end], start, end})
		}
		start = -1
	}
	for i, r := range s.text {
		if alphanum(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		flush(i)
	}
	flush(len(s.text))
	return all
}

// find returns the products a text names.
func (d *dictionary) find(s *source) (all []Entity) {
	if len(d.items) == 0 {
		return nil
	}
	words := spots(s)
	for _, w := range words {
		if i, ok := d.keys[w.text]; ok && i >= 0 {
			all = append(all, d.product(i, w.start, w.end, 0.98, ""))
		}
	}
	all = append(all, d.byWords(s, words)...)
	all = append(all, d.byParts(s)...)
	return append(all, d.bySpelling(words)...)
}

func (d *dictionary) product(i, start, end int, confidence float64, how string) Entity {
	e := Entity{Kind: Product, Start: start, End: end, Value: d.items[i].Key, Confidence: confidence, Parts: map[string]string{"key": d.items[i].Key}}
	if how != "" {
		e.Parts["form"] = how
	}
	return e
}

// byWords finds stretches of words that all belong to one product's name and
// say which it is.
func (d *dictionary) byWords(s *source, words []spot) (all []Entity) {
	for i := 0; i < len(words); i++ {
		best, bestEnd, bestScore := nobody, i, 0.0
		determined := i > 0 && determiners[words[i-1].text]
		for j := i; j < min(len(words), i+6); j++ {
			if j > i && strings.Trim(s.text[words[j-1].end:words[j].start], " -'") != "" {
				break
			}
			product, score := d.stretch(words[i:j+1], determined)
			if product >= 0 && score >= bestScore {
				best, bestEnd, bestScore = product, j, score
			}
		}
		if best >= 0 {
			all = append(all, d.product(best, words[i].start, words[bestEnd].end, bestScore, ""))
			i = bestEnd
		}
	}
	return all
}

// stretch returns the one product that has all of some words in its name.
func (d *dictionary) stretch(words []spot, determined bool) (product int, score float64) {
	product = nobody
	// The rarest of the words leads to the fewest names.
	rarest := d.byWord[singular(words[0].text)]
	for _, w := range words[1:] {
		if others := d.byWord[singular(w.text)]; len(others) < len(rarest) {
			rarest = others
		}
	}
	for _, n := range rarest {
		own := d.named[n]
		if !contains(own.words, words) {
			continue
		}
		if product != nobody && product != own.product {
			return several, 0
		}
		product = own.product
		score = 0.75 + 0.22*float64(len(words))/float64(len(own.words))
	}
	if product < 0 || len(words) > 1 {
		return product, score
	}
	w := singular(words[0].text)
	if (weak[w] && !(nouns[w] && determined)) || len(w) < 3 || d.heads[w] != product && d.brands[w] != product || !inMap(d.heads, w) && !inMap(d.brands, w) {
		return nobody, 0
	}
	return product, min(score, 0.85)
}

func inMap(of map[string]int, key string) bool { _, ok := of[key]; return ok }

// contains reports whether a name has all of the words, in their order.
func contains(name []string, words []spot) bool {
	at := 0
	for _, w := range words {
		for at < len(name) && name[at] != singular(w.text) {
			at++
		}
		if at == len(name) {
			return false
		}
		at++
	}
	return true
}

// closeRunes are the letters and digits of a text without what is between
// them, and their bytes.
func closeRunes(s *source) (runes []rune, at []int) {
	for i, r := range s.text {
		if han(r) || alphanum(r) {
			runes, at = append(runes, r), append(at, i)
		}
	}
	return runes, at
}

// longestHeard is the longest text, in letters, in which names are looked for
// by their sound: each stretch of it is read in every way it may be.
const longestHeard = 200

// byParts finds names written without spaces: exactly, or by their sound.
func (d *dictionary) byParts(s *source) (all []Entity) {
	if d.longest == 0 {
		return nil
	}
	runes, at := closeRunes(s)
	end := func(i int) int { return at[i] + len(string(runes[i])) }
	for i := 0; i < len(runes); i++ {
		for n := min(d.longest, len(runes)-i); n >= 2; n-- {
			window := string(runes[i : i+n])
			if !strings.ContainsFunc(window, han) || end(i+n-1)-at[i] > len(window)+4 {
				continue
			}
			if p, ok := d.parts[window]; ok && p.product >= 0 {
				e := d.product(p.product, at[i], end(i+n-1), partConfidence(p, n), "")
				all = merge(all, e, s)
				i += n - 1
				break
			}
			if len(runes) > longestHeard {
				continue
			}
			if p, how := d.heard(runes[i : i+n]); p.product >= 0 {
				all = merge(all, d.product(p.product, at[i], end(i+n-1), 0.7+0.03*float64(n), how), s)
				i += n - 1
				break
			}
		}
	}
	return all
}

func partConfidence(p part, n int) float64 {
	switch {
	case p.completely:
		return 0.98
	case p.beginning && n == 2:
		return 0.65
	case n == 2:
		return 0.85
	}
	return 0.92
}

// heard finds a part of a name that sounds like the letters: typing by pinyin
// picks the wrong letter more often than the wrong sound.
func (d *dictionary) heard(letters []rune) (part, string) {
	none := part{product: nobody}
	if slices.ContainsFunc(letters, func(r rune) bool { return !han(r) }) {
		return none, ""
	}
	for _, sound := range sounds(string(letters)) {
		p, ok := d.sounds[sound]
		if !ok || p.product < 0 || p.beginning && !p.completely {
			continue
		}
		same := 0
		for i, r := range []rune(p.text) {
			if i < len(letters) && letters[i] == r {
				same++
			}
		}
		if same >= 1 && same < len(letters) {
			return p, "homophone"
		}
	}
	return none, ""
}

// merge joins a product to the one before it if they are the same and touch:
// 远山开衫 is the beginning and the end of one name.
func merge(all []Entity, e Entity, s *source) []Entity {
	if n := len(all); n > 0 && all[n-1].Value == e.Value && strings.Trim(s.text[all[n-1].End:e.Start], " 的") == "" {
		all[n-1].End = e.End
		all[n-1].Confidence = min(0.97, max(all[n-1].Confidence, e.Confidence)+0.05)
		return all
	}
	return append(all, e)
}

// bySpelling finds words one slip of the finger away from a name, and names
// written in pinyin.
func (d *dictionary) bySpelling(words []spot) (all []Entity) {
	for i, w := range words {
		if i2, ok := d.slip(w.text); ok {
			all = append(all, d.product(i2, w.start, w.end, 0.75, "misspelt"))
			continue
		}
		var joined strings.Builder
		for j := i; j < min(len(words), i+5); j++ {
			joined.WriteString(words[j].text)
			if p, ok := d.sounds[joined.String()]; ok && p.product >= 0 && joined.Len() >= 6 && (!p.beginning || p.completely) {
				all = append(all, d.product(p.product, w.start, words[j].end, 0.75, "pinyin"))
			}
		}
	}
	return all
}

// shortestSlip is the shortest word a slip is looked for in: too much lies one
// slip away from shorter ones.
const shortestSlip = 6

func (d *dictionary) slip(word string) (int, bool) {
	if len(word) < shortestSlip-1 || digits(word) > 0 {
		return 0, false
	}
	word = singular(word)
	if _, known := d.words[word]; known {
		return 0, false
	}
	found := nobody
	for _, of := range []map[string]int{d.heads, d.brands} {
		for name, i := range of {
			if i < 0 || len(name) < shortestSlip || weak[name] || name[0] != word[0] || !knowledge.OneSlip(word, name) {
				continue
			}
			if found != nobody && found != i {
				return 0, false
			}
			found = i
		}
	}
	return found, found >= 0
}
