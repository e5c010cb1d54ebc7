-- Events recorded at or before `cleared_through` were cleared and are not taken again, however late they arrive.
CREATE TABLE tenants (
  tenant_id text PRIMARY KEY,
  cleared_through timestamptz NOT NULL
);
