// Package realtime hints to browsers that something has changed. It decides
// nothing and promises nothing: what a hint tells of is in the database, and a
// client that missed one finds the gap by sequence numbers.
package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"
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
	// Until is when the connection has to identify itself again.
	Until time.Time
	// Channels are subscribed at once, without being asked for.
	Channels []string
	// Context is given back to the gate with every later question.
	Context any
}

// Gate says who may connect and listen. app implements it.
type Gate interface {
	// Connect resolves a handshake, or refuses it with ErrRefused.
	Connect(ctx context.Context, handshake Handshake) (Guest, error)
	// MayListen reports whether a guest may subscribe to a channel now.
	MayListen(ctx context.Context, guest Guest, channel string) bool
	// Here tells that a user has a live connection on this node: once when it
	// opens, then every half minute.
	Here(ctx context.Context, guest Guest)
	// Gone tells that a user's last connection on this node has closed.
	Gone(ctx context.Context, guest Guest)
}

// ErrRefused says that a handshake is nobody's.
var ErrRefused = errors.New("realtime: refused")

const (
	pingEvery = 25 * time.Second
	hereEvery = 27 * time.Second
	// buffers are small because a desk holds many mostly silent connections.
	buffers = 512
)

// Hub holds the connections of a node.
type Hub struct {
	node *centrifuge.Node
	gate Gate
	log  *slog.Logger
}

// New starts a hub. Close it to let its connections go.
func New(gate Gate, log *slog.Logger) (*Hub, error) {
	node, err := centrifuge.New(centrifuge.Config{
		ClientPresenceUpdateInterval: hereEvery,
		ClientQueueMaxSize:           1 << 20,
		ClientChannelLimit:           64,
		ChannelMaxLength:             64,
		LogLevel:                     centrifuge.LogLevelWarn,
		LogHandler: func(entry centrifuge.LogEntry) {
			log.Warn("realtime: "+entry.Message, "fields", entry.Fields) //nolint:sloglint // the library's own message
		},
	})
	if err != nil {
		return nil, err
	}
	h := &Hub{node: node, gate: gate, log: log}
	node.OnConnecting(h.connecting)
	node.OnConnect(h.connected)
	return h, node.Run()
}

type handshakeKey struct{}

func (h *Hub) connecting(ctx context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
	shown, _ := ctx.Value(handshakeKey{}).(Handshake)
	shown.Token = e.Token
	guest, err := h.gate.Connect(ctx, shown)
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
	return centrifuge.ConnectReply{
		Context:       context.WithValue(ctx, guestKey{}, guest),
		Credentials:   &centrifuge.Credentials{UserID: guest.User, ExpireAt: guest.Until.Unix()},
		Subscriptions: own,
	}, nil
}

type guestKey struct{}

func (h *Hub) connected(client *centrifuge.Client) {
	ctx := context.WithoutCancel(client.Context())
	guest, _ := client.Context().Value(guestKey{}).(Guest)
	h.gate.Here(ctx, guest)
	client.OnAlive(func() { h.gate.Here(ctx, guest) })
	client.OnSubscribe(func(e centrifuge.SubscribeEvent, reply centrifuge.SubscribeCallback) {
		if !h.gate.MayListen(client.Context(), guest, e.Channel) {
			reply(centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied)
			return
		}
		reply(centrifuge.SubscribeReply{}, nil)
	})
	client.OnDisconnect(func(centrifuge.DisconnectEvent) {
		if !h.Online(guest.User) {
			h.gate.Gone(ctx, guest)
		}
	})
}

// Publish hints data, as JSON, to everybody who listens to the channel on any
// node. A hint that cannot be sent is logged and forgotten.
func (h *Hub) Publish(ctx context.Context, channel string, data any) {
	raw, err := json.Marshal(data)
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

// Online reports whether the user has a connection on this node.
func (h *Hub) Online(user string) bool { return len(h.node.Hub().UserConnections(user)) > 0 }

// Close lets all connections go and tells them to come back elsewhere.
func (h *Hub) Close(ctx context.Context) error { return h.node.Shutdown(ctx) }

// Handler serves the transports below a path: "" WebSocket, "/stream" HTTP
// streaming by POST, "/sse" and "/emulation" for what the latter two send.
func (h *Hub) Handler(base string) http.Handler {
	ping := centrifuge.PingPongConfig{PingInterval: pingEvery, PongTimeout: 10 * time.Second}
	mux := http.NewServeMux()
	mux.Handle("GET "+base, centrifuge.NewWebsocketHandler(h.node, centrifuge.WebsocketConfig{
		CheckOrigin:    func(*http.Request) bool { return true }, // sameOrigin has
		ReadBufferSize: buffers, WriteBufferSize: buffers, UseWriteBufferPool: true, PingPongConfig: ping,
	}))
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
