-- Tickets. A status of 'open' or 'waiting' is unsettled, and has due_at and
-- due_action. revision counts every change, version those that staff edit.

CREATE TABLE tickets (
  workspace_id    BIGINT NOT NULL,
  id              BIGINT NOT NULL,
  number          BIGINT NOT NULL,
  subject         TEXT   NOT NULL,
  priority        TEXT   NOT NULL,
  status          TEXT   NOT NULL,
  team_id         BIGINT NOT NULL,
  assignee_id     BIGINT NOT NULL,
  customer_id     BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  channel         TEXT   NOT NULL,
  locale          TEXT   NOT NULL,
  promised_at     BIGINT NOT NULL,
  basis           TEXT   NOT NULL,
  breached        BIGINT NOT NULL,
  due_at          BIGINT NOT NULL,
  due_action      TEXT   NOT NULL,
  answered_at     BIGINT NOT NULL,
  turn_at         BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  resolved_at     BIGINT NOT NULL,
  version         BIGINT NOT NULL,
  revision        BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX tickets_number ON tickets(workspace_id, number);
CREATE UNIQUE INDEX tickets_conversation ON tickets(workspace_id, conversation_id);
CREATE INDEX tickets_customer ON tickets(workspace_id, customer_id, created_at, id);
CREATE INDEX tickets_made ON tickets(workspace_id, created_at, id);
CREATE INDEX tickets_unsettled ON tickets(workspace_id, promised_at, id) WHERE status IN ('open', 'waiting');
CREATE INDEX tickets_assigned ON tickets(workspace_id, assignee_id, promised_at, id) WHERE assignee_id > 0;
CREATE INDEX tickets_settled ON tickets(workspace_id, resolved_at, id) WHERE resolved_at > 0;
CREATE INDEX tickets_due ON tickets(due_at) WHERE status IN ('open', 'waiting');

-- The next ticket number that no node has taken.
CREATE TABLE ticket_numbers (
  workspace_id BIGINT PRIMARY KEY,
  next         BIGINT NOT NULL
);
