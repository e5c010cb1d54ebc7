-- Clears conversations, wholly or up to a time, as clear_tenant clears a tenant.
--
-- The time stands with the conversation, so that what an object still holds of before is dropped when it comes. Null: never cleared.
ALTER TABLE conversations ADD COLUMN cleared_through timestamptz;

-- The part of count_events that tells of requests; what is cleared in part is counted anew with it.
CREATE FUNCTION count_requests(added counted_event[]) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
  one counted_event;
  run_key uuid;
  input_key uuid;
BEGIN
  INSERT INTO assistant_requests AS r (tenant_id, assistant_request_id, position, conversation_id, started_at, last_event_at, events,
    failures, open_assistants, open_workflows, open_nodes, open_tools)
  SELECT e.tenant_id, e.assistant_request_id, min(e.id), (array_agg(e.conversation_id ORDER BY e.id))[1],
    min(e.timestamp), max(e.timestamp), count(*), count(*) FILTER (WHERE e.failed),
    sum(CASE e.event_type WHEN 'AssistantInvoke' THEN 1 WHEN 'AssistantRespond' THEN -1 WHEN 'AssistantFailed' THEN -1 ELSE 0 END),
    sum(CASE e.event_type WHEN 'WorkflowInvoke' THEN 1 WHEN 'WorkflowRespond' THEN -1 WHEN 'WorkflowFailed' THEN -1 ELSE 0 END),
    sum(CASE e.event_type WHEN 'NodeInvoke' THEN 1 WHEN 'NodeRespond' THEN -1 WHEN 'NodeFailed' THEN -1 ELSE 0 END),
    sum(CASE e.event_type WHEN 'ToolInvoke' THEN 1 WHEN 'ToolRespond' THEN -1 WHEN 'ToolFailed' THEN -1 ELSE 0 END)
  FROM unnest(added) AS e
  WHERE e.assistant_request_id IS NOT NULL
  GROUP BY e.tenant_id, e.assistant_request_id
  ON CONFLICT (tenant_id, assistant_request_id) DO UPDATE SET
    started_at = least(r.started_at, excluded.started_at),
    last_event_at = greatest(r.last_event_at, excluded.last_event_at),
    events = r.events + excluded.events,
    failures = r.failures + excluded.failures,
    open_assistants = r.open_assistants + excluded.open_assistants,
    open_workflows = r.open_workflows + excluded.open_workflows,
    open_nodes = r.open_nodes + excluded.open_nodes,
    open_tools = r.open_tools + excluded.open_tools;

  -- An end belongs to the oldest open invoke with its input, else to the oldest. Who has more open than are looked at here gets
  -- the oldest, so that nobody's append takes ever longer.
  FOR one IN SELECT e.* FROM unnest(added) AS e WHERE e.facts IS NOT NULL ORDER BY e.id LOOP
    run_key := md5(jsonb_build_array(one.facts -> 'component', one.facts -> 'invoke_id')::text)::uuid;
    input_key := md5((one.facts -> 'input')::text)::uuid;
    IF one.event_type <> 'AssistantInvoke' THEN
      UPDATE assistant_runs SET ended_at = one.timestamp, failed = one.failed
      WHERE tenant_id = one.tenant_id AND position = (
        SELECT o.position
        FROM (
          SELECT position, input FROM assistant_runs
          WHERE tenant_id = one.tenant_id AND assistant_request_id = one.assistant_request_id AND run = run_key AND ended_at IS NULL
          ORDER BY position LIMIT 100
        ) AS o
        ORDER BY o.input = input_key DESC, o.position LIMIT 1
      );
      CONTINUE WHEN FOUND;
    END IF;
    INSERT INTO assistant_runs (tenant_id, position, assistant_request_id, run, input, name, type, began_at, ended_at, failed)
    VALUES (one.tenant_id, one.id, one.assistant_request_id, run_key, input_key, left(one.facts ->> 'name', 256),
      left(one.facts ->> 'type', 256), CASE WHEN one.event_type = 'AssistantInvoke' THEN one.timestamp END,
      CASE WHEN one.event_type <> 'AssistantInvoke' THEN one.timestamp END,
      CASE WHEN one.event_type <> 'AssistantInvoke' THEN one.failed END);
  END LOOP;
END
$$;

-- Whether an event tells of a failure: the rule of counted_event_of, for who needs nothing else of it.
CREATE FUNCTION tells_of_failure(event_type text, assistant_request_id text, event json) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN event_type IN ('NodeFailed', 'ToolFailed', 'WorkflowFailed', 'AssistantFailed') THEN true
  WHEN assistant_request_id IS NULL AND event::text LIKE '%failed%'
    THEN coalesce(json_string(readable_json(event::text) #> '{metadata,workflow_state}') = 'failed', false)
  ELSE false
END;

CREATE OR REPLACE FUNCTION counted_event_of(
  tenant_id text, id bigint, conversation_id text, assistant_request_id text, event_type text, "timestamp" timestamptz, event json
) RETURNS counted_event
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ROW(
  tenant_id, id, conversation_id, assistant_request_id, event_type, "timestamp",
  tells_of_failure(event_type, assistant_request_id, event),
  CASE
    WHEN assistant_request_id IS NOT NULL AND event_type IN ('AssistantInvoke', 'AssistantRespond', 'AssistantFailed')
      THEN component_facts(event_type, event)
  END
)::counted_event;

CREATE OR REPLACE FUNCTION count_events(added counted_event[]) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
BEGIN
  INSERT INTO activity AS a (tenant_id, minute, events, failures)
  SELECT e.tenant_id, date_trunc('minute', e.timestamp, 'UTC'), count(*), count(*) FILTER (WHERE e.failed)
  FROM unnest(added) AS e
  GROUP BY 1, 2
  ON CONFLICT (tenant_id, minute) DO UPDATE SET
    events = a.events + excluded.events,
    failures = a.failures + excluded.failures;

  PERFORM count_requests(added);
END
$$;

-- Removes what the conversations recorded at or before the marker, and makes later appends drop it. Answers with the number of events
-- that each has lost, set aside ones included, for every conversation given. Safe to repeat.
CREATE FUNCTION clear_conversations(tenant text, conversations text[], marker_ms bigint)
RETURNS TABLE (conversation_id text, removed bigint)
LANGUAGE plpgsql STRICT SECURITY DEFINER
SET search_path = public, pg_temp
SET datestyle = 'ISO, MDY'
SET timezone = 'UTC'
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  marker timestamptz := from_unix_ms(marker_ms);
  touched text[];
  losses bigint[];
  -- Of what is removed: the requests that it belongs to, and the positions that runs of assistants may stand under.
  requests text[];
  positions bigint[];
  request text;
  rest counted_event[];
  last bigint;
BEGIN
  -- As tenants_refuse_future_clearing.
  IF marker > clock_timestamp() + interval '1 minute' THEN
    RAISE EXCEPTION 'a clearing cannot lie in the future' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM lock_tenants(ARRAY[clear_conversations.tenant]);

  -- A conversation that is known to its object alone is marked too.
  INSERT INTO conversations AS c (tenant_id, conversation_id, head_seq, event_count, first_at, last_at, activity, cleared_through)
  SELECT DISTINCT clear_conversations.tenant, given, 0, 0, marker, marker, 0, marker
  FROM unnest(clear_conversations.conversations) AS given
  ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET cleared_through = greatest(c.cleared_through, excluded.cleared_through);

  WITH doomed AS (
    DELETE FROM events AS e
    WHERE e.tenant_id = clear_conversations.tenant AND e.conversation_id = ANY (clear_conversations.conversations)
      AND e.recorded_at <= marker
    RETURNING e.id, e.conversation_id, e.assistant_request_id, date_trunc('minute', e.timestamp, 'UTC') AS minute,
      tells_of_failure(e.event_type, e.assistant_request_id, e.event) AS failed,
      e.assistant_request_id IS NOT NULL AND e.event_type IN ('AssistantInvoke', 'AssistantRespond', 'AssistantFailed') AS is_of_run
  ),
  set_aside AS (
    DELETE FROM quarantine AS q
    WHERE q.tenant_id = clear_conversations.tenant AND q.conversation_id = ANY (clear_conversations.conversations)
      AND q.recorded_at <= marker
    RETURNING q.conversation_id
  ),
  loss AS (
    SELECT conversation_id, count(*) AS removed
    FROM (SELECT conversation_id FROM doomed UNION ALL SELECT conversation_id FROM set_aside) AS gone
    GROUP BY conversation_id
  ),
  minutes AS (
    SELECT minute, count(*) AS events, count(*) FILTER (WHERE failed) AS failures FROM doomed GROUP BY minute
  ),
  less_active AS (
    MERGE INTO activity AS a
    USING minutes AS m ON a.tenant_id = clear_conversations.tenant AND a.minute = m.minute
    WHEN MATCHED AND a.events <= m.events THEN DELETE
    WHEN MATCHED THEN UPDATE SET events = a.events - m.events, failures = a.failures - m.failures
  )
  SELECT
    (SELECT array_agg(l.conversation_id ORDER BY l.conversation_id) FROM loss AS l),
    (SELECT array_agg(l.removed ORDER BY l.conversation_id) FROM loss AS l),
    ARRAY(SELECT DISTINCT d.assistant_request_id FROM doomed AS d WHERE d.assistant_request_id IS NOT NULL),
    ARRAY(SELECT d.id FROM doomed AS d WHERE d.is_of_run)
  INTO touched, losses, requests, positions;

  -- What is left of a request, later or in another conversation, is counted as if it were all there ever was: after all of its runs
  -- are gone, since an end may stand before what it would be paired with.
  DELETE FROM assistant_requests WHERE tenant_id = clear_conversations.tenant AND assistant_request_id = ANY (requests);
  DELETE FROM assistant_runs WHERE tenant_id = clear_conversations.tenant AND position = ANY (positions);
  FOR request IN
    SELECT given FROM unnest(requests) AS given
    WHERE EXISTS (SELECT FROM events AS e WHERE e.tenant_id = clear_conversations.tenant AND e.assistant_request_id = given)
  LOOP
    DELETE FROM assistant_runs
    WHERE tenant_id = clear_conversations.tenant AND position = ANY (ARRAY(
      SELECT e.id FROM events AS e
      WHERE e.tenant_id = clear_conversations.tenant AND e.assistant_request_id = request
        AND e.event_type IN ('AssistantInvoke', 'AssistantRespond', 'AssistantFailed')));
    last := 0;
    LOOP
      -- The request is a part of the order, so that only its own index can serve.
      rest := ARRAY(
        SELECT counted_event_of(e.tenant_id, e.id, e.conversation_id, e.assistant_request_id, e.event_type, e.timestamp, e.event)
        FROM events AS e
        WHERE e.tenant_id = clear_conversations.tenant AND e.assistant_request_id = request AND e.id > last
        ORDER BY e.assistant_request_id, e.id LIMIT 10000);
      EXIT WHEN cardinality(rest) = 0;
      PERFORM count_requests(rest);
      last := rest[cardinality(rest)].id;
    END LOOP;
  END LOOP;

  UPDATE conversations AS c
  SET
    event_count = c.event_count - l.removed,
    -- Times do not fall from one seq to the next.
    first_at = coalesce(least(
      (SELECT e.recorded_at FROM events AS e
        WHERE e.tenant_id = c.tenant_id AND e.conversation_id = c.conversation_id ORDER BY e.seq LIMIT 1),
      (SELECT q.recorded_at FROM quarantine AS q
        WHERE q.tenant_id = c.tenant_id AND q.conversation_id = c.conversation_id ORDER BY q.seq LIMIT 1)), c.first_at)
  FROM unnest(touched, losses) AS l (conversation_id, removed)
  WHERE c.tenant_id = clear_conversations.tenant AND c.conversation_id = l.conversation_id;

  RETURN QUERY
    SELECT given, coalesce(l.removed, 0)
    FROM (SELECT DISTINCT unnest(clear_conversations.conversations) AS given) AS all_given
    LEFT JOIN unnest(touched, losses) AS l (conversation_id, removed) ON l.conversation_id = given
    ORDER BY given;
END
$$;

REVOKE EXECUTE ON FUNCTION
  tells_of_failure(text, text, json), count_requests(counted_event[]), clear_conversations(text, text[], bigint)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clear_conversations(text, text[], bigint) TO event_store_maintenance;

-- As before, but what a conversation's clearing covers is dropped, and told: "cleared_conversations":[{"tenant","conversation_id","through"}],
-- `through` in Unix ms, for every conversation of the batches that was ever cleared by itself.
CREATE OR REPLACE FUNCTION append_events(batches json, heads json, events json) RETURNS json
LANGUAGE plpgsql STRICT SECURITY DEFINER
SET search_path = public, pg_temp
SET datestyle = 'ISO, MDY'
SET timezone = 'UTC'
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
  -- Looked up for each batch: a join with its events could read all conversations of the tenant.
  mark AS MATERIALIZED (
    SELECT b.tenant AS tenant_id, b.conversation_id, (
      SELECT c.cleared_through FROM conversations AS c WHERE c.tenant_id = b.tenant AND c.conversation_id = b.conversation_id
    ) AS cleared_through
    FROM (SELECT DISTINCT tenant, conversation_id FROM json_to_recordset(append_events.batches) AS (tenant text, conversation_id text)) AS b
  ),
  kept AS MATERIALIZED (
    SELECT i.*, row_number() OVER (PARTITION BY i.tenant_id, i.event_id ORDER BY i.number) AS occurrence
    FROM incoming AS i
    LEFT JOIN tenants AS t USING (tenant_id)
    LEFT JOIN mark AS m USING (tenant_id, conversation_id)
    -- A row whose zipped lists differ in length has nulls, and must reach the constraints.
    WHERE (i.recorded_at > greatest(t.cleared_through, m.cleared_through)) IS NOT FALSE
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
  -- What was set aside stays so when it is repeated, though a clearing has freed its id meanwhile.
  aside AS MATERIALIZED (
    SELECT q.tenant_id, q.conversation_id, q.seq
    FROM (SELECT tenant_id, conversation_id, min(seq) AS first, max(seq) AS last FROM kept GROUP BY 1, 2) AS k
    CROSS JOIN LATERAL (
      SELECT tenant_id, conversation_id, seq FROM quarantine
      WHERE tenant_id = k.tenant_id AND conversation_id = k.conversation_id AND seq BETWEEN k.first AND k.last
      OFFSET 0
    ) AS q
  ),
  fresh AS MATERIALIZED (
    SELECT k.* FROM kept AS k
    WHERE k.occurrence = 1 AND NOT EXISTS (SELECT FROM holder AS h WHERE h.tenant_id = k.tenant_id AND h.event_id = k.event_id)
      AND NOT EXISTS (
        SELECT FROM aside AS a WHERE a.tenant_id = k.tenant_id AND a.conversation_id = k.conversation_id AND a.seq = k.seq)
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
      'cleared_conversations', (
        SELECT coalesce(json_agg(json_build_object(
          'tenant', m.tenant_id, 'conversation_id', m.conversation_id, 'through', to_unix_ms(m.cleared_through))), '[]')
        FROM mark AS m WHERE m.cleared_through IS NOT NULL),
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

-- As before, but later than the clearings of the conversations as well.
CREATE OR REPLACE FUNCTION record_events(tenant text, heads json, events json) RETURNS json
LANGUAGE plpgsql STRICT SECURITY DEFINER
SET search_path = public, pg_temp
SET datestyle = 'ISO, MDY'
SET timezone = 'UTC'
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
  SELECT greatest(date_trunc('milliseconds', clock_timestamp()), max(cleared_through) + interval '1 millisecond') INTO recorded
  FROM (
    SELECT t.cleared_through FROM tenants AS t WHERE t.tenant_id = record_events.tenant
    UNION ALL
    SELECT c.cleared_through FROM conversations AS c
    WHERE c.tenant_id = record_events.tenant AND c.conversation_id = ANY (ARRAY(
      SELECT DISTINCT h.conversation_id FROM json_to_recordset(record_events.heads) AS h (conversation_id text)))
  ) AS clearings;

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

-- As before, but not what a clearing of its conversation covers.
CREATE OR REPLACE FUNCTION quarantine_event(
  tenant text, conversation text, place bigint, recorded_ms bigint, id text, refusal_code text, refusal_reason text, body text
) RETURNS void
LANGUAGE plpgsql STRICT SECURITY DEFINER
SET search_path = public, pg_temp
SET datestyle = 'ISO, MDY'
SET timezone = 'UTC'
AS $$
BEGIN
  PERFORM lock_tenants(ARRAY[tenant]);
  IF EXISTS (SELECT FROM tenants WHERE tenant_id = tenant AND cleared_through >= from_unix_ms(recorded_ms))
    OR EXISTS (SELECT FROM conversations
      WHERE tenant_id = tenant AND conversation_id = conversation AND cleared_through >= from_unix_ms(recorded_ms)) THEN
    RETURN;
  END IF;
  WITH added AS (
    INSERT INTO quarantine (tenant_id, conversation_id, seq, recorded_at, event_id, code, reason, event)
    VALUES (tenant, conversation, place, from_unix_ms(recorded_ms), id, refusal_code, refusal_reason, body)
    ON CONFLICT DO NOTHING
    RETURNING *
  )
  INSERT INTO conversations AS c (tenant_id, conversation_id, head_seq, event_count, first_at, last_at, activity)
  SELECT tenant_id, conversation_id, seq, 1, recorded_at, recorded_at, position FROM added
  ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET
    head_seq = CASE WHEN c.event_count = 0 THEN excluded.head_seq ELSE greatest(c.head_seq, excluded.head_seq) END,
    event_count = c.event_count + 1,
    first_at = CASE WHEN c.event_count = 0 THEN excluded.first_at ELSE least(c.first_at, excluded.first_at) END,
    last_at = greatest(c.last_at, excluded.last_at),
    activity = greatest(c.activity, excluded.activity);
END
$$;
