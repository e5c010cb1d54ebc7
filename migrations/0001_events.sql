-- One row an event, in monthly partitions by the event's own timestamp.
--
-- `event` is the verbatim JSON text. A `\u0000`, a lone surrogate or a number beyond `numeric` makes `jsonb` and the `->`
-- operators fail, so the two virtual columns first try the text with JSON_QUERY, whose NULL ON ERROR makes them NULL for
-- such an event instead of failing the query. (The text is wrapped in an array because ON ERROR does not reach the
-- conversion of the context item itself. A virtual column may not call a function of our own.)
CREATE TABLE events (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id text NOT NULL,
  event_id text NOT NULL,
  conversation_id text NOT NULL,
  seq bigint NOT NULL,
  assistant_request_id text,
  event_type text NOT NULL,
  event_name text,
  event_version text,
  user_id text,
  topic_name text,
  topic_offset integer,
  timestamp timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  event json NOT NULL,
  -- Bounds a page's bytes without reading the events that do not fit.
  event_bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(event::text)) STORED,
  event_context jsonb GENERATED ALWAYS AS (
    JSON_QUERY(JSON_ARRAY(event::text RETURNING jsonb), '$[0]' RETURNING jsonb OMIT QUOTES NULL ON ERROR) -> 'event_context'
  ) VIRTUAL,
  data json GENERATED ALWAYS AS (
    CASE
      WHEN JSON_QUERY(JSON_ARRAY(event::text RETURNING jsonb), '$[0]' RETURNING jsonb OMIT QUOTES NULL ON ERROR) IS NOT NULL
      THEN event -> 'data'
    END
  ) VIRTUAL,
  -- Its prefix also finds an event by its id alone, in every partition.
  PRIMARY KEY (tenant_id, event_id, timestamp)
) PARTITION BY RANGE (timestamp);

-- Events outside the months that get partitions of their own.
CREATE TABLE events_default PARTITION OF events DEFAULT;

CREATE INDEX events_feed ON events (tenant_id, id);
CREATE INDEX events_feed_of_type ON events (tenant_id, event_type, id);
CREATE INDEX events_feed_of_name ON events (tenant_id, event_name, id) WHERE event_name IS NOT NULL;
CREATE INDEX events_conversation ON events (tenant_id, conversation_id, seq);
CREATE INDEX events_assistant_request ON events (tenant_id, assistant_request_id, id) WHERE assistant_request_id IS NOT NULL;
CREATE INDEX events_topic ON events (tenant_id, topic_name, topic_offset, id)
  WHERE event_type IN ('PublishToTopic', 'TopicEvent');
