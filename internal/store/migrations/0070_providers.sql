-- The provider of a language model of a workspace. settings is JSON without the
-- key, which is sealed.
CREATE TABLE ai_providers (
  workspace_id BIGINT NOT NULL,
  settings     TEXT   NOT NULL,
  secret       TEXT   NOT NULL,
  version      BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id)
);

-- What it was used for, by day (20261120, UTC).
CREATE TABLE ai_usage (
  workspace_id BIGINT NOT NULL,
  day          BIGINT NOT NULL,
  calls        BIGINT NOT NULL,
  failures     BIGINT NOT NULL,
  tokens       BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, day)
);
