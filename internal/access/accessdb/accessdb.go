// Package accessdb keeps accounts, sessions, API keys, invitations and
// workspaces, and finds out whose request it is.
package accessdb

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/seal"
	"everdesk/internal/store"
)

// Members makes accounts members of workspaces, in the transaction of ctx.
type Members interface {
	Join(ctx context.Context, scope access.Scope, account id.Account, name string, role access.Role, teams []id.Team, at time.Time) (id.Staff, error)
	Rename(ctx context.Context, scope access.Scope, name string, at time.Time) error
}

// Audit records an operation in the transaction of ctx.
type Audit interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Founder gives a new workspace what another feature wants it to begin with, in
// the transaction of ctx: business hours, a team, a widget.
type Founder func(ctx context.Context, scope access.Scope, founded access.Founded, at time.Time) error

// Options are what a Store works with. All but Founders must be set.
type Options struct {
	Ring      *seal.Ring
	Passwords *access.Passwords
	Members   Members
	Audit     Audit
	Mailer    Mailer
	Founders  []Founder
	// PublicURL is where the console is reached ("https://desk.example"): links
	// in mails are built from it and never from a request's Host.
	PublicURL string
	Log       *slog.Logger
}

// Store keeps who may come in.
type Store struct {
	db *store.DB
	Options

	keys *store.Loader[string, storedKey]
}

// New returns the door kept in db.
func New(db *store.DB, options Options) *Store {
	options.PublicURL = strings.TrimSuffix(options.PublicURL, "/")
	s := &Store{db: db, Options: options}
	s.keys = store.NewLoader(db, s.loadKeys)
	return s
}

// Purposes that values are sealed and indexed for.
const (
	sealedAddress = "session.address"
	indexThrottle = "access.throttle"
)

// link is a page of the console with a secret in the fragment, which browsers
// send to nobody.
func (s *Store) link(page, token string) string { return s.PublicURL + "/" + page + "#" + token }

func (s *Store) mailIndex(mail string) string { return s.Ring.Index(access.SealedMail, mail) }

// SetupLink is the first-run page.
func (s *Store) SetupLink(token string) string { return s.link("setup", token) }

// InvitationLink is the page on which an invitation is accepted.
func (s *Store) InvitationLink(token string) string { return s.link("invitation", token) }

// ResetLink is the page on which a new password is set.
func (s *Store) ResetLink(token string) string { return s.link("reset", token) }

// one turns ErrNoRows into a refusal.
func one(err error, refusal *fault.Error) error {
	if errors.Is(err, store.ErrNoRows) {
		return refusal
	}
	return err
}

// Sweep deletes up to limit each of the sessions, links, invitations and
// throttles that no longer count, and returns how many it was.
func (s *Store) Sweep(ctx context.Context, at time.Time, limit int) (swept int64, err error) {
	for _, stale := range []struct {
		table, key, age string
		before          time.Time
	}{
		{"sessions", "token_hash", "expires_at", at},
		{"one_time_links", "token_hash", "expires_at", at},
		{"invitations", "token_hash", "expires_at", at.Add(-access.InvitationLife)},
		{"throttles", "name", "since_at", at.Add(-access.ThrottleMail.Window)},
	} {
		err := s.db.Atomically(ctx, func(ctx context.Context) error {
			n, err := store.Current(ctx).Exec(`DELETE FROM `+stale.table+` WHERE `+stale.key+` IN (SELECT `+stale.key+` FROM `+
				stale.table+` WHERE `+stale.age+` < $1 LIMIT $2)`, stale.before, int64(limit))
			swept += n
			return err
		})
		if err != nil {
			return swept, err
		}
	}
	return swept, nil
}
