import type pg from 'pg'

/** Why a tenant without events cannot be told from a slip of the pen; null when it can. Tables that the Worker's role may read. */
export async function whyUnknown(client: pg.Client, tenant: string): Promise<string | null> {
  const { rowCount } = await client.query(
    `SELECT WHERE EXISTS (SELECT FROM conversations WHERE tenant_id = $1) OR EXISTS (SELECT FROM api_keys WHERE tenant_id = $1)
       OR EXISTS (SELECT FROM tenant_settings WHERE tenant_id = $1) OR EXISTS (SELECT FROM audit WHERE tenant_id = $1)`,
    [tenant],
  )
  return rowCount === 0 ? `nothing is known of a tenant ${JSON.stringify(tenant)} in the database of DATABASE_URL` : null
}
