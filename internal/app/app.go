// Package app puts the parts together: it is the only place that knows
// everyone.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"everdesk/internal/config"
	"everdesk/internal/gateway"
	"everdesk/internal/job"
	"everdesk/internal/observe"
	"everdesk/internal/redis"
	"everdesk/internal/store"
	"everdesk/internal/store/postgres"
	"everdesk/internal/store/sqlite"
)

// App is a node of the desk.
type App struct {
	config config.Node
	// public is the desk's address in links.
	public string
	log    *slog.Logger
	now    func() time.Time
	clock  clock
	// holder names this process in leases.
	holder string

	db     *store.DB
	node   store.Lease
	runner *job.Runner
	// redis is nil on a node that stands alone.
	redis *redis.Client
	// alongside are loops of tools.
	alongside []func(context.Context)
	features
}

// OpenEngine opens the database the settings name, with its schema up to date,
// and returns the migrations it took.
func OpenEngine(ctx context.Context, node config.Node) (engine store.Engine, taken []string, err error) {
	if node.DB != "" {
		engine, err = postgres.Open(ctx, node.DB)
	} else {
		if err := os.MkdirAll(node.Data, 0o700); err != nil {
			return nil, nil, fmt.Errorf("making the data directory: %w", err)
		}
		engine, err = sqlite.Open(ctx, node.Database(), sqlite.Options{})
	}
	if err != nil {
		return nil, nil, err
	}
	if taken, err = store.Migrate(ctx, engine); err != nil {
		return nil, nil, errors.Join(err, engine.Close())
	}
	return engine, taken, nil
}

func logger(node config.Node) *slog.Logger {
	var level slog.Level
	// The settings' enum has checked the text.
	_ = level.UnmarshalText([]byte(node.LogLevel))
	return observe.NewLog(os.Stderr, level, node.LogJSON)
}

// New opens the database and builds every part; listening is the address that
// links name unless the settings say otherwise. Close the App it returns.
func New(ctx context.Context, node config.Node, version, listening string) (*App, error) {
	log := logger(node)
	engine, taken, err := OpenEngine(ctx, node)
	if err != nil {
		return nil, err
	}
	for _, step := range taken {
		log.DebugContext(ctx, "migrated", "step", step)
	}
	a := &App{config: node, public: node.Public(listening), log: log, holder: rand.Text()}
	a.clock.machine = func() time.Time { return time.Now().Add(node.ClockOffset) }
	a.now = a.clock.Now
	a.db = store.Open(engine, store.Options{Log: log, Ungrouped: node.Ungrouped, Now: a.now})
	if a.db.Engine() != "sqlite" {
		a.setClock(ctx)
	}
	if a.node, err = a.db.TakeNode(ctx, a.holder); err != nil {
		return nil, errors.Join(err, a.db.Close())
	}
	a.runner = job.NewRunner(a.db, log, 8, a.now)
	if err := a.build(ctx, version); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Serve answers on listener and works until ctx ends; then it leaves.
func (a *App) Serve(ctx context.Context, listener net.Listener) error {
	if addr := a.config.PlainFor(a.config.Addr); addr != "" {
		plain, err := net.Listen("tcp", addr)
		if err != nil {
			return fmt.Errorf("--http-addr: %w", err)
		}
		a.Alongside(func(ctx context.Context) { a.servePlain(ctx, plain) })
	}
	a.Alongside(a.door.begin)
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	var parts sync.WaitGroup
	for _, part := range append(a.parts(), a.alongside...) {
		parts.Go(func() { part(work) })
	}
	server := gateway.Server(a.handler, a.door.encryption, gateway.Standard, a.log)
	err := observe.Serve(ctx, server, gateway.Listen(listener, a.door.encryption), a.health, a.log, observe.Leaving{Notice: a.config.LeaveNotice, Streams: func() {
		last := context.WithoutCancel(ctx)
		a.hub.Leave(last, a.config.LeaveSpread)
		if err := a.hub.Close(last); err != nil {
			a.log.WarnContext(ctx, "closing the connections failed", "error", err)
		}
	}})
	stop()
	parts.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close gives the node's leases back and closes the database.
func (a *App) Close() error {
	if a.redis != nil {
		a.redis.Close()
	}
	return errors.Join(a.db.ReleaseAll(context.Background(), a.holder), a.db.Close())
}
