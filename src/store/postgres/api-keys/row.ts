import { sql } from 'drizzle-orm'
import type { ApiKeyInfo } from '../../../model/api-keys.ts'
import { isScope } from '../../../model/scopes.ts'
import type { Row } from '../connection.ts'
import { isoTime } from '../page.ts'
import { apiKeys } from '../schema.ts'

export type InfoColumn =
  | 'key_id'
  | 'scopes'
  | 'application_name'
  | 'created_at'
  | 'created_by'
  | 'expires_at'
  | 'last_used_at'
  | 'revoked_at'

/** The scopes as JSON, which is read more safely than an array's own text. */
export const INFO_COLUMNS = sql`${apiKeys.keyId}, array_to_json(${apiKeys.scopes}) AS scopes, ${apiKeys.applicationName},
  ${isoTime(sql`${apiKeys.createdAt}`)} AS created_at, ${apiKeys.createdBy}, ${isoTime(sql`${apiKeys.expiresAt}`)} AS expires_at,
  ${isoTime(sql`${apiKeys.lastUsedAt}`)} AS last_used_at, ${isoTime(sql`${apiKeys.revokedAt}`)} AS revoked_at`

/** A scope that this version does not know gives nothing. */
export function toInfo(row: Row<InfoColumn>): ApiKeyInfo {
  const nullable: Readonly<Record<InfoColumn, string | null>> = row
  const scopes: unknown = JSON.parse(row.scopes)
  return {
    key_id: row.key_id,
    scopes: Array.isArray(scopes) ? scopes.filter(isScope) : [],
    application_name: nullable.application_name,
    created_at: row.created_at,
    created_by: row.created_by,
    expires_at: nullable.expires_at,
    last_used_at: nullable.last_used_at,
    revoked_at: nullable.revoked_at,
  }
}
