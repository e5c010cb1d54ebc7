import { nameOf } from '../../retention/archive-key.ts'
import { parseKey } from '../../security/api-key.ts'
import { onDatabase } from '../on-database.ts'

/** Whom a service serves on loopback that is asked without a key. */
const OPEN_TENANT = 'default'

/**
 * Why files of the tenant's folder are not to be recorded with the key; null where the folder is named after the key's own tenant. No
 * answer of the service says whose a key is, so it is looked up where keys are kept; the Worker's role may read that.
 */
export async function whyAnotherTenant(
  folder: string,
  apiKey: string | undefined,
  databaseUrl: string | undefined,
): Promise<string | null> {
  if (apiKey === undefined) return compare(folder, OPEN_TENANT, 'without a key the service serves')
  const key = parseKey(apiKey)
  if (!key) return 'EVENT_STORE_API_KEY is no key of this store, and of a token it cannot be told which tenant it is of'
  if (!databaseUrl) return 'it cannot be told which tenant the key is of: set DATABASE_URL to the database that keeps it'
  const tenant = await onDatabase(databaseUrl, 'restore', async (client) => {
    const { rows } = await client.query<{ tenant: string }>('SELECT tenant_id AS tenant FROM api_keys WHERE key_id = $1', [
      key.key_id,
    ])
    return rows[0]?.tenant
  })
  if (tenant === undefined)
    return 'the database of DATABASE_URL does not have the key, so it cannot be told which tenant it is of'
  return compare(folder, tenant, 'the key is of')
}

async function compare(folder: string, tenant: string, whose: string): Promise<string | null> {
  if ((await nameOf(tenant)) === folder) return null
  return `the files lie in the folder of the tenant ${folder}, and ${whose} the tenant ${JSON.stringify(tenant)}`
}
