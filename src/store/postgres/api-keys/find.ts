import { sql } from 'drizzle-orm'
import type { StoredApiKey } from '../../../model/api-keys.ts'
import type { Connection } from '../connection.ts'
import { apiKeys } from '../schema.ts'
import { INFO_COLUMNS, type InfoColumn, toInfo } from './row.ts'

/** A request waits for this: one repeat, and no longer than a database needs to wake. */
const LIMITS = { attempts: 2, timeoutMs: 4_000 }

export async function find(connection: Connection, keyId: string): Promise<StoredApiKey | null> {
  const [row] = await connection.rows<InfoColumn | 'tenant_id' | 'secret_hash'>(
    'find a key',
    sql`SELECT ${INFO_COLUMNS}, ${apiKeys.tenantId}, ${apiKeys.secretHash} FROM ${apiKeys} WHERE ${apiKeys.keyId} = ${keyId}`,
    LIMITS,
  )
  return row ? { ...toInfo(row), tenant: row.tenant_id, secret_hash: row.secret_hash } : null
}
