-- Puts one event that PostgreSQL refused into the quarantine. Safe to repeat. A clearing that it missed applies to it too.
CREATE FUNCTION quarantine_event(
  tenant text, conversation text, place bigint, recorded_ms bigint, id text, refusal_code text, refusal_reason text, body text
) RETURNS void
LANGUAGE plpgsql STRICT
SET search_path = public, pg_temp
AS $$
BEGIN
  PERFORM lock_tenants(ARRAY[tenant]);
  IF EXISTS (SELECT FROM tenants WHERE tenant_id = tenant AND cleared_through >= from_unix_ms(recorded_ms)) THEN
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
