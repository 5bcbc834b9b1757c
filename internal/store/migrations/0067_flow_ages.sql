-- What of dialogues is kept for a time only is found by its age.
CREATE INDEX flow_turns_at ON flow_turns(at);
CREATE INDEX flow_calls_at ON flow_calls(updated_at);
CREATE INDEX flow_codes_at ON flow_codes(sent_at);
