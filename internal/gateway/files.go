package gateway

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is how often the files are looked at while connections come in.
const lookEvery = 5 * time.Second

// Files serves the certificate in two files and notices when they change, as
// they do when it is renewed.
type Files struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	seen   [2]os.FileInfo
	looked time.Time
}

// NewFiles reads the files; they have to fit each other.
func NewFiles(cert, key string, log *slog.Logger) (*Files, error) {
	f := &Files{cert: cert, key: key, log: log}
	if err := f.read(); err != nil {
		return nil, err
	}
	f.looked = time.Now()
	return f, nil
}

// Config is the encryption with this certificate.
func (f *Files) Config() *tls.Config {
	return encryption(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.current(time.Now()), nil })
}

// current returns the certificate, read again if the files are others. Files
// that do not fit, half a renewal, leave the one there was.
func (f *Files) current(at time.Time) *tls.Certificate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at.Sub(f.looked) < lookEvery {
		return f.pair
	}
	f.looked = at
	if !f.changed() {
		return f.pair
	}
	if err := f.read(); err != nil {
		f.log.ErrorContext(context.Background(), "the certificate cannot be read; the one before is kept", "error", err)
		return f.pair
	}
	f.log.InfoContext(context.Background(), "the certificate was read again", "until", f.pair.Leaf.NotAfter)
	return f.pair
}

// Expiry is when the certificate ends.
func (f *Files) Expiry() time.Time {
	return f.current(time.Now()).Leaf.NotAfter
}

func (f *Files) changed() bool {
	for i, name := range []string{f.cert, f.key} {
		info, err := os.Stat(name)
		if err != nil || !os.SameFile(info, f.seen[i]) || !info.ModTime().Equal(f.seen[i].ModTime()) || info.Size() != f.seen[i].Size() {
			return true
		}
	}
	return false
}

func (f *Files) read() error {
	var seen [2]os.FileInfo
	for i, name := range []string{f.cert, f.key} {
		info, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("reading the certificate: %w", err)
		}
		seen[i] = info
	}
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("reading the certificate: %w", err)
	}
	f.pair, f.seen = &pair, seen
	return nil
}
