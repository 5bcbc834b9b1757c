-- Accounts on channels: at most one of a kind in a workspace so far. settings is
-- JSON without secrets, secret is sealed. widget_key is the public key of a
-- widget, looked up before the workspace is known.

CREATE TABLE channels (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  kind         TEXT   NOT NULL,
  widget_key   TEXT   NOT NULL,
  settings     TEXT   NOT NULL,
  secret       TEXT   NOT NULL,
  version      BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX channels_kind ON channels(workspace_id, kind);
CREATE UNIQUE INDEX channels_widget_key ON channels(widget_key) WHERE widget_key <> '';

-- Quick replies.
CREATE TABLE snippets (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  shortcut     TEXT   NOT NULL,
  title        TEXT   NOT NULL,
  body         TEXT   NOT NULL,
  locale       TEXT   NOT NULL,
  version      BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX snippets_shortcut ON snippets(workspace_id, locale, shortcut);
