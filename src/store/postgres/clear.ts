import { sql } from 'drizzle-orm'
import type { Connection } from './connection.ts'
import { conversations } from './schema.ts'

/** A tenant's millions of rows go in one transaction. */
const TIMEOUT_MS = 300_000

/** Removes what the tenant recorded at or before `marker` (Unix ms), for good; gives the conversations that had any. Safe to repeat. */
export async function clear(connection: Connection, tenant: string, marker: number): Promise<string[]> {
  const rows = await connection.rows<'conversation_id'>(
    'clear',
    sql`SELECT cleared AS conversation_id FROM clear_tenant(${tenant}, ${marker}::bigint) AS cleared`,
    { timeoutMs: TIMEOUT_MS },
  )
  return rows.map((row) => row.conversation_id)
}

/** Removes all that the tenant has recorded so far, by the database's clock. Safe to repeat. */
export async function clearAll(connection: Connection, tenant: string): Promise<void> {
  await connection.rows(
    'clear',
    sql`SELECT clear_tenant(${tenant},
      (SELECT to_unix_ms(greatest(clock_timestamp(), max(${conversations.lastAt}))) FROM ${conversations} WHERE ${conversations.tenantId} = ${tenant}))`,
    { timeoutMs: TIMEOUT_MS },
  )
}
