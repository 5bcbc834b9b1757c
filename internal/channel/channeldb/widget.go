package channeldb

import (
	"context"
	"encoding/json"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// StartWidget gives a new workspace its widget; it does nothing if there is one.
// It joins the transaction that makes the workspace.
func (s *Store) StartWidget(ctx context.Context, scope access.Scope, name string, at time.Time) error {
	key, secret := "wk_"+random(15), random(30)
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		tx.Queue(`INSERT INTO channels(workspace_id, id, kind, widget_key, settings, secret, version, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT (workspace_id, kind) DO NOTHING`,
			scope.Workspace, tx.IDs().Next(), string(channel.Widget), key, store.JSON(channel.WidgetOf(name)),
			s.sealer.Seal(secretPurpose, secret), at)
		return nil
	})
}

// Widget reads the workspace's widget.
func (s *Store) Widget(ctx context.Context, scope access.Scope) (channel.Front, error) {
	c, err := s.read(ctx, scope, channel.Widget)
	if err != nil {
		return channel.Front{}, err
	}
	return s.widget(c, scope.Workspace)
}

func (s *Store) widget(c row, workspace id.Workspace) (channel.Front, error) {
	if c.Version == 0 {
		return channel.Front{}, channel.ErrNotFound
	}
	w := channel.Front{Workspace: workspace, ID: c.ID, Key: c.key, Version: c.Version}
	var err error
	w.Secret, err = s.decode(c, &w.Settings)
	return w, err
}

// ByKey finds the widget of a public key. It takes no scope: it is what makes
// one.
func (s *Store) ByKey(ctx context.Context, key string) (channel.Front, error) {
	if key == "" {
		return channel.Front{}, channel.ErrNotFound
	}
	var workspace id.Workspace
	rows, err := s.db.Query(ctx, `SELECT `+columns+`, workspace_id FROM channels WHERE widget_key = $1 AND widget_key <> ''`, key)
	found, err := store.All(rows, err, func(r store.Row) (c row, err error) {
		return c, r.Scan(&c.ID, &c.Kind, &c.key, &c.settings, &c.secret, &c.Version, &workspace)
	})
	if err == nil && len(found) == 0 {
		err = channel.ErrNotFound
	}
	if err != nil {
		return channel.Front{}, err
	}
	return s.widget(found[0], workspace)
}

// SetWidget changes how the widget looks and where it may stand.
func (s *Store) SetWidget(ctx context.Context, scope access.Scope, version int64, settings channel.WidgetSettings, at time.Time) (channel.Front, error) {
	if err := settings.Check(); err != nil {
		return channel.Front{}, err
	}
	return s.alter(ctx, scope, at, func(w *channel.Front) error {
		if w.Version != version {
			return fault.ErrStale
		}
		w.Settings = settings
		return nil
	})
}

// RenewSecret gives the widget another secret and returns it: proofs signed with
// the old one are refused from now on.
func (s *Store) RenewSecret(ctx context.Context, scope access.Scope, at time.Time) (string, error) {
	secret := random(30)
	_, err := s.alter(ctx, scope, at, func(w *channel.Front) error {
		w.Secret = secret
		return nil
	})
	return secret, err
}

func (s *Store) alter(ctx context.Context, scope access.Scope, at time.Time, change func(w *channel.Front) error) (now channel.Front, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		before, err := s.Widget(ctx, scope)
		if err != nil {
			return err
		}
		now = before
		if err := change(&now); err != nil {
			return err
		}
		changed, err := store.Current(ctx).Exec(`UPDATE channels SET settings = $4, secret = $5, version = version + 1, updated_at = $6
			WHERE workspace_id = $1 AND kind = $2 AND version = $3`, scope.Workspace, string(channel.Widget), before.Version,
			store.JSON(now.Settings), s.sealer.Seal(secretPurpose, now.Secret), at)
		if err != nil {
			return err
		}
		if changed == 0 {
			return fault.ErrStale
		}
		now.Version++
		old, err := json.Marshal(before.Settings)
		if err != nil {
			return err
		}
		action := "channel.changed"
		if now.Secret != before.Secret {
			action = "channel.secret_renewed"
		}
		return s.audit.Write(ctx, scope, action, string(channel.Widget), json.RawMessage(old), now.Settings, at)
	})
	return now, err
}
