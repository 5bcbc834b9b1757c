package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// socket is a WebSocket as the widget and the console hold one, without a
// library: thousands of them live in one process beside the desk, so each is a
// small buffer and a goroutine that sleeps.
type socket struct {
	conn net.Conn
	r    *bufio.Reader
	// gone says that it was this side that ended it.
	gone atomic.Bool
}

// guest is who a socket connects as.
type guest struct {
	// headers are those of the upgrade request, lines that end in CRLF.
	headers string
	// token is a visitor's; the console is known by its cookie.
	token string
	// feeds are subscribed to once connected.
	feeds []string
	// hear takes each frame pushed. What it keeps it must copy.
	hear func(frame []byte, at time.Time)
}

var (
	errClosed  = errors.New("the desk closed the socket")
	errRefused = errors.New("the desk refused the socket")
)

// connectWithin is how long a socket may take from the first packet to its
// place in the hub.
const connectWithin = 60 * time.Second

// browser is what a browser sends along when it opens a socket.
const browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9,zh-CN;q=0.8\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n" +
	"Sec-Fetch-Dest: websocket\r\nSec-Fetch-Mode: websocket\r\nSec-Fetch-Site: same-origin\r\n"

// open connects, is let in, and subscribes.
func open(ctx context.Context, addr, source string, who guest) (*socket, error) {
	conn, err := dial(ctx, addr, source)
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn, r: bufio.NewReaderSize(conn, 256)}
	if err := s.enter(addr, who); err != nil {
		s.cut()
		return nil, err
	}
	return s, nil
}

func (s *socket) enter(addr string, who guest) error {
	if err := s.conn.SetDeadline(time.Now().Add(connectWithin)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.conn, "GET /api/v1/live HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\n%s%sUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", addr, addr, browser, who.headers); err != nil {
		return err
	}
	status, _, err := readHead(s.r)
	if err != nil {
		return err
	}
	if status != 101 {
		return fmt.Errorf("%w: status %d", errRefused, status)
	}
	if err := s.command(fmt.Appendf(nil, `{"id":1,"connect":{"token":%q}}`, who.token)); err != nil {
		return err
	}
	for i, feed := range who.feeds {
		if err := s.command(fmt.Appendf(nil, `{"id":%d,"subscribe":{"channel":%q}}`, i+2, feed)); err != nil {
			return err
		}
	}
	return s.conn.SetDeadline(time.Time{})
}

// command sends one command and waits for its reply.
func (s *socket) command(text []byte) error {
	if err := s.send(text); err != nil {
		return err
	}
	buffer := scratch.Get().(*[]byte)
	defer scratch.Put(buffer)
	for {
		frame, err := s.next(buffer)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(frame) {
			if bytes.HasPrefix(line, []byte(`{"id":`)) {
				if bytes.Contains(line, []byte(`"error":`)) {
					return fmt.Errorf("%w: %s", errRefused, line)
				}
				return nil
			}
		}
	}
}

// scratch are buffers for frames being read: a socket that is silent has none.
var scratch = sync.Pool{New: func() any { buffer := make([]byte, 4096); return &buffer }}

// listen hands frames over until the socket ends, and answers pings.
func (s *socket) listen(hear func([]byte, time.Time)) {
	for {
		// Wait without a buffer.
		if _, err := s.r.Peek(2); err != nil {
			return
		}
		if s.take(hear) != nil {
			return
		}
	}
}

func (s *socket) take(hear func([]byte, time.Time)) error {
	buffer := scratch.Get().(*[]byte)
	defer scratch.Put(buffer)
	frame, err := s.next(buffer)
	if err != nil {
		return err
	}
	at := time.Now()
	for line := range bytes.Lines(frame) {
		line = bytes.TrimRight(line, "\n")
		if len(line) == 2 { // {}
			if err := s.send(line); err != nil {
				return err
			}
		} else if hear != nil {
			hear(line, at)
		}
	}
	return nil
}

// next reads one frame into the buffer, which it may replace by a larger one.
func (s *socket) next(buffer *[]byte) ([]byte, error) {
	var head [8]byte
	if _, err := io.ReadFull(s.r, head[:2]); err != nil {
		return nil, err
	}
	kind, length := head[0]&0x0f, int(head[1]&0x7f)
	switch length {
	case 126:
		if _, err := io.ReadFull(s.r, head[:2]); err != nil {
			return nil, err
		}
		length = int(binary.BigEndian.Uint16(head[:]))
	case 127:
		if _, err := io.ReadFull(s.r, head[:8]); err != nil {
			return nil, err
		}
		length = int(binary.BigEndian.Uint64(head[:]))
	}
	if length > cap(*buffer) {
		*buffer = make([]byte, length)
	}
	frame := (*buffer)[:length]
	if _, err := io.ReadFull(s.r, frame); err != nil {
		return nil, err
	}
	if kind == 8 {
		return nil, fmt.Errorf("%w: %s", errClosed, frame[min(2, len(frame)):])
	}
	return frame, nil
}

// send writes a text frame, masked with zeros.
func (s *socket) send(text []byte) error {
	out := make([]byte, 0, len(text)+8)
	if len(text) < 126 {
		out = append(out, 0x81, 0x80|byte(len(text)))
	} else {
		out = append(out, 0x81, 0x80|126, byte(len(text)>>8), byte(len(text)))
	}
	out = append(out, 0, 0, 0, 0)
	_, err := s.conn.Write(append(out, text...))
	return err
}

// cut ends the socket as a lost network does, and leaves no port waiting.
func (s *socket) cut() {
	s.gone.Store(true)
	if tcp, ok := s.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = s.conn.Close()
}
