-- The Worker checks and manages keys. Of a key that there is it may change when it was used and that it is revoked: neither whose
-- it is, nor what it allows, nor until when; and it deletes none.
GRANT SELECT, INSERT, UPDATE (last_used_at, revoked_at) ON api_keys TO event_store_worker;
