-- Pages of events by each of their keys. They are functions for the sake of their plans: a statement that comes over HTTP is planned
-- each time, over the partitions of all months, which takes longer than running it and grows with every month. A function's plan is
-- kept by the connection.
--
-- A page has at most `row_limit` items and at most `byte_limit` bytes of event text, but one item at least. `more` of its last item
-- tells whether others follow. Large events that do not fit are looked at by their size alone.
DO $$
DECLARE
  -- One plan, made without the parameters' values, serves all of them, whatever a partition held when it was made: without sorting,
  -- only the index of the key gives the rows in the order that is asked for. That is why a key is compared as a part of its order where
  -- the feed's index would give that order too.
  page_function text := $function$
    CREATE FUNCTION %1$s
    RETURNS TABLE ("position" bigint, conversation_id text, seq bigint, recorded_at text, event text, more boolean)
    LANGUAGE plpgsql STABLE ROWS 100
    SET plan_cache_mode = force_generic_plan
    SET enable_sort = off
    SET jit = off
    -- A page's text, which the function gives as a whole.
    SET work_mem = '8MB'
    AS $body$
    #variable_conflict use_column
    BEGIN
      RETURN QUERY
      SELECT placed.position, placed.conversation_id, placed.seq,
        to_char(placed.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        coalesce(placed.event::text, placed.refused), placed.more
      FROM (
        SELECT candidate.*, row_number() OVER page AS place, sum(event_bytes) OVER page AS bytes,
          lead(true, 1, false) OVER page AS more
        FROM (%3$s) AS candidate
        WINDOW page AS (ORDER BY %2$s ROWS UNBOUNDED PRECEDING)
      ) AS placed
      WHERE place <= row_limit AND (place = 1 OR bytes <= byte_limit)
      ORDER BY %2$s;
    END
    $body$
  $function$;
  event_columns text := 'id AS position, conversation_id, seq, recorded_at, event_bytes, event, NULL::text AS refused';
  quarantine_columns text := 'position, conversation_id, seq, recorded_at, event_bytes, NULL::json AS event, event AS refused';
BEGIN
  -- All under one id, in the order of recording: the first is the event, any other was set aside.
  EXECUTE format(page_function,
    'events_with_id(tenant text, wanted text, row_limit bigint, byte_limit bigint)', 'position', format($query$
      SELECT * FROM (
        (SELECT %s FROM events WHERE tenant_id = tenant AND event_id = wanted ORDER BY timestamp)
        UNION ALL
        (SELECT %s FROM quarantine WHERE tenant_id = tenant AND event_id >= wanted AND event_id <= wanted ORDER BY event_id)
      ) AS found ORDER BY position LIMIT row_limit + 1
    $query$, event_columns, quarantine_columns));

  -- Those of an assistant request after a position, in the order of recording.
  EXECUTE format(page_function,
    'events_of_request(tenant text, request text, after bigint, row_limit bigint, byte_limit bigint)', 'key, position',
    format($query$
      SELECT assistant_request_id AS key, %s FROM events
      WHERE tenant_id = tenant AND (assistant_request_id, id) > (request, after) AND assistant_request_id <= request
      ORDER BY assistant_request_id, id LIMIT row_limit + 1
    $query$, event_columns));

  -- A conversation after a seq and up to another, those set aside in their places.
  EXECUTE format(page_function,
    'events_of_conversation(tenant text, conversation text, after bigint, until bigint, row_limit bigint, byte_limit bigint)',
    'seq', format($query$
      (SELECT %s FROM events
        WHERE tenant_id = tenant AND conversation_id = conversation AND seq > after AND seq <= until
        ORDER BY seq LIMIT row_limit + 1)
      UNION ALL
      (SELECT %s FROM quarantine
        WHERE tenant_id = tenant AND conversation_id = conversation AND seq > after AND seq <= until
        ORDER BY seq LIMIT row_limit + 1)
      ORDER BY seq LIMIT row_limit + 1
    $query$, event_columns, quarantine_columns));

  -- Those published to a topic at one of the offsets, after a position, in the order of recording. Offset by offset: every run has
  -- an offset 0, and the index gives each offset's events in their order, so that no page reads more than its own.
  EXECUTE format(page_function,
    'events_at_offsets(tenant text, topic text, offsets bigint[], after bigint, row_limit bigint, byte_limit bigint)',
    'position', format($query$
      SELECT found.* FROM unnest(offsets) AS wanted (at)
      CROSS JOIN LATERAL (
        SELECT %s FROM events
        WHERE tenant_id = tenant AND topic_name = topic AND event_type IN ('PublishToTopic', 'TopicEvent')
          AND (topic_offset, id) > (wanted.at, after) AND topic_offset <= wanted.at
        ORDER BY topic_offset, id LIMIT row_limit + 1
      ) AS found
      ORDER BY found.position LIMIT row_limit + 1
    $query$, event_columns));

  -- The application events of a topic after a position, in the order of recording. Only these belong to no assistant request.
  EXECUTE format(page_function,
    'application_events_of_topic(tenant text, topic text, after bigint, row_limit bigint, byte_limit bigint)',
    'key, position', format($query$
      SELECT topic_name AS key, %s FROM events
      WHERE tenant_id = tenant AND (topic_name, id) > (topic, after) AND topic_name <= topic AND assistant_request_id IS NULL
      ORDER BY topic_name, id LIMIT row_limit + 1
    $query$, event_columns));

  -- All of a tenant after a position, in the order of recording.
  EXECUTE format(page_function,
    'events_of_tenant(tenant text, after bigint, row_limit bigint, byte_limit bigint)', 'position', format($query$
      SELECT %s FROM events WHERE tenant_id = tenant AND id > after ORDER BY id LIMIT row_limit + 1
    $query$, event_columns));
END
$$;

REVOKE EXECUTE ON FUNCTION
  events_with_id(text, text, bigint, bigint), events_of_request(text, text, bigint, bigint, bigint),
  events_of_conversation(text, text, bigint, bigint, bigint, bigint),
  events_at_offsets(text, text, bigint[], bigint, bigint, bigint),
  application_events_of_topic(text, text, bigint, bigint, bigint), events_of_tenant(text, bigint, bigint, bigint)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  events_with_id(text, text, bigint, bigint), events_of_request(text, text, bigint, bigint, bigint),
  events_of_conversation(text, text, bigint, bigint, bigint, bigint),
  events_at_offsets(text, text, bigint[], bigint, bigint, bigint),
  application_events_of_topic(text, text, bigint, bigint, bigint), events_of_tenant(text, bigint, bigint, bigint)
TO event_store_worker;
