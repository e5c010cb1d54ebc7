import { sql } from 'drizzle-orm'
import type { ExpiredConversation } from '../../model/history.ts'
import type { Connection } from './connection.ts'
import { conversations as table } from './schema.ts'

const FIRST_AT = sql`to_char(${table.firstAt} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Conversations of all tenants with an event recorded at or before `marker` (Unix ms), the oldest first, after `after`. */
export async function expiredConversations(
  connection: Connection,
  marker: number,
  after: ExpiredConversation | null,
  limit: number,
): Promise<ExpiredConversation[]> {
  const order = sql`${table.firstAt}, ${table.tenantId}, ${table.conversationId}`
  return connection.rows<'tenant' | 'conversation_id' | 'first_at'>(
    'expiredConversations',
    sql`SELECT ${table.tenantId} AS tenant, ${table.conversationId} AS conversation_id, ${FIRST_AT} AS first_at FROM ${table}
      WHERE ${table.eventCount} > 0 AND ${table.firstAt} <= ${new Date(marker).toISOString()}::timestamptz
        ${after === null ? sql`` : sql`AND (${order}) > (${after.first_at}::timestamptz, ${after.tenant}::text, ${after.conversation_id}::text)`}
      ORDER BY ${order} LIMIT ${limit}::bigint`,
  )
}
