-- Who may do what. Two groups, of which roles with a login are made members (docs/security.md):
--   event_store_worker       reads, and appends: events through the functions that keep their order
--   event_store_maintenance  clears a tenant and makes partitions, through their functions; it reads nothing
-- Neither changes or deletes a row by itself: what the functions below do, they do with the rights of their owner, who applies
-- the migrations.

-- Roles belong to the whole cluster: another database of it may have made them, or be making them now.
DO $$
DECLARE
  wanted name;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['event_store_worker', 'event_store_maintenance']::name[] LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = wanted);
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN
        NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role % is missing, and % may not create roles', wanted, current_user
          USING ERRCODE = 'insufficient_privilege',
            HINT = 'Let a role with CREATEROLE run: CREATE ROLE event_store_worker NOLOGIN; CREATE ROLE event_store_maintenance NOLOGIN;';
    END;
  END LOOP;
END
$$;

-- Functions that run with their owner's rights look names up in this schema, so nobody else may put any there. A database that
-- comes from PostgreSQL 14 or older may still let everyone.
DO $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_namespace CROSS JOIN LATERAL aclexplode(nspacl) AS granted
    WHERE nspname = 'public' AND granted.grantee = 0 AND granted.privilege_type = 'CREATE'
  ) THEN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO event_store_worker, event_store_maintenance;

ALTER FUNCTION append_events(json, json, json) SECURITY DEFINER;
ALTER FUNCTION record_events(text, json, json) SECURITY DEFINER;
ALTER FUNCTION quarantine_event(text, text, bigint, bigint, text, text, text, text) SECURITY DEFINER;
ALTER FUNCTION ensure_event_partitions(date[]) SECURITY DEFINER;
ALTER FUNCTION clear_tenant(text, bigint) SECURITY DEFINER;

REVOKE EXECUTE ON FUNCTION
  matchable_json(text), from_unix_ms(bigint), to_unix_ms(timestamptz), partition_name(date), has_own_partition(date),
  missing_event_partitions(date[]), ensure_event_partitions(date[]), lock_tenants(text[]), event_places(json),
  append_events(json, json, json), quarantine_event(text, text, bigint, bigint, text, text, text, text),
  clear_tenant(text, bigint), record_events(text, json, json)
FROM PUBLIC;

-- Partitions need no grants of their own: they are read and written through `events`, with the rights on it.
GRANT SELECT ON events, quarantine, conversations, tenant_settings TO event_store_worker;
GRANT SELECT, INSERT ON audit TO event_store_worker;
-- An event may be the first of its month, so the writer makes partitions too: only those that the function allows.
GRANT EXECUTE ON FUNCTION
  append_events(json, json, json), record_events(text, json, json),
  quarantine_event(text, text, bigint, bigint, text, text, text, text), ensure_event_partitions(date[])
TO event_store_worker;

GRANT EXECUTE ON FUNCTION clear_tenant(text, bigint), ensure_event_partitions(date[]), to_unix_ms(timestamptz)
TO event_store_maintenance;
