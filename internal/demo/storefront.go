package demo

import (
	"encoding/json"
	"net/http"
	"time"

	"everdesk/internal/customer"
)

// Storefront is the shop's own little server, which a real shop has elsewhere:
// what its pages ask below /demo/, among it proofs of who is signed in, made as
// a shop makes them with its widget's secret.
type Storefront struct {
	shop *Shop
	desk string
}

// Storefront returns the shop's server; desk is the URL the widget comes from.
func (s *Shop) Storefront(desk string) Storefront { return Storefront{s, desk} }

// Routes are its handlers by pattern.
func (f Storefront) Routes() map[string]http.Handler {
	return map[string]http.Handler{
		"GET /demo/config.json":   http.HandlerFunc(f.config),
		"GET /demo/products.json": http.HandlerFunc(f.products),
		"GET /demo/orders.json":   http.HandlerFunc(f.orders),
		"GET /demo/identity.json": http.HandlerFunc(f.identity),
	}
}

func (f Storefront) config(w http.ResponseWriter, _ *http.Request) {
	type account struct {
		Key    string `json:"key"`
		Name   string `json:"name"`
		Locale string `json:"locale"`
		Tier   string `json:"tier"`
		City   string `json:"city"`
	}
	customers := []account{}
	for _, one := range f.shop.pack.shoppers {
		customers = append(customers, account{one.Key, one.Name, one.Locale, one.Tier, one.City})
	}
	answer(w, map[string]any{"key": f.shop.widget.Key, "desk_url": f.desk, "customers": customers})
}

func (f Storefront) products(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{"items": f.shop.pack.products})
}

// orders shows orders with real times; with ?customer= only one customer's.
func (f Storefront) orders(w http.ResponseWriter, r *http.Request) {
	type happened struct {
		Code string            `json:"code"`
		At   time.Time         `json:"at"`
		Text map[string]string `json:"text"`
	}
	type shown struct {
		order
		PlacedAt    time.Time  `json:"placed_at"`
		DeliveredAt *time.Time `json:"delivered_at"`
		Events      []happened `json:"events"`
	}
	days, whose := f.shop.days, r.URL.Query().Get("customer")
	items := []shown{}
	for _, o := range f.shop.pack.orders {
		if whose != "" && o.Customer != whose {
			continue
		}
		one := shown{order: o, PlacedAt: days.at(o.Placed, "12:00"), Events: []happened{}}
		for _, e := range o.Events {
			at := days.at(e.Day, e.Time)
			one.Events = append(one.Events, happened{e.Code, at, e.Text})
			switch e.Code {
			case "placed":
				one.PlacedAt = at
			case "delivered":
				one.DeliveredAt = &at
			}
		}
		items = append(items, one)
	}
	answer(w, map[string]any{"items": items})
}

// identity vouches for a customer who is signed in to the shop: in the demo,
// whoever the visitor says they are.
func (f Storefront) identity(w http.ResponseWriter, r *http.Request) {
	for _, one := range f.shop.pack.shoppers {
		if one.Key != r.URL.Query().Get("customer") {
			continue
		}
		front, err := f.shop.desk.Channels.Widget(r.Context(), f.shop.scope)
		if err != nil {
			http.Error(w, "the widget's secret cannot be read", http.StatusServiceUnavailable)
			return
		}
		proof := f.shop.proof(one, f.shop.desk.Now())
		answer(w, map[string]any{"token": customer.SignProof(proof, []byte(front.Secret)), "expires_at": proof.ExpiresAt})
		return
	}
	http.Error(w, "the shop knows no such customer", http.StatusNotFound)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	// The client may have gone; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(v)
}
