-- seq 0 is what heads the conversation, and has in reach who may see it. words
-- holds tokens that are ready: no configuration of the database's touches them.
-- A restored backup has none, and the next start makes them anew.

CREATE TABLE search_texts (
  workspace_id    BIGINT   NOT NULL,
  text            BIGINT   NOT NULL,
  conversation_id BIGINT   NOT NULL,
  seq             BIGINT   NOT NULL,
  length          BIGINT   NOT NULL,
  reach           TEXT     NOT NULL,
  words           TSVECTOR NOT NULL DEFAULT '',
  PRIMARY KEY (workspace_id, text)
);

CREATE UNIQUE INDEX search_texts_entry ON search_texts(workspace_id, conversation_id, seq);
CREATE INDEX search_texts_words ON search_texts USING GIN (words) WITH (fastupdate = off);
