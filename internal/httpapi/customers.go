package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/page"
)

// Customers keeps who asks.
type Customers interface {
	Get(ctx context.Context, scope access.Scope, which id.Customer) (customer.Customer, error)
	List(ctx context.Context, scope access.Scope, text string, request page.Request) (page.Of[customer.Customer], error)
	Change(ctx context.Context, scope access.Scope, which id.Customer, version int64, patch customer.Patch, at time.Time) (customer.Customer, error)
}

// Identity is one address a customer is known or reached by, masked unless the
// caller may change customers.
type Identity struct {
	ID       id.Identity           `json:"id"`
	Kind     customer.IdentityKind `json:"kind" enum:"email,phone,host"`
	Value    string                `json:"value"`
	Verified bool                  `json:"verified"`
}

// Customer is a customer as the console shows it.
type Customer struct {
	CustomerSummary
	Named      bool              `json:"named" doc:"false while the name is a generated one."`
	Email      string            `json:"email,omitempty"`
	Phone      string            `json:"phone,omitempty"`
	Identities []Identity        `json:"identities"`
	Attributes map[string]string `json:"attributes"`
	TimeZone   string            `json:"time_zone,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
	UpdatedAt  time.Time         `json:"updated_at"`
	Version    int64             `json:"version"`
}

func (s *Server) customerShown(scope access.Scope, c customer.Customer) Customer {
	view := Customer{
		CustomerSummary: CustomerSummary{c.ID, c.Name, c.Locale, c.Tier, s.ports.Views.Online(c.ID)}, Named: c.Named,
		Identities: []Identity{}, Attributes: c.Attributes, TimeZone: c.TimeZone,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, Version: c.Version,
	}
	if view.Attributes == nil {
		view.Attributes = map[string]string{}
	}
	for _, identity := range c.Identities {
		value := identity.Masked()
		if scope.Can(access.CustomerWrite) {
			value = identity.Value
		}
		view.Identities = append(view.Identities, Identity{identity.ID, identity.Kind, value, identity.Verified})
		switch {
		case identity.Value == c.Reach(customer.Mail):
			view.Email = value
		case identity.Value == c.Reach(customer.Phone):
			view.Phone = value
		}
	}
	return view
}

// OneCustomer is embedded in the input of operations on one.
type OneCustomer struct {
	ID ref[id.Customer] `path:"id"`
}

type customerOutput struct {
	Versioned
	Body Customer
}

func (s *Server) registerCustomers() {
	add(s, op{
		id: "list-customers", method: http.MethodGet, path: "/customers", tag: "Customers", door: May(access.CustomerRead),
		summary: "Customers, last seen first; q finds a name, or a whole mail address or phone number",
	}, func(ctx context.Context, in *struct {
		Lists
		Text string `query:"q" maxLength:"254"`
	},
	) (*struct{ Body listed[Customer] }, error) {
		request, err := in.page()
		if err != nil {
			return nil, err
		}
		scope := scopeOf(ctx)
		found, err := s.ports.Customers.List(ctx, scope, in.Text, request)
		if err != nil {
			return nil, err
		}
		return &struct{ Body listed[Customer] }{list(found, func(c customer.Customer) Customer { return s.customerShown(scope, c) })}, nil
	})
	add(s, op{
		id: "get-customer", method: http.MethodGet, path: "/customers/{id}", tag: "Customers", door: May(access.CustomerRead),
		summary: "One customer",
	}, func(ctx context.Context, in *OneCustomer) (*customerOutput, error) {
		c, err := s.ports.Customers.Get(ctx, scopeOf(ctx), in.ID.ID)
		if err != nil {
			return nil, err
		}
		return &customerOutput{etag(c.Version), s.customerShown(scopeOf(ctx), c)}, nil
	})
	add(s, op{
		id: "update-customer", method: http.MethodPatch, path: "/customers/{id}", tag: "Customers", door: May(access.CustomerWrite),
		summary: "Change what is known of a customer",
	}, func(ctx context.Context, in *struct {
		OneCustomer
		Updates
		Body struct {
			Name       *string            `json:"name,omitempty"`
			Locale     *string            `json:"locale,omitempty"`
			TimeZone   *string            `json:"time_zone,omitempty"`
			Tier       *string            `json:"tier,omitempty"`
			Attributes *map[string]string `json:"attributes,omitempty"`
		}
	},
	) (*customerOutput, error) {
		version, err := in.version()
		if err != nil {
			return nil, err
		}
		c, err := s.ports.Customers.Change(ctx, scopeOf(ctx), in.ID.ID, version, customer.Patch{
			Name: in.Body.Name, Locale: in.Body.Locale, TimeZone: in.Body.TimeZone, Tier: in.Body.Tier, Attributes: in.Body.Attributes,
		}, s.now())
		if err != nil {
			return nil, err
		}
		return &customerOutput{etag(c.Version), s.customerShown(scopeOf(ctx), c)}, nil
	})
	add(s, op{
		id: "list-customer-conversations", method: http.MethodGet, path: "/customers/{id}/conversations", tag: "Customers",
		door: May(access.ConversationRead), summary: "A customer's conversations, newest first",
	}, func(ctx context.Context, in *struct {
		OneCustomer
		Lists
	},
	) (*struct{ Body listed[Conversation] }, error) {
		request, err := in.page()
		if err != nil {
			return nil, err
		}
		if _, err := s.ports.Customers.Get(ctx, scopeOf(ctx), in.ID.ID); err != nil {
			return nil, err
		}
		found, err := s.ports.Conversations.List(ctx, scopeOf(ctx), inbox.Filter{Customer: in.ID.ID}, request)
		if err != nil {
			return nil, err
		}
		return s.listOf(ctx, found)
	})
}
