package knowledge

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"everdesk/internal/fault"
	"everdesk/internal/id"
)

// A Product is something on sale, with what can be asked about it.
type Product struct {
	ID id.Product
	// Key is the shop's own number ("P1001"); unique per workspace.
	Key string
	Details
	Version   int64
	UpdatedAt time.Time
}

// Details are what an import sets of a product.
type Details struct {
	// Name is by language.
	Name     map[string]string `json:"name"`
	Category string            `json:"category,omitempty"`
	// Description is by language.
	Description map[string]string `json:"description,omitempty"`
	// Price is by currency, in whole units as shown to customers.
	Price map[string]float64 `json:"price,omitempty"`
	Image string             `json:"image,omitempty"`
	// Attributes are texts, numbers, truths or lists of those, by a key of the
	// shop's own.
	Attributes map[string]any `json:"attributes,omitempty"`
	// Labels are the wording of attributes and their values, by language and
	// attribute.
	Labels map[string]map[string]Label `json:"labels,omitempty"`
	// Variants are the combinations that exist: attributes, and "stock".
	Variants  []map[string]any  `json:"variants,omitempty"`
	Questions []ProductQuestion `json:"faq,omitempty"`
	// GoesWith are the keys of products that are recommended beside it.
	GoesWith []string `json:"goes_with,omitempty"`
}

// A Label words an attribute for customers.
type Label struct {
	Label  string            `json:"label"`
	Values map[string]string `json:"values,omitempty"`
}

// A ProductQuestion is a question about one product.
type ProductQuestion struct {
	Locale   string `json:"locale"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

const (
	maxAttributes = 60
	maxValues     = 100
	maxGoesWith   = 20
)

// Check returns a fault that names every field of the details that will not do.
func (d Details) Check(path string) error {
	problem := fault.ErrInvalid
	wrong := func(field, code, detail string) { problem = problem.At(path+"."+field, code, detail) }
	if len(d.Name) == 0 {
		wrong("name", "required", "a product has a name")
	}
	for locale, name := range d.Name {
		if !localeForm.MatchString(locale) || strings.TrimSpace(name) == "" || len(name) > MaxTitle {
			wrong("name", "malformed", "one name for each language")
		}
	}
	if len(d.Attributes) > maxAttributes {
		wrong("attributes", "wrong_count", fmt.Sprintf("at most %d attributes", maxAttributes))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Attributes)) {
		if !attribute(d.Attributes[name]) {
			wrong("attributes."+name, "malformed", "a text, a number, true or false, or a list of those")
		}
	}
	for i, q := range d.Questions {
		if strings.TrimSpace(q.Question) == "" || strings.TrimSpace(q.Answer) == "" || !localeForm.MatchString(q.Locale) {
			wrong(fmt.Sprintf("faq[%d]", i), "malformed", "a question, an answer and a language")
		}
	}
	if len(d.GoesWith) > maxGoesWith || slices.ContainsFunc(d.GoesWith, func(key string) bool { return key == "" || len(key) > maxKey }) {
		wrong("goes_with", "malformed", fmt.Sprintf("at most %d keys of products", maxGoesWith))
	}
	if len(problem.Fields) > 0 {
		return problem
	}
	return nil
}

func attribute(value any) bool {
	switch v := value.(type) {
	case string, float64, bool, int64, int:
		return true
	case []any:
		return len(v) <= maxValues && !slices.ContainsFunc(v, func(one any) bool {
			_, list := one.([]any)
			return list || !attribute(one)
		})
	}
	return false
}

// In returns the text of a map by language: that language's, or another's.
func In(texts map[string]string, locale string) string {
	if text, ok := texts[locale]; ok {
		return text
	}
	for _, other := range slices.Sorted(maps.Keys(texts)) {
		return texts[other]
	}
	return ""
}

// Label returns the customers' word for an attribute.
func (d *Details) Label(locale, attribute string) string {
	return cmp.Or(d.Labels[locale][attribute].Label, attribute)
}

// Values returns an attribute's values in the customers' words.
func (d *Details) Values(locale, attribute string) []string {
	return d.worded(locale, attribute, d.Attributes[attribute])
}

// Worded returns one value of an attribute in the customers' words.
func (d *Details) Worded(locale, attribute, value string) string {
	return cmp.Or(d.Labels[locale][attribute].Values[value], value)
}

func (d *Details) worded(locale, attribute string, value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, d.worded(locale, attribute, one)...)
		}
		return all
	default:
		return []string{d.Worded(locale, attribute, fmt.Sprint(v))}
	}
}

// ProductShelf is the shelf products stand on, beside those of the languages.
const ProductShelf = "products"
