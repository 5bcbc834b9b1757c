package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof" // served on an address of its own, if asked for
	"os"
	"time"

	"everdesk/internal/app"
	"everdesk/internal/config"
)

// serve runs the desk.
type serve struct {
	config.Node
}

// Run serves until a signal comes.
func (c *serve) Run(ctx context.Context) error { return listen(ctx, c.Node, stage{}) }

// stage is what a command does beside serving.
type stage struct {
	// before runs when the address is taken and nothing is open yet.
	before func() error
	// within puts something in the open node and says what it did.
	within func(ctx context.Context, desk *app.App, url string) error
	// allow opens what the desk may reach besides, on this machine.
	allow func() ([]string, error)
}

// listen opens the node, stages it and serves. The address is taken first: two
// desks on one fail at once.
func listen(ctx context.Context, node config.Node, stage stage) error {
	if err := node.Validate(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", node.Addr)
	if err != nil {
		return err
	}
	if stage.before != nil {
		if err := stage.before(); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	if stage.allow != nil {
		targets, err := stage.allow()
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		node.AllowTargets = append(node.AllowTargets, targets...)
	}
	return with(ctx, node, listener.Addr().String(), func(desk *app.App) error {
		url := node.Public(listener.Addr().String())
		if stage.within != nil {
			if err := stage.within(ctx, desk, url); err != nil {
				return errors.Join(err, listener.Close())
			}
		}
		link, err := desk.SetupLink(ctx)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		if link != "" {
			fmt.Printf("set up this desk once at %s\n", link)
		}
		if node.Pprof != "" {
			go profiles(node.Pprof)
		}
		fmt.Printf("listening on %s\n", url)
		return desk.Serve(ctx, listener)
	})
}

// profiles serves Go's profiles until the process ends.
func profiles(addr string) {
	server := &http.Server{Addr: addr, Handler: http.DefaultServeMux, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintln(os.Stderr, "profiles:", server.ListenAndServe())
}

// with opens the node for fn and closes it.
func with(ctx context.Context, node config.Node, listening string, fn func(*app.App) error) (err error) {
	desk, err := app.New(ctx, node, version, listening)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.Close()) }()
	return fn(desk)
}

// migrate brings the schema up to date.
type migrate struct {
	config.Node
}

// Run migrates and prints the steps taken.
func (c *migrate) Run(ctx context.Context) error {
	if err := c.Validate(); err != nil {
		return err
	}
	engine, taken, err := app.OpenEngine(ctx, c.Node)
	if err != nil {
		return err
	}
	for _, step := range taken {
		fmt.Println(step)
	}
	return engine.Close()
}
