package outbound_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"everdesk/internal/outbound"
)

func guard(t *testing.T, exceptions ...string) *outbound.Guard {
	t.Helper()
	g, err := outbound.New(exceptions)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestWhatIsNotPublicIsNotReached(t *testing.T) {
	g := guard(t)
	for _, address := range []string{
		"127.0.0.1:80", "127.9.9.9:80", "localhost:80", "[::1]:80", "10.1.2.3:80", "172.16.0.1:80", "192.168.1.1:80", "169.254.169.254:80",
		"0.0.0.0:80", "[::]:80", "100.64.0.1:80", "192.0.0.8:80", "198.18.0.1:80", "240.0.0.1:80", "255.255.255.255:80", "224.0.0.1:80",
		"[fe80::1]:80", "[fc00::1]:80", "[fd12:3456::1]:80", "[ff02::1]:80", "[::ffff:127.0.0.1]:80", "[::ffff:10.0.0.1]:80",
		"[::127.0.0.1]:80", "[64:ff9b::7f00:1]:80", "[2002:7f00:1::]:80", "[2001::1]:80", "[fec0::1]:80",
	} {
		conn, err := g.DialContext(t.Context(), "tcp", address)
		if !errors.Is(err, outbound.ErrBlocked) {
			t.Errorf("%s: %v, %v", address, conn, err)
		}
	}
}

func TestExceptionsAreTheOperators(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		exception, address string
		reached            bool
	}{
		"the address and port":   {"127.0.0.1:" + port, "127.0.0.1:" + port, true},
		"a name and port":        {"LOCALHOST:" + port, "localhost:" + port, true},
		"its network":            {"127.0.0.0/8", "127.0.0.1:" + port, true},
		"another port":           {"127.0.0.1:1", "127.0.0.1:" + port, false},
		"another name for it":    {"localhost:" + port, "127.0.0.1:" + port, false},
		"another network":        {"10.0.0.0/8", "127.0.0.1:" + port, false},
		"its network as mapped6": {"127.0.0.0/8", "[::ffff:127.0.0.1]:" + port, true},
	} {
		conn, err := guard(t, test.exception).DialContext(t.Context(), "tcp", test.address)
		if reached := err == nil; reached != test.reached {
			t.Errorf("%s: reached %v, %v", name, reached, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
	if _, err := outbound.New([]string{"just-a-name"}); err == nil {
		t.Error("an exception without a port was taken")
	}
}

// A public page that redirects inwards gets as far as its own answer.
func TestARedirectIsCheckedLikeTheFirstTarget(t *testing.T) {
	secret := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the inner service was reached")
	}))
	defer secret.Close()
	front := httptest.NewServer(http.RedirectHandler(secret.URL, http.StatusFound))
	defer front.Close()
	client := guard(t, front.Listener.Addr().String()).Client(5 * time.Second)
	response, err := client.Get(front.URL)
	if !errors.Is(err, outbound.ErrBlocked) {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestRedirectsComeToAnEnd(t *testing.T) {
	hops := 0
	loop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hops++
		http.Redirect(w, r, "/again", http.StatusFound)
	}))
	defer loop.Close()
	response, err := guard(t, loop.Listener.Addr().String()).Client(5 * time.Second).Get(loop.URL)
	if err == nil {
		response.Body.Close()
		t.Error("the loop was followed")
	}
	if hops != outbound.MaxRedirects+1 {
		t.Errorf("%d hops", hops)
	}
}
