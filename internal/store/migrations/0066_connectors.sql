-- The systems flows act in. Secrets are sealed, and kept apart from the
-- documents that name them.
CREATE TABLE connectors (
  workspace_id  BIGINT NOT NULL,
  id            BIGINT NOT NULL,
  connector_key TEXT   NOT NULL,
  document      TEXT   NOT NULL,
  version       BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL,
  updated_by    BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX connectors_key ON connectors(workspace_id, connector_key);

CREATE TABLE connector_secrets (
  workspace_id BIGINT NOT NULL,
  connector_id BIGINT NOT NULL,
  name         TEXT   NOT NULL,
  secret       TEXT   NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, connector_id, name)
);
