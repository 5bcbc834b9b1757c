package bot

import (
	"everdesk/internal/bot/answer"
	"everdesk/internal/bot/catalogue"
	"everdesk/internal/inbox"
	"everdesk/internal/knowledge"
)

// A ProductFact is what the catalogue says to a question.
type ProductFact struct {
	// Products are what Text is taken from, none where nothing fits.
	Products []*knowledge.Product
	Text     string
	// Sure says that the question is understood whole; else a fitting article
	// goes first.
	Sure bool

	locale string
}

// ProductAnswer looks a question up in the catalogue: what it can compile to a
// query, or one of the questions the product it names has of its own. A
// question that names none is about the one talked of before.
func ProductAnswer(shop *catalogue.Shop, u Understanding, said []string) *ProductFact {
	if shop == nil || shop.Len() == 0 {
		return nil
	}
	found, ok := shop.Ask(u.Text, u.Language, said)
	if !ok && u.All != u.Text {
		found, ok = shop.Ask(u.All, u.Language, said)
	}
	fact := &ProductFact{found.Products, found.Text, ok && found.Query.Confidence >= catalogue.Sure, u.Language}
	if ok && fact.Sure && exact[found.Query.Op] {
		return fact
	}
	if own := ownQuestion(shop, u); own != nil {
		return own
	}
	if !ok {
		return nil
	}
	return fact
}

// exact are queries that say more than any wording of a question that somebody
// wrote down beside a product.
var exact = map[catalogue.Op]bool{catalogue.Has: true, catalogue.Count: true, catalogue.Compare: true, catalogue.List: true, catalogue.With: true}

// ownQuestion finds the question among those of the product it names.
func ownQuestion(shop *catalogue.Shop, u Understanding) *ProductFact {
	named := shop.Named(u.Text)
	if len(named) == 0 {
		named = shop.Named(u.All)
	}
	if len(named) == 0 || len(named) > 1 && named[1].Share == named[0].Share {
		return nil
	}
	p := named[0].Product
	own := shop.Questions(p, u.Language)
	if own == nil {
		return nil
	}
	d := answer.Decide(own.Search(u.Text, answer.Search))
	if d.Kind != answer.Answer {
		return nil
	}
	return &ProductFact{[]*knowledge.Product{p}, d.Choices[0].Article.Body, true, u.Language}
}

// reply says the fact, with the products as its sources.
func (f *ProductFact) reply() Act {
	answer := &inbox.Answer{Text: f.Text}
	for _, p := range f.Products {
		answer.Sources = append(answer.Sources, inbox.Source{Title: knowledge.In(p.Name, f.locale), UpdatedAt: p.UpdatedAt})
	}
	return Act{Kind: Reply, Body: inbox.NewBody(inbox.TypeAnswer, answer)}
}
