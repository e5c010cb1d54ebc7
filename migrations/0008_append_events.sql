-- The place of every event of the batches, in the order of the heads and events.
-- `batches`: [{"tenant","conversation_id","segments":[{"first_seq","count","recorded_at"}]}], recorded_at in Unix ms.
CREATE FUNCTION event_places(batches json)
RETURNS TABLE (tenant_id text, conversation_id text, seq bigint, recorded_at timestamptz)
LANGUAGE sql STABLE STRICT
BEGIN ATOMIC
  SELECT batch.tenant, batch.conversation_id, segment.first_seq + step, from_unix_ms(segment.recorded_at)
  FROM ROWS FROM (json_to_recordset(batches) AS (tenant text, conversation_id text, segments json))
      WITH ORDINALITY AS batch (tenant, conversation_id, segments, number),
    ROWS FROM (json_to_recordset(batch.segments) AS (first_seq bigint, count bigint, recorded_at bigint))
      WITH ORDINALITY AS segment (first_seq, count, recorded_at, number),
    generate_series(0, segment.count - 1) AS step
  ORDER BY batch.number, segment.number, step;
END;

-- Stores events at the places that their conversations' objects gave them. `heads` and `events` are JSON arrays with one
-- element an event, in the order of the batches; json_array_elements keeps each event's text as it is.
--
-- Answers {"status":"missing-partitions","months":[...]} and stores nothing when a month's partition must be made first
-- (ensure_event_partitions, in a request of its own, because making one while holding tenants' locks can deadlock), else
-- {"status":"appended","cleared":{tenant: Unix ms},"set_aside":[{"tenant","conversation_id","seq","event_id",
-- "code"}]}.
--
-- Safe to repeat: an event that stands at its place already is left alone. An event whose id the tenant has at another place
-- goes to the quarantine; the first write wins.
CREATE FUNCTION append_events(batches json, heads json, events json) RETURNS json
LANGUAGE plpgsql STRICT
SET search_path = public, pg_temp
-- A plan made while a partition was empty is kept while it grows; compiling a plan over all partitions takes longer than running it.
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  tenants_of_batch text[] := ARRAY(SELECT DISTINCT b.tenant FROM json_to_recordset(append_events.batches) AS b (tenant text));
  missing date[];
  expected bigint;
  stored bigint;
  outcome json;
BEGIN
  missing := missing_event_partitions(ARRAY(
    SELECT DISTINCT date_trunc('month', h.timestamp AT TIME ZONE 'UTC')::date
    FROM json_to_recordset(append_events.heads) AS h (timestamp timestamptz)));
  IF cardinality(missing) > 0 THEN
    RETURN json_build_object('status', 'missing-partitions', 'months', missing);
  END IF;

  PERFORM lock_tenants(tenants_of_batch);

  WITH incoming AS MATERIALIZED (
    SELECT * FROM ROWS FROM (
      event_places(append_events.batches),
      json_to_recordset(append_events.heads) AS (event_id text, assistant_request_id text, event_type text, event_name text,
        event_version text, user_id text, topic_name text, topic_offset integer, timestamp timestamptz),
      json_array_elements(append_events.events)
    ) WITH ORDINALITY AS i (tenant_id, conversation_id, seq, recorded_at, event_id, assistant_request_id, event_type, event_name,
        event_version, user_id, topic_name, topic_offset, timestamp, event, number)
  ),
  kept AS MATERIALIZED (
    SELECT i.*, row_number() OVER (PARTITION BY i.tenant_id, i.event_id ORDER BY i.number) AS occurrence
    FROM incoming AS i
    LEFT JOIN tenants AS t USING (tenant_id)
    -- A row whose zipped lists differ in length has nulls, and must reach the constraints.
    WHERE (i.recorded_at > t.cleared_through) IS NOT FALSE
  ),
  -- In every partition: the same id under another timestamp is the same id. One probe of each partition's primary key with all
  -- ids costs less than half of one for every id. OFFSET 0 keeps the planner from joining in any other way.
  holder AS MATERIALIZED (
    SELECT e.tenant_id, e.event_id, e.conversation_id, e.seq
    FROM (SELECT tenant_id, array_agg(event_id) AS ids FROM kept WHERE occurrence = 1 GROUP BY tenant_id) AS k
    CROSS JOIN LATERAL (
      SELECT tenant_id, event_id, conversation_id, seq FROM events
      WHERE tenant_id = k.tenant_id AND event_id = ANY (k.ids)
      OFFSET 0
    ) AS e
  ),
  fresh AS MATERIALIZED (
    SELECT k.* FROM kept AS k
    WHERE k.occurrence = 1 AND NOT EXISTS (SELECT FROM holder AS h WHERE h.tenant_id = k.tenant_id AND h.event_id = k.event_id)
  ),
  stored AS (
    INSERT INTO events (tenant_id, event_id, conversation_id, seq, assistant_request_id, event_type, event_name, event_version,
      user_id, topic_name, topic_offset, timestamp, recorded_at, event)
    SELECT f.tenant_id, f.event_id, f.conversation_id, f.seq, f.assistant_request_id, f.event_type, f.event_name, f.event_version,
      f.user_id, f.topic_name, f.topic_offset, f.timestamp, f.recorded_at, f.event
    FROM fresh AS f
    ORDER BY f.number
    ON CONFLICT DO NOTHING
    RETURNING id, tenant_id, conversation_id, seq, recorded_at
  ),
  displaced AS MATERIALIZED (
    SELECT k.* FROM kept AS k
    WHERE NOT EXISTS (
      SELECT FROM (
        SELECT h.tenant_id, h.event_id, h.conversation_id, h.seq FROM holder AS h
        UNION ALL
        SELECT f.tenant_id, f.event_id, f.conversation_id, f.seq FROM fresh AS f
      ) AS place
      WHERE place.tenant_id = k.tenant_id AND place.event_id = k.event_id
        AND place.conversation_id = k.conversation_id AND place.seq = k.seq
    )
  ),
  set_aside AS (
    INSERT INTO quarantine (tenant_id, conversation_id, seq, recorded_at, event_id, code, reason, event)
    SELECT d.tenant_id, d.conversation_id, d.seq, d.recorded_at, d.event_id, 'duplicate-event-id',
      'The tenant had recorded this event id at another place before; the first event stays.', d.event::text
    FROM displaced AS d
    ORDER BY d.number
    ON CONFLICT DO NOTHING
    RETURNING position, tenant_id, conversation_id, seq, recorded_at
  ),
  grown AS (
    INSERT INTO conversations AS c (tenant_id, conversation_id, head_seq, event_count, first_at, last_at, activity)
    SELECT tenant_id, conversation_id, max(seq), count(*), min(recorded_at), max(recorded_at), max(id)
    FROM (SELECT * FROM stored UNION ALL SELECT * FROM set_aside) AS added
    GROUP BY tenant_id, conversation_id
    ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET
      head_seq = CASE WHEN c.event_count = 0 THEN excluded.head_seq ELSE greatest(c.head_seq, excluded.head_seq) END,
      event_count = c.event_count + excluded.event_count,
      first_at = CASE WHEN c.event_count = 0 THEN excluded.first_at ELSE least(c.first_at, excluded.first_at) END,
      last_at = greatest(c.last_at, excluded.last_at),
      activity = greatest(c.activity, excluded.activity)
  )
  SELECT
    (SELECT count(*) FROM fresh),
    (SELECT count(*) FROM stored),
    json_build_object(
      'status', 'appended',
      'cleared', (
        SELECT coalesce(json_object_agg(t.tenant_id, to_unix_ms(t.cleared_through)), '{}')
        FROM tenants AS t WHERE t.tenant_id = ANY (tenants_of_batch)),
      'set_aside', (
        SELECT coalesce(json_agg(json_build_object(
          'tenant', d.tenant_id, 'conversation_id', d.conversation_id, 'seq', d.seq, 'event_id', d.event_id,
          'code', 'duplicate-event-id') ORDER BY d.number), '[]')
        FROM displaced AS d))
  INTO expected, stored, outcome;

  -- Only a writer without the tenant's lock can have come between; the repeat sees its event.
  IF stored <> expected THEN
    RAISE EXCEPTION 'another writer recorded one of these events meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN outcome;
END
$$;
