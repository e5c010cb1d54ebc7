-- A revocation is never taken back, nor moved, by any role: who wants a key back makes a new one.
CREATE FUNCTION keep_revocation() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'a revoked key stays revoked: make a new one' USING ERRCODE = 'insufficient_privilege';
END
$$;

REVOKE EXECUTE ON FUNCTION keep_revocation() FROM PUBLIC;

CREATE TRIGGER api_keys_keep_revocation BEFORE UPDATE ON api_keys FOR EACH ROW
  WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) EXECUTE FUNCTION keep_revocation();
