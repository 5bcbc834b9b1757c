-- What staff and programs did. A row is written in the transaction of the
-- operation; pos and hash are added by the chaining pass, 0 and '' until then.

CREATE TABLE audit_rows (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  at           BIGINT NOT NULL,
  actor        TEXT   NOT NULL,
  action       TEXT   NOT NULL,
  object       TEXT   NOT NULL,
  old_value    TEXT   NOT NULL,
  new_value    TEXT   NOT NULL,
  route        TEXT   NOT NULL,
  address      TEXT   NOT NULL,
  trace        TEXT   NOT NULL,
  pos          BIGINT NOT NULL DEFAULT 0,
  hash         TEXT   NOT NULL DEFAULT '',
  PRIMARY KEY (workspace_id, id)
);

CREATE INDEX audit_rows_age ON audit_rows(workspace_id, at, id);
CREATE INDEX audit_rows_object ON audit_rows(workspace_id, object, at);
CREATE INDEX audit_rows_chain ON audit_rows(workspace_id, pos);
CREATE INDEX audit_rows_unchained ON audit_rows(workspace_id, at, id) WHERE pos = 0;

CREATE TABLE audit_heads (
  workspace_id BIGINT PRIMARY KEY,
  pos          BIGINT NOT NULL,
  hash         TEXT   NOT NULL
);
