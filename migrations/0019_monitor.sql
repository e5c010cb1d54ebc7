-- Overviews of the tenant's events, kept by what adds and clears events. All of it can be counted anew (count_tenant).

-- Events by the minute of their own timestamp.
CREATE TABLE activity (
  tenant_id text NOT NULL,
  minute timestamptz NOT NULL,
  events bigint NOT NULL,
  failures bigint NOT NULL,
  PRIMARY KEY (tenant_id, minute)
) WITH (fillfactor = 70);

-- Assistant requests. `open_...` are the invokes of a family of components less its ends; below zero after ends without invoke.
CREATE TABLE assistant_requests (
  tenant_id text NOT NULL,
  assistant_request_id text NOT NULL,
  -- Of its first event, as the conversation.
  position bigint NOT NULL,
  conversation_id text NOT NULL,
  started_at timestamptz NOT NULL,
  last_event_at timestamptz NOT NULL,
  events bigint NOT NULL,
  failures bigint NOT NULL,
  open_assistants bigint NOT NULL,
  open_workflows bigint NOT NULL,
  open_nodes bigint NOT NULL,
  open_tools bigint NOT NULL,
  unfinished boolean NOT NULL GENERATED ALWAYS AS (
    open_assistants > 0 OR open_workflows > 0 OR open_nodes > 0 OR open_tools > 0
  ) STORED,
  PRIMARY KEY (tenant_id, assistant_request_id)
) WITH (fillfactor = 70);

CREATE INDEX assistant_requests_unfinished ON assistant_requests (tenant_id, started_at, position) WHERE unfinished;

-- Runs of assistants: an invoke with its end, an invoke alone, or an end alone. `run` and `input` are hashes of what pairs them.
CREATE TABLE assistant_runs (
  tenant_id text NOT NULL,
  -- Of the invoke, else of the end.
  position bigint NOT NULL,
  assistant_request_id text NOT NULL,
  run uuid NOT NULL,
  input uuid NOT NULL,
  name text,
  type text,
  began_at timestamptz,
  ended_at timestamptz,
  failed boolean,
  PRIMARY KEY (tenant_id, position)
);

CREATE INDEX assistant_runs_open ON assistant_runs (tenant_id, assistant_request_id, run, position) WHERE ended_at IS NULL;
CREATE INDEX assistant_runs_began ON assistant_runs (tenant_id, began_at) WHERE began_at IS NOT NULL;
CREATE INDEX assistant_runs_ended ON assistant_runs (tenant_id, ended_at) WHERE ended_at IS NOT NULL;

GRANT SELECT ON activity, assistant_requests, assistant_runs TO event_store_worker;
