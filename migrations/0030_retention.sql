-- What is past its term is found by the time of the first event, and what clearings have emptied by the time of the last of them.
CREATE INDEX conversations_expiry ON conversations (first_at, tenant_id, conversation_id) WHERE event_count > 0;
CREATE INDEX conversations_emptied ON conversations (greatest(cleared_through, last_at)) WHERE event_count = 0;

-- Forgets conversations that have no events and were last cleared before the marker: so many at most; answers with their number. With a
-- row goes the time of its clearing, so that what an object still delivers of before is taken. That is past its term as well, and
-- found by it.
CREATE FUNCTION forget_emptied_conversations(marker_ms bigint, row_limit bigint) RETURNS bigint
LANGUAGE sql STRICT SECURITY DEFINER
SET search_path = public, pg_temp
SET datestyle = 'ISO, MDY'
SET timezone = 'UTC'
SET enable_seqscan = off
AS $$
  WITH emptied AS MATERIALIZED (
    SELECT tenant_id, conversation_id FROM conversations
    -- A day, in which a clearing that is repeated still finds what it left.
    WHERE event_count = 0 AND greatest(cleared_through, last_at) < least(from_unix_ms(marker_ms), now() - interval '1 day')
    ORDER BY greatest(cleared_through, last_at)
    LIMIT row_limit
    -- Appends take several rows in an order of their own: whoever does not wait is in no deadlock with them.
    FOR UPDATE SKIP LOCKED
  ),
  forgotten AS (
    DELETE FROM conversations AS c USING emptied AS e
    WHERE c.tenant_id = e.tenant_id AND c.conversation_id = e.conversation_id
    RETURNING 1
  )
  SELECT count(*) FROM forgotten
$$;

-- Whether a partition has no event that this transaction sees. A look through its rows would read those that a clearing has left dead,
-- under the lock too; the primary key's index knows them for dead once somebody has looked.
CREATE FUNCTION partition_is_empty(partition text) RETURNS boolean
LANGUAGE plpgsql STRICT
SET search_path = public, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
DECLARE
  is_empty boolean;
BEGIN
  -- As a value, whose order and limit EXISTS would drop.
  EXECUTE format('SELECT (SELECT true FROM %I ORDER BY tenant_id, event_id, "timestamp" LIMIT 1) IS NULL', partition) INTO is_empty;
  RETURN is_empty;
END
$$;

-- Drops the partitions of months before the marker's, and before this one, that are empty; answers with their names, and with those that
-- something of the owner's depends on, which stay, and what that is. An event of such a month that comes later has its partition made
-- anew, or stands in the default one until another does.
CREATE FUNCTION drop_emptied_partitions(marker_ms bigint) RETURNS TABLE (name text, kept_because text)
LANGUAGE plpgsql STRICT SECURITY DEFINER
SET search_path = public, pg_temp
SET datestyle = 'ISO, MDY'
SET timezone = 'UTC'
-- Whoever waits behind this for the table should not wait long because of one slow reader: fail, and be repeated another day.
SET lock_timeout = '2s'
AS $$
DECLARE
  first_kept text := partition_name(date_trunc('month', least(from_unix_ms(marker_ms), now()) AT TIME ZONE 'UTC')::date);
  candidate text;
  emptied text[] := '{}';
BEGIN
  -- Keeps other makers and droppers of partitions out, and nobody else.
  LOCK TABLE ONLY events IN SHARE UPDATE EXCLUSIVE MODE;
  FOR candidate IN
    SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'events'::regclass AND c.relname ~ '^events_\d{4}_\d{2}$' AND c.relname::text COLLATE "C" < first_kept
    ORDER BY c.relname
  LOOP
    IF partition_is_empty(candidate) THEN
      emptied := emptied || candidate;
    END IF;
  END LOOP;
  IF cardinality(emptied) = 0 THEN
    RETURN;
  END IF;

  -- What dropping takes. An append locks the table before its partitions and waits, with it, for nothing that is held here; one that
  -- has found its partition before and comes after stores its events in the default partition.
  LOCK TABLE ONLY events IN ACCESS EXCLUSIVE MODE;
  FOREACH candidate IN ARRAY emptied LOOP
    CONTINUE WHEN NOT partition_is_empty(candidate);
    name := candidate;
    kept_because := NULL;
    BEGIN
      EXECUTE format('DROP TABLE %I', candidate);
    EXCEPTION WHEN dependent_objects_still_exist THEN
      GET STACKED DIAGNOSTICS kept_because = PG_EXCEPTION_DETAIL;
    END;
    RETURN NEXT;
  END LOOP;
END
$$;

REVOKE EXECUTE ON FUNCTION
  forget_emptied_conversations(bigint, bigint), partition_is_empty(text), drop_emptied_partitions(bigint)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_emptied_conversations(bigint, bigint), drop_emptied_partitions(bigint) TO event_store_maintenance;
