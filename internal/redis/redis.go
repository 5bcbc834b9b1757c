// Package redis is what nodes tell each other in passing: hints, wake-ups, who
// is here, and the rates they share. Nothing of it is kept, so Redis may be
// lost at any time; whoever uses the package says what it then does without.
package redis

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

const (
	// again is the pause between tries to connect.
	again = 300 * time.Millisecond
	// answerWithin is how long Redis may take before it counts as lost.
	answerWithin = 2 * time.Second
	// queueSize is how many messages may wait to be sent, and to be heard.
	queueSize = 8192
	// atOnce is how many messages go out, or channels are joined, in one go.
	atOnce = 256
)

// ErrURL says that a Redis URL cannot be read. It does not quote it, because it
// may hold a password.
var ErrURL = errors.New("the Redis URL cannot be read: want redis://, rediss:// or unix://")

// ErrDown says that there is no connection now.
var ErrDown = errors.New("redis: not connected")

// Check reports whether a URL can be read.
func Check(text string) error {
	if parsed, err := url.Parse(text); err != nil || parsed.Host == "" && parsed.Scheme != "unix" {
		return ErrURL
	}
	if _, err := rueidis.ParseURL(text); err != nil {
		return ErrURL
	}
	return nil
}

// Client keeps a connection to Redis for as long as there is a Redis to connect
// to. It is safe for concurrent use, and no method waits for a Redis that is
// gone.
type Client struct {
	options rueidis.ClientOption
	prefix  string
	log     *slog.Logger
	up      atomic.Bool
	lost    atomic.Uint64

	mu    sync.Mutex
	ears  map[string]func([]byte) // by channel, with the prefix
	conn  rueidis.DedicatedClient // joins and leaves channels; nil while down
	inner rueidis.Client          // nil while down

	out     chan message
	in      chan message
	stop    context.CancelFunc
	running sync.WaitGroup
	// closing ends the sending, before stop ends the connection.
	closing chan struct{}
	sent    sync.WaitGroup
}

type message struct {
	channel string
	data    []byte
}

// Open begins to connect and returns at once: whether Redis is there or not
// does not matter. Channels and keys begin with prefix, so that several desks
// can share a Redis.
func Open(text, prefix string, log *slog.Logger) (*Client, error) {
	if err := Check(text); err != nil {
		return nil, err
	}
	options, err := rueidis.ParseURL(text)
	if err != nil {
		return nil, ErrURL
	}
	options.ConnWriteTimeout = answerWithin
	options.Dialer.Timeout = time.Second
	options.Dialer.KeepAlive = time.Second
	options.DisableCache, options.DisableRetry, options.AlwaysPipelining = true, true, true
	options.PipelineMultiplex = -1
	options.ReadBufferEachConn, options.WriteBufferEachConn = 64<<10, 64<<10
	ctx, stop := context.WithCancel(context.Background())
	c := &Client{
		options: options, prefix: prefix, log: log, ears: map[string]func([]byte){},
		out: make(chan message, queueSize), in: make(chan message, queueSize), stop: stop,
		closing: make(chan struct{}),
	}
	c.running.Go(func() { c.connect(ctx) })
	c.sent.Go(func() { c.send(ctx) })
	c.running.Go(func() { c.hear(ctx) })
	return c, nil
}

// Close sends what waits, if Redis is there, and ends the connection. It is
// called once.
func (c *Client) Close() {
	close(c.closing)
	c.sent.Wait()
	c.stop()
	c.running.Wait()
}

// Up reports whether Redis answers.
func (c *Client) Up() bool { return c.up.Load() }

// Lost counts messages that were not sent or not heard.
func (c *Client) Lost() uint64 { return c.lost.Load() }

// Ping asks Redis whether it answers.
func (c *Client) Ping(ctx context.Context) error {
	inner := c.client()
	if inner == nil {
		return ErrDown
	}
	return inner.Do(ctx, inner.B().Ping().Build()).Error()
}

func (c *Client) client() rueidis.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inner
}

// connect keeps a connection until ctx ends.
func (c *Client) connect(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		err := c.session(ctx, func() {
			failing = false
			c.log.InfoContext(ctx, "connected to redis")
		})
		if ctx.Err() != nil {
			return
		}
		if !failing {
			c.log.WarnContext(ctx, "redis is not there; nodes hint through the database", "error", err)
			failing = true
		}
		pause := time.NewTimer(again)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

// session connects, joins all channels and lasts until the connection ends.
func (c *Client) session(ctx context.Context, connected func()) error {
	inner, err := rueidis.NewClient(c.options)
	if err != nil {
		return err
	}
	defer inner.Close()
	conn, release := inner.Dedicate()
	defer release()
	defer conn.Close()
	ended := conn.SetPubSubHooks(rueidis.PubSubHooks{OnMessage: func(heard rueidis.PubSubMessage) {
		select {
		case c.in <- message{heard.Channel, []byte(heard.Message)}:
		default:
			c.lost.Add(1) // waiting here would hold up the whole connection
		}
	}})
	// The channel of its own keeps a connection that listens to nothing else.
	if err := c.join(ctx, conn, []string{c.prefix + "up"}); err != nil {
		return err
	}
	c.mu.Lock()
	c.conn, c.inner = conn, inner
	channels := make([]string, 0, len(c.ears))
	for channel := range c.ears {
		channels = append(channels, channel)
	}
	c.mu.Unlock()
	defer func() {
		c.up.Store(false)
		c.mu.Lock()
		c.conn, c.inner = nil, nil
		c.mu.Unlock()
	}()
	for len(channels) > 0 {
		some := channels[:min(atOnce, len(channels))]
		if err := c.join(ctx, conn, some); err != nil {
			return err
		}
		channels = channels[len(some):]
	}
	c.up.Store(true)
	connected()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) join(ctx context.Context, conn rueidis.DedicatedClient, channels []string) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	return conn.Do(ctx, conn.B().Subscribe().Channel(channels...).Build()).Error()
}

// Hear has fn called with what is published to a channel on other nodes and
// this one, in order, one call after another for all channels: fn must not
// wait. It returns once Redis knows, or is not there; then it will be told.
func (c *Client) Hear(ctx context.Context, channel string, fn func([]byte)) {
	channel = c.prefix + channel
	c.mu.Lock()
	c.ears[channel] = fn
	conn := c.conn
	c.mu.Unlock()
	if conn == nil {
		return
	}
	if err := c.join(ctx, conn, []string{channel}); err != nil {
		c.log.DebugContext(ctx, "joining a channel failed; it is joined with the next connection", "error", err)
	}
}

// Leave ends Hear.
func (c *Client) Leave(ctx context.Context, channel string) {
	channel = c.prefix + channel
	c.mu.Lock()
	delete(c.ears, channel)
	conn := c.conn
	c.mu.Unlock()
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := conn.Do(ctx, conn.B().Unsubscribe().Channel(channel).Build()).Error(); err != nil {
		c.log.DebugContext(ctx, "leaving a channel failed; the next connection does not join it", "error", err)
	}
}

// hear calls the ears.
func (c *Client) hear(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case heard := <-c.in:
			c.mu.Lock()
			fn := c.ears[heard.channel]
			c.mu.Unlock()
			if fn != nil {
				fn(heard.data)
			}
		}
	}
}

// Publish sends data to whoever hears the channel. It never waits: without a
// connection, or with too much to send, the message is lost.
func (c *Client) Publish(channel string, data []byte) {
	if !c.Up() {
		c.lost.Add(1)
		return
	}
	select {
	case c.out <- message{c.prefix + channel, data}:
	default:
		c.lost.Add(1)
	}
}

// send publishes what waits, in order, as much at once as there is.
func (c *Client) send(ctx context.Context) {
	batch := make([]message, 0, atOnce)
	for last := false; !last; {
		batch = batch[:0]
		select {
		case <-c.closing:
			last = true
		case first := <-c.out:
			batch = append(batch, first)
		}
	fill:
		for len(batch) < atOnce {
			select {
			case more := <-c.out:
				batch = append(batch, more)
			default:
				break fill
			}
		}
		c.flush(ctx, batch)
	}
}

func (c *Client) flush(ctx context.Context, batch []message) {
	inner := c.client()
	if inner == nil {
		c.lost.Add(uint64(len(batch)))
		return
	}
	commands := make(rueidis.Commands, len(batch))
	for i, m := range batch {
		commands[i] = inner.B().Publish().Channel(m.channel).Message(rueidis.BinaryString(m.data)).Build()
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	for _, answer := range inner.DoMulti(ctx, commands...) {
		if answer.Error() != nil {
			c.lost.Add(1)
		}
	}
}
