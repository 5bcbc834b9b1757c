-- Lists walk one of these from its end and stop when the page is full. Those of
-- several kinds of owner or several teams are merged from as many walks.

DROP INDEX conversations_state;
DROP INDEX conversations_agent;
DROP INDEX conversations_origin;
CREATE INDEX conversations_team ON conversations(workspace_id, team_id, owner_kind, updated_at, id);
CREATE INDEX conversations_agent ON conversations(workspace_id, owner_staff, updated_at, id) WHERE owner_staff <> 0;
CREATE INDEX conversations_last ON conversations(workspace_id, last_staff) WHERE last_staff <> 0;
CREATE INDEX conversations_customer ON conversations(workspace_id, customer_id);
CREATE INDEX conversations_origin ON conversations(workspace_id, origin_id) WHERE customer_id <> origin_id;
CREATE INDEX conversations_next ON conversations(workspace_id, priority, waiting_since, id) WHERE owner_kind = 'queue';
CREATE INDEX conversations_carried ON conversations(customer_at) WHERE owner_kind = 'ticket' AND channel_kind = 'web';

-- How many open conversations a team has with a kind of owner is the sum of n:
-- whoever changes that adds a row in the same transaction and waits for nobody,
-- and rows are folded together now and then.
CREATE TABLE conversation_counts (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  team_id      BIGINT NOT NULL,
  owner_kind   TEXT   NOT NULL,
  n            BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

INSERT INTO conversation_counts(workspace_id, id, team_id, owner_kind, n)
SELECT workspace_id, MIN(id), team_id, owner_kind, COUNT(*) FROM conversations WHERE owner_kind <> 'none' GROUP BY workspace_id, team_id, owner_kind;
