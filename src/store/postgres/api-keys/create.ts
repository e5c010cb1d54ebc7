import { sql } from 'drizzle-orm'
import type { ApiKeyInfo, NewApiKey } from '../../../model/api-keys.ts'
import type { Connection } from '../connection.ts'
import { apiKeys } from '../schema.ts'
import { INFO_COLUMNS, type InfoColumn, toInfo } from './row.ts'

/** A repeat finds the key of the first attempt: nobody else's has the same secret. */
export async function create(connection: Connection, key: NewApiKey): Promise<ApiKeyInfo> {
  const [row] = await connection.rows<InfoColumn>(
    'create a key',
    sql`INSERT INTO ${apiKeys} (key_id, tenant_id, secret_hash, scopes, application_name, created_by, expires_at)
      VALUES (${key.key_id}, ${key.tenant}, ${key.secret_hash},
        ARRAY(SELECT json_array_elements_text(${JSON.stringify(key.scopes)}::json)), ${key.application_name}, ${key.created_by},
        ${key.expires_at}::timestamptz)
      ON CONFLICT (key_id) DO UPDATE SET revoked_at = ${apiKeys.revokedAt} WHERE ${apiKeys.secretHash} = excluded.secret_hash
      RETURNING ${INFO_COLUMNS}`,
  )
  if (!row) throw new Error('the id of a new key was taken: it is random, so its generator is broken')
  return toInfo(row)
}
