-- Articles answer one question each, in one language. article_key is how
-- imports find them again; empty for what was written by hand. found is title
-- and variants folded, for the console's search box.

CREATE TABLE articles (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  article_key  TEXT   NOT NULL,
  kind         TEXT   NOT NULL,
  locale       TEXT   NOT NULL,
  title        TEXT   NOT NULL,
  variants     TEXT   NOT NULL,
  body         TEXT   NOT NULL,
  topic        TEXT   NOT NULL,
  status       TEXT   NOT NULL,
  found        TEXT   NOT NULL,
  version      BIGINT NOT NULL DEFAULT 1,
  up           BIGINT NOT NULL DEFAULT 0,
  down         BIGINT NOT NULL DEFAULT 0,
  answered     BIGINT NOT NULL DEFAULT 0,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  updated_by   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX articles_key ON articles(workspace_id, locale, article_key) WHERE article_key <> '';
CREATE INDEX articles_shelf ON articles(workspace_id, locale, status);
CREATE INDEX articles_newest ON articles(workspace_id, updated_at, id);

-- details is JSON: names, attributes, labels, variants, questions.
CREATE TABLE products (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  product_key  TEXT   NOT NULL,
  details      TEXT   NOT NULL,
  found        TEXT   NOT NULL,
  version      BIGINT NOT NULL DEFAULT 1,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX products_key ON products(workspace_id, product_key);

-- How often what customers are answered with has changed: a shelf is a
-- language's published articles, or "products". Nodes compare it with what
-- their indexes were built from.
CREATE TABLE knowledge_revisions (
  workspace_id BIGINT NOT NULL,
  shelf        TEXT   NOT NULL,
  revision     BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, shelf)
);

-- done counts rows worked off, bad ones among them; bad is JSON.
CREATE TABLE knowledge_imports (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  format       TEXT   NOT NULL,
  locale       TEXT   NOT NULL,
  state        TEXT   NOT NULL,
  total        BIGINT NOT NULL,
  done         BIGINT NOT NULL,
  created      BIGINT NOT NULL,
  updated      BIGINT NOT NULL,
  bad          TEXT   NOT NULL,
  made_by      TEXT   NOT NULL,
  created_at   BIGINT NOT NULL,
  finished_at  BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

-- The rows of an import that wait to be taken in, a slice in each part, as JSON.
CREATE TABLE knowledge_import_parts (
  workspace_id BIGINT NOT NULL,
  import_id    BIGINT NOT NULL,
  part         BIGINT NOT NULL,
  content      TEXT   NOT NULL,
  PRIMARY KEY (workspace_id, import_id, part)
);
