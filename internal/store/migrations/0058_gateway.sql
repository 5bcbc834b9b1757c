-- What the gateway keeps for all nodes: certificates, the account with their
-- authority and proofs it asks for. value is sealed.

CREATE TABLE gateway_cache (
  name       TEXT PRIMARY KEY,
  value      TEXT   NOT NULL,
  updated_at BIGINT NOT NULL
);
