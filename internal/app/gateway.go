package app

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"everdesk/internal/gateway"
)

// door is how a node is reached.
type door struct {
	// encryption is nil while a proxy in front terminates TLS.
	encryption *tls.Config
	// plain answers plain HTTP; nil for nobody.
	plain http.Handler
	// expiry is when the certificate in use ends, the zero time if there is none.
	expiry func() time.Time
	// begin gets what the first visitor would else wait for.
	begin func(context.Context)
}

// openDoor reads or prepares the certificates.
func (a *App) openDoor() error {
	a.door = door{expiry: func() time.Time { return time.Time{} }, begin: func(context.Context) {}}
	switch {
	case a.config.Cert != "":
		files, err := gateway.NewFiles(a.config.Cert, a.config.Key, a.log)
		if err != nil {
			return err
		}
		a.door.encryption, a.door.expiry, a.door.plain = files.Config(), files.Expiry, gateway.Onward(a.public)
	case len(a.config.Auto) > 0:
		automatic, err := gateway.NewAutomatic(gateway.Authority{
			Hosts: a.config.Auto, Directory: a.config.Directory, Contact: a.config.Contact, Roots: a.config.Roots,
			Cache: gateway.NewCache(a.db, a.ring, a.now), Log: a.log,
		})
		if err != nil {
			return err
		}
		a.door.encryption, a.door.expiry, a.door.plain = automatic.Config(), automatic.Expiry, automatic.Plain(gateway.Onward(a.public))
		a.door.begin = func(ctx context.Context) {
			got := make(chan struct{})
			go func() {
				defer close(got)
				automatic.Begin()
			}()
			select {
			case <-got:
			case <-ctx.Done(): // an authority may be slow; a node that leaves is not
			}
		}
	}
	return nil
}

// servePlain sends plain HTTP on to HTTPS until ctx ends.
func (a *App) servePlain(ctx context.Context, listener net.Listener) {
	server := gateway.Server(a.door.plain, nil, gateway.Standard, a.log)
	var ending sync.WaitGroup
	ending.Go(func() {
		<-ctx.Done()
		if err := server.Close(); err != nil {
			a.log.WarnContext(ctx, "closing the plain address failed", "error", err)
		}
	})
	if err := server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		a.log.ErrorContext(ctx, "the plain address is no longer answered", "error", err)
	}
	ending.Wait()
}
