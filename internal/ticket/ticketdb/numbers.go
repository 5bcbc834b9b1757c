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
	wanted    int64
	refilling bool
}

// span is the numbers from next up to, not including, end.
type span struct{ next, end int64 }

func newNumbers(db *store.DB) *numbers {
	return &numbers{db: db, blocks: map[id.Workspace]*block{}}
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

func (n *numbers) fromMemory(workspace id.Workspace) (number int64, low bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	b := n.blocks[workspace]
	if b == nil {
		b = &block{}
		n.blocks[workspace] = b
	}
	b.wanted++
	left := int64(0)
	for _, s := range b.free {
		left += s.end - s.next
	}
	if left > 0 {
		number = b.free[0].next
		if b.free[0].next++; b.free[0].next == b.free[0].end {
			b.free = b.free[1:]
		}
	}
	return number, left <= leastBlock/2 && !b.refilling
}

// refill takes a block in a transaction of its own, beside whatever goes on.
func (n *numbers) refill(workspace id.Workspace) {
	n.mu.Lock()
	b := n.blocks[workspace]
	if b.refilling {
		n.mu.Unlock()
		return
	}
	size := max(leastBlock, 2*b.wanted)
	b.refilling, b.wanted = true, 0
	n.mu.Unlock()
	go func() {
		var end int64
		err := n.db.Atomically(context.Background(), func(ctx context.Context) error {
			return store.Current(ctx).Returning([]any{&end}, taking, workspace, firstNumber+size, size)
		})
		n.mu.Lock()
		defer n.mu.Unlock()
		b.refilling = false
		// A refill that failed is tried again by the next ticket; one whose
		// outcome is unknown leaves a gap.
		if err == nil {
			b.free = append(b.free, span{end - size, end})
		}
	}()
}
