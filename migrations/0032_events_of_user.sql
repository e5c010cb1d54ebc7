-- The conversations in which a person took part.
CREATE INDEX events_of_user ON events (tenant_id, user_id, conversation_id) WHERE user_id <> '';
