package store

import "sync"

// signals wakes the goroutines of this node that wait for a kind of work. It
// only hints: whoever waits also looks by itself now and then.
type signals struct {
	mu        sync.Mutex
	listeners map[string][]chan struct{}
	// overheard is told of what commits of this node signal.
	overheard func(name string)
}

// commit wakes the listeners of this node and tells whoever passes it on.
func (s *signals) commit(name string) {
	s.wake(name)
	s.mu.Lock()
	told := s.overheard
	s.mu.Unlock()
	if told != nil {
		told(name)
	}
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

// Overhear has fn called with each name that a commit of this node signals, to
// wake other nodes. It must not wait.
func (db *DB) Overhear(fn func(name string)) {
	db.signals.mu.Lock()
	defer db.signals.mu.Unlock()
	db.signals.overheard = fn
}

// Wake signals a name without a commit.
func (db *DB) Wake(name string) { db.signals.wake(name) }

// EventSignal is signalled when events were committed on this node.
const EventSignal = "events"
