package flowdb

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/connector"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

const (
	connectorColumns = `id, document, version, created_at, updated_at`
	secretPurpose    = "connector.secret"
)

func scanConnector(r store.Row) (c connector.Connector, err error) {
	var document string
	if err = r.Scan(&c.ID, &document, &c.Version, store.Into(&c.CreatedAt), store.Into(&c.UpdatedAt)); err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(document), &c.Document)
}

// Connectors are all connectors of a workspace, by their keys.
func (s *Store) Connectors(ctx context.Context, scope access.Scope) ([]connector.Connector, error) {
	rows, err := s.db.Query(ctx, `SELECT `+connectorColumns+` FROM connectors WHERE workspace_id = $1 ORDER BY connector_key`, scope.Workspace)
	all, err := store.All(rows, err, scanConnector)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Secrets, err = s.secretNames(ctx, scope, all[i].ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Connector reads one connector.
func (s *Store) Connector(ctx context.Context, scope access.Scope, which id.Connector) (c connector.Connector, err error) {
	rows, err := s.db.Query(ctx, `SELECT `+connectorColumns+` FROM connectors WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
	found, err := store.All(rows, err, scanConnector)
	if err == nil && len(found) == 0 {
		err = connector.ErrNotFound
	}
	if err != nil {
		return c, err
	}
	c = found[0]
	c.Secrets, err = s.secretNames(ctx, scope, which)
	return c, err
}

// ConnectorByKey reads the connector of a key.
func (s *Store) ConnectorByKey(ctx context.Context, scope access.Scope, key string) (c connector.Connector, err error) {
	rows, err := s.db.Query(ctx, `SELECT `+connectorColumns+` FROM connectors WHERE workspace_id = $1 AND connector_key = $2`, scope.Workspace, key)
	found, err := store.All(rows, err, scanConnector)
	if err == nil && len(found) == 0 {
		err = connector.ErrNotFound
	}
	if err != nil {
		return c, err
	}
	return found[0], nil
}

func (s *Store) secretNames(ctx context.Context, scope access.Scope, which id.Connector) ([]string, error) {
	rows, err := s.db.Query(ctx, `SELECT name FROM connector_secrets WHERE workspace_id = $1 AND connector_id = $2 ORDER BY name`, scope.Workspace, which)
	return store.All(rows, err, func(r store.Row) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	})
}

// Secret opens a secret of a connector; one that was never set is "".
func (s *Store) Secret(ctx context.Context, scope access.Scope, which id.Connector, name string) (string, error) {
	var sealed string
	rows, err := s.db.Query(ctx, `SELECT secret FROM connector_secrets WHERE workspace_id = $1 AND connector_id = $2 AND name = $3`,
		scope.Workspace, which, name)
	err = store.One(rows, err, &sealed)
	if errors.Is(err, store.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return s.sealer.Open(secretPurpose, sealed)
}

// MakeConnector adds a connector. Its key is its own.
func (s *Store) MakeConnector(ctx context.Context, scope access.Scope, claim *commit.Claim, d connector.Document, secrets map[string]string, at time.Time) (connector.Connector, error) {
	c := connector.Connector{Document: d}
	err := s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		c.ID, c.Version, c.CreatedAt, c.UpdatedAt = id.New[id.Connector](tx.IDs()), 1, at, at
		added, err := tx.Exec(`INSERT INTO connectors(workspace_id, id, connector_key, document, version, created_at, updated_at, updated_by)
			VALUES ($1, $2, $3, $4, 1, $5, $5, $6) ON CONFLICT (workspace_id, connector_key) DO NOTHING`,
			scope.Workspace, c.ID, d.Key, store.JSON(d), at, scope.Staff)
		if err != nil {
			return err
		}
		if added == 0 {
			return connector.ErrKeyTaken.With("key", d.Key)
		}
		s.keepSecrets(ctx, scope, c.ID, secrets, at)
		s.bump(ctx, scope)
		tx.Remember(c.ID.Int64())
		return s.audit.Write(ctx, scope, "connector.made", c.ID.String(), nil, d, at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.Connector(ctx, scope, id.Connector(claim.Result))
	}
	c.Secrets = slices.Sorted(maps.Keys(secrets))
	return c, err
}

// ChangeConnector writes a connector of the version given anew. A secret that
// is not given stays, unless the connector now goes to another address: a known
// secret is not sent to a new place.
func (s *Store) ChangeConnector(ctx context.Context, scope access.Scope, which id.Connector, version int64, d connector.Document, secrets map[string]string, at time.Time) (c connector.Connector, err error) {
	err = s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Connector(ctx, scope, which)
		if err != nil {
			return err
		}
		if before.Document.Key != d.Key {
			return connector.ErrInvalid.At("body.document.key", "changed", "a connector keeps its key")
		}
		tx := store.Current(ctx)
		var now int64
		err = tx.Returning([]any{&now}, `UPDATE connectors SET document = $4, version = version + 1, updated_at = $5, updated_by = $6
			WHERE workspace_id = $1 AND id = $2 AND version = $3 RETURNING version`, scope.Workspace, which, version, store.JSON(d), at, scope.Staff)
		if errors.Is(err, store.ErrNoRows) {
			return fault.ErrStale
		}
		if err != nil {
			return err
		}
		if before.Document.Base != d.Base {
			tx.Queue(`DELETE FROM connector_secrets WHERE workspace_id = $1 AND connector_id = $2`, scope.Workspace, which)
		}
		s.keepSecrets(ctx, scope, which, secrets, at)
		s.bump(ctx, scope)
		if err := s.audit.Write(ctx, scope, "connector.changed", which.String(), before.Document, d, at); err != nil {
			return err
		}
		c, err = s.Connector(ctx, scope, which)
		return err
	}})
	return c, err
}

// keepSecrets writes secrets; an empty one is removed.
func (s *Store) keepSecrets(ctx context.Context, scope access.Scope, which id.Connector, secrets map[string]string, at time.Time) {
	tx := store.Current(ctx)
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		if secrets[name] == "" {
			tx.Queue(`DELETE FROM connector_secrets WHERE workspace_id = $1 AND connector_id = $2 AND name = $3`, scope.Workspace, which, name)
			continue
		}
		tx.Queue(`INSERT INTO connector_secrets(workspace_id, connector_id, name, secret, updated_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (workspace_id, connector_id, name) DO UPDATE SET secret = excluded.secret, updated_at = excluded.updated_at`,
			scope.Workspace, which, name, s.sealer.Seal(secretPurpose, secrets[name]), at)
	}
}

// bump has every node look at the workspace's flows and connectors anew.
func (s *Store) bump(ctx context.Context, scope access.Scope) {
	store.Current(ctx).Queue(`INSERT INTO flow_revisions(workspace_id, revision) VALUES ($1, 1)
		ON CONFLICT (workspace_id) DO UPDATE SET revision = flow_revisions.revision + 1`, scope.Workspace)
}

// DeleteConnector removes a connector with its secrets. Flows that call it take
// their way for errors from then on.
func (s *Store) DeleteConnector(ctx context.Context, scope access.Scope, which id.Connector, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Connector(ctx, scope, which)
		if err != nil {
			return err
		}
		tx := store.Current(ctx)
		tx.Queue(`DELETE FROM connectors WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
		tx.Queue(`DELETE FROM connector_secrets WHERE workspace_id = $1 AND connector_id = $2`, scope.Workspace, which)
		s.bump(ctx, scope)
		return s.audit.Write(ctx, scope, "connector.deleted", which.String(), before.Document, nil, at)
	}})
}
