package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
	"everdesk/internal/page"
)

// Products keeps what is on sale.
type Products interface {
	Products(ctx context.Context, scope access.Scope, text string, request page.Request) (page.Of[*knowledge.Product], error)
}

// Product is something on sale, in the words of one language.
type Product struct {
	ID          id.Product                  `json:"id"`
	Number      string                      `json:"product_id" doc:"The shop's own number."`
	Name        string                      `json:"name"`
	Locale      string                      `json:"locale" doc:"The language of name and description."`
	Category    string                      `json:"category,omitempty"`
	Description string                      `json:"description,omitempty"`
	Attributes  map[string]any              `json:"attributes" doc:"Texts, numbers, truths and lists of those, by the shop's own keys."`
	Questions   []knowledge.ProductQuestion `json:"faq"`
	Price       string                      `json:"price,omitempty" example:"$62"`
	ImageURL    string                      `json:"image_url,omitempty"`
	Version     int64                       `json:"version"`
	UpdatedAt   time.Time                   `json:"updated_at"`
}

func (s *Server) registerProducts() {
	add(s, op{id: "list-products", method: http.MethodGet, path: "/products", tag: "Knowledge", door: May(access.KnowledgeRead), summary: "Products the bot knows"},
		func(ctx context.Context, in *struct {
			Lists
			Text   string `query:"q" maxLength:"200" doc:"Part of a name or a number."`
			Locale string `query:"locale" maxLength:"35"`
		},
		) (*struct{ Body listed[Product] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			tag := cmp.Or(locale.Match(in.Locale), languageOf(ctx))
			found, err := s.ports.Products.Products(ctx, scopeOf(ctx), in.Text, request)
			return &struct{ Body listed[Product] }{list(found, func(p *knowledge.Product) Product { return shownProduct(p, tag) })}, err
		})
}

func shownProduct(p *knowledge.Product, tag string) Product {
	shown := Product{
		ID: p.ID, Number: p.Key, Name: knowledge.In(p.Name, tag), Locale: tag, Category: p.Category,
		Description: knowledge.In(p.Description, tag), Attributes: p.Attributes, Questions: []knowledge.ProductQuestion{},
		Price: p.PriceIn(tag), Version: p.Version, UpdatedAt: p.UpdatedAt,
	}
	if shown.Attributes == nil {
		shown.Attributes = map[string]any{}
	}
	for _, q := range p.Questions {
		if q.Locale == tag {
			shown.Questions = append(shown.Questions, q)
		}
	}
	return shown
}
