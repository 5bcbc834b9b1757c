package realtime_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"everdesk/internal/realtime"
)

// visitors lets everybody in, each as somebody else.
type visitors struct{ desk }

func (v *visitors) Connect(_ context.Context, shown realtime.Handshake) (realtime.Guest, error) {
	return realtime.Guest{User: shown.Token, For: time.Hour, Channels: []string{"customer:" + shown.Token}}, nil
}

func (v *visitors) Gone(context.Context, realtime.Guest) {}

// BenchmarkSocket opens two thousand sockets as browsers do and reports what the
// hub holds for each, heap and stacks, once all is collected.
func BenchmarkSocket(b *testing.B) {
	const sockets = 2000
	hub, err := realtime.New(&visitors{}, realtime.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(hub.Handler("/live"))
	b.Cleanup(func() {
		if err := hub.Close(context.Background()); err != nil {
			b.Error(err)
		}
		server.Close()
	})
	for b.Loop() {
		before := held()
		open := make([]net.Conn, sockets)
		for i := range open {
			open[i] = openSocket(b, strings.TrimPrefix(server.URL, "http://"), fmt.Sprint("visitor", i))
		}
		b.ReportMetric(float64(held()-before)/sockets/1024, "KiB/socket")
		for _, conn := range open {
			if err := conn.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// held is what the process holds. A stack shrinks by half with each collection.
func held() int64 {
	var now runtime.MemStats
	for range 4 {
		runtime.GC()
	}
	runtime.ReadMemStats(&now)
	return int64(now.HeapAlloc + now.StackInuse)
}

// openSocket opens a WebSocket and is let in.
func openSocket(b *testing.B, addr, token string) net.Conn {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "GET /live HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nUser-Agent: %s\r\nAccept-Language: en-GB,en;q=0.9\r\n"+
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", addr, addr, strings.Repeat("Browser ", 14))
	if err != nil {
		b.Fatal(err)
	}
	r := bufio.NewReaderSize(conn, 512)
	for line := ""; line != "\r\n"; {
		if line, err = r.ReadString('\n'); err != nil {
			b.Fatal(err)
		}
	}
	command := fmt.Sprintf(`{"id":1,"connect":{"token":%q}}`, token)
	if _, err := conn.Write(append([]byte{0x81, 0x80 | byte(len(command)), 0, 0, 0, 0}, command...)); err != nil {
		b.Fatal(err)
	}
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil || head[0] != 0x81 {
		b.Fatalf("no answer: %x, %v", head, err)
	}
	return conn
}
