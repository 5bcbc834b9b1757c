package knowledge

import (
	"slices"
	"strings"
)

// plainColours are the colours customers name, by the words of both languages.
// A shop's own names ("maple red", 「枫红」) are kinds of them. The first word is
// what its absence is told with.
var plainColours = []struct{ chinese, english []string }{
	{[]string{"红色", "红"}, []string{"red"}},
	{[]string{"橙色", "橙", "橘"}, []string{"orange"}},
	{[]string{"黄色", "黄"}, []string{"yellow"}},
	{[]string{"绿色", "绿"}, []string{"green"}},
	{[]string{"蓝色", "蓝"}, []string{"blue", "navy"}},
	{[]string{"紫色", "紫"}, []string{"purple", "violet"}},
	{[]string{"粉色", "粉红", "粉"}, []string{"pink"}},
	{[]string{"黑色", "黑"}, []string{"black"}},
	{[]string{"白色", "白"}, []string{"white"}},
	{[]string{"灰色", "灰"}, []string{"grey", "gray"}},
	{[]string{"棕色", "棕", "咖啡色"}, []string{"brown"}},
	{[]string{"米色", "米白"}, []string{"beige"}},
	{[]string{"金色"}, []string{"gold"}},
	{[]string{"银色"}, []string{"silver"}},
}

// colour resolves a plain colour a text names: to the one of the product's
// values that is a kind of it, or to what the customer called it if none is.
// Of several kinds none is chosen: the stock of all is told.
func (p *Product) colour(said heard) (value, missing string) {
	for _, plain := range plainColours {
		word := ""
		// "红" alone is too short to be looked for in words such as 红包.
		for _, w := range append(plain.chinese[:1:1], plain.english...) {
			if said.has(w) {
				word = w
			}
		}
		if word == "" {
			continue
		}
		kinds := p.kindsOf(plain.chinese, plain.english)
		switch len(kinds) {
		case 0:
			return "", word
		case 1:
			return kinds[0], ""
		}
	}
	return "", ""
}

func (p *Product) kindsOf(chinese, english []string) (kinds []string) {
	seen := map[string]bool{}
	for _, v := range p.Variants {
		raw, ok := v["color"].(string)
		if !ok || seen[raw] {
			continue
		}
		seen[raw] = true
		wordings := []string{raw}
		for l := range p.Labels {
			wordings = append(wordings, p.Labels[l]["color"].Values[raw])
		}
		is := listen(strings.Join(wordings, " "))
		within := func(word string) bool { return strings.Contains(is.dense, word) }
		if slices.ContainsFunc(english, is.has) || slices.ContainsFunc(chinese, within) {
			kinds = append(kinds, raw)
		}
	}
	return kinds
}
