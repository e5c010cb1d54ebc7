-- The functions that run with their owner's rights do the same whatever their caller has set: the bounds of partitions are made of
-- texts of times.
ALTER FUNCTION append_events(json, json, json) SET datestyle = 'ISO, MDY';
ALTER FUNCTION append_events(json, json, json) SET timezone = 'UTC';
ALTER FUNCTION record_events(text, json, json) SET datestyle = 'ISO, MDY';
ALTER FUNCTION record_events(text, json, json) SET timezone = 'UTC';
ALTER FUNCTION quarantine_event(text, text, bigint, bigint, text, text, text, text) SET datestyle = 'ISO, MDY';
ALTER FUNCTION quarantine_event(text, text, bigint, bigint, text, text, text, text) SET timezone = 'UTC';
ALTER FUNCTION ensure_event_partitions(date[]) SET datestyle = 'ISO, MDY';
ALTER FUNCTION ensure_event_partitions(date[]) SET timezone = 'UTC';
ALTER FUNCTION clear_tenant(text, bigint) SET datestyle = 'ISO, MDY';
ALTER FUNCTION clear_tenant(text, bigint) SET timezone = 'UTC';
