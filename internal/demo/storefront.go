package demo

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"everdesk/internal/app"
	"everdesk/internal/customer"
	"everdesk/internal/httpapi"
	"everdesk/web"
)

// Storefront is the shop's own little server, which a real shop has elsewhere:
// what its pages ask below /demo/, among it proofs of who is signed in, made as
// a shop makes them with its widget's secret.
type Storefront struct{ shop *Shop }

// Storefront returns the shop's server.
func (s *Shop) Storefront() Storefront { return Storefront{s} }

// Routes are its handlers by pattern.
func (f Storefront) Routes() map[string]http.Handler {
	return map[string]http.Handler{
		"GET /demo/config.json":   http.HandlerFunc(f.config),
		"GET /demo/products.json": http.HandlerFunc(f.products),
		"GET /demo/orders.json":   http.HandlerFunc(f.orders),
		"GET /demo/identity.json": http.HandlerFunc(f.identity),
	}
}

// ChatPage is the path of the widget as a page of its own.
func (s *Shop) ChatPage() string { return "/h5?key=" + s.widget.Key }

// policy is the Content-Security-Policy of the shop's pages: its own files, and
// the widget, which comes from the same address here.
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Mount puts the shop's pages, if they were built, and its answers below /demo/
// of the desk's address.
func (s *Shop) Mount(node *app.App) {
	for pattern, handler := range s.Storefront().Routes() {
		node.Mount(pattern, handler)
	}
	if s.office != nil {
		s.mountOffice(node)
		node.Alongside(s.office.Serve)
		node.Alongside(s.office.TakeMail)
	}
	if pages, built := web.Demo(); built {
		node.MountSite("/demo/", &httpapi.Site{
			Files: pages, Policy: policy, Fallback: "index.html",
			Immutable: func(name string) bool { return strings.HasPrefix(name, "assets/") },
		})
	}
}

// config names the widget, whose desk is where the shop is, and who can be
// signed in to the shop.
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
	answer(w, map[string]any{"key": f.shop.widget.Key, "desk": "", "customers": customers})
}

func (f Storefront) products(w http.ResponseWriter, _ *http.Request) { answer(w, f.shop.pack.products) }

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
	answer(w, items)
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
