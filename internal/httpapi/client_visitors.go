package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/locale"
)

// Visitors lets people in at a widget.
type Visitors interface {
	// Door resolves a widget's public key to its workspace and channel account,
	// or fault.ErrNotFound.
	Door(ctx context.Context, key string) (access.Scope, id.Channel, error)
	// Arrive makes a visitor; with a proof of the host, of a known customer.
	Arrive(ctx context.Context, scope access.Scope, arrival customer.Arrival, proof string) (customer.Visit, error)
	// Identify binds a present visitor to whom the host's proof names.
	Identify(ctx context.Context, scope access.Scope, proof string, at time.Time) (customer.Customer, error)
}

// Visit is a visitor's right to write.
type Visit struct {
	Token     string    `json:"token" doc:"Bearer token of the client API. Keep it with the host page."`
	ExpiresAt time.Time `json:"expires_at"`
	Visitor   struct {
		CustomerID id.Customer `json:"customer_id"`
		Name       string      `json:"name"`
	} `json:"visitor"`
}

func (s *Server) registerVisitors() {
	add(s, op{
		id: "create-visitor", method: http.MethodPost, path: "/client/visitors", tag: "Client",
		door: Anybody, summary: "Begin as a visitor of a widget", status: http.StatusCreated,
	}, s.arrive)
	add(s, op{
		id: "identify-visitor", method: http.MethodPost, path: "/client/visitors/identify", tag: "Client",
		door: VisitorOnly, summary: "Say who the visitor is, by a short-lived proof the host signed",
	}, func(ctx context.Context, in *struct {
		Body struct {
			IdentityToken string `json:"identity_token" minLength:"1" maxLength:"4000" doc:"HS256 JWT: sub, iat, exp at most an hour, attrs."`
		}
	},
	) (*struct{ Body CustomerSummary }, error) {
		who, err := s.ports.Visitors.Identify(ctx, scopeOf(ctx), in.Body.IdentityToken, s.now())
		if err != nil {
			return nil, err
		}
		return &struct{ Body CustomerSummary }{CustomerSummary{ID: who.ID, Name: who.Name, Locale: who.Locale, Tier: who.Tier, Online: true}}, nil
	})
}

func (s *Server) arrive(ctx context.Context, in *struct {
	Body struct {
		Key           string `json:"key" minLength:"1" maxLength:"80" doc:"The widget's public key, wk_..."`
		Locale        string `json:"locale,omitempty" maxLength:"35"`
		TimeZone      string `json:"time_zone,omitempty" maxLength:"64"`
		PageURL       string `json:"page_url,omitempty" maxLength:"2000"`
		IdentityToken string `json:"identity_token,omitempty" maxLength:"4000"`
	}
},
) (*struct{ Body Visit }, error) {
	if !s.limits.newcomers.allow(ctx, requestOf(ctx).address.String()) {
		return nil, errTooMany.After(time.Minute)
	}
	scope, account, err := s.ports.Visitors.Door(ctx, in.Body.Key)
	if err != nil {
		return nil, fault.ErrNotFound.At("body.key", "unknown", "no widget has this key")
	}
	tag := locale.Match(in.Body.Locale)
	if tag == "" {
		tag = languageOf(ctx)
	}
	visit, err := s.ports.Visitors.Arrive(ctx, scope, customer.Arrival{
		Locale: tag, TimeZone: in.Body.TimeZone, PageURL: in.Body.PageURL, Channel: account, At: s.now(),
	}, in.Body.IdentityToken)
	if err != nil {
		return nil, err
	}
	out := Visit{Token: visit.Token, ExpiresAt: visit.ExpiresAt}
	out.Visitor.CustomerID, out.Visitor.Name = visit.Customer.ID, visit.Customer.Name
	return &struct{ Body Visit }{out}, nil
}
