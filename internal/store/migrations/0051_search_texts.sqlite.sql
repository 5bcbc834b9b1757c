-- seq 0 is what heads the conversation, and has in reach who may see it. The
-- words themselves are in search_words alone, under the same number.

CREATE TABLE search_texts (
  workspace_id    BIGINT NOT NULL,
  text            BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  seq             BIGINT NOT NULL,
  length          BIGINT NOT NULL,
  reach           TEXT   NOT NULL,
  PRIMARY KEY (workspace_id, text)
) WITHOUT ROWID;

CREATE UNIQUE INDEX search_texts_entry ON search_texts(workspace_id, conversation_id, seq);

CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, tokenize="ascii tokenchars '@#^~'");

-- Segments are merged in small steps by who writes, never many at once.
INSERT INTO search_words(search_words, rank) VALUES ('automerge', 0);
INSERT INTO search_words(search_words, rank) VALUES ('crisismerge', 64);
