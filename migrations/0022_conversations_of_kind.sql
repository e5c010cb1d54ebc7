-- The list of conversations, of all or of one kind: logs of application events, by their names, and conversations of agents.
-- Takes the place of the index before, so that a conversation that grows is written to no further one.
CREATE INDEX conversations_activity_of_kind ON conversations (tenant_id, (conversation_id ~ '^(workflow|topic):'), activity)
  WHERE event_count > 0;
DROP INDEX conversations_activity;
