-- A clearing covers what was recorded before it. One of the future would take what comes until then as well, when it is recorded.
CREATE FUNCTION refuse_future_clearing() RETURNS trigger
LANGUAGE plpgsql
SET search_path = public, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'a clearing cannot lie in the future' USING ERRCODE = 'invalid_parameter_value';
END
$$;

REVOKE EXECUTE ON FUNCTION refuse_future_clearing() FROM PUBLIC;

-- A minute, since the marker is of another machine's clock.
CREATE TRIGGER tenants_refuse_future_clearing BEFORE INSERT OR UPDATE ON tenants FOR EACH ROW
  WHEN (NEW.cleared_through > clock_timestamp() + interval '1 minute') EXECUTE FUNCTION refuse_future_clearing();
