package id

import (
	"fmt"
	"sync"
	"time"
)

// Nodes is how many node numbers exist; a running node leases one of them.
const Nodes = 512

// epoch is where the millisecond field starts counting. It never changes.
var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

const counterBits, nodeBits = 12, 9

// A Source makes numbers no other source with a different node makes. It is
// safe for concurrent use, and goes on rising when the clock is set back.
type Source struct {
	node int64
	now  func() time.Time

	mu      sync.Mutex
	milli   int64
	counter int64
}

// NewSource returns the source of a node, 0 to Nodes-1, reading time from now.
func NewSource(node int, now func() time.Time) *Source {
	if node < 0 || node >= Nodes {
		panic(fmt.Sprintf("id: node %d out of range", node))
	}
	return &Source{node: int64(node), now: now}
}

// Next returns a number greater than every earlier one of this source.
func (s *Source) Next() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if milli := s.now().Sub(epoch).Milliseconds(); milli > s.milli {
		s.milli, s.counter = milli, 0
	} else if s.counter++; s.counter >= 1<<counterBits {
		// More than 4,096 in a millisecond: borrow from the next one.
		s.milli, s.counter = s.milli+1, 0
	}
	return s.milli<<(counterBits+nodeBits) | s.node<<counterBits | s.counter
}

// New returns the next number of s as an id: id.New[id.Ticket](source).
func New[T ~int64](s *Source) T { return T(s.Next()) }
