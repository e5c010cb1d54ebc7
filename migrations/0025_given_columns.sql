-- The Worker says what a new key or entry is. When it came, and its place, the database says.
REVOKE INSERT ON api_keys, audit FROM event_store_worker;
GRANT INSERT (key_id, tenant_id, secret_hash, scopes, application_name, created_by, expires_at) ON api_keys TO event_store_worker;
GRANT INSERT (id, at, tenant_id, key_id, subject, operation, resource, count, outcome, status, address, country, colo, user_agent,
  request_id) ON audit TO event_store_worker;
