-- Business hours. A definition is read and written as a whole, so it is one
-- JSON text.

CREATE TABLE calendars (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  name         TEXT   NOT NULL,
  definition   TEXT   NOT NULL,
  is_default   BIGINT NOT NULL,
  version      BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX calendars_default ON calendars(workspace_id) WHERE is_default = 1;
