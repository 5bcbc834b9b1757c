package knowledge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// asked are the words, folded, by which customers ask for an attribute, apart
// from its own label. The keys are the attributes shops mostly have; an
// attribute of another name is asked for by its label.
var asked = map[string][]string{
	"price":      {"多少钱", "价格", "几块", "售价", "什么价", "how much", "price", "cost", "costs"},
	"stock":      {"有货", "库存", "现货", "还有吗", "没货", "缺货", "剩", "卖完", "in stock", "available", "stock", "left", "sold out", "availability", "have it in"},
	"color":      {"颜色", "什么色", "几种色", "哪些色", "有色", "色号", "colour", "color", "colours", "colors"},
	"size":       {"尺码", "尺寸", "多大", "大小", "几码", "码数", "长宽", "size", "sizes", "dimensions", "measurements", "how big", "how long is"},
	"material":   {"材质", "面料", "成分", "什么做的", "料子", "含棉", "材料", "material", "fabric", "made of", "made from", "composition"},
	"filling":    {"填充", "充绒", "含绒", "蓬松度", "filling", "filled", "fill power"},
	"care":       {"怎么洗", "机洗", "水洗", "手洗", "洗护", "清洗", "保养", "能洗", "洗碗机", "wash", "washing", "washable", "clean", "care", "dishwasher"},
	"fit":        {"版型", "偏大", "偏小", "宽松", "修身", "fit", "fits", "run small", "run large"},
	"weight":     {"多重", "重量", "几斤", "多少克", "weigh", "weight", "heavy"},
	"capacity":   {"容量", "多少升", "几升", "多少毫升", "毫安", "capacity", "litres", "liters", "how much water", "mah"},
	"power":      {"功率", "多少瓦", "几瓦", "费电", "power", "watts", "wattage"},
	"voltage":    {"电压", "多少伏", "伏", "voltage", "volts", "abroad"},
	"battery":    {"续航", "电池", "能用多久", "用几个小时", "battery", "how long does it last", "playtime"},
	"charging":   {"充电", "怎么充", "充电口", "快充", "charge", "charging", "charger", "usb"},
	"connection": {"蓝牙", "连接", "wifi", "配网", "bluetooth", "wi fi", "connect", "connection"},
	"waterproof": {"防水", "防雨", "下雨", "waterproof", "water resistant", "rain"},
	"warranty":   {"保修", "质保", "保多久", "warranty", "guarantee"},
	"scent":      {"香味", "味道", "什么香", "scent", "scents", "smell"},
}

// Fact is what a text asks of a product.
type Fact struct {
	// Attribute is its key: one of the product's, "price", or "stock".
	Attribute string
	// Chosen are the values of variant attributes the text names: the colour
	// and the size of "is the red one there in XL?".
	Chosen map[string]string
	// MissingColor is a colour the text names and the product does not come in.
	MissingColor string
}

// Asked returns which attribute a text asks for, preferring what it names last
// and longest; ok is false if it asks for none.
func (p *Product) Asked(text, locale string) (fact Fact, ok bool) {
	said := listen(text)
	fact.Chosen = p.chosen(said)
	if len(p.Variants) > 0 && fact.Chosen["color"] == "" {
		var value string
		if value, fact.MissingColor = p.colour(said); value != "" {
			fact.Chosen["color"] = value
		}
	}
	best := 0
	try := func(attribute string, phrases ...string) {
		for _, phrase := range phrases {
			if len(phrase) > best && said.has(phrase) {
				best, fact.Attribute = len(phrase), attribute
			}
		}
	}
	for attribute := range p.Attributes {
		try(attribute, asked[attribute]...)
		for l := range p.Labels {
			try(attribute, Fold(p.Label(l, attribute)))
		}
		try(attribute, Fold(attribute))
	}
	if len(p.Price) > 0 {
		try("price", asked["price"]...)
	}
	if len(p.Variants) > 0 {
		try("stock", asked["stock"]...)
	}
	if fact.Attribute == "" && (len(fact.Chosen) > 0 || fact.MissingColor != "") && len(p.Variants) > 0 {
		fact.Attribute = "stock"
	}
	return fact, fact.Attribute != ""
}

// heard is a text in which phrases are looked for.
type heard struct{ spaced, dense string }

func listen(text string) heard {
	var words []string
	for _, r := range runs(Fold(text)) {
		words = append(words, r.text)
	}
	return heard{" " + strings.Join(words, " ") + " ", bare(text)}
}

// has looks for a folded phrase: anywhere if it has letters without spaces, as
// whole words if not.
func (h heard) has(phrase string) bool {
	if strings.IndexFunc(phrase, CJK) >= 0 {
		return strings.Contains(h.dense, bare(phrase))
	}
	return phrase != "" && strings.Contains(h.spaced, " "+phrase+" ")
}

// chosen returns the values of variants that a text names, in any language.
func (p *Product) chosen(said heard) map[string]string {
	found := map[string]string{}
	longest := map[string]int{}
	for _, v := range p.Variants {
		for attribute, value := range v {
			raw, isText := value.(string)
			if attribute == "stock" || !isText {
				continue
			}
			words := []string{Fold(raw)}
			for l := range p.Labels {
				words = append(words, Fold(p.Labels[l][attribute].Values[raw]))
			}
			for _, w := range words {
				if len(w) > longest[attribute] && said.has(w) {
					found[attribute], longest[attribute] = raw, len(w)
				}
			}
		}
	}
	return found
}

// Stock returns how many there are of the variants with the chosen values, and
// whether such a variant exists at all.
func (p *Product) Stock(chosen map[string]string) (n int, exists bool) {
	for _, v := range p.Variants {
		matches := true
		for attribute, value := range chosen {
			matches = matches && v[attribute] == value
		}
		if !matches {
			continue
		}
		exists = true
		n += whole(v["stock"])
	}
	if len(p.Variants) == 0 {
		return whole(p.Attributes["stock"]), p.Attributes["stock"] != nil
	}
	return n, exists
}

func whole(value any) int {
	switch v := value.(type) {
	case float64:
		return int(v)
	case int:
		return v
	case int64:
		return int(v)
	}
	return 0
}

// PriceIn writes the price for readers of a language: its own currency first.
func (p *Product) PriceIn(locale string) string {
	order := []string{"USD", "EUR", "GBP", "CNY"}
	if strings.HasPrefix(locale, "zh") {
		order = []string{"CNY", "HKD", "TWD", "USD"}
	}
	for _, currency := range order {
		if amount, ok := p.Price[currency]; ok {
			return money(currency, amount)
		}
	}
	var all []string
	for currency, amount := range p.Price {
		all = append(all, money(currency, amount))
	}
	slices.Sort(all)
	return strings.Join(all, " / ")
}

func money(currency string, amount float64) string {
	text := strconv.FormatFloat(amount, 'f', -1, 64)
	switch currency {
	case "CNY":
		return "¥" + text
	case "USD":
		return "$" + text
	case "EUR":
		return "€" + text
	case "GBP":
		return "£" + text
	}
	return fmt.Sprintf("%s %s", text, currency)
}

// WithoutAsked returns a text without the words by which customers ask for an
// attribute.
func WithoutAsked(text, attribute string) string {
	text = Fold(text)
	for _, phrase := range asked[attribute] {
		text = strings.ReplaceAll(text, phrase, " ")
	}
	return strings.ReplaceAll(text, attribute, " ")
}
