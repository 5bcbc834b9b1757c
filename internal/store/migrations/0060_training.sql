-- What customers want. titles is JSON, by locale.
CREATE TABLE intents (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  intent_key   TEXT   NOT NULL,
  titles       TEXT   NOT NULL,
  version      BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX intents_key ON intents(workspace_id, intent_key);

-- Texts of which people said what they want. folded is the text as it is
-- compared: a text is an example of one intent only.
CREATE TABLE intent_examples (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  intent_id    BIGINT NOT NULL,
  body         TEXT   NOT NULL,
  folded       TEXT   NOT NULL,
  locale       TEXT   NOT NULL,
  source       TEXT   NOT NULL,
  made_by      TEXT   NOT NULL,
  created_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX intent_examples_text ON intent_examples(workspace_id, folded);
CREATE INDEX intent_examples_intent ON intent_examples(workspace_id, intent_id, id);

-- Versions of what the bot has learnt. report and curve are JSON; the model
-- itself lies in parts, so that no transaction writes all of it.
CREATE TABLE nlu_models (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  number       BIGINT NOT NULL,
  state        TEXT   NOT NULL,
  activate     BIGINT NOT NULL,
  intents      BIGINT NOT NULL,
  examples     BIGINT NOT NULL,
  bytes        BIGINT NOT NULL,
  report       TEXT   NOT NULL,
  curve        TEXT   NOT NULL,
  failure      TEXT   NOT NULL,
  made_by      TEXT   NOT NULL,
  created_at   BIGINT NOT NULL,
  trained_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX nlu_models_number ON nlu_models(workspace_id, number);
CREATE INDEX nlu_models_waiting ON nlu_models(created_at) WHERE state = 'waiting';

-- content is base64.
CREATE TABLE nlu_model_parts (
  workspace_id BIGINT NOT NULL,
  model_id     BIGINT NOT NULL,
  part         BIGINT NOT NULL,
  content      TEXT   NOT NULL,
  PRIMARY KEY (workspace_id, model_id, part)
);

-- The model that customers are understood with.
CREATE TABLE nlu_active (
  workspace_id BIGINT NOT NULL,
  model_id     BIGINT NOT NULL,
  PRIMARY KEY (workspace_id)
);

-- Texts of real traffic that wait for a label. guesses is JSON; margin is in
-- millionths.
CREATE TABLE nlu_samples (
  workspace_id    BIGINT NOT NULL,
  id              BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  seq             BIGINT NOT NULL,
  body            TEXT   NOT NULL,
  folded          TEXT   NOT NULL,
  locale          TEXT   NOT NULL,
  guesses         TEXT   NOT NULL,
  margin          BIGINT NOT NULL,
  number          BIGINT NOT NULL,
  seen_at         BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

CREATE UNIQUE INDEX nlu_samples_text ON nlu_samples(workspace_id, folded);
CREATE INDEX nlu_samples_margin ON nlu_samples(workspace_id, margin, id);

-- Questions with the intents they should be given, as JSON.
CREATE TABLE nlu_tests (
  workspace_id BIGINT NOT NULL,
  id           BIGINT NOT NULL,
  name         TEXT   NOT NULL,
  lines        TEXT   NOT NULL,
  version      BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
