package gateway_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"everdesk/internal/gateway"
)

// hasty are limits that a test can wait for.
var hasty = gateway.Limits{
	Header: 300 * time.Millisecond, Idle: 400 * time.Millisecond, Grace: 400 * time.Millisecond, Stall: 300 * time.Millisecond, Rate: 100 << 10,
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve runs a server until the test ends and returns its address.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := gateway.Server(handler, nil, hasty, slog.New(slog.DiscardHandler))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		must(t, server.Close())
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// every gives the pieces to the connection one after another, so far apart,
// until the other side hangs up, and returns how long that took.
func every(conn net.Conn, apart time.Duration, pieces int, piece string) time.Duration {
	started := time.Now()
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		close(gone)
	}()
	ticks := time.NewTicker(apart)
	defer ticks.Stop()
	for range pieces {
		if _, err := io.WriteString(conn, piece); err != nil {
			break
		}
		select {
		case <-gone:
			return time.Since(started)
		case <-ticks.C:
		}
	}
	<-gone
	return time.Since(started)
}

func dial(t *testing.T, address, head string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, head)
	must(t, err)
	return conn
}

func reads(w http.ResponseWriter, r *http.Request) {
	n, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		http.Error(w, "cut off", http.StatusRequestTimeout)
		return
	}
	_, _ = fmt.Fprint(w, n)
}

// Each holds a connection as long as it can; none of them may hold it long.
func TestWhoIsSlowOnPurposeIsCutOff(t *testing.T) {
	post := "POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: 1000000\r\n\r\n"
	for name, c := range map[string]struct {
		handler     http.HandlerFunc
		head, piece string
		apart       time.Duration
	}{
		"a byte of the head every now and then":   {reads, "GET / HTTP/1.1\r\nHost: desk\r\nX-", "a", 50 * time.Millisecond},
		"a header line every now and then":        {reads, "GET / HTTP/1.1\r\nHost: desk\r\n", "X-A: b\r\n", 50 * time.Millisecond},
		"a head that never begins":                {reads, "", "", 50 * time.Millisecond},
		"a byte of the body every now and then":   {reads, post, "b", 50 * time.Millisecond},
		"a body that never comes":                 {reads, post, "", 50 * time.Millisecond},
		"a body nobody wants":                     {func(http.ResponseWriter, *http.Request) {}, post, "b", 50 * time.Millisecond},
		"a chunked body that goes on and on":      {reads, "POST / HTTP/1.1\r\nHost: desk\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nb\r\n", 50 * time.Millisecond},
		"a connection kept open for nothing":      {reads, "GET / HTTP/1.1\r\nHost: desk\r\n\r\n", "", 50 * time.Millisecond},
		"more headers than anybody needs":         {reads, "GET / HTTP/1.1\r\nHost: desk\r\n", "X-A: " + strings.Repeat("b", 20_000) + "\r\n", 10 * time.Millisecond},
		"a body whose pauses are just not a stop": {reads, post, "b", 250 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, serve(t, c.handler), c.head)
			if took := every(conn, c.apart, 200, c.piece); took > 3*time.Second {
				t.Errorf("it held its connection for %s", took)
			}
		})
	}
}

// A slow line is not an attack: an upload takes longer than any single limit
// and comes through.
func TestASlowLineComesThrough(t *testing.T) {
	t.Parallel()
	const pieces, piece = 30, 20_000
	conn := dial(t, serve(t, reads), fmt.Sprintf("POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: %d\r\n\r\n", pieces*piece))
	started := time.Now()
	ticks := time.NewTicker(60 * time.Millisecond)
	defer ticks.Stop()
	for range pieces {
		_, err := conn.Write(make([]byte, piece))
		must(t, err)
		<-ticks.C
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	if string(text) != fmt.Sprint(pieces*piece) || time.Since(started) < 1500*time.Millisecond {
		t.Errorf("after %s: %s %s", time.Since(started), answer.Status, text)
	}
}

// Somebody who asks for much and reads nothing does not hold the handler.
func TestWhoReadsNothingIsCutOff(t *testing.T) {
	t.Parallel()
	ended := make(chan time.Duration, 1)
	conn := dial(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		started := time.Now()
		chunk := make([]byte, 64<<10)
		for range 2000 {
			if _, err := w.Write(chunk); err != nil {
				break
			}
		}
		ended <- time.Since(started)
	}), "GET / HTTP/1.1\r\nHost: desk\r\n\r\n")
	if took := <-ended; took > 5*time.Second {
		t.Errorf("the handler was held for %s", took)
	}
	must(t, conn.Close())
}

// A stream that is silent for longer than a stall is not slow: it waits.
func TestAQuietStreamStays(t *testing.T) {
	t.Parallel()
	conn := dial(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "one\n")
		w.(http.Flusher).Flush()
		<-time.After(3 * hasty.Stall)
		_, _ = io.WriteString(w, "two\n")
	}), "GET / HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n")
	text, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(text), "two\n") {
		t.Errorf("%v after %q", err, text)
	}
}

// The server still notices that a client has left after its body was read.
func TestALimitOfTheBodyDoesNotOutliveIt(t *testing.T) {
	t.Parallel()
	left := make(chan error, 1)
	conn := dial(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
			left <- errors.New("the request was given up while the client waited")
		case <-time.After(3 * hasty.Stall):
			left <- nil
		}
	}), "POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: 4\r\n\r\nbody")
	if err := <-left; err != nil {
		t.Error(err)
	}
	must(t, conn.Close())
}
