-- Records events of one tenant for a writer without conversation objects: the places are given here, under the tenant's lock.
-- `heads`: as in append_events, each with its "conversation_id". All in one INSERT, or nothing.
--
-- Answers {"status":"missing-partitions","months":[...]} as append_events does, else {"status":"recorded","recorded":count,
-- "conversations":[{"conversation_id","first_seq","last_seq"}],"known":[{"index","same_text","conversation_id","seq"}]}: `known`
-- lists, from 0 in the order given, the events whose id was recorded before them, whether that event's text is the same, and
-- where it stands.
CREATE FUNCTION record_events(tenant text, heads json, events json) RETURNS json
LANGUAGE plpgsql STRICT
SET search_path = public, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  missing date[];
  recorded timestamptz;
  expected bigint;
  stored bigint;
  outcome json;
BEGIN
  missing := missing_event_partitions(ARRAY(
    SELECT DISTINCT date_trunc('month', h.timestamp AT TIME ZONE 'UTC')::date
    FROM json_to_recordset(record_events.heads) AS h (timestamp timestamptz)));
  IF cardinality(missing) > 0 THEN
    RETURN json_build_object('status', 'missing-partitions', 'months', missing);
  END IF;

  PERFORM lock_tenants(ARRAY[record_events.tenant]);
  -- After a clearing by a clock ahead of this one, events still count as recorded later.
  SELECT greatest(date_trunc('milliseconds', clock_timestamp()), max(t.cleared_through) + interval '1 millisecond') INTO recorded
  FROM tenants AS t WHERE t.tenant_id = record_events.tenant;

  WITH incoming AS MATERIALIZED (
    SELECT i.*, row_number() OVER (PARTITION BY i.event_id ORDER BY i.number) AS occurrence
    FROM ROWS FROM (
      json_to_recordset(record_events.heads) AS (conversation_id text, event_id text, assistant_request_id text, event_type text,
        event_name text, event_version text, user_id text, topic_name text, topic_offset integer, timestamp timestamptz),
      json_array_elements(record_events.events)
    ) WITH ORDINALITY AS i (conversation_id, event_id, assistant_request_id, event_type, event_name, event_version, user_id,
        topic_name, topic_offset, timestamp, event, number)
  ),
  holder AS MATERIALIZED (
    SELECT event_id, conversation_id, seq, event::text AS text FROM events
    WHERE tenant_id = record_events.tenant AND event_id = ANY (ARRAY(SELECT event_id FROM incoming WHERE occurrence = 1))
  ),
  fresh AS MATERIALIZED (
    SELECT i.*, coalesce(c.head_seq, 0) + row_number() OVER (PARTITION BY i.conversation_id ORDER BY i.number) AS seq
    FROM incoming AS i
    LEFT JOIN conversations AS c
      ON c.tenant_id = record_events.tenant AND c.conversation_id = i.conversation_id AND c.event_count > 0
    WHERE i.occurrence = 1 AND NOT EXISTS (SELECT FROM holder AS h WHERE h.event_id = i.event_id)
  ),
  stored AS (
    INSERT INTO events (tenant_id, event_id, conversation_id, seq, assistant_request_id, event_type, event_name, event_version,
      user_id, topic_name, topic_offset, timestamp, recorded_at, event)
    SELECT record_events.tenant, f.event_id, f.conversation_id, f.seq, f.assistant_request_id, f.event_type, f.event_name,
      f.event_version, f.user_id, f.topic_name, f.topic_offset, f.timestamp, recorded, f.event
    FROM fresh AS f
    ORDER BY f.number
    ON CONFLICT DO NOTHING
    RETURNING id, conversation_id, seq
  ),
  places AS MATERIALIZED (
    SELECT conversation_id, min(seq) AS first_seq, max(seq) AS last_seq, count(*) AS added, max(id) AS activity, min(id) AS first_id
    FROM stored
    GROUP BY conversation_id
  ),
  grown AS (
    INSERT INTO conversations AS c (tenant_id, conversation_id, head_seq, event_count, first_at, last_at, activity)
    SELECT record_events.tenant, conversation_id, last_seq, added, recorded, recorded, activity FROM places
    ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET
      head_seq = excluded.head_seq,
      event_count = c.event_count + excluded.event_count,
      first_at = CASE WHEN c.event_count = 0 THEN excluded.first_at ELSE least(c.first_at, excluded.first_at) END,
      last_at = greatest(c.last_at, excluded.last_at),
      activity = excluded.activity
  )
  SELECT
    (SELECT count(*) FROM fresh),
    (SELECT count(*) FROM stored),
    json_build_object(
      'status', 'recorded',
      'recorded', (SELECT count(*) FROM stored),
      'conversations', (
        SELECT coalesce(json_agg(json_build_object(
          'conversation_id', p.conversation_id, 'first_seq', p.first_seq, 'last_seq', p.last_seq) ORDER BY p.first_id), '[]')
        FROM places AS p),
      'known', (
        SELECT coalesce(json_agg(json_build_object('index', i.number - 1, 'same_text', i.event::text = first.text,
          'conversation_id', first.conversation_id, 'seq', first.seq) ORDER BY i.number), '[]')
        FROM incoming AS i
        JOIN (
          SELECT h.event_id, h.conversation_id, h.seq, h.text, 0::bigint AS number FROM holder AS h
          UNION ALL
          SELECT f.event_id, f.conversation_id, f.seq, f.event::text, f.number FROM fresh AS f
        ) AS first ON first.event_id = i.event_id AND first.number < i.number))
  INTO expected, stored, outcome;

  IF stored <> expected THEN
    RAISE EXCEPTION 'another writer recorded one of these events meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN outcome;
END
$$;
