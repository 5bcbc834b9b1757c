package bot

import (
	"strconv"
	"strings"

	"everdesk/internal/bot/answer"
	"everdesk/internal/inbox"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

// A ProductFact is what the catalogue says to a question.
type ProductFact struct {
	Product *knowledge.Product
	Text    string
	// Sure says that the product was named by its own name and the question is
	// about it; else a fitting article goes first.
	Sure bool

	locale string
}

// half of a name's words make it this product and no kind of thing: "Yuanshan
// cardigan" is one, "kettle" is not.
const byName = 0.5

// followUp is the longest message, in characters, that may be about a product
// named before: "and in blue?".
const followUp = 24

// ProductAnswer looks a question up in the catalogue: an attribute of the
// product it names, the stock of a variant, or one of the product's own
// questions. A question that names none is about the one talked of before.
func ProductAnswer(catalogue *knowledge.Catalogue, u Understanding, said []string) *ProductFact {
	if catalogue == nil || catalogue.Len() == 0 {
		return nil
	}
	named := catalogue.Named(u.Text)
	sure := len(named) > 0 && named[0].Share >= byName
	if len(named) == 0 {
		named = catalogue.Named(u.All)
	}
	before := len(named) == 0
	if before && len([]rune(u.Text)) > followUp {
		return nil
	}
	// Only the last few words: a product of ten minutes ago is not "it".
	for i := len(said) - 1; i >= 0 && i >= len(said)-3 && len(named) == 0; i-- {
		named = catalogue.Named(said[i])
	}
	if len(named) == 0 || len(named) > 1 && named[1].Share == named[0].Share {
		return nil
	}
	p := named[0].Product
	if own := catalogue.Questions(p, u.Language); own != nil && !before {
		if d := answer.Decide(own.Search(u.Text, answer.Search)); d.Kind == answer.Answer {
			return &ProductFact{p, d.Choices[0].Article.Body, true, u.Language}
		}
	}
	if text := attributeText(p, u); text != "" {
		return &ProductFact{p, text, sure, u.Language}
	}
	return nil
}

// reply says the fact, with the product as its source.
func (f *ProductFact) reply() Act {
	return Act{Kind: Reply, Body: inbox.NewBody(inbox.TypeAnswer, &inbox.Answer{
		Text: f.Text, Sources: []inbox.Source{{Title: knowledge.In(f.Product.Name, f.locale), UpdatedAt: f.Product.UpdatedAt}},
	})}
}

// attributeText words the attribute a question asks for, or returns "".
func attributeText(p *knowledge.Product, u Understanding) string {
	fact, ok := p.Asked(u.Text, u.Language)
	if !ok {
		return ""
	}
	facts := map[string]string{"product": knowledge.In(p.Name, u.Language)}
	switch fact.Attribute {
	case "price":
		facts["price"] = p.PriceIn(u.Language)
		return locale.Text(u.Language, "bot.product.price", facts)
	case "stock":
		return stockText(p, u, fact, facts)
	}
	values := p.Values(u.Language, fact.Attribute)
	if len(values) == 0 {
		return ""
	}
	facts["label"], facts["values"] = p.Label(u.Language, fact.Attribute), enumerate(u.Language, values)
	return locale.Text(u.Language, "bot.product.attribute", facts)
}

func enumerate(language string, values []string) string {
	if language == locale.Chinese {
		return strings.Join(values, "、")
	}
	return strings.Join(values, ", ")
}

func stockText(p *knowledge.Product, u Understanding, fact knowledge.Fact, facts map[string]string) string {
	if colours := p.Values(u.Language, "color"); fact.MissingColor != "" && len(colours) > 0 {
		facts["colour"], facts["values"] = fact.MissingColor, enumerate(u.Language, colours)
		return locale.Text(u.Language, "bot.product.no_colour", facts)
	}
	n, exists := p.Stock(fact.Chosen)
	facts["n"] = strconv.Itoa(n)
	if len(fact.Chosen) > 0 {
		var words []string
		for _, attribute := range []string{"color", "scent", "size"} {
			if value, ok := fact.Chosen[attribute]; ok {
				words = append(words, p.Worded(u.Language, attribute, value))
			}
		}
		if len(words) == 0 {
			for attribute, value := range fact.Chosen {
				words = append(words, p.Worded(u.Language, attribute, value))
			}
		}
		facts["product"] += " · " + strings.Join(words, " · ")
	}
	code := "bot.product.in_stock"
	switch {
	case !exists && len(fact.Chosen) > 0:
		code = "bot.product.no_such"
	case !exists:
		return ""
	case n == 0:
		code = "bot.product.sold_out"
	}
	return locale.Text(u.Language, code, facts)
}
