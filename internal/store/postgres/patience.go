package postgres

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A server that hangs or a network that swallows packets ends no connection, and
// the writer would wait for it until the kernel gives up, which takes a quarter
// of an hour. The server ends a statement after its statement_timeout; whoever
// hears nothing for twice as long takes the connection for lost.
func patient(dial pgconn.DialFunc, statementTimeout string) pgconn.DialFunc {
	limit, err := time.ParseDuration(statementTimeout)
	if err != nil || limit <= 0 {
		return dial
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &patientConn{Conn: conn, limit: 2 * limit}, nil
	}
}

// patientConn limits each read, unless its user has set a limit. The driver
// reads only while it waits for an answer.
type patientConn struct {
	net.Conn
	limit time.Duration

	mu    sync.Mutex
	given bool // a deadline of the user's is set
}

// Read waits for limit at most.
func (c *patientConn) Read(p []byte) (int, error) {
	if err := c.begin(); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *patientConn) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.given {
		return nil
	}
	return c.Conn.SetReadDeadline(time.Now().Add(c.limit))
}

// SetDeadline sets the user's own limit; the zero time takes it back.
func (c *patientConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given = !t.IsZero()
	return c.Conn.SetDeadline(t)
}

// SetReadDeadline sets the user's own limit; the zero time takes it back.
func (c *patientConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.given = !t.IsZero()
	return c.Conn.SetReadDeadline(t)
}
