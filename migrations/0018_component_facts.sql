-- JSON text as jsonb: as it is where jsonb can hold it, else as matchable_json gives it, which takes twenty times as long.
CREATE FUNCTION readable_json(value text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
  JSON_QUERY(JSON_ARRAY(value RETURNING jsonb), '$[0]' RETURNING jsonb OMIT QUOTES NULL ON ERROR),
  matchable_json(value)
);

-- A JSON string's text; NULL for every other value.
CREATE FUNCTION json_string(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(value) = 'string' THEN value #>> '{}' END;

-- The id of an item of a component's input, which is a topic event or a message.
CREATE FUNCTION input_item_id(item jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(json_string(item -> 'event_id'), json_string(item -> 'message_id'));

-- What a component's events are paired by, and how the component is called, from an event as jsonb: the rules of
-- src/model/component-facts.ts. Before Graphite 1.0 the members of a tool's context were `tool_id`, `tool_name` and so on.
CREATE FUNCTION component_facts_of(family text, event jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT jsonb_build_object(
    'component', coalesce(
      json_string(context -> 'id'), json_string(context -> (family || '_id')),
      json_string(context -> 'name'), json_string(context -> (family || '_name'))),
    'name', coalesce(json_string(context -> 'name'), json_string(context -> (family || '_name'))),
    'type', coalesce(json_string(context -> 'type'), json_string(context -> (family || '_type'))),
    'invoke_id', json_string(context -> 'invoke_context' -> 'invoke_id'),
    'timestamp', json_string(event -> 'timestamp'),
    'input', CASE jsonb_typeof(input)
      WHEN 'array' THEN jsonb_build_array(jsonb_array_length(input), input_item_id(input -> 0), input_item_id(input -> -1))
      ELSE jsonb_build_array(1, input_item_id(input), input_item_id(input))
    END)
  FROM (SELECT event -> 'event_context' AS context, event -> 'data' -> 'input_data' AS input) AS part;
END;

-- The same of a component event's text; all null where jsonb cannot hold the event.
CREATE FUNCTION component_facts(event_type text, event json) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN component_facts_of(lower(regexp_replace(event_type, '(Invoke|Respond|Failed)$', '')), readable_json(event::text));

-- Reads pair events by it. It sees nothing that the reader does not pass.
REVOKE EXECUTE ON FUNCTION
  readable_json(text), json_string(jsonb), input_item_id(jsonb), component_facts_of(text, jsonb), component_facts(text, json)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  matchable_json(text), readable_json(text), json_string(jsonb), input_item_id(jsonb), component_facts_of(text, jsonb),
  component_facts(text, json)
TO event_store_worker;
