package realtime

import (
	"bytes"
	"context"

	"github.com/centrifugal/centrifuge"

	"everdesk/internal/redis"
)

// relay carries hints and commands between the hubs of a desk. What a node
// publishes reaches its own connections directly, whether Redis is there or
// not; the other nodes hear it through Redis, if they hold somebody who listens.
type relay struct {
	*centrifuge.MemoryBroker
	node  *centrifuge.Node
	redis *redis.Client
}

func newRelay(node *centrifuge.Node, client *redis.Client) (*relay, error) {
	local, err := centrifuge.NewMemoryBroker(node, centrifuge.MemoryBrokerConfig{})
	return &relay{MemoryBroker: local, node: node, redis: client}, err
}

const (
	feedChannel    = "feed:"
	controlChannel = "control"
)

// Publish hands data to the connections of this node, then to the other nodes.
func (r *relay) Publish(feed string, data []byte, options centrifuge.PublishOptions) (centrifuge.StreamPosition, bool, error) {
	position, known, err := r.MemoryBroker.Publish(feed, data, options)
	r.redis.Publish(feedChannel+feed, signed(r.node.ID(), data))
	return position, known, err
}

// Subscribe is called when somebody on this node is the first to listen.
func (r *relay) Subscribe(feed string) error {
	own := signed(r.node.ID(), nil)
	r.redis.Hear(context.Background(), feedChannel+feed, func(message []byte) {
		if bytes.HasPrefix(message, own) {
			return
		}
		if _, data, ok := bytes.Cut(message, space); ok {
			// The hub has handed it to whoever still listens; nobody is a success.
			_ = r.node.HandlePublication(feed, &centrifuge.Publication{Data: data}, centrifuge.StreamPosition{}, false, nil)
		}
	})
	return nil
}

// Unsubscribe is called when the last one on this node has ceased to listen.
func (r *relay) Unsubscribe(feed string) error {
	r.redis.Leave(context.Background(), feedChannel+feed)
	return nil
}

var space = []byte(" ")

// signed puts the publishing node before the data.
func signed(node string, data []byte) []byte {
	return append(append(make([]byte, 0, len(node)+1+len(data)), node+" "...), data...)
}

// RegisterControlEventHandler listens to the commands between hubs: what a
// client of a stream sends by POST may reach another node than its stream.
func (r *relay) RegisterControlEventHandler(handler centrifuge.ControlEventHandler) error {
	take := func(data []byte) {
		// A command may read the database; others must not wait for it. What it
		// fails at, the library logs.
		go func() { _ = handler.HandleControl(data) }()
	}
	ctx := context.Background()
	r.redis.Hear(ctx, controlChannel, take)
	r.redis.Hear(ctx, controlChannel+":"+r.node.ID(), take)
	return nil
}

// PublishControl sends a command to one hub, or to all. What is for all is
// repeated or also done by each node for itself, so losing it is no error.
func (r *relay) PublishControl(data []byte, node, _ string) error {
	if node == "" {
		r.redis.Publish(controlChannel, data)
		return nil
	}
	if !r.redis.Up() {
		return redis.ErrDown
	}
	r.redis.Publish(controlChannel+":"+node, data)
	return nil
}
