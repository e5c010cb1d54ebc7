-- API keys, `evs_<key id>_<secret>`. Only the SHA-256 of a secret is kept: it is random and long, so that a slow hash would
-- protect nothing, and would cost every request.
CREATE TABLE api_keys (
  key_id text PRIMARY KEY,
  -- Order and cursor of the list.
  position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  tenant_id text NOT NULL,
  -- Lower-case hex.
  secret_hash text NOT NULL CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
  scopes text[] NOT NULL,
  application_name text,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Who made it: `key:<key id>`, `subject:<sub of a token>`, `development`, or `command`.
  created_by text NOT NULL,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

CREATE INDEX api_keys_tenant ON api_keys (tenant_id, position);
