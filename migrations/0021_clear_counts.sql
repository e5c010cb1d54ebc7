-- As before, and what was counted of the tenant is counted anew from what is left.
CREATE OR REPLACE FUNCTION clear_tenant(tenant text, marker_ms bigint) RETURNS SETOF text
LANGUAGE plpgsql STRICT SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
  marker timestamptz := from_unix_ms(marker_ms);
BEGIN
  PERFORM lock_tenants(ARRAY[tenant]);

  INSERT INTO tenants AS t (tenant_id, cleared_through) VALUES (tenant, marker)
  ON CONFLICT (tenant_id) DO UPDATE SET cleared_through = greatest(t.cleared_through, excluded.cleared_through);

  DELETE FROM conversations
  WHERE tenant_id = tenant AND event_count = 0 AND last_at < marker - interval '1 day';

  RETURN QUERY
    SELECT conversation_id FROM conversations
    WHERE tenant_id = tenant AND first_at <= marker
    ORDER BY conversation_id;

  DELETE FROM events WHERE tenant_id = tenant AND recorded_at <= marker;
  IF FOUND THEN
    PERFORM count_tenant(tenant);
  END IF;
  DELETE FROM quarantine WHERE tenant_id = tenant AND recorded_at <= marker;

  WITH remaining AS (
    SELECT conversation_id, count(*) AS event_count, min(recorded_at) AS first_at
    FROM (
      SELECT conversation_id, recorded_at FROM events WHERE tenant_id = tenant
      UNION ALL
      SELECT conversation_id, recorded_at FROM quarantine WHERE tenant_id = tenant
    ) AS kept
    GROUP BY conversation_id
  )
  UPDATE conversations AS c
  SET event_count = coalesce(r.event_count, 0), first_at = coalesce(r.first_at, c.first_at)
  FROM conversations AS known LEFT JOIN remaining AS r USING (conversation_id)
  WHERE c.tenant_id = tenant AND known.tenant_id = tenant AND c.conversation_id = known.conversation_id AND c.first_at <= marker;
END
$$;
