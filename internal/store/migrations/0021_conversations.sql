-- An open conversation has an owner, a due_at and a due_action, all written with
-- the transition that made them so.
CREATE TABLE conversations (
  workspace_id      BIGINT NOT NULL,
  id                BIGINT NOT NULL,
  customer_id       BIGINT NOT NULL,
  origin_id         BIGINT NOT NULL,
  channel_kind      TEXT   NOT NULL,
  channel_id        BIGINT NOT NULL,
  client_id         TEXT   NOT NULL,
  subject           TEXT   NOT NULL,
  locale            TEXT   NOT NULL,
  priority          BIGINT NOT NULL,
  tags              TEXT   NOT NULL,
  state             TEXT   NOT NULL,
  owner_kind        TEXT   NOT NULL,
  owner_staff       BIGINT NOT NULL,
  owner_ticket      BIGINT NOT NULL,
  lease             TEXT   NOT NULL,
  owner_epoch       BIGINT NOT NULL,
  due_at            BIGINT NOT NULL,
  due_action        TEXT   NOT NULL,
  reason_code       TEXT   NOT NULL,
  reason_text       TEXT   NOT NULL,
  team_id           BIGINT NOT NULL,
  attention         BIGINT NOT NULL,
  last_staff        BIGINT NOT NULL,
  avoid_staff       BIGINT NOT NULL,
  ticket_id         BIGINT NOT NULL,
  ticket_number     BIGINT NOT NULL,
  promised_at       BIGINT NOT NULL,
  waiting_since     BIGINT NOT NULL,
  last_seq          BIGINT NOT NULL,
  public_seq        BIGINT NOT NULL,
  customer_seq      BIGINT NOT NULL,
  customer_at       BIGINT NOT NULL,
  customer_read_seq BIGINT NOT NULL,
  staff_read_seq    BIGINT NOT NULL,
  version           BIGINT NOT NULL,
  last_entry        TEXT   NOT NULL,
  rating            BIGINT NOT NULL,
  summary           TEXT   NOT NULL,
  created_at        BIGINT NOT NULL,
  updated_at        BIGINT NOT NULL,
  resolved_at       BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX conversations_once ON conversations(workspace_id, customer_id, client_id) WHERE client_id <> '';
CREATE INDEX conversations_origin ON conversations(workspace_id, origin_id);
CREATE INDEX conversations_due ON conversations(due_at) WHERE state = 'open';
CREATE INDEX conversations_unowned ON conversations(workspace_id) WHERE state = 'open' AND owner_kind = 'none';
CREATE INDEX conversations_owner ON conversations(workspace_id, owner_kind, updated_at, id);
CREATE INDEX conversations_state ON conversations(workspace_id, state, updated_at, id);
CREATE INDEX conversations_queue ON conversations(workspace_id, team_id, priority, waiting_since, id) WHERE owner_kind = 'queue';
CREATE INDEX conversations_agent ON conversations(workspace_id, owner_staff) WHERE owner_staff <> 0;
CREATE INDEX conversations_ticket ON conversations(workspace_id, ticket_id) WHERE ticket_id <> 0;

-- What has been said and what has happened. seq has no gaps.
CREATE TABLE entries (
  workspace_id    BIGINT  NOT NULL,
  conversation_id BIGINT  NOT NULL,
  seq             BIGINT  NOT NULL,
  id              BIGINT  NOT NULL,
  kind            TEXT    NOT NULL,
  author_kind     TEXT    NOT NULL,
  author_id       BIGINT  NOT NULL,
  body            TEXT    NOT NULL,
  private         BOOLEAN NOT NULL,
  client_id       TEXT    NOT NULL,
  channel_id      BIGINT  NOT NULL,
  external_id     TEXT    NOT NULL,
  reply_to        BIGINT  NOT NULL,
  target          BIGINT  NOT NULL,
  created_at      BIGINT  NOT NULL,
  edited_at       BIGINT  NOT NULL,
  recalled_at     BIGINT  NOT NULL,
  PRIMARY KEY (workspace_id, conversation_id, seq)
);

CREATE UNIQUE INDEX entries_once ON entries(workspace_id, conversation_id, client_id) WHERE client_id <> '';
CREATE UNIQUE INDEX entries_external ON entries(workspace_id, channel_id, external_id) WHERE external_id <> '';
CREATE INDEX entries_target ON entries(workspace_id, conversation_id, target) WHERE target <> 0;

CREATE TABLE transitions (
  workspace_id    BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  epoch           BIGINT NOT NULL,
  id              BIGINT NOT NULL,
  seq             BIGINT NOT NULL,
  from_owner      TEXT   NOT NULL,
  to_owner        TEXT   NOT NULL,
  actor_kind      TEXT   NOT NULL,
  actor_id        BIGINT NOT NULL,
  happening       TEXT   NOT NULL,
  reason_code     TEXT   NOT NULL,
  reason_text     TEXT   NOT NULL,
  team_id         BIGINT NOT NULL,
  waited          BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, conversation_id, epoch)
);

CREATE INDEX transitions_waits ON transitions(workspace_id, team_id, happening, at);

CREATE TABLE deliveries (
  workspace_id    BIGINT NOT NULL,
  id              BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  seq             BIGINT NOT NULL,
  identity_id     BIGINT NOT NULL,
  channel_kind    TEXT   NOT NULL,
  channel_id      BIGINT NOT NULL,
  state           TEXT   NOT NULL,
  attempt         BIGINT NOT NULL,
  next_at         BIGINT NOT NULL,
  reason          TEXT   NOT NULL,
  external_id     TEXT   NOT NULL,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE INDEX deliveries_entry ON deliveries(workspace_id, conversation_id, seq);
CREATE INDEX deliveries_external ON deliveries(workspace_id, channel_id, external_id) WHERE external_id <> '';

CREATE TABLE conversation_tags (
  workspace_id    BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  tag             TEXT   NOT NULL,
  PRIMARY KEY (workspace_id, conversation_id, tag)
);

CREATE INDEX conversation_tags_tag ON conversation_tags(workspace_id, tag);

-- One row a member: what they say of themselves, how long their sockets count as
-- alive (0: nobody there), and how much they carry.
CREATE TABLE staff_presence (
  workspace_id BIGINT NOT NULL,
  staff_id     BIGINT NOT NULL,
  state        TEXT   NOT NULL,
  reason       TEXT   NOT NULL,
  since        BIGINT NOT NULL,
  until        BIGINT NOT NULL,
  assigned_at  BIGINT NOT NULL,
  load_chat    BIGINT NOT NULL,
  load_async   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, staff_id)
);

CREATE INDEX staff_presence_until ON staff_presence(until) WHERE until > 0;

CREATE TABLE files (
  workspace_id  BIGINT NOT NULL,
  id            BIGINT NOT NULL,
  name          TEXT   NOT NULL,
  media_type    TEXT   NOT NULL,
  size          BIGINT NOT NULL,
  width         BIGINT NOT NULL,
  height        BIGINT NOT NULL,
  thumbnail     TEXT   NOT NULL,
  uploader_kind TEXT   NOT NULL,
  uploader_id   BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
