package drill_test

import (
	"net"
	"sync"
	"testing"
)

// strand is a stretch of network that can be cut: connections through it then
// carry nothing more either way, and nobody is told; new ones are not answered.
type strand struct {
	addr string

	network  string // "tcp" or "unix"
	to       string
	listener net.Listener
	mu       sync.Mutex
	whole    chan struct{} // closed while the strand is whole
	conns    map[net.Conn]bool
}

func newStrand(t *testing.T, network, to string) *strand {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &strand{addr: listener.Addr().String(), network: network, to: to, listener: listener, whole: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(s.whole)
	go s.accept()
	t.Cleanup(func() {
		listener.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		for conn := range s.conns {
			conn.Close()
		}
	})
	return s
}

// cut parts the two ends.
func (s *strand) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole = make(chan struct{})
}

// mend joins them again. What was under way is lost: those connections end, as
// they do when a peer that comes back has forgotten them.
func (s *strand) mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		conn.Close()
	}
	clear(s.conns)
	close(s.whole)
}

func (s *strand) state() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.whole
}

func (s *strand) accept() {
	for {
		near, err := s.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			s.keep(near)
			<-s.state()
			far, err := net.Dial(s.network, s.to)
			if err != nil {
				near.Close()
				return
			}
			s.keep(far)
			go s.carry(near, far)
			s.carry(far, near)
		}()
	}
}

func (s *strand) keep(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[conn] = true
}

func (s *strand) carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		<-s.state()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
