package store

import (
	"runtime"
	"testing"
)

// Waiting returns once so many keys wait for the next query.
func (l *Loader[K, V]) Waiting(t *testing.T, keys int) {
	for t.Context().Err() == nil {
		l.mu.Lock()
		waiting := l.next != nil && len(l.next.keys) == keys
		l.mu.Unlock()
		if waiting {
			return
		}
		runtime.Gosched()
	}
}
