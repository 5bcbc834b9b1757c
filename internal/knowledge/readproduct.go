package knowledge

import (
	"encoding/json"
	"strings"
)

// rawProduct is a product as files bring it. Texts are one for all languages or
// one for each.
type rawProduct struct {
	ProductID   looseText                   `json:"product_id"`
	Name        byLocale                    `json:"name"`
	Title       byLocale                    `json:"title"`
	Category    string                      `json:"category"`
	Description byLocale                    `json:"description"`
	Price       prices                      `json:"price"`
	Currency    string                      `json:"currency"`
	Image       string                      `json:"image"`
	Attributes  map[string]any              `json:"attributes"`
	Labels      map[string]map[string]Label `json:"labels"`
	Variants    []map[string]any            `json:"variants"`
	GoesWith    []string                    `json:"goes_with"`
	FAQ         []struct {
		Locale   string `json:"locale"`
		Q        string `json:"q"`
		A        string `json:"a"`
		Question string `json:"question"`
		Answer   string `json:"answer"`
	} `json:"faq"`
}

// looseText is a text, or a number that stands for one.
type looseText string

// UnmarshalJSON takes a text or a number.
func (t *looseText) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		*t = looseText(text)
		return nil
	}
	var number json.Number
	if err := json.Unmarshal(raw, &number); err != nil {
		return err
	}
	*t = looseText(number.String())
	return nil
}

// byLocale is a text by language; the empty language stands for any.
type byLocale map[string]string

// UnmarshalJSON takes a text or an object.
func (m *byLocale) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		*m = byLocale{"": text}
		return nil
	}
	var all map[string]string
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	*m = all
	return nil
}

// in replaces the text for any language by one for locale.
func (m byLocale) in(locale string) map[string]string {
	if text, ok := m[""]; ok {
		delete(m, "")
		if strings.TrimSpace(text) != "" {
			m[locale] = text
		}
	}
	return m
}

// prices is an amount by currency; the empty currency stands for the product's.
type prices map[string]float64

// UnmarshalJSON takes a number or an object.
func (p *prices) UnmarshalJSON(raw []byte) error {
	var amount float64
	if err := json.Unmarshal(raw, &amount); err == nil {
		*p = prices{"": amount}
		return nil
	}
	var all map[string]float64
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	*p = all
	return nil
}

func readProduct(raw []byte) (*rawProduct, string) {
	var p rawProduct
	if err := json.Unmarshal(raw, &p); err != nil {
		return nil, "malformed"
	}
	return &p, ""
}

// details checks a product and returns it with its key, or why it is refused.
func (p *rawProduct) details(locale string) (key string, d Details, reason string) {
	key = strings.TrimSpace(string(p.ProductID))
	if key == "" || len(key) > maxKey {
		return "", d, "no_product_id"
	}
	d = Details{
		Name: p.Name.in(locale), Category: p.Category, Description: p.Description.in(locale), Price: p.Price, Image: p.Image,
		Attributes: p.Attributes, Labels: p.Labels, Variants: p.Variants, GoesWith: p.GoesWith,
	}
	if len(d.Name) == 0 {
		d.Name = p.Title.in(locale)
	}
	if len(d.Name) == 0 {
		// The simplest shape has no name: the number is what it is called.
		d.Name = map[string]string{locale: key}
	}
	if amount, ok := d.Price[""]; ok {
		delete(d.Price, "")
		currency := p.Currency
		if currency == "" {
			currency = "USD"
			if strings.HasPrefix(locale, "zh") {
				currency = "CNY"
			}
		}
		d.Price[currency] = amount
	}
	for _, q := range p.FAQ {
		one := ProductQuestion{q.Locale, strings.TrimSpace(firstOf(q.Question, q.Q)), strings.TrimSpace(firstOf(q.Answer, q.A))}
		if one.Locale == "" {
			one.Locale = locale
		}
		d.Questions = append(d.Questions, one)
	}
	if err := d.Check("row"); err != nil {
		return "", d, reasonOf(err)
	}
	return key, d, ""
}

// ReadProducts reads a JSON list of products.
func ReadProducts(data []byte, locale string) (products []Row, bad []BadRow, err error) {
	rows, bad, err := Read(JSON, data, locale)
	for _, r := range rows {
		if r.Details != nil {
			products = append(products, r)
		}
	}
	return products, bad, err
}
