package demo

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// BackOffice is the shop's order system: a service of its own, on an address of
// its own, with its own data, as a real shop has elsewhere. The desk reaches it
// as it reaches any other: through a connector, with a token, by the operator's
// leave.
type BackOffice struct {
	file     string
	listener net.Listener
	post     net.Listener
	now      func() time.Time

	mu    sync.Mutex
	books books
	mode  Mode
	// asked counts requests, so that a recovering service fails every other one.
	asked int
}

// books are what the shop keeps, as one file.
type books struct {
	Token    string               `json:"token"`
	Orders   map[string]*shopItem `json:"orders"`
	Refunds  []refund             `json:"refunds"`
	Invoices []invoice            `json:"invoices"`
	// Keys are what requests with an idempotency key were answered.
	Keys map[string]kept `json:"keys"`
	// Letters are what its customers got by mail.
	Letters []letter `json:"letters"`
}

type shopItem struct {
	Number   string            `json:"number"`
	Customer string            `json:"customer"`
	Status   string            `json:"status"`
	City     string            `json:"city"`
	Address  string            `json:"address,omitempty"`
	Email    string            `json:"email"`
	Phone    string            `json:"phone"`
	Amount   float64           `json:"amount"`
	Refunded float64           `json:"refunded"`
	Currency string            `json:"currency"`
	Goods    string            `json:"goods"`
	Carrier  map[string]string `json:"carrier,omitempty"`
	Tracking string            `json:"tracking,omitempty"`
	Place    map[string]string `json:"place,omitempty"`
	When     string            `json:"when,omitempty"`
}

type refund struct {
	Number string    `json:"number"`
	Order  string    `json:"order"`
	Amount float64   `json:"amount"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

type invoice struct {
	Number string    `json:"number"`
	Order  string    `json:"order"`
	Email  string    `json:"email"`
	At     time.Time `json:"at"`
}

type kept struct {
	Request string          `json:"request"`
	Status  int             `json:"status"`
	Body    json.RawMessage `json:"body"`
}

// Mode is how well the service is.
type Mode string

// The modes, to be switched while it runs.
const (
	Healthy    Mode = "healthy"
	Slow       Mode = "slow"
	Failing    Mode = "failing"
	Recovering Mode = "recovering"
)

// Modes are all of them.
var Modes = []Mode{Healthy, Slow, Failing, Recovering}

// errMode says that there is no such mode.
var errMode = errors.New("want healthy, slow, failing or recovering")

// OpenBackOffice takes an address for the shop's order system, and what it kept
// in a data directory. It serves once it is given the shop.
func OpenBackOffice(data string, now func() time.Time) (*BackOffice, error) {
	b := &BackOffice{file: filepath.Join(data, "backoffice.json"), now: now, mode: Healthy}
	raw, err := os.ReadFile(b.file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		b.books = books{Token: rand.Text(), Orders: map[string]*shopItem{}, Keys: map[string]kept{}}
	case err != nil:
		return nil, fmt.Errorf("reading the order system's data: %w", err)
	default:
		if err := json.Unmarshal(raw, &b.books); err != nil {
			return nil, fmt.Errorf("reading the order system's data: %w", err)
		}
	}
	if b.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("the order system: %w", err)
	}
	if b.post, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("the post office: %w", err)
	}
	return b, nil
}

// Address is where it listens, "127.0.0.1:port".
func (b *BackOffice) Address() string { return b.listener.Addr().String() }

// keep writes the books to their file; a crash leaves the old ones or the new.
func (b *BackOffice) keep() error {
	raw, err := json.MarshalIndent(b.books, "", " ")
	if err != nil {
		return err
	}
	next := b.file + ".next"
	if err := os.WriteFile(next, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(next, b.file)
}

// stock fills the books with the pack's orders, the first time.
func (b *BackOffice) stock(s *Shop) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.books.Orders) > 0 {
		return nil
	}
	people := map[string]shopper{}
	for _, one := range s.pack.shoppers {
		people[one.Key] = one
	}
	for _, o := range s.pack.orders {
		who := people[o.Customer]
		item := &shopItem{
			Number: o.Number, Customer: o.Customer, Status: o.Status, City: who.City, Email: who.Email, Phone: who.Phone,
			Amount: o.Amount, Currency: o.Currency, Goods: s.goods(o, who.Locale), Carrier: o.Carrier,
		}
		if o.Tracking != nil {
			item.Tracking = *o.Tracking
		}
		if last := len(o.Events) - 1; last >= 0 {
			item.Place = o.Events[last].Text
			item.When = s.days.date(o.Events[last].Day + 3).Format(time.DateOnly)
			if o.Status == "delivered" {
				item.When = s.days.date(o.Events[last].Day).Format(time.DateOnly)
			}
		}
		if o.Status == "refunded" {
			item.Refunded = o.Amount
		}
		b.books.Orders[o.Number] = item
	}
	return b.keep()
}

// SetMode switches how well it is.
func (b *BackOffice) SetMode(mode Mode) error {
	if !slices.Contains(Modes, mode) {
		return errMode
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mode = mode
	return nil
}

// SetContact changes where the customer of an order is reached.
func (b *BackOffice) SetContact(order, email string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	item := b.books.Orders[order]
	if item == nil {
		return errors.New("no such order")
	}
	item.Email = email
	return b.keep()
}

// state is what the demo's page shows.
func (b *BackOffice) state() map[string]any {
	b.mu.Lock()
	defer b.mu.Unlock()
	open := []map[string]any{}
	for _, number := range sortedKeys(b.books.Orders) {
		o := b.books.Orders[number]
		open = append(open, map[string]any{"number": o.Number, "customer": o.Customer, "status": o.Status, "address": o.Address, "refunded": o.Refunded, "email": o.Email})
	}
	return map[string]any{"mode": b.mode, "modes": Modes, "orders": open, "refunds": len(b.books.Refunds), "invoices": len(b.books.Invoices)}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// digest tells two requests under one key apart.
func digest(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		// Writing to a hash never fails.
		_, _ = fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Item is an order as the shop has it now.
type Item struct {
	Status, Address string
	Refunded        float64
}

// Order reads an order.
func (b *BackOffice) Order(number string) Item {
	b.mu.Lock()
	defer b.mu.Unlock()
	o := b.books.Orders[number]
	if o == nil {
		return Item{}
	}
	return Item{o.Status, o.Address, o.Refunded}
}

// Numbers are the orders of a status that nothing was paid back of.
func (b *BackOffice) Numbers(status string) (numbers []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, number := range sortedKeys(b.books.Orders) {
		if o := b.books.Orders[number]; o.Status == status && o.Refunded == 0 {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// Refunds counts what was paid back of an order.
func (b *BackOffice) Refunds(order string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.books.Refunds {
		if r.Order == order {
			n++
		}
	}
	return n
}
