package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
	"time"
)

// answerWithin is how long a request may take.
const answerWithin = 30 * time.Second

// wire is one kept-alive HTTP connection. It does for a request what is needed
// and no more: client and desk share the machine, and what a general client
// spends would be missing where it is measured.
type wire struct {
	addr   string
	source string
	conn   net.Conn
	r      *bufio.Reader
	out    []byte
	answer []byte
}

// dial opens a connection from a loopback address, or from any if the system
// does not have that one.
func dial(ctx context.Context, addr, source string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: answerWithin, KeepAlive: -1}
	if source != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(source)}
	}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil && source != "" && strings.Contains(err.Error(), "assign requested address") {
		dialer.LocalAddr = nil
		conn, err = dialer.DialContext(ctx, "tcp", addr)
	}
	return conn, err
}

// do sends one request and returns the body of its answer, which is good until
// the next call. Headers are lines that end in CRLF.
func (w *wire) do(ctx context.Context, method, path, headers string, body []byte) ([]byte, error) {
	if w.conn == nil {
		conn, err := dial(ctx, w.addr, w.source)
		if err != nil {
			return nil, err
		}
		w.conn, w.r = conn, bufio.NewReaderSize(conn, 4096)
	}
	status, answer, err := w.exchange(method, path, headers, body)
	if err != nil {
		w.close()
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if status >= 300 {
		return nil, fmt.Errorf("%s %s: %d %s", method, path, status, answer)
	}
	return answer, nil
}

func (w *wire) exchange(method, path, headers string, body []byte) (status int, answer []byte, err error) {
	if err := w.conn.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return 0, nil, err
	}
	w.out = fmt.Appendf(w.out[:0], "%s %s HTTP/1.1\r\nHost: %s\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", method, path, w.addr, headers, len(body))
	w.out = append(w.out, body...)
	if _, err := w.conn.Write(w.out); err != nil {
		return 0, nil, err
	}
	status, length, err := readHead(w.r)
	if err != nil {
		return status, nil, err
	}
	if length < 0 {
		answer, err := io.ReadAll(httputil.NewChunkedReader(w.r))
		if err != nil {
			return status, nil, err
		}
		_, err = w.r.Discard(2) // the line after the last chunk
		return status, answer, err
	}
	if cap(w.answer) < length {
		w.answer = make([]byte, length)
	}
	_, err = io.ReadFull(w.r, w.answer[:length])
	return status, w.answer[:length], err
}

// readHead reads the head of an answer. A length of -1 stands for chunks.
func readHead(r *bufio.Reader) (status, length int, err error) {
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return status, length, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if first {
			if len(text) < 12 {
				return 0, 0, errors.New("no HTTP answer")
			}
			if status, err = strconv.Atoi(text[9:12]); err != nil {
				return 0, 0, errors.New("no HTTP answer")
			}
			continue
		}
		if text == "" {
			return status, length, nil
		}
		name, value, _ := strings.Cut(text, ":")
		switch value = strings.TrimSpace(value); {
		case strings.EqualFold(name, "Content-Length"):
			if length, err = strconv.Atoi(value); err != nil {
				return status, 0, err
			}
		case strings.EqualFold(name, "Transfer-Encoding") && value == "chunked":
			length = -1
		}
	}
}

func (w *wire) close() {
	if w.conn != nil {
		_ = w.conn.Close() // there is nothing left to be said
		w.conn, w.r = nil, nil
	}
}
