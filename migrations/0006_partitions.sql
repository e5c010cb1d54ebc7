-- The partition of the month that `at` lies in, in UTC.
CREATE FUNCTION partition_name(month date) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 'events_' || lpad(extract(year FROM month)::text, 4, '0') || '_' || lpad(extract(month FROM month)::text, 2, '0');

-- Whether a month gets a partition of its own: a wrong clock must not make thousands of partitions.
CREATE FUNCTION has_own_partition(month date) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN month >= date '2020-01-01' AND month <= date_trunc('month', now() AT TIME ZONE 'UTC')::date + interval '2 months';

-- Which of the months ('2025-08-01', ...) lack their partition. Reads committed catalogs only and takes no lock.
CREATE FUNCTION missing_event_partitions(months date[]) RETURNS date[]
LANGUAGE plpgsql STABLE STRICT
SET search_path = public, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT coalesce(array_agg(month ORDER BY month), '{}')
    FROM unnest(months) AS month
    WHERE has_own_partition(month) AND to_regclass(partition_name(month)) IS NULL
  );
END
$$;

-- Makes the partitions of the given months that may have one and lack it; answers with the months made. Safe to repeat.
-- Never call it in a transaction that has appended: it waits for the appends that run, and they for the tenants' locks.
CREATE FUNCTION ensure_event_partitions(months date[]) RETURNS date[]
LANGUAGE plpgsql STRICT
SET search_path = public, pg_temp
-- Whoever waits behind this for the default partition should not wait long because of one slow reader: fail, and be repeated.
SET lock_timeout = '5s'
AS $$
DECLARE
  missing date[];
  first_day date;
  name text;
BEGIN
  IF cardinality(missing_event_partitions(months)) = 0 THEN
    RETURN '{}';
  END IF;
  -- One maker at a time. It has to be a lock on a table, which brings the catalogs that this session remembers up to date: behind
  -- an advisory lock, a partition that another session has just made can still look missing.
  LOCK TABLE ONLY events IN SHARE UPDATE EXCLUSIVE MODE;
  SELECT coalesce(array_agg(DISTINCT month ORDER BY month), '{}') INTO missing
  FROM unnest(missing_event_partitions((SELECT array_agg(date_trunc('month', m)::date) FROM unnest(months) AS m))) AS month;
  IF cardinality(missing) = 0 THEN
    RETURN missing;
  END IF;
  -- What ATTACH will need, taken before rows are moved: an upgrade of a weaker lock could deadlock with an append.
  LOCK TABLE events_default IN ACCESS EXCLUSIVE MODE;
  FOREACH first_day IN ARRAY missing LOOP
    name := partition_name(first_day);
    EXECUTE format(
      'CREATE TABLE %I (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING INDEXES)', name);
    -- Rows that came before the month was within the window.
    EXECUTE format(
      'WITH moved AS (DELETE FROM events_default WHERE timestamp >= %L AND timestamp < %L RETURNING *)
       INSERT INTO %I (id, tenant_id, event_id, conversation_id, seq, assistant_request_id, event_type, event_name,
         event_version, user_id, topic_name, topic_offset, timestamp, recorded_at, event)
       SELECT id, tenant_id, event_id, conversation_id, seq, assistant_request_id, event_type, event_name,
         event_version, user_id, topic_name, topic_offset, timestamp, recorded_at, event FROM moved',
      first_day::timestamp AT TIME ZONE 'UTC', (first_day + interval '1 month') AT TIME ZONE 'UTC', name);
    EXECUTE format(
      'ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
      name, first_day::timestamp AT TIME ZONE 'UTC', (first_day + interval '1 month') AT TIME ZONE 'UTC');
  END LOOP;
  RETURN missing;
END
$$;
