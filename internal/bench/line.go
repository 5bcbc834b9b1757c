package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"
)

// callTime is the longest a request may take.
const callTime = 30 * time.Second

// line is a kept connection to the desk. The client shares the machine with
// what it measures, so it does without the goroutines of a http.Transport.
type line struct {
	conn net.Conn
	in   *bufio.Reader
	out  *bufio.Writer
}

func (d *desk) dial(ctx context.Context) (*line, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		return nil, err
	}
	return &line{conn, bufio.NewReader(conn), bufio.NewWriter(conn)}, nil
}

// take returns a free line, or a new one.
func (d *desk) take(ctx context.Context) (*line, error) {
	select {
	case l := <-d.lines:
		return l, nil
	default:
		return d.dial(ctx)
	}
}

// give keeps a line for the next request.
func (d *desk) give(l *line) error {
	select {
	case d.lines <- l:
		return nil
	default:
		return l.conn.Close()
	}
}

// hangUp ends the lines that are free.
func (d *desk) hangUp() {
	for {
		select {
		case l := <-d.lines:
			_ = l.conn.Close() // nothing is lost with it
		default:
			return
		}
	}
}

// call sends one request and decodes the answer into out.
func (d *desk) call(ctx context.Context, method, path string, header http.Header, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, d.url+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	maps.Copy(request.Header, header)
	request.Header.Set("Authorization", "Bearer "+d.key)
	request.Header.Set("Content-Type", "application/json")
	_, err = d.send(request, out)
	return err
}

// send sends a request, decodes the answer into out, and returns its cookies.
func (d *desk) send(request *http.Request, out any) ([]*http.Cookie, error) {
	l, err := d.take(request.Context())
	if err != nil {
		return nil, err
	}
	got, err := l.ask(request)
	if err != nil {
		return nil, errors.Join(err, l.conn.Close())
	}
	if err := d.give(l); err != nil {
		return nil, err
	}
	if got.status >= 300 {
		return nil, fmt.Errorf("%s %s: %d %s", request.Method, request.URL.Path, got.status, got.body)
	}
	if out == nil {
		return got.cookies, nil
	}
	return got.cookies, json.Unmarshal(got.body, out)
}

// reply is an answer read to its end.
type reply struct {
	status  int
	cookies []*http.Cookie
	body    []byte
}

// ask sends a request and reads the whole answer.
func (l *line) ask(request *http.Request) (reply, error) {
	if err := l.conn.SetDeadline(time.Now().Add(callTime)); err != nil {
		return reply{}, err
	}
	if err := request.Write(l.out); err != nil {
		return reply{}, err
	}
	if err := l.out.Flush(); err != nil {
		return reply{}, err
	}
	response, err := http.ReadResponse(l.in, request)
	if err != nil {
		return reply{}, err
	}
	body, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Cookies(), body}, errors.Join(err, response.Body.Close())
}
