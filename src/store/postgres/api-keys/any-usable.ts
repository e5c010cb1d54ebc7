import { sql } from 'drizzle-orm'
import type { Connection } from '../connection.ts'
import { apiKeys } from '../schema.ts'

/** Asked by whoever has no credential: no repeats, and a late answer is a failure. */
const LIMITS = { attempts: 1, timeoutMs: 3_000 }

export async function anyUsable(connection: Connection): Promise<boolean> {
  const [row] = await connection.rows<'found'>(
    'look for a key',
    sql`SELECT EXISTS (SELECT FROM ${apiKeys}
      WHERE ${apiKeys.revokedAt} IS NULL AND (${apiKeys.expiresAt} IS NULL OR ${apiKeys.expiresAt} > now())) AS found`,
    LIMITS,
  )
  return row?.found === 't'
}
