package entity

import (
	"regexp"
	"slices"
	"strings"

	"everdesk/internal/knowledge"
)

// A valued is what a word says about a product.
type valued struct {
	attribute, value string
	items            []int
}

// plainColors are the colours customers name in any shop, by the English word.
var plainColors = map[string]string{
	"红色": "red", "大红": "red", "橙色": "orange", "橘色": "orange", "黄色": "yellow", "绿色": "green", "蓝色": "blue", "紫色": "purple", "粉色": "pink", "粉红色": "pink", "粉红": "pink",
	"黑色": "black", "白色": "white", "灰色": "grey", "棕色": "brown", "咖啡色": "brown", "米色": "beige", "米白色": "beige", "金色": "gold", "银色": "silver", "卡其色": "khaki", "酒红色": "burgundy", "藏青色": "navy",
	"red": "red", "orange": "orange", "yellow": "yellow", "green": "green", "blue": "blue", "purple": "purple", "violet": "purple", "pink": "pink", "black": "black", "white": "white",
	"grey": "grey", "gray": "grey", "brown": "brown", "beige": "beige", "gold": "gold", "silver": "silver", "khaki": "khaki", "burgundy": "burgundy", "navy": "navy",
}

// plainSizes are the sizes of clothes.
var plainSizes = map[string]string{
	"xxs": "XXS", "xs": "XS", "s": "S", "m": "M", "l": "L", "xl": "XL", "xxl": "XXL", "xxxl": "XXXL", "2xl": "XXL", "3xl": "XXXL",
	"加大": "XL", "大": "L", "中": "M", "小": "S", "均": "one size", "small": "S", "medium": "M", "large": "L", "extra large": "XL", "extra small": "XS", "one size": "one size",
}

// learnValues learns the wordings of an item's values. What is long, or a
// sentence, is a description and nobody's word for anything.
func (d *dictionary) learnValues(i int, item Item) {
	for _, property := range item.Attributes {
		for _, v := range property.Values {
			for _, name := range append([]string{v.Key}, v.Names...) {
				name = knowledge.Fold(name)
				runes := len([]rune(name))
				if runes < 2 || digits(name) == runes || strings.ContainsAny(name, ",;。") || len(strings.Fields(name)) > 3 || runes > 24 || plainSizes[name] != "" {
					continue
				}
				d.value(name, property.Key, v.Key, i)
				if last := []rune(name); property.Key == "color" && han(last[len(last)-1]) && last[len(last)-1] != '色' {
					d.value(name+"色", property.Key, v.Key, i)
				}
			}
		}
	}
}

func (d *dictionary) value(name, attribute, value string, item int) {
	d.valueLongest = max(d.valueLongest, len([]rune(name)))
	all := d.values[name]
	for k := range all {
		if all[k].attribute == attribute && all[k].value == value {
			if !slices.Contains(all[k].items, item) {
				all[k].items = append(all[k].items, item)
			}
			return
		}
	}
	d.values[name] = append(all, valued{attribute, value, []int{item}})
}

var (
	sizeForm   = regexp.MustCompile(`(xxxs|xxs|xs|s|m|l|xl|xxl|xxxl|[2345]xl|加大|大|中|小|均) ?(?:码|号的?)`)
	sizeWord   = regexp.MustCompile(`\bsize (xxs|xs|s|m|l|xl|xxl|xxxl|[2345]xl|small|medium|large|\d{2}(?:\.5)?)\b|\b(extra large|extra small|small|medium|large|one size)(?: size| one)?\b`)
	sizeNumber = regexp.MustCompile(`(\d{2}(?:\.5)?) ?码`)
	bareSize   = regexp.MustCompile(`(xxs|xs|s|m|l|xl|xxl|xxxl|[2345]xl)`)
	// fits is what makes of "small" a judgement and not a size.
	fits     = regexp.MustCompile(`(?:too|so|very|quite|bit|i'm|am|was|is|are|runs?|rather|a|really) $`)
	negation = regexp.MustCompile(`(?:不要|不喜欢|除了|别的?|非|不是|not|except|no|without|other than)[ ]?(?:the |in |a )?$`)
)

// findValues finds values of attributes: what the catalogue has, and colours
// and sizes as customers name them in any shop.
func (d *dictionary) findValues(s *source) (all []Entity) {
	all = append(all, d.catalogued(s)...)
	for _, w := range colourWords(s) {
		if d.values[w.text] == nil {
			all = append(all, attributed(s, w.start, w.end, "color", plainColors[w.text], true, 0.85))
		}
	}
	for _, m := range sizeForm.FindAllStringSubmatchIndex(s.text, -1) {
		if alphanum(s.before(m[0])) || s.before(m[0]) == '\'' || strings.HasSuffix(s.text[m[0]:m[1]], "号") && han(s.after(m[2])) || s.after(m[1]) == '数' {
			continue
		}
		all = append(all, attributed(s, m[0], m[1], "size", canonicalSize(s.text[m[2]:m[3]]), true, 0.93))
	}
	for _, m := range sizeWord.FindAllStringSubmatchIndex(s.text, -1) {
		at := 2
		if m[2] < 0 {
			at = 4
			if front, _ := s.lead(m[0]); fits.MatchString(front) {
				continue
			}
		}
		if s.after(m[1]) == '-' {
			continue
		}
		all = append(all, attributed(s, m[0], m[1], "size", canonicalSize(s.text[m[at]:m[at+1]]), true, 0.85))
	}
	for _, m := range sizeNumber.FindAllStringSubmatchIndex(s.text, -1) {
		if !digit(s.before(m[0])) && s.before(m[0]) != '.' {
			all = append(all, attributed(s, m[0], m[1], "size", s.text[m[2]:m[3]], true, 0.9))
		}
	}
	return append(all, capitals(s)...)
}

// capitals finds sizes by their letter alone, which a customer writes large.
func capitals(s *source) (all []Entity) {
	for _, m := range bareSize.FindAllStringIndex(s.text, -1) {
		if alphanum(s.before(m[0])) || alphanum(s.after(m[1])) || s.before(m[0]) == '\'' || s.after(m[1]) == '\'' || s.before(m[0]) == '-' || s.after(m[1]) == '-' || s.before(m[0]) == '&' || s.after(m[1]) == '&' {
			continue
		}
		from, to := s.span(m[0], m[1])
		written := string(s.raw[from:to])
		if written != strings.ToUpper(written) || digit(s.before(m[0]-1)) && s.before(m[0]) == ' ' {
			continue
		}
		all = append(all, attributed(s, m[0], m[1], "size", canonicalSize(s.text[m[0]:m[1]]), true, 0.8))
	}
	return all
}

func canonicalSize(word string) string {
	if size, ok := plainSizes[word]; ok {
		return size
	}
	return strings.ToUpper(word)
}

func attributed(s *source, start, end int, attribute, value string, plain bool, confidence float64) Entity {
	e := Entity{
		Kind: Attribute, Start: start, End: end, Value: attribute + "=" + value, Confidence: confidence,
		Parts: map[string]string{"attribute": attribute, "value": value},
	}
	if plain {
		e.Parts["form"] = "plain"
	}
	if front, _ := s.lead(start); negation.MatchString(front) {
		e.Parts["not"] = "yes"
	}
	return e
}

// catalogued finds the values the catalogue knows, the longest at each place.
func (d *dictionary) catalogued(s *source) (all []Entity) {
	if d.valueLongest == 0 {
		return nil
	}
	runes := []rune(s.text)
	starts := make([]int, 0, len(runes)+1)
	for i := range s.text {
		starts = append(starts, i)
	}
	starts = append(starts, len(s.text))
	for i := 0; i < len(runes); i++ {
		if alphanum(runes[i]) && i > 0 && alphanum(runes[i-1]) {
			continue
		}
		for n := min(d.valueLongest, len(runes)-i); n >= 2; n-- {
			from, to := starts[i], starts[i+n]
			word := s.text[from:to]
			found, ok := d.values[word]
			if !ok || alphanum(runes[i+n-1]) && i+n < len(runes) && alphanum(runes[i+n]) {
				continue
			}
			e := attributed(s, from, to, found[0].attribute, found[0].value, false, 0.92)
			if d.words[word] != 0 || len(found) > 1 {
				e.Confidence = 0.75
			}
			var keys []string
			for _, f := range found {
				for _, k := range f.items {
					if !slices.Contains(keys, d.items[k].Key) {
						keys = append(keys, d.items[k].Key)
					}
				}
			}
			slices.Sort(keys)
			e.Parts["products"] = strings.Join(keys, ",")
			all = append(all, e)
			i += n - 1
			break
		}
	}
	return all
}

// colourWords are the words of the text that are plain colours, the longest at
// each place. 红包 is none: letters alone name a colour only before 色 or 的.
func colourWords(s *source) (all []spot) {
	for _, w := range spots(s) {
		if _, ok := plainColors[w.text]; ok {
			all = append(all, w)
		}
	}
	for i, r := range s.text {
		if !han(r) {
			continue
		}
		for n := 4; n >= 2; n-- {
			text := s.trailing(i, n)
			if _, ok := plainColors[text]; ok {
				all = append(all, spot{text, i, i + len(text)})
				break
			}
		}
		if one := string(r); plainColors[one+"色"] != "" && (strings.HasPrefix(s.text[i+len(one):], "的") || strings.HasPrefix(s.text[i+len(one):], "款")) && !strings.ContainsRune("金银", r) {
			if b := s.before(i); !han(b) || strings.ContainsRune("件条双个款那这要有换成买来是", b) {
				all = append(all, spot{one + "色", i, i + len(one)})
			}
		}
	}
	return all
}
