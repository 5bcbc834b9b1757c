package app

import (
	"sync"
	"testing"

	"everdesk/internal/access"
	"everdesk/internal/config"
	"everdesk/internal/ticket"
)

// Many first tickets of one customer at once are many tickets of one customer.
func TestFirstTicketsOfOneCustomerMeetInOneCustomer(t *testing.T) {
	desk, err := New(t.Context(), config.Node{Data: t.TempDir(), LogLevel: "error"}, "test", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := desk.Close(); err != nil {
			t.Error(err)
		}
	}()
	workspace, err := desk.AddUser(t.Context(), NewUser{
		NewWorkspace: "Shop", Mail: "owner@shop.example", Name: "Owner", Password: "correct horse battery", Locale: "en", TimeZone: "UTC",
	})
	if err != nil {
		t.Fatal(err)
	}
	var customers sync.Map
	var clients sync.WaitGroup
	for range 20 {
		clients.Go(func() {
			made, err := desk.tickets.Create(t.Context(), access.System(workspace), ticket.Draft{
				Subject: "Where is it?", Text: "My parcel.", Priority: ticket.Normal, Locale: "en", Channel: "api",
				Contact: ticket.Contact{Email: "one@customer.example"},
			}, desk.now(), nil)
			if err != nil {
				t.Error(err)
			}
			customers.Store(made.Customer, true)
		})
	}
	clients.Wait()
	n := 0
	customers.Range(func(_, _ any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d customers, want 1", n)
	}
}
