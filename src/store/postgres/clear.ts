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

/** As `clear`, for some conversations; gives the number of events that each of them has lost. */
export async function clearConversations(
  connection: Connection,
  tenant: string,
  conversationIds: readonly string[],
  marker: number,
): Promise<Map<string, number>> {
  const rows = await connection.rows<'conversation_id' | 'removed'>(
    'clearConversations',
    sql`SELECT * FROM clear_conversations(${tenant}, ${sql.param(conversationIds)}::text[], ${marker}::bigint)`,
    { timeoutMs: TIMEOUT_MS },
  )
  return new Map(rows.map((row) => [row.conversation_id, Number(row.removed)]))
}

/** Removes all that the conversation has so far, by the database's clock; gives the number of events. Safe to repeat. */
export async function clearConversation(connection: Connection, tenant: string, conversationId: string): Promise<number> {
  const rows = await connection.rows<'removed'>(
    'clearConversation',
    sql`SELECT removed FROM clear_conversations(${tenant}, ARRAY[${conversationId}],
      (SELECT to_unix_ms(greatest(clock_timestamp(), max(${conversations.lastAt}))) FROM ${conversations}
        WHERE ${conversations.tenantId} = ${tenant} AND ${conversations.conversationId} = ${conversationId}))`,
    { timeoutMs: TIMEOUT_MS },
  )
  return Number(rows[0]?.removed)
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
