-- Makes the caller the only writer of these tenants until its transaction ends. Positions are taken under this lock, so they
-- become visible in order and a reader that follows the feed skips none.
CREATE FUNCTION lock_tenants(tenants text[]) RETURNS void
LANGUAGE plpgsql STRICT
SET search_path = public, pg_temp
AS $$
DECLARE
  key bigint;
BEGIN
  -- What the locks protect is read afterwards, by statements with a snapshot of their own.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'writes need the isolation level read committed' USING ERRCODE = 'invalid_transaction_state';
  END IF;
  -- By key, not by name: two names with one key would otherwise break the order that prevents deadlocks.
  FOR key IN SELECT DISTINCT hashtextextended('tenant:' || tenant, 0) AS k FROM unnest(tenants) AS tenant ORDER BY k LOOP
    PERFORM pg_advisory_xact_lock(key);
  END LOOP;
END
$$;
