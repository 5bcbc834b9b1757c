-- contract: nothing since version 1.0 uses this
-- What 0052 replaces. Nodes of before find everything without these too, only
-- slower, for as long as a rolling restart takes.

DROP INDEX conversations_state;
DROP INDEX conversations_agent;
DROP INDEX conversations_origin;
