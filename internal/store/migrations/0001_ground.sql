-- What the store itself keeps. System tables are keyed by what they are looked
-- up by; times are microseconds since 1970 UTC.

CREATE TABLE event_clock (
  part BIGINT PRIMARY KEY,
  pos  BIGINT NOT NULL
);

INSERT INTO event_clock(part, pos) VALUES
  (0,0),(1,0),(2,0),(3,0),(4,0),(5,0),(6,0),(7,0),(8,0),(9,0),(10,0),(11,0),(12,0),(13,0),(14,0),(15,0);

CREATE TABLE events (
  part         BIGINT NOT NULL,
  pos          BIGINT NOT NULL,
  workspace_id BIGINT NOT NULL,
  kind         TEXT   NOT NULL,
  payload      TEXT   NOT NULL,
  at           BIGINT NOT NULL,
  PRIMARY KEY (part, pos)
);

CREATE TABLE event_cursors (
  consumer TEXT   NOT NULL,
  part     BIGINT NOT NULL,
  pos      BIGINT NOT NULL,
  PRIMARY KEY (consumer, part)
);

CREATE TABLE leases (
  name    TEXT PRIMARY KEY,
  holder  TEXT   NOT NULL,
  epoch   BIGINT NOT NULL,
  expires BIGINT NOT NULL
);

CREATE TABLE idempotency_keys (
  claim        TEXT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  request      TEXT   NOT NULL,
  result       BIGINT NOT NULL,
  at           BIGINT NOT NULL
);

CREATE INDEX idempotency_keys_age ON idempotency_keys(at);

-- state: 0 ready or running, 1 dead. run_at is business time; claimed_until is the
-- database clock: until then the job belongs to whoever claimed it.
CREATE TABLE jobs (
  id           BIGINT PRIMARY KEY,
  kind         TEXT   NOT NULL,
  job_key      TEXT,
  workspace_id BIGINT NOT NULL,
  payload      TEXT   NOT NULL,
  run_at       BIGINT NOT NULL,
  attempt      BIGINT NOT NULL DEFAULT 0,
  state        BIGINT NOT NULL DEFAULT 0,
  claimed_until BIGINT NOT NULL DEFAULT 0,
  reason       TEXT   NOT NULL DEFAULT '',
  generation   BIGINT NOT NULL DEFAULT 0
);

CREATE UNIQUE INDEX jobs_key ON jobs(job_key);
CREATE INDEX jobs_due ON jobs(state, run_at);
