-- Who may come in. Tokens and keys are kept as hashes and looked up by them;
-- mail and network addresses are sealed, mail is found by its blind index.

CREATE TABLE workspaces (
  id         BIGINT PRIMARY KEY,
  name       TEXT   NOT NULL,
  slug       TEXT   NOT NULL,
  locale     TEXT   NOT NULL,
  time_zone  TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  version    BIGINT NOT NULL DEFAULT 1
);

CREATE UNIQUE INDEX workspaces_slug ON workspaces(slug);

CREATE TABLE accounts (
  id             BIGINT PRIMARY KEY,
  mail           TEXT   NOT NULL,
  mail_index     TEXT   NOT NULL,
  name           TEXT   NOT NULL,
  password       TEXT   NOT NULL,
  locale         TEXT   NOT NULL,
  theme          TEXT   NOT NULL,
  last_workspace BIGINT NOT NULL,
  created_at     BIGINT NOT NULL,
  version        BIGINT NOT NULL DEFAULT 1
);

CREATE UNIQUE INDEX accounts_mail ON accounts(mail_index);

CREATE TABLE sessions (
  token_hash   TEXT PRIMARY KEY,
  id           BIGINT NOT NULL,
  account_id   BIGINT NOT NULL,
  workspace_id BIGINT NOT NULL,
  device       TEXT   NOT NULL,
  address      TEXT   NOT NULL,
  created_at   BIGINT NOT NULL,
  seen_at      BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL
);

CREATE INDEX sessions_account ON sessions(account_id, created_at);
CREATE INDEX sessions_expiry ON sessions(expires_at);

CREATE TABLE api_keys (
  key_hash     TEXT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  name         TEXT   NOT NULL,
  hint         TEXT   NOT NULL,
  scopes       TEXT   NOT NULL,
  created_by   BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  used_at      BIGINT NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX api_keys_workspace ON api_keys(workspace_id, id);

CREATE TABLE invitations (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  token_hash   TEXT   NOT NULL,
  mail         TEXT   NOT NULL,
  mail_index   TEXT   NOT NULL,
  role         TEXT   NOT NULL,
  teams        TEXT   NOT NULL,
  invited_by   BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX invitations_token ON invitations(token_hash);
CREATE UNIQUE INDEX invitations_mail ON invitations(workspace_id, mail_index);
CREATE INDEX invitations_expiry ON invitations(expires_at);

-- One-time links: purpose 'reset' (subject is the account) or 'setup'.
CREATE TABLE one_time_links (
  token_hash TEXT PRIMARY KEY,
  purpose    TEXT   NOT NULL,
  subject    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE INDEX one_time_links_subject ON one_time_links(purpose, subject);
CREATE INDEX one_time_links_expiry ON one_time_links(expires_at);

CREATE TABLE throttles (
  name     TEXT PRIMARY KEY,
  tries    BIGINT NOT NULL,
  since_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL
);

CREATE INDEX throttles_age ON throttles(since_at);
