-- Who did what. The service appends to it and reads it, and never changes or removes a row; see docs/security.md.
CREATE TABLE audit (
  -- Given by the Worker, so that an entry that is delivered twice stands here once.
  id uuid PRIMARY KEY,
  at timestamptz(3) NOT NULL,
  -- NULL for a denied request whose credential names no tenant: no tenant can read it.
  tenant_id text,
  key_id text,
  subject text,
  operation text NOT NULL,
  resource jsonb,
  count bigint,
  outcome text NOT NULL CHECK (outcome IN ('ok', 'denied', 'failed')),
  status smallint NOT NULL,
  address inet,
  country text,
  colo text,
  user_agent text,
  request_id text NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX audit_newest ON audit (tenant_id, at DESC, id DESC);

-- What tenants ask for. Not in `tenants`, whose rows say that a tenant was cleared.
CREATE TABLE tenant_settings (
  tenant_id text PRIMARY KEY,
  -- Whether reads are recorded in `audit`, too.
  audit_reads boolean NOT NULL DEFAULT false
);
