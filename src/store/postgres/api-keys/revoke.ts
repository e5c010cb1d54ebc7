import { sql } from 'drizzle-orm'
import type { ApiKeyInfo } from '../../../model/api-keys.ts'
import type { Connection } from '../connection.ts'
import { apiKeys } from '../schema.ts'
import { INFO_COLUMNS, type InfoColumn, toInfo } from './row.ts'

/** A second revocation leaves the time of the first. */
export async function revoke(connection: Connection, tenant: string, keyId: string): Promise<ApiKeyInfo | null> {
  const [row] = await connection.rows<InfoColumn>(
    'revoke a key',
    sql`UPDATE ${apiKeys} SET revoked_at = coalesce(${apiKeys.revokedAt}, now())
      WHERE ${apiKeys.tenantId} = ${tenant} AND ${apiKeys.keyId} = ${keyId}
      RETURNING ${INFO_COLUMNS}`,
  )
  return row ? toInfo(row) : null
}
