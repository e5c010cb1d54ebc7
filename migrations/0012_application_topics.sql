-- Application events belong to no assistant request, and to a topic without offsets: they are read in the order of recording.
CREATE INDEX events_application_topic ON events (tenant_id, topic_name, id)
  WHERE assistant_request_id IS NULL AND topic_name IS NOT NULL;

-- An application event's topic stands in its metadata.
ALTER TABLE quarantine ALTER COLUMN topic_name SET EXPRESSION AS (
  coalesce(
    matchable_json(event) #>> '{event_context,name}',
    matchable_json(event) #>> '{event_context,topic_name}',
    matchable_json(event) #>> '{metadata,topic_name}'
  )
);
