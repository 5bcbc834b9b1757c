-- The index of what was said. A workspace's texts are numbered: what is written
-- counts up from zero, what was there before the index counts down while it is
-- filled in. slot and number together are the key of a text: see searchdb.

CREATE TABLE search_workspaces (
  workspace_id BIGINT PRIMARY KEY,
  slot         BIGINT NOT NULL,
  newest       BIGINT NOT NULL,
  oldest       BIGINT NOT NULL,
  version      BIGINT NOT NULL,
  fill_before  BIGINT NOT NULL,
  filled       BIGINT NOT NULL,
  done         BIGINT NOT NULL,
  total        BIGINT NOT NULL,
  since        BIGINT NOT NULL
);

CREATE UNIQUE INDEX search_workspaces_slot ON search_workspaces(slot);

-- Version 0 is no index's: the next start fills these workspaces.
INSERT INTO search_workspaces(workspace_id, slot, newest, oldest, version, fill_before, filled, done, total, since)
SELECT w.id, (SELECT COUNT(*) FROM workspaces v WHERE v.id <= w.id), 0, 0, 0, 0, 0, 0, 0, 0 FROM workspaces w
WHERE EXISTS (SELECT 1 FROM conversations c WHERE c.workspace_id = w.id);
