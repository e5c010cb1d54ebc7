-- JSON text as jsonb for matching only: `\u0000` and halves of surrogate pairs become U+FFFD. NULL when the text is no JSON, or
-- holds what jsonb cannot. An escaped backslash is respelled first, so that `\\u0000` is not taken for an escape.
CREATE FUNCTION matchable_json(value text) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN JSON_QUERY(
  JSON_ARRAY(
    regexp_replace(
      replace(value, '\\', '\u005c'),
      '\\u0000|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}',
      '\\ufffd',
      'g'
    ) RETURNING jsonb
  ),
  '$[0]' RETURNING jsonb OMIT QUOTES NULL ON ERROR
);

-- Events that `events` cannot hold: refused by PostgreSQL, or their id was recorded under another position before. `event` is
-- text, because even the json type may be what refused it. The generated columns serve a conversation's filters.
CREATE TABLE quarantine (
  -- From the feed's numbers, so that every event of a conversation has a position of one kind.
  position bigint NOT NULL DEFAULT nextval('events_id_seq'),
  tenant_id text NOT NULL,
  conversation_id text NOT NULL,
  seq bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  event_id text NOT NULL,
  code text NOT NULL,
  reason text NOT NULL,
  set_aside_at timestamptz NOT NULL DEFAULT now(),
  event text NOT NULL,
  event_bytes integer NOT NULL GENERATED ALWAYS AS (octet_length(event)) STORED,
  event_type text GENERATED ALWAYS AS (matchable_json(event) ->> 'event_type') STORED,
  assistant_request_id text GENERATED ALWAYS AS (matchable_json(event) ->> 'assistant_request_id') STORED,
  topic_name text GENERATED ALWAYS AS (
    coalesce(matchable_json(event) #>> '{event_context,name}', matchable_json(event) #>> '{event_context,topic_name}')
  ) STORED,
  -- As text: whatever number or other value stands there cannot fail.
  topic_offset text GENERATED ALWAYS AS (matchable_json(event) #>> '{event_context,offset}') STORED,
  PRIMARY KEY (tenant_id, conversation_id, seq)
);

CREATE INDEX quarantine_feed ON quarantine (tenant_id, position);
CREATE INDEX quarantine_event ON quarantine (tenant_id, event_id);
