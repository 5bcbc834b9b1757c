// Package channeldb keeps the channels of workspaces, their secrets sealed, and
// the quick replies.
package channeldb

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// Sealer keeps secrets unreadable in the database.
type Sealer interface {
	Seal(purpose, text string) string
	Open(purpose, sealed string) (string, error)
}

// Auditor writes an audit row in the transaction of ctx.
type Auditor interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Store keeps channels.
type Store struct {
	db     *store.DB
	sealer Sealer
	audit  Auditor
}

// New returns the channels of a database.
func New(db *store.DB, sealer Sealer, audit Auditor) *Store { return &Store{db, sealer, audit} }

const secretPurpose = "channel.secret"

// row is a channel as it is kept.
type row struct {
	channel.Account
	key      string
	settings string
	secret   string
}

const columns = `id, kind, widget_key, settings, secret, version`

func scan(r store.Row) (row, error) {
	var c row
	err := r.Scan(&c.ID, &c.Kind, &c.key, &c.settings, &c.secret, &c.Version)
	return c, err
}

// read reads a workspace's channel of a kind; none has version 0.
func (s *Store) read(ctx context.Context, scope access.Scope, kind channel.Kind) (row, error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM channels WHERE workspace_id = $1 AND kind = $2`, scope.Workspace, string(kind))
	found, err := store.All(rows, err, scan)
	if err != nil || len(found) == 0 {
		return row{Account: channel.Account{Kind: kind}}, err
	}
	return found[0], nil
}

func (s *Store) decode(c row, settings any) (secret string, err error) {
	if c.Version == 0 {
		return "", nil
	}
	if err := json.Unmarshal([]byte(c.settings), settings); err != nil {
		return "", err
	}
	return s.sealer.Open(secretPurpose, c.secret)
}

// write keeps settings if the channel's version is still the given one: 0 for
// one that is not there.
func (s *Store) write(ctx context.Context, scope access.Scope, kind channel.Kind, version int64, settings any, secret string, at time.Time) (now int64, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		before, err := s.read(ctx, scope, kind)
		if err != nil {
			return err
		}
		if before.Version != version {
			return fault.ErrStale
		}
		tx := store.Current(ctx)
		err = tx.Returning([]any{&now}, `INSERT INTO channels(workspace_id, id, kind, widget_key, settings, secret, version, updated_at)
			VALUES ($1, $2, $3, '', $4, $5, 1, $6)
			ON CONFLICT (workspace_id, kind) DO UPDATE SET settings = excluded.settings, secret = excluded.secret,
				version = channels.version + 1, updated_at = excluded.updated_at WHERE channels.version = $7
			RETURNING version`,
			scope.Workspace, tx.IDs().Next(), string(kind), store.JSON(settings), s.sealer.Seal(secretPurpose, secret), at, version)
		if errors.Is(err, store.ErrNoRows) {
			return fault.ErrStale
		}
		if err != nil {
			return err
		}
		return s.audit.Write(ctx, scope, "channel.changed", string(kind), raw(before.settings), settings, at)
	})
	return now, err
}

// raw is kept JSON for the audit.
func raw(text string) any {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// Email reads the mail account; version 0 if there is none yet.
func (s *Store) Email(ctx context.Context, scope access.Scope) (settings channel.EmailSettings, version int64, err error) {
	c, err := s.read(ctx, scope, channel.Email)
	if err != nil {
		return settings, 0, err
	}
	settings.Password, err = s.decode(c, &settings)
	return settings, c.Version, err
}

// SetEmail keeps the mail account. An empty password leaves the one there is,
// unless the user name or the server is another: a known password is not sent to
// a new place.
func (s *Store) SetEmail(ctx context.Context, scope access.Scope, version int64, settings channel.EmailSettings, at time.Time) (int64, error) {
	if settings.Password == "" && settings.Username != "" {
		before, _, err := s.Email(ctx, scope)
		if err != nil {
			return 0, err
		}
		if before.Username == settings.Username && strings.EqualFold(before.Host, settings.Host) {
			settings.Password = before.Password
		}
	}
	if err := settings.Check(); err != nil {
		return 0, err
	}
	return s.write(ctx, scope, channel.Email, version, settings, settings.Password, at)
}

// SMS reads the gateway; version 0 if there is none yet.
func (s *Store) SMS(ctx context.Context, scope access.Scope) (settings channel.SMSSettings, version int64, err error) {
	c, err := s.read(ctx, scope, channel.SMS)
	if err != nil {
		return settings, 0, err
	}
	settings.Secret, err = s.decode(c, &settings)
	return settings, c.Version, err
}

// SetSMS keeps the gateway. An empty secret leaves the one there is, unless the
// address is another.
func (s *Store) SetSMS(ctx context.Context, scope access.Scope, version int64, settings channel.SMSSettings, at time.Time) (int64, error) {
	if settings.Secret == "" {
		before, _, err := s.SMS(ctx, scope)
		if err != nil {
			return 0, err
		}
		if before.URL == settings.URL {
			settings.Secret = before.Secret
		}
	}
	if err := settings.Check(); err != nil {
		return 0, err
	}
	return s.write(ctx, scope, channel.SMS, version, settings, settings.Secret, at)
}

// Configured says which of the channels that letters leave by are set up.
func (s *Store) Configured(ctx context.Context, scope access.Scope) (map[channel.Kind]channel.Account, error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM channels WHERE workspace_id = $1`, scope.Workspace)
	all, err := store.All(rows, err, scan)
	found := map[channel.Kind]channel.Account{}
	for _, c := range all {
		found[c.Kind] = c.Account
	}
	return found, err
}

var letters = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// random is a secret of n bytes in lower-case letters and figures.
func random(n int) string {
	raw := make([]byte, n)
	rand.Read(raw)
	return letters.EncodeToString(raw)
}

// Account is the id of a channel, for conversations that come through it.
func (s *Store) Account(ctx context.Context, scope access.Scope, kind channel.Kind) (id.Channel, error) {
	c, err := s.read(ctx, scope, kind)
	return c.ID, err
}
