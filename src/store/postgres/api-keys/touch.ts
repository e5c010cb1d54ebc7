import { sql } from 'drizzle-orm'
import type { Connection } from '../connection.ts'
import { apiKeys } from '../schema.ts'

/** One attempt: a later use notes a later time. */
const LIMITS = { attempts: 1, timeoutMs: 4_000 }

/** Many isolates note the same key: one row written a minute is enough. */
export async function touch(connection: Connection, keyId: string, at: number): Promise<void> {
  await connection.rows(
    'touch a key',
    sql`UPDATE ${apiKeys} SET last_used_at = to_timestamp(${at}::double precision / 1000)
      WHERE ${apiKeys.keyId} = ${keyId}
        AND (${apiKeys.lastUsedAt} IS NULL OR ${apiKeys.lastUsedAt} < to_timestamp(${at}::double precision / 1000 - 60))`,
    LIMITS,
  )
}
