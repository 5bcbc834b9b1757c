-- Flows: what the bot can do with customers. The draft is as it was last saved,
-- right or wrong; a published version never changes.
CREATE TABLE flows (
  workspace_id   BIGINT NOT NULL,
  id             BIGINT NOT NULL,
  flow_key       TEXT   NOT NULL,
  title          TEXT   NOT NULL,
  draft          TEXT   NOT NULL,
  draft_hash     TEXT   NOT NULL,
  published      BIGINT NOT NULL,
  published_hash TEXT   NOT NULL,
  starts         TEXT   NOT NULL,
  version        BIGINT NOT NULL,
  created_at     BIGINT NOT NULL,
  updated_at     BIGINT NOT NULL,
  updated_by     BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX flows_key ON flows(workspace_id, flow_key);

CREATE TABLE flow_versions (
  workspace_id BIGINT NOT NULL,
  flow_id      BIGINT NOT NULL,
  number       BIGINT NOT NULL,
  hash         TEXT   NOT NULL,
  document     TEXT   NOT NULL,
  note         TEXT   NOT NULL,
  published_at BIGINT NOT NULL,
  published_by BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, flow_id, number)
);

CREATE INDEX flow_versions_hash ON flow_versions(workspace_id, hash);

-- What nodes compare to know whether what they hold of a workspace is current.
CREATE TABLE flow_revisions (
  workspace_id BIGINT NOT NULL,
  revision     BIGINT NOT NULL,
  PRIMARY KEY (workspace_id)
);

-- The state of each conversation's dialogue.
CREATE TABLE dialogues (
  workspace_id    BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  version         BIGINT NOT NULL,
  state           TEXT   NOT NULL,
  updated_at      BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, conversation_id)
);

-- Calls to connectors, each once under its key.
CREATE TABLE flow_calls (
  workspace_id    BIGINT NOT NULL,
  call_key        TEXT   NOT NULL,
  conversation_id BIGINT NOT NULL,
  operation       TEXT   NOT NULL,
  args            TEXT   NOT NULL,
  proof           TEXT   NOT NULL,
  state           TEXT   NOT NULL,
  attempts        BIGINT NOT NULL,
  error           TEXT   NOT NULL,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, call_key)
);

CREATE INDEX flow_calls_conversation ON flow_calls(workspace_id, conversation_id, created_at);

-- One-time codes that were sent, to limit them: never the codes themselves, and
-- subjects only as blind indexes.
CREATE TABLE flow_codes (
  workspace_id    BIGINT NOT NULL,
  id              BIGINT NOT NULL,
  subject         TEXT   NOT NULL,
  customer_id     BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  sent_at         BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE INDEX flow_codes_subject ON flow_codes(workspace_id, subject, sent_at);
CREATE INDEX flow_codes_customer ON flow_codes(workspace_id, customer_id, sent_at);

-- How flows ended, and what customers said of them.
CREATE TABLE flow_runs (
  workspace_id    BIGINT NOT NULL,
  id              BIGINT NOT NULL,
  flow_key        TEXT   NOT NULL,
  hash            TEXT   NOT NULL,
  conversation_id BIGINT NOT NULL,
  outcome         TEXT   NOT NULL,
  node            TEXT   NOT NULL,
  score           BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE INDEX flow_runs_flow ON flow_runs(workspace_id, flow_key, at);

-- Why the bot did what it did, turn by turn.
CREATE TABLE flow_turns (
  workspace_id    BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  turn            BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  trace           TEXT   NOT NULL,
  PRIMARY KEY (workspace_id, conversation_id, turn)
);
