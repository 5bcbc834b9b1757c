package observe

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Leaving says how a node stops.
type Leaving struct {
	// Notice is how long the node goes on answering after /readyz has turned,
	// so that load balancers stop sending first; zero where there is none.
	Notice time.Duration
	// Patience is how long requests being answered may take to end; default 10 s.
	Patience time.Duration
	// Streams ends what would never end by itself, sockets and event streams, so
	// that their clients reconnect elsewhere. It may be nil.
	Streams func()
}

// Serve answers on the listener until ctx ends, then leaves: not ready, notice,
// streams ended, no new connections, requests finished. It returns once nothing
// is being answered, or an error if some request had to be cut off.
func Serve(ctx context.Context, server *http.Server, listener net.Listener, health *Health, log *slog.Logger, leaving Leaving) error {
	if leaving.Patience == 0 {
		leaving.Patience = 10 * time.Second
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	health.Leave()
	log.InfoContext(ctx, "leaving", "notice_ms", leaving.Notice.Milliseconds())
	if leaving.Notice > 0 {
		notice := time.NewTimer(leaving.Notice)
		defer notice.Stop()
		select {
		case err := <-ended:
			return err
		case <-notice.C:
		}
	}
	if leaving.Streams != nil {
		leaving.Streams()
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaving.Patience)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
