-- Who works in a workspace, and in which teams.

CREATE TABLE staff (
  workspace_id   BIGINT NOT NULL,
  id             BIGINT NOT NULL,
  account_id     BIGINT NOT NULL,
  name           TEXT   NOT NULL,
  role           TEXT   NOT NULL,
  reach          TEXT   NOT NULL,
  active         BIGINT NOT NULL,
  chat_capacity  BIGINT NOT NULL,
  async_capacity BIGINT NOT NULL,
  created_at     BIGINT NOT NULL,
  version        BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX staff_account ON staff(account_id, workspace_id);
CREATE INDEX staff_age ON staff(workspace_id, created_at, id);

CREATE TABLE teams (
  workspace_id      BIGINT NOT NULL,
  id                BIGINT NOT NULL,
  name              TEXT   NOT NULL,
  calendar_id       BIGINT NOT NULL,
  max_wait_seconds  BIGINT NOT NULL,
  max_queue         BIGINT NOT NULL,
  attention_seconds BIGINT NOT NULL,
  created_at        BIGINT NOT NULL,
  version           BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX teams_name ON teams(workspace_id, name);
CREATE INDEX teams_age ON teams(workspace_id, created_at, id);

CREATE TABLE team_members (
  workspace_id BIGINT NOT NULL,
  staff_id     BIGINT NOT NULL,
  team_id      BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, staff_id, team_id)
);

CREATE INDEX team_members_team ON team_members(workspace_id, team_id);
