-- Who asks. named is false while the name is a generated one.
CREATE TABLE customers (
  workspace_id BIGINT  NOT NULL,
  id           BIGINT  NOT NULL,
  name         TEXT    NOT NULL,
  named        BOOLEAN NOT NULL,
  locale       TEXT    NOT NULL,
  time_zone    TEXT    NOT NULL,
  tier         TEXT    NOT NULL,
  attributes   TEXT    NOT NULL,
  merged_into  BIGINT  NOT NULL DEFAULT 0,
  version      BIGINT  NOT NULL DEFAULT 1,
  created_at   BIGINT  NOT NULL,
  updated_at   BIGINT  NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE INDEX customers_recent ON customers(workspace_id, updated_at, id);
CREATE INDEX customers_merged ON customers(workspace_id, merged_into) WHERE merged_into <> 0;

-- value is sealed; blind is its keyed hash. Anybody may claim a value, one
-- customer has it verified.
CREATE TABLE customer_identities (
  workspace_id BIGINT  NOT NULL,
  id           BIGINT  NOT NULL,
  customer_id  BIGINT  NOT NULL,
  kind         TEXT    NOT NULL,
  account_id   BIGINT  NOT NULL,
  value        TEXT    NOT NULL,
  blind        TEXT    NOT NULL,
  verified     BOOLEAN NOT NULL,
  created_at   BIGINT  NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX customer_identities_verified ON customer_identities(workspace_id, kind, account_id, blind) WHERE verified;
CREATE UNIQUE INDEX customer_identities_claimed ON customer_identities(workspace_id, customer_id, kind, account_id, blind);
CREATE INDEX customer_identities_found ON customer_identities(workspace_id, blind);

-- Looked up before the workspace is known, so keyed by the token's hash alone.
CREATE TABLE visitors (
  token_hash   TEXT   PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  customer_id  BIGINT NOT NULL,
  channel_id   BIGINT NOT NULL,
  page_url     TEXT   NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL
);

CREATE INDEX visitors_customer ON visitors(workspace_id, customer_id);
