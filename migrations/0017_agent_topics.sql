-- The feed of a topic: what application events are to events_application_topic, all other events that name a topic are to this
-- index, whatever their type. No event is in both.
CREATE INDEX events_agent_topic ON events (tenant_id, topic_name, id)
  WHERE assistant_request_id IS NOT NULL AND topic_name IS NOT NULL;
