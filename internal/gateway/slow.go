package gateway

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// Limits say how slow a client may be.
type Limits struct {
	// Header is how long the head of a request may take, and a TLS handshake.
	Header time.Duration
	// Idle is how long a connection is kept without a request.
	Idle time.Duration
	// Grace is how long a body may take whatever its size; beyond it Rate counts,
	// the least bytes a second on average.
	Grace time.Duration
	Rate  int64
	// Stall is how long nothing may move, in either direction.
	Stall time.Duration
}

// Guard gives each request and each answer a time limit that grows with what
// has been sent: a large upload over a slow line comes through, and a byte every
// now and then does not hold a connection. Sockets and streams, which wait
// without sending, are not limited by it.
func (l Limits) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guarded := &guard{ResponseWriter: w, limits: l, control: http.NewResponseController(w), clear: r.ProtoMajor >= 2}
		if r.Body != nil && r.Body != http.NoBody {
			guarded.body = r.Body
			guarded.left = l.Grace
			r.Body = guardedBody{guarded}
		}
		guarded.write(0)
		next.ServeHTTP(guarded, r)
		guarded.end()
	})
}

// guard is an answer and the body of its request.
type guard struct {
	http.ResponseWriter
	limits  Limits
	control *http.ResponseController
	// clear takes a limit back when nothing is under way: over HTTP/2 a limit
	// that passes ends the stream, even if nobody waits.
	clear bool

	body io.ReadCloser
	// left is how long the client may still keep us waiting for its body.
	left  time.Duration
	ended bool
}

// The server without deadlines, a recorder in a test, has no slow clients.
func (g *guard) readBy(at time.Time)  { _ = g.control.SetReadDeadline(at) }
func (g *guard) writeBy(at time.Time) { _ = g.control.SetWriteDeadline(at) }

// write limits what is sent next.
func (g *guard) write(size int) {
	g.writeBy(time.Now().Add(g.limits.Stall + time.Duration(int64(size)*int64(time.Second)/g.limits.Rate)))
}

// Write sends within the limit.
func (g *guard) Write(data []byte) (int, error) {
	g.write(len(data))
	n, err := g.ResponseWriter.Write(data)
	if g.clear {
		g.writeBy(time.Time{})
	}
	return n, err
}

// Flush sends what has been written.
func (g *guard) Flush() {
	g.write(0)
	// Whoever cannot be reached is found out by the next write.
	_ = g.control.Flush()
	if g.clear {
		g.writeBy(time.Time{})
	}
}

// Unwrap lets http.ResponseController reach the rest.
func (g *guard) Unwrap() http.ResponseWriter { return g.ResponseWriter }

// end limits what the server itself still does: it sends what is left of the
// answer, and reads a little of a body that nobody wanted.
func (g *guard) end() {
	g.write(0)
	if g.body != nil && !g.ended {
		g.readBy(time.Now().Add(min(g.limits.Stall, 5*time.Second)))
	}
}

type guardedBody struct{ *guard }

// Read waits for as long as the client's progress has earned it.
func (b guardedBody) Read(p []byte) (int, error) {
	started := time.Now()
	b.readBy(started.Add(min(b.limits.Stall, max(0, b.left))))
	n, err := b.body.Read(p)
	b.left += time.Duration(int64(n)*int64(time.Second)/b.limits.Rate) - time.Since(started)
	switch {
	case err == nil && b.clear:
		b.readBy(time.Time{})
	case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		// A limit left in place would end what watches for the client to leave.
		b.ended = true
		b.readBy(time.Time{})
	}
	return n, err
}

// Close closes the body.
func (b guardedBody) Close() error { return b.body.Close() }
