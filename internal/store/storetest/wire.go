package storetest

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// Fault is what a Wire does to a connection.
type Fault int

// The faults.
const (
	// CutBeforeCommit ends the connection when the client sends COMMIT, which
	// never reaches the server.
	CutBeforeCommit Fault = iota + 1
	// CutAfterCommit lets COMMIT through and ends the connection when the server
	// answers, so that the client never learns of its success.
	CutAfterCommit
)

// Wire stands between a client and PostgreSQL, where the network is, and breaks
// it on demand.
type Wire struct {
	// URL is the database's, by way of the wire.
	URL string

	server   string // socket of the server
	listener net.Listener

	mu    sync.Mutex
	next  Fault
	spare int           // commits to let through before next
	held  chan struct{} // not nil while frozen
	conns map[net.Conn]bool
}

// NewWire lays a wire to the database of a PostgresURL.
func NewWire(t testing.TB, database string) *Wire {
	t.Helper()
	target, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{
		URL:    "postgres://everdesk@" + listener.Addr().String() + target.Path + "?sslmode=disable",
		server: filepath.Join(target.Query().Get("host"), ".s.PGSQL.5432"), listener: listener, conns: map[net.Conn]bool{},
	}
	go w.accept()
	t.Cleanup(func() {
		hangUp(listener)
		w.Thaw()
		w.Cut()
	})
	return w
}

// Arm has a COMMIT on the wire meet the fault, after letting so many through.
func (w *Wire) Arm(fault Fault, after int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next, w.spare = fault, after
}

// Cut ends all connections now, wherever they are.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.conns {
		hangUp(conn)
	}
}

// Freeze lets nothing more come back from the server, without ending anything:
// a network that swallows packets, or a server that hangs.
func (w *Wire) Freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held == nil {
		w.held = make(chan struct{})
	}
}

// Thaw undoes Freeze.
func (w *Wire) Thaw() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.held != nil {
		close(w.held)
		w.held = nil
	}
}

func (w *Wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", w.server)
		if err != nil {
			hangUp(client)
			continue
		}
		w.mu.Lock()
		w.conns[client], w.conns[server] = true, true
		w.mu.Unlock()
		silent := make(chan struct{})
		go w.forward(client, server, silent)
		go w.back(server, client, silent)
	}
}

// commit is the message a client ends its transaction with.
var commit = []byte("Q\x00\x00\x00\x0bcommit\x00")

// forward carries what the client says and looks out for COMMIT.
func (w *Wire) forward(client, server net.Conn, silent chan struct{}) {
	defer w.end(client, server)
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		if bytes.Contains(buffer[:n], commit) {
			switch w.meet() {
			case CutBeforeCommit:
				return
			case CutAfterCommit:
				close(silent)
			}
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (w *Wire) meet() Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == 0 {
		return 0
	}
	if w.spare > 0 {
		w.spare--
		return 0
	}
	fault := w.next
	w.next = 0
	return fault
}

// back carries what the server answers, unless it is to be kept from the client.
func (w *Wire) back(server, client net.Conn, silent chan struct{}) {
	defer w.end(client, server)
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		select {
		case <-silent:
			return
		default:
		}
		w.mu.Lock()
		held := w.held
		w.mu.Unlock()
		if held != nil {
			<-held
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (w *Wire) end(conns ...net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, conn := range conns {
		hangUp(conn)
		delete(w.conns, conn)
	}
}

// hangUp ends a connection. Whether it still stood does not matter.
func hangUp(conn io.Closer) { _ = conn.Close() }
