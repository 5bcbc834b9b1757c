package store

import "sync"

// signals wakes the goroutines of this node that wait for a kind of work. It
// only hints: whoever waits also looks by itself now and then.
type signals struct {
	mu        sync.Mutex
	listeners map[string][]chan struct{}
}

func (s *signals) wake(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.listeners[name] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Listen returns a channel that gets a value some time after one or more
// commits signalled the name.
func (db *DB) Listen(name string) <-chan struct{} {
	c := make(chan struct{}, 1)
	s := &db.signals
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listeners == nil {
		s.listeners = map[string][]chan struct{}{}
	}
	s.listeners[name] = append(s.listeners[name], c)
	return c
}

// Wake signals a name without a commit.
func (db *DB) Wake(name string) { db.signals.wake(name) }

// EventSignal is signalled when events were committed on this node.
const EventSignal = "events"
