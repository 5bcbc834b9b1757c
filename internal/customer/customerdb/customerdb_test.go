package customerdb_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var at = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

const ours, theirs id.Workspace = 7, 8

// turned is a sealer whose values are unreadable at a glance; package seal has
// its own tests.
type turned struct{}

func (turned) Seal(purpose, text string) string {
	return purpose + "|" + base64.StdEncoding.EncodeToString([]byte(text))
}

func (turned) Open(purpose, sealed string) (string, error) {
	body, ok := strings.CutPrefix(sealed, purpose+"|")
	if !ok {
		return "", errors.New("another purpose")
	}
	raw, err := base64.StdEncoding.DecodeString(body)
	return string(raw), err
}

func (turned) Index(purpose, value string) string {
	mac := hmac.New(sha256.New, []byte("k"))
	mac.Write([]byte(purpose + "|" + value))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func each(t *testing.T, fn func(t *testing.T, s *customerdb.Store, db *store.DB)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { fn(t, customerdb.New(db, turned{}), db) })
}

func arrive(t *testing.T, s *customerdb.Store) customer.Visit {
	t.Helper()
	visit, err := s.Arrive(t.Context(), access.System(ours), customer.Arrival{Locale: "zh-CN", Channel: 3, At: at})
	must(t, err)
	return visit
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAVisitorComesBackByTheirToken(t *testing.T) {
	each(t, func(t *testing.T, s *customerdb.Store, _ *store.DB) {
		visit := arrive(t, s)
		caller, err := s.Visitor(t.Context(), visit.Token, at.Add(time.Hour))
		if err != nil || caller.Scope.Customer != visit.Customer.ID || caller.Scope.Workspace != ours || caller.Scope.Kind != access.ActorVisitor {
			t.Errorf("%+v, %v", caller, err)
		}
		for name, token := range map[string]string{"unknown": "edv_abc", "another kind's": "edk_" + visit.Token[4:], "empty": ""} {
			if _, err := s.Visitor(t.Context(), token, at); !errors.Is(err, access.ErrBadToken) {
				t.Errorf("%s token: %v", name, err)
			}
		}
		if _, err := s.Visitor(t.Context(), visit.Token, visit.ExpiresAt); !errors.Is(err, access.ErrBadToken) {
			t.Errorf("an expired token: %v", err)
		}
		if channel, err := s.Channel(t.Context(), caller.Scope); err != nil || channel != 3 {
			t.Errorf("came in by %d, %v", channel, err)
		}
		if visit.Customer.Name == "" || visit.Customer.Named {
			t.Errorf("named %q", visit.Customer.Name)
		}
	})
}

func identify(t *testing.T, s *customerdb.Store, visit customer.Visit, sub string, change ...func(*customer.Proof)) customer.Customer {
	t.Helper()
	caller, err := s.Visitor(t.Context(), visit.Token, at)
	must(t, err)
	proof := customer.Proof{Subject: sub, Attributes: map[string]string{}}
	for _, fn := range change {
		fn(&proof)
	}
	who, err := s.Identify(t.Context(), caller.Scope, 3, proof, at.Add(time.Minute))
	must(t, err)
	return who
}

func who(t *testing.T, s *customerdb.Store, visit customer.Visit) id.Customer {
	t.Helper()
	caller, err := s.Visitor(t.Context(), visit.Token, at)
	must(t, err)
	return caller.Scope.Customer
}

func TestAHostsCustomerIsOneWhereverTheyCome(t *testing.T) {
	each(t, func(t *testing.T, s *customerdb.Store, _ *store.DB) {
		var followed [][2]id.Customer
		s.OnMerge(func(_ context.Context, _ access.Scope, from, into id.Customer) error {
			followed = append(followed, [2]id.Customer{from, into})
			return nil
		})
		phone, laptop := arrive(t, s), arrive(t, s)
		first := identify(t, s, phone, "user-81", func(p *customer.Proof) { p.Name, p.Tier, p.Mail = "林晓", "gold", "lin@shop.example" })
		if first.ID != phone.Customer.ID || first.Tier != "gold" || !first.Named || first.Reach(customer.Mail) != "lin@shop.example" {
			t.Errorf("identified as %+v", first)
		}
		second := identify(t, s, laptop, "user-81")
		if second.ID != first.ID || who(t, s, laptop) != first.ID {
			t.Errorf("the laptop is %v, want %v", second.ID, first.ID)
		}
		if len(followed) != 1 || followed[0] != [2]id.Customer{laptop.Customer.ID, first.ID} {
			t.Errorf("conversations were told of %v", followed)
		}
		merged, err := s.Get(t.Context(), access.System(ours), laptop.Customer.ID)
		if err != nil || merged.ID != first.ID {
			t.Errorf("the merged one reads as %v, %v", merged.ID, err)
		}
		must(t, s.Unmerge(t.Context(), access.System(ours), laptop.Customer.ID, at))
		apart, err := s.Get(t.Context(), access.System(ours), laptop.Customer.ID)
		if err != nil || apart.ID != laptop.Customer.ID {
			t.Errorf("after undoing it reads as %v, %v", apart.ID, err)
		}
	})
}

func TestTwoPeopleOnOneBrowserStayTwo(t *testing.T) {
	each(t, func(t *testing.T, s *customerdb.Store, _ *store.DB) {
		shared := arrive(t, s)
		one := identify(t, s, shared, "user-1")
		two := identify(t, s, shared, "user-2")
		if one.ID == two.ID || who(t, s, shared) != two.ID {
			t.Errorf("user-2 reads user-1's conversations as %v", two.ID)
		}
		back := identify(t, s, shared, "user-1")
		if back.ID != one.ID || who(t, s, shared) != one.ID {
			t.Errorf("user-1 came back as %v, want %v", back.ID, one.ID)
		}
		alone, err := s.Get(t.Context(), access.System(ours), two.ID)
		if err != nil || alone.MergedInto != 0 {
			t.Errorf("user-2 was merged: %+v, %v", alone, err)
		}
	})
}

func TestAClaimedAddressTakesNothingFromWhoHasIt(t *testing.T) {
	each(t, func(t *testing.T, s *customerdb.Store, db *store.DB) {
		ctx, system := t.Context(), access.System(ours)
		holder, err := s.ByAddress(ctx, system, customerdb.Known{Kind: customer.Mail, Value: "Lin@Shop.example", Locale: "en"}, at)
		must(t, err)
		visit := arrive(t, s)
		left, err := s.LeaveContact(ctx, access.Visitor(ours, visit.Customer.ID), visit.Customer.ID, customer.Mail, "lin@shop.example", "Mallory", at)
		if err != nil || left.Verified {
			t.Errorf("left %+v, %v", left, err)
		}
		again, err := s.LeaveContact(ctx, access.Visitor(ours, visit.Customer.ID), visit.Customer.ID, customer.Mail, "lin@shop.example", "", at)
		if err != nil || again.ID != left.ID {
			t.Errorf("leaving it twice made %v and %v, %v", left.ID, again.ID, err)
		}
		found, err := s.ByAddress(ctx, system, customerdb.Known{Kind: customer.Mail, Value: "lin@shop.example"}, at)
		if err != nil || found.ID != holder.ID {
			t.Errorf("mail from the address is %v's, want %v's, %v", found.ID, holder.ID, err)
		}
		sent, err := s.Identity(ctx, system, left.ID)
		if err != nil || sent.Value != "lin@shop.example" || sent.Customer != visit.Customer.ID {
			t.Errorf("%+v, %v", sent, err)
		}
		named, err := s.Get(ctx, system, visit.Customer.ID)
		if err != nil || named.Name != "Mallory" || !named.Named {
			t.Errorf("named %q, %v", named.Name, err)
		}
		var plain int64
		rows, err := db.Query(ctx, `SELECT COUNT(*) FROM customer_identities WHERE value LIKE '%shop.example%' OR blind LIKE '%shop%'`)
		if err := store.One(rows, err, &plain); err != nil || plain != 0 {
			t.Errorf("%d addresses lie open in the table, %v", plain, err)
		}
	})
}

func TestCustomersAreFoundByPartOfTheNameOrTheWholeAddress(t *testing.T) {
	each(t, func(t *testing.T, s *customerdb.Store, _ *store.DB) {
		ctx, system := t.Context(), access.System(ours)
		for i, name := range []string{"Ada Example", "Bob 100%", "Cy_Example"} {
			_, err := s.ByAddress(ctx, system, customerdb.Known{Kind: customer.Mail, Value: string(rune('a'+i)) + "@x.example", Name: name}, at.Add(time.Duration(i)*time.Second))
			must(t, err)
		}
		_, err := s.ByAddress(ctx, access.System(theirs), customerdb.Known{Kind: customer.Mail, Value: "a@x.example", Name: "Ada of the others"}, at)
		must(t, err)
		for text, want := range map[string]string{
			"": "Cy_Example Bob 100% Ada Example", "example": "Cy_Example Ada Example", "100%": "Bob 100%", "_": "Cy_Example",
			"A@X.example": "Ada Example", "nobody": "",
		} {
			found, err := s.List(ctx, system, text, page.Request{Limit: 10})
			must(t, err)
			var names []string
			for _, c := range found.Items {
				names = append(names, c.Name)
			}
			if got := strings.Join(names, " "); got != want {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
		first, err := s.List(ctx, system, "", page.Request{Limit: 2})
		must(t, err)
		second, err := s.List(ctx, system, "", page.Request{Limit: 2, After: first.Next})
		if err != nil || len(first.Items) != 2 || len(second.Items) != 1 || second.Items[0].Name != "Ada Example" || !second.Next.IsZero() {
			t.Errorf("pages of %d and %d, %v", len(first.Items), len(second.Items), err)
		}
		if got := second.Items[0].Reach(customer.Mail); got != "a@x.example" {
			t.Errorf("a row of the list is reached at %q", got)
		}
	})
}

func TestAChangeNeedsTheVersionItSaw(t *testing.T) {
	each(t, func(t *testing.T, s *customerdb.Store, _ *store.DB) {
		ctx, system := t.Context(), access.System(ours)
		c := arrive(t, s).Customer
		name := "Ada Example"
		changed, err := s.Change(ctx, system, c.ID, 1, customer.Patch{Name: &name}, at)
		if err != nil || changed.Version != 2 || changed.Name != name {
			t.Fatalf("%+v, %v", changed, err)
		}
		if _, err := s.Change(ctx, system, c.ID, 1, customer.Patch{Name: &name}, at); !errors.Is(err, fault.ErrStale) {
			t.Errorf("a stale change: %v", err)
		}
	})
}

func TestNobodySeesAnotherWorkspacesOrVisitorsCustomer(t *testing.T) {
	each(t, func(t *testing.T, s *customerdb.Store, _ *store.DB) {
		ctx, name := t.Context(), "x"
		one, two := arrive(t, s).Customer, arrive(t, s).Customer
		for who, scope := range map[string]access.Scope{"another workspace": access.System(theirs), "another visitor": access.Visitor(ours, two.ID)} {
			if _, err := s.Get(ctx, scope, one.ID); !errors.Is(err, customer.ErrNotFound) {
				t.Errorf("%s reads: %v", who, err)
			}
			if _, err := s.Change(ctx, scope, one.ID, 1, customer.Patch{Name: &name}, at); !errors.Is(err, customer.ErrNotFound) {
				t.Errorf("%s changes: %v", who, err)
			}
			if _, err := s.LeaveContact(ctx, scope, one.ID, customer.Mail, "a@x.example", "", at); !errors.Is(err, customer.ErrNotFound) {
				t.Errorf("%s leaves an address: %v", who, err)
			}
		}
	})
}
