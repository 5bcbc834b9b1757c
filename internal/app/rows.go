package app

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"everdesk/internal/id"
)

const (
	// rowsEvery is how often a list is told of its rows at most: people read no
	// faster, and a busy team's pages would do nothing else.
	rowsEvery = 250 * time.Millisecond
	// rowsShown is how many rows one frame has at most: about what a screen
	// shows. Of more the page is only told that there were.
	rowsShown = 50
)

// rows tells lists of changed rows. The first goes out at once; what changes
// shortly after goes out together, each row once and as it then is.
type rows struct {
	publish func(channel string, frame json.RawMessage)

	mu   sync.Mutex
	busy map[string]*batch // feeds told less than rowsEvery ago
}

// batch is what a feed is still to be told.
type batch struct {
	newest map[id.Conversation]json.RawMessage
	order  []id.Conversation
}

// tell has the feeds told of a row.
func (r *rows) tell(which id.Conversation, row json.RawMessage, channels ...string) {
	for _, channel := range channels {
		if r.first(channel, which, row) {
			r.publish(channel, oneRow(row))
		}
	}
}

// first reports whether the feed is free to be told now; if not it keeps the row.
func (r *rows) first(channel string, which id.Conversation, row json.RawMessage) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	waiting, busy := r.busy[channel]
	if !busy {
		if r.busy == nil {
			r.busy = map[string]*batch{}
		}
		r.busy[channel] = &batch{newest: map[id.Conversation]json.RawMessage{}}
		time.AfterFunc(rowsEvery, func() { r.flush(channel) })
		return true
	}
	if _, again := waiting.newest[which]; !again {
		waiting.order = append(waiting.order, which)
	}
	waiting.newest[which] = row
	return false
}

// flush tells a feed what has gathered, and frees it when nothing has.
func (r *rows) flush(channel string) {
	r.mu.Lock()
	waiting := r.busy[channel]
	if len(waiting.order) == 0 {
		delete(r.busy, channel)
		r.mu.Unlock()
		return
	}
	r.busy[channel] = &batch{newest: map[id.Conversation]json.RawMessage{}}
	r.mu.Unlock()
	time.AfterFunc(rowsEvery, func() { r.flush(channel) })
	r.publish(channel, waiting.frame())
}

func oneRow(row json.RawMessage) json.RawMessage {
	return slices.Concat([]byte(`{"type":"conversation","conversation":`), row, []byte(`}`))
}

// frame is the newest of what has gathered.
func (b *batch) frame() json.RawMessage {
	if len(b.order) == 1 {
		return oneRow(b.newest[b.order[0]])
	}
	shown := b.order[max(0, len(b.order)-rowsShown):]
	var frame bytes.Buffer
	frame.WriteString(`{"type":"conversations","conversations":[`)
	for i, which := range shown {
		if i > 0 {
			frame.WriteByte(',')
		}
		frame.Write(b.newest[which])
	}
	frame.WriteString(`],"more":`)
	if len(shown) < len(b.order) {
		frame.WriteString(`true}`)
	} else {
		frame.WriteString(`false}`)
	}
	return frame.Bytes()
}
