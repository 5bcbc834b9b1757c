package ticketdb

import (
	"context"
	"sync"

	"everdesk/internal/id"
	"everdesk/internal/store"
)

const (
	firstNumber = 1001
	// leastBlock is how many numbers a quiet workspace's node takes at once.
	leastBlock = 100
)

// numbers hands out ticket numbers from blocks that this node has taken and
// committed. A crash or a refused command leaves gaps, never a duplicate.
type numbers struct {
	db *store.DB

	mu     sync.Mutex
	blocks map[id.Workspace]*block
}

type block struct {
	free []span // oldest first
	// wanted counts what was asked for since the last refill began: the next
	// block holds twice that.
	wanted int64
	// refilling is closed when the refill under way has ended; nil without one.
	refilling chan struct{}
}

func (b *block) left() int64 {
	left := int64(0)
	for _, s := range b.free {
		left += s.end - s.next
	}
	return left
}

// span is the numbers from next up to, not including, end.
type span struct{ next, end int64 }

func newNumbers(db *store.DB) *numbers {
	return &numbers{db: db, blocks: map[id.Workspace]*block{}}
}

// ready sees that there is a number in memory, waiting for a refill if there is
// none, so that numbers follow each other. It does nothing inside a transaction,
// which a refill would have to wait for.
func (n *numbers) ready(ctx context.Context, workspace id.Workspace) {
	if store.Joined(ctx) {
		return
	}
	n.mu.Lock()
	empty := n.of(workspace).left() == 0
	n.mu.Unlock()
	if !empty {
		return
	}
	select {
	case <-n.refill(workspace):
	case <-ctx.Done():
	}
}

// take returns a number for a ticket of the transaction of ctx. If none is in
// memory, one is taken with the ticket itself.
func (n *numbers) take(ctx context.Context, workspace id.Workspace) (number int64, err error) {
	number, low := n.fromMemory(workspace)
	tx := store.Current(ctx)
	if low {
		tx.AfterCommit(func() { n.refill(workspace) })
	}
	if number != 0 {
		return number, nil
	}
	err = tx.Returning([]any{&number}, taking, workspace, firstNumber+1, 1)
	return number - 1, err
}

// taking moves the next number forward and returns where it then is.
const taking = `INSERT INTO ticket_numbers(workspace_id, next) VALUES ($1, $2)
	ON CONFLICT (workspace_id) DO UPDATE SET next = ticket_numbers.next + $3 RETURNING next`

// of returns a workspace's block; mu is held.
func (n *numbers) of(workspace id.Workspace) *block {
	b := n.blocks[workspace]
	if b == nil {
		b = &block{}
		n.blocks[workspace] = b
	}
	return b
}

func (n *numbers) fromMemory(workspace id.Workspace) (number int64, low bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	b := n.of(workspace)
	b.wanted++
	left := b.left()
	if left > 0 {
		number = b.free[0].next
		if b.free[0].next++; b.free[0].next == b.free[0].end {
			b.free = b.free[1:]
		}
	}
	return number, left <= leastBlock/2 && b.refilling == nil
}

// refill takes a block in a transaction of its own, beside whatever goes on, and
// returns what is closed when it has. There is one refill at a time.
func (n *numbers) refill(workspace id.Workspace) <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	b := n.of(workspace)
	if b.refilling != nil {
		return b.refilling
	}
	size, done := max(leastBlock, 2*b.wanted), make(chan struct{})
	b.refilling, b.wanted = done, 0
	go func() {
		var end int64
		err := n.db.Atomically(context.Background(), func(ctx context.Context) error {
			return store.Current(ctx).Returning([]any{&end}, taking, workspace, firstNumber+size, size)
		})
		n.mu.Lock()
		defer n.mu.Unlock()
		// A refill that failed is tried again by the next ticket; one whose
		// outcome is unknown leaves a gap.
		if err == nil {
			b.free = append(b.free, span{end - size, end})
		}
		b.refilling = nil
		close(done)
	}()
	return done
}
