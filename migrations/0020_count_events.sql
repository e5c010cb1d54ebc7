-- What is counted of an event. `facts` only of the events of assistants.
CREATE TYPE counted_event AS (
  tenant_id text,
  id bigint,
  conversation_id text,
  assistant_request_id text,
  event_type text,
  "timestamp" timestamptz,
  failed boolean,
  facts jsonb
);

-- Only events that hold the word are taken apart: a workflow's state stands in the event's text alone.
CREATE FUNCTION counted_event_of(
  tenant_id text, id bigint, conversation_id text, assistant_request_id text, event_type text, "timestamp" timestamptz, event json
) RETURNS counted_event
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ROW(
  tenant_id, id, conversation_id, assistant_request_id, event_type, "timestamp",
  CASE
    WHEN event_type IN ('NodeFailed', 'ToolFailed', 'WorkflowFailed', 'AssistantFailed') THEN true
    WHEN assistant_request_id IS NULL AND event::text LIKE '%failed%'
      THEN coalesce(json_string(readable_json(event::text) #> '{metadata,workflow_state}') = 'failed', false)
    ELSE false
  END,
  CASE
    WHEN assistant_request_id IS NOT NULL AND event_type IN ('AssistantInvoke', 'AssistantRespond', 'AssistantFailed')
      THEN component_facts(event_type, event)
  END
)::counted_event;

-- Adds events that are new to what is counted, in the order of their ids; all later than those counted before.
CREATE FUNCTION count_events(added counted_event[]) RETURNS void
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
  INSERT INTO activity AS a (tenant_id, minute, events, failures)
  SELECT e.tenant_id, date_trunc('minute', e.timestamp, 'UTC'), count(*), count(*) FILTER (WHERE e.failed)
  FROM unnest(added) AS e
  GROUP BY 1, 2
  ON CONFLICT (tenant_id, minute) DO UPDATE SET
    events = a.events + excluded.events,
    failures = a.failures + excluded.failures;

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

-- Counts all that the tenant has anew.
CREATE FUNCTION count_tenant(tenant text) RETURNS void
LANGUAGE plpgsql STRICT
SET search_path = public, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
  last bigint := 0;
  chunk counted_event[];
BEGIN
  DELETE FROM activity WHERE tenant_id = tenant;
  DELETE FROM assistant_requests WHERE tenant_id = tenant;
  DELETE FROM assistant_runs WHERE tenant_id = tenant;
  LOOP
    chunk := ARRAY(
      SELECT counted_event_of(e.tenant_id, e.id, e.conversation_id, e.assistant_request_id, e.event_type, e.timestamp, e.event)
      FROM events AS e WHERE e.tenant_id = tenant AND e.id > last ORDER BY e.id LIMIT 10000);
    EXIT WHEN cardinality(chunk) = 0;
    PERFORM count_events(chunk);
    last := chunk[cardinality(chunk)].id;
  END LOOP;
END
$$;

-- On the table, so that whatever adds an event counts it.
CREATE FUNCTION count_added_events() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM added) THEN
    PERFORM count_events(ARRAY(
      SELECT counted_event_of(e.tenant_id, e.id, e.conversation_id, e.assistant_request_id, e.event_type, e.timestamp, e.event)
      FROM added AS e));
  END IF;
  RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION
  counted_event_of(text, bigint, text, text, text, timestamptz, json), count_events(counted_event[]), count_tenant(text),
  count_added_events()
FROM PUBLIC;

-- Takes the lock that keeps appends waiting until what there is has been counted: each event is counted once.
CREATE TRIGGER events_counted AFTER INSERT ON events
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_added_events();

DO $$
DECLARE
  tenant text;
BEGIN
  FOR tenant IN SELECT DISTINCT tenant_id FROM conversations LOOP
    PERFORM count_tenant(tenant);
  END LOOP;
END
$$;
