// Package realtime hints to browsers that something has changed. It decides
// nothing and promises nothing: what a hint tells of is in the database, and a
// client that missed one finds the gap by sequence numbers.
package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge"

	"everdesk/internal/redis"
)

// Handshake is what a connecting browser shows.
type Handshake struct {
	// Token is the visitor's, from the connect frame; empty for the console,
	// which is known by the cookie in Header.
	Token  string
	Header http.Header
	// Host is what the request was addressed to.
	Host string
}

// Guest is who a connection belongs to.
type Guest struct {
	// User is the actor: "stf_..." or "cus_...".
	User string
	// For is how long until the connection has to identify itself again.
	For time.Duration
	// Channels are subscribed at once, without being asked for.
	Channels []string
	// Present asks for a close watch: a dead connection is noticed within
	// twelve seconds, and Gate.Here is told while there is a live one.
	Present bool
	// Context is given back to the gate with every later question.
	Context any
}

// Gate says who may connect and listen. app implements it.
type Gate interface {
	// Connect resolves a handshake, or refuses it with ErrRefused.
	Connect(ctx context.Context, handshake Handshake) (Guest, error)
	// MayListen reports whether a guest may subscribe to a channel now.
	MayListen(ctx context.Context, guest Guest, channel string) bool
	// Here tells who has a live connection on this node, of those to be watched:
	// each once when it opens, then all together every HereEvery.
	Here(ctx context.Context, guests []Guest)
	// Gone tells that a user's last connection on this node has closed.
	Gone(ctx context.Context, guest Guest)
}

// ErrRefused says that a handshake is nobody's.
var ErrRefused = errors.New("realtime: refused")

// HereEvery is how often the gate is told who is here.
const HereEvery = 7 * time.Second

const (
	pingEvery = 25 * time.Second
	pongWait  = 10 * time.Second
	// closeWatch is how often a present guest is pinged.
	closeWatch = 8 * time.Second
	closePong  = 4 * time.Second
	// leaveStep is the pace at which connections are told to leave.
	leaveStep = 20 * time.Millisecond
	// buffers are small because a desk holds many mostly silent connections.
	buffers = 512
)

// Hub holds the connections of a node.
type Hub struct {
	node *centrifuge.Node
	gate Gate
	log  *slog.Logger
	// shared says that hints reach other nodes.
	shared bool

	crowd *crowd
	// leaving is set when the connections are being moved to other nodes.
	leaving atomic.Bool

	mu      sync.Mutex
	present map[string]Guest // by user
	stop    context.CancelFunc
	talking sync.WaitGroup
}

// Options say how a hub is connected to those of other nodes.
type Options struct {
	Log *slog.Logger
	// Redis carries hints between nodes; nil if there is no other node, or none
	// that could be reached like this.
	Redis *redis.Client
	// Node is this process's name among the nodes.
	Node string
}

// New starts a hub. Close it to let its connections go.
func New(gate Gate, options Options) (*Hub, error) {
	log := options.Log
	node, err := centrifuge.New(centrifuge.Config{
		ClientQueueMaxSize: 1 << 20,
		ClientChannelLimit: 64,
		ChannelMaxLength:   64,
		LogLevel:           centrifuge.LogLevelWarn,
		LogHandler: func(entry centrifuge.LogEntry) {
			log.Warn("realtime: "+entry.Message, "fields", entry.Fields) //nolint:sloglint // the library's own message
		},
	})
	if err != nil {
		return nil, err
	}
	if options.Redis != nil {
		between, err := newRelay(node, options.Redis)
		if err != nil {
			return nil, err
		}
		node.SetBroker(between)
	}
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{
		node: node, gate: gate, log: log, present: map[string]Guest{}, stop: stop,
		crowd: newCrowd(options.Node, options.Redis), shared: options.Redis != nil,
	}
	node.OnConnecting(h.connecting)
	node.OnConnect(h.connected)
	h.talking.Go(func() { h.watch(ctx) })
	if options.Redis != nil {
		h.talking.Go(func() { h.crowd.talk(ctx) })
	}
	return h, node.Run()
}

// watch tells the gate who is here until the hub closes.
func (h *Hub) watch(ctx context.Context) {
	ticker := time.NewTicker(HereEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			h.mu.Lock()
			guests := slices.Collect(maps.Values(h.present))
			h.mu.Unlock()
			if len(guests) > 0 {
				h.gate.Here(ctx, guests)
			}
		}
	}
}

type handshakeKey struct{}

func (h *Hub) connecting(ctx context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
	if h.leaving.Load() {
		return centrifuge.ConnectReply{}, centrifuge.DisconnectShutdown
	}
	shown, _ := ctx.Value(handshakeKey{}).(Handshake)
	if shown.Token = e.Token; e.Token != "" {
		shown.Header = nil // a visitor is known by nothing else
	}
	guest, err := h.ask(ctx, shown)
	if err != nil {
		if errors.Is(err, ErrRefused) {
			return centrifuge.ConnectReply{}, centrifuge.DisconnectInvalidToken
		}
		h.log.WarnContext(ctx, "a connection could not be let in", "error", err)
		return centrifuge.ConnectReply{}, centrifuge.ErrorInternal
	}
	own := make(map[string]centrifuge.SubscribeOptions, len(guest.Channels))
	for _, channel := range guest.Channels {
		own[channel] = centrifuge.SubscribeOptions{}
	}
	reply := centrifuge.ConnectReply{
		// What the connection keeps for life: not the request it came by.
		Context:       context.WithValue(context.Background(), seatKey{}, &seat{shown, guest}),
		Credentials:   &centrifuge.Credentials{UserID: guest.User, ExpireAt: time.Now().Add(guest.For).Unix()},
		Subscriptions: own,
	}
	if guest.Present {
		reply.PingPongConfig = &centrifuge.PingPongConfig{PingInterval: closeWatch, PongTimeout: closePong}
	}
	return reply, nil
}

// ask has the gate look at a handshake, on another goroutine: the database's
// deep calls would leave the one that waits for this connection's frames, all
// its life, with a stack that is mostly empty.
func (h *Hub) ask(ctx context.Context, shown Handshake) (guest Guest, err error) {
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		guest, err = h.gate.Connect(ctx, shown)
	}()
	<-asked
	return guest, err
}

// seat is what a connection has shown and whose it is.
type seat struct {
	shown Handshake
	guest Guest
}

type seatKey struct{}

func (h *Hub) connected(client *centrifuge.Client) {
	ctx := client.Context()
	own, _ := ctx.Value(seatKey{}).(*seat)
	guest := own.guest
	h.crowd.came(guest.User)
	if guest.Present {
		h.mu.Lock()
		h.present[guest.User] = guest
		h.mu.Unlock()
		h.gate.Here(ctx, []Guest{guest})
	}
	client.OnRefresh(func(_ centrifuge.RefreshEvent, reply centrifuge.RefreshCallback) {
		again, err := h.gate.Connect(ctx, own.shown)
		if err != nil {
			reply(centrifuge.RefreshReply{Expired: true}, nil)
			return
		}
		reply(centrifuge.RefreshReply{ExpireAt: time.Now().Add(again.For).Unix()}, nil)
	})
	client.OnSubscribe(func(e centrifuge.SubscribeEvent, reply centrifuge.SubscribeCallback) {
		if !h.gate.MayListen(ctx, guest, e.Channel) {
			reply(centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied)
			return
		}
		reply(centrifuge.SubscribeReply{}, nil)
	})
	client.OnDisconnect(func(centrifuge.DisconnectEvent) {
		if !h.crowd.left(guest.User) {
			return
		}
		h.mu.Lock()
		delete(h.present, guest.User)
		// Somebody may have come back between the question and the lock.
		back := h.crowd.local(guest.User)
		if back && guest.Present {
			h.present[guest.User] = guest
		}
		h.mu.Unlock()
		if !back {
			h.gate.Gone(ctx, guest)
		}
	})
}

// Listened reports whether anybody may listen to one of the channels, so that a
// hint nobody would get need not be made. With other nodes, somebody may.
func (h *Hub) Listened(channels ...string) bool {
	return h.shared || slices.ContainsFunc(channels, func(channel string) bool { return h.node.Hub().NumSubscribers(channel) > 0 })
}

// Publish hints data, as JSON, to everybody who listens to the channel on any
// node; a json.RawMessage goes as it is. A hint that cannot be sent is logged
// and forgotten.
func (h *Hub) Publish(ctx context.Context, channel string, data any) {
	raw, written := data.(json.RawMessage)
	var err error
	if !written {
		raw, err = json.Marshal(data)
	}
	if err == nil {
		_, err = h.node.Publish(channel, raw)
	}
	if err != nil {
		h.log.WarnContext(ctx, "a hint was lost", "channel", channel, "error", err)
	}
}

// Recheck cuts the user's connections so that they connect anew and are asked
// everything again: after a role change or the end of a session.
func (h *Hub) Recheck(ctx context.Context, user string) {
	if err := h.node.Disconnect(user, centrifuge.WithCustomDisconnect(centrifuge.DisconnectForceReconnect)); err != nil {
		h.log.WarnContext(ctx, "connections could not be cut", "user", user, "error", err)
	}
}

// Connections is how many sockets and streams this node holds.
func (h *Hub) Connections() int { return h.node.Hub().NumClients() }

// Online reports whether the user has a connection on any node. Of other nodes
// it may know a tenth of a second late, and nothing while Redis is lost.
func (h *Hub) Online(user string) bool { return h.crowd.online(user) }

// Heard are the other nodes whose hints have been reaching this one within the
// time given.
func (h *Hub) Heard(within time.Duration) map[string]bool { return h.crowd.heard(within) }

// Leave tells all connections to come back elsewhere, evenly over spread, so
// that the other nodes are not asked for everything at once. New connections
// are refused meanwhile.
func (h *Hub) Leave(ctx context.Context, spread time.Duration) {
	h.leaving.Store(true)
	leaving := slices.Collect(maps.Values(h.node.Hub().Connections()))
	ticker := time.NewTicker(leaveStep)
	defer ticker.Stop()
	began := time.Now()
	for told := 0; told < len(leaving); {
		due := len(leaving)
		if passed := time.Since(began); passed < spread {
			due = int(float64(len(leaving)) * float64(passed) / float64(spread))
		}
		for ; told < due; told++ {
			leaving[told].Disconnect(centrifuge.DisconnectForceReconnect)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Close lets all connections go and tells them to come back elsewhere.
func (h *Hub) Close(ctx context.Context) error {
	h.stop()
	h.talking.Wait()
	return h.node.Shutdown(ctx)
}

// Handler serves the transports below a path: "" WebSocket, "/stream" HTTP
// streaming by POST, "/sse" and "/emulation" for what the latter two send.
func (h *Hub) Handler(base string) http.Handler {
	ping := centrifuge.PingPongConfig{PingInterval: pingEvery, PongTimeout: pongWait}
	mux := http.NewServeMux()
	mux.Handle("GET "+base, bare(centrifuge.NewWebsocketHandler(h.node, centrifuge.WebsocketConfig{
		CheckOrigin:    func(*http.Request) bool { return true }, // sameOrigin has
		ReadBufferSize: buffers, WriteBufferSize: buffers, UseWriteBufferPool: true, PingPongConfig: ping,
	})))
	mux.Handle("POST "+base+"/stream", centrifuge.NewHTTPStreamHandler(h.node, centrifuge.HTTPStreamConfig{PingPongConfig: ping}))
	sse := centrifuge.NewSSEHandler(h.node, centrifuge.SSEConfig{PingPongConfig: ping})
	mux.Handle("GET "+base+"/sse", sse)
	mux.Handle("POST "+base+"/sse", sse)
	mux.Handle("POST "+base+"/emulation", centrifuge.NewEmulationHandler(h.node, centrifuge.EmulationConfig{}))
	return sameOrigin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown := Handshake{Header: r.Header, Host: r.Host}
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), handshakeKey{}, shown)))
	}))
}

// bare keeps of a request's context only what was shown: a socket holds its
// context for life, and the request's holds the request.
func bare(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(context.Background(), handshakeKey{}, r.Context().Value(handshakeKey{}))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// sameOrigin refuses pages of other sites: a socket would carry our cookie.
func sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" {
			if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
				http.Error(w, "another site", http.StatusForbidden)
				return
			}
		}
		if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
			http.Error(w, "another site", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
